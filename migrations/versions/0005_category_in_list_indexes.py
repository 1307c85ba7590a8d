"""The category behind the lists' indexes: filters by progress are counted without a look at the tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COLUMNS = {
    "template": "template_id",
    "assignee": "assignee_id",
    "team": "team_id",
    "outlet": "outlet_id",
    "creator": "created_by_id",
    "priority": "priority",
}
_FILLED = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    _renew("category")


def downgrade() -> None:
    _renew()


def _renew(*behind: str) -> None:
    for name, column in _COLUMNS.items():
        op.drop_index(f"ix_ticket_{name}_created", table_name="ticket")
        newest = [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")]
        op.create_index(f"ix_ticket_{name}_created", "ticket", [column, *newest, *behind])
    op.drop_index("ix_ticket_due", table_name="ticket")
    op.create_index(
        "ix_ticket_due", "ticket", ["due_at", "id", *behind], sqlite_where=_FILLED, postgresql_where=_FILLED
    )
