"""What somebody was named on or given, and has not opened since."""

import sqlalchemy as sa
from alembic import op

from app.core import columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket_notice",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", columns.UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_ticket_notice_user_id_ab_user")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_notice_ticket_id_ticket")),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], name=op.f("fk_ticket_notice_by_id_ab_user")),
        sa.PrimaryKeyConstraint("user_id", "ticket_id", name=op.f("pk_ticket_notice")),
    )


def downgrade() -> None:
    op.drop_table("ticket_notice")
