"""Saved views of the ticket list; when a ticket last came back to work, told for those there are from their journal."""

import sqlalchemy as sa
from alembic import op

from app.core import columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

#: The last step out of what was done; categories of states stand in the versions' specs.
_CAME_BACK = """
    SELECT event.ticket_id, max(event.at) AS at
    FROM ticket_event AS event
    JOIN ticket ON ticket.id = event.ticket_id
    JOIN {versions} AS before ON before.version_id = ticket.version_id AND before.state = {old}
    JOIN {versions} AS after ON after.version_id = ticket.version_id AND after.state = {new}
    WHERE event.kind = 'transitioned' AND before.category IN ('resolved', 'closed')
      AND after.category NOT IN ('resolved', 'closed')
    GROUP BY event.ticket_id
"""
_WORDS = {
    "sqlite": {
        "versions": "(SELECT template_version.id AS version_id, json_extract(one.value, '$.key') AS state,"
        " json_extract(one.value, '$.category') AS category"
        " FROM template_version, json_each(template_version.spec, '$.workflow.states') AS one)",
        "old": "json_extract(event.changes, '$.state[0]')",
        "new": "json_extract(event.changes, '$.state[1]')",
    },
    "postgresql": {
        "versions": "(SELECT template_version.id AS version_id, one.value ->> 'key' AS state,"
        " one.value ->> 'category' AS category"
        " FROM template_version, jsonb_array_elements(template_version.spec -> 'workflow' -> 'states') AS one)",
        "old": "event.changes -> 'state' ->> 0",
        "new": "event.changes -> 'state' ->> 1",
    },
}


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("query", columns.Json(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("default_roles", columns.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", columns.UtcDateTime(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["ab_user.id"], name=op.f("fk_saved_view_owner_id_ab_user")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_saved_view_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index("ix_saved_view_owner_id", "saved_view", ["owner_id"])
    op.add_column("ticket", sa.Column("reopened_at", columns.UtcDateTime(), nullable=True))
    _tell()
    newest = [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")]
    ever = sa.text("reopened_at IS NOT NULL")
    op.create_index(
        "ix_ticket_reopened", "ticket", ["category", *newest], sqlite_where=ever, postgresql_where=ever
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_ticket_reopened", table_name="ticket")
    op.drop_column("ticket", "reopened_at")
    op.drop_index("ix_saved_view_owner_id", table_name="saved_view")
    op.drop_table("saved_view")


def _tell() -> None:
    found = _CAME_BACK.format(**_WORDS[op.get_bind().dialect.name])
    op.execute(
        f"UPDATE ticket SET reopened_at = back.at FROM ({found}) AS back"  # noqa: S608 - words of this module
        " WHERE back.ticket_id = ticket.id"
    )
