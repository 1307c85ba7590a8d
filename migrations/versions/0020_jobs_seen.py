"""When its owner took note that a job has ended: until then it is news to him. What ended before is none."""

import sqlalchemy as sa
from alembic import op

from app.core import columns

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_NEWS = sa.text("ended_at IS NOT NULL AND seen_at IS NULL")


def upgrade() -> None:
    op.add_column("job", sa.Column("seen_at", columns.UtcDateTime(), nullable=True))
    # What the clock has done is nobody's news either, whenever it ends.
    op.execute("UPDATE job SET seen_at = coalesce(ended_at, created_at) WHERE ended_at IS NOT NULL OR owner_id IS NULL")
    op.create_index("ix_job_news", "job", ["owner_id", "ended_at"], sqlite_where=_NEWS, postgresql_where=_NEWS)


def downgrade() -> None:
    op.drop_index("ix_job_news", table_name="job")
    op.drop_column("job", "seen_at")
