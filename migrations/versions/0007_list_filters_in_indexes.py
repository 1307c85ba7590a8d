"""What lists are filtered by stands behind their order: rows that are not shown need not be looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COLUMNS = {
    "template": ("template_id", ("category",), ("category", "priority")),
    "assignee": ("assignee_id", ("category",), ("category", "priority", "template_id")),
    "team": ("team_id", ("category",), ("category", "priority", "template_id")),
    "outlet": ("outlet_id", ("category",), ("category", "priority", "template_id")),
    "creator": ("created_by_id", ("category",), ("category", "priority", "template_id")),
    "priority": ("priority", ("category",), ("category", "template_id")),
    "category": (
        "category",
        (),
        ("priority", "template_id", "assignee_id", "team_id", "outlet_id", "created_by_id", "due_at"),
    ),
}
_CHANGED = ("category", "priority", "template_id", "assignee_id", "team_id", "outlet_id", "created_by_id")


def upgrade() -> None:
    _renew(1, _CHANGED)


def downgrade() -> None:
    _renew(0, ())


def _renew(which: int, behind_changed: tuple[str, ...]) -> None:
    newest = [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")]
    for name, (column, *behind) in _COLUMNS.items():
        op.drop_index(f"ix_ticket_{name}_created", table_name="ticket")
        op.create_index(f"ix_ticket_{name}_created", "ticket", [column, *newest, *behind[which]])
    op.drop_index("ix_ticket_changed", table_name="ticket")
    latest = [sa.literal_column("changed_at DESC"), sa.literal_column("id DESC")]
    op.create_index("ix_ticket_changed", "ticket", [*latest, *behind_changed])
