"""Forms that made a record, so that one form makes one."""

import sqlalchemy as sa
from alembic import op

from app.core import columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_submission",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("row_id", sa.String(length=60), nullable=True),
        sa.Column("created_at", columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_record_submission")),
    )
    op.create_index(op.f("ix_record_submission_created_at"), "record_submission", ["created_at"])


def downgrade() -> None:
    op.drop_table("record_submission")
