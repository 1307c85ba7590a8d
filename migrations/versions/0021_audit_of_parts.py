"""The history of a record tells what happened to its parts, also to those that are gone.

What was recorded so far is told of the records its parts named at that time, as far as it says so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: A table, the column by which its rows name what they are a part of, and the table of that.
_PARTS = (
    ("contact", "customer_id", "customer"),
    ("phone", "customer_id", "customer"),
    ("phone", "contact_id", "contact"),
    ("site", "customer_id", "customer"),
    ("staff_skill", "staff_id", "staff_profile"),
)


def upgrade() -> None:
    op.create_table(
        "audit_event_whole",
        sa.Column("table_name", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.String(length=60), nullable=False),
        sa.Column("event_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_event.id"], name=op.f("fk_audit_event_whole_event_id_audit_event")
        ),
        sa.PrimaryKeyConstraint("table_name", "row_id", "event_id", name=op.f("pk_audit_event_whole")),
    )
    for part, column, whole in _PARTS:
        before, after = _side("one", column, 0), _side("one", column, 1)
        # What an event does not say itself, the one before it says that did.
        said = f"""SELECT {_side("earlier", column, 1)} FROM audit_event AS earlier
            WHERE earlier.table_name = one.table_name AND earlier.row_id = one.row_id AND earlier.id <= one.id
            AND ({_side("earlier", column, 0)} IS NOT NULL OR {_side("earlier", column, 1)} IS NOT NULL)
            ORDER BY earlier.id DESC LIMIT 1"""  # noqa: S608 - names of ours
        op.execute(
            f"""INSERT INTO audit_event_whole (table_name, row_id, event_id)
            SELECT '{whole}', owner, id FROM (
                SELECT one.id, {before} AS owner FROM audit_event AS one WHERE one.table_name = '{part}'
                UNION SELECT one.id, {after} FROM audit_event AS one WHERE one.table_name = '{part}'
                UNION SELECT one.id, ({said}) FROM audit_event AS one WHERE one.table_name = '{part}'
            ) AS told WHERE owner IS NOT NULL"""  # noqa: S608 - names of ours
        )


def downgrade() -> None:
    op.drop_table("audit_event_whole")


def _side(event: str, column: str, side: int) -> str:
    """Return the SQL of a value before (0) or after (1) an event, as text."""
    if op.get_bind().dialect.name == "postgresql":
        return f"({event}.changes -> '{column}' ->> {side})"
    return f"CAST(json_extract({event}.changes, '$.{column}[{side}]') AS TEXT)"
