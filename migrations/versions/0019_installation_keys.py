"""The keys of the personal data, by their fingerprints: another key is told before it writes."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Whoever runs `gongdan init` next with the keys that are in use fills it.
    op.add_column("installation", sa.Column("keys", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("installation", "keys")
