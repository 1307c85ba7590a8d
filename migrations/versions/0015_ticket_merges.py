"""What was merged into what."""

import sqlalchemy as sa
from alembic import op

from app.core import columns

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ticket_merge",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("source_id", _KEY, nullable=False),
        sa.Column("target_id", _KEY, nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_since", columns.UtcDateTime(), nullable=False),
        sa.Column("filled", columns.Json(), nullable=False),
        sa.Column("watchers", columns.Json(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["ticket.id"], name=op.f("fk_ticket_merge_source_id_ticket")),
        sa.ForeignKeyConstraint(["target_id"], ["ticket.id"], name=op.f("fk_ticket_merge_target_id_ticket")),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], name=op.f("fk_ticket_merge_by_id_ab_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_merge")),
        sa.UniqueConstraint("source_id", name=op.f("uq_ticket_merge_source_id")),
    )
    op.create_index(op.f("ix_ticket_merge_target_id"), "ticket_merge", ["target_id"])


def downgrade() -> None:
    op.drop_table("ticket_merge")
