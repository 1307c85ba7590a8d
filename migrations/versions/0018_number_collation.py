"""Ticket numbers stand in the order of their characters on every server, so that their index finds a beginning.

In the collation of a language, "WX-2025" is not before "WX-20250101-0001" for certain, and no index has the numbers
that begin so. No row is written anew; the index of numbers is, in seconds for a million.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _collate("C")


def downgrade() -> None:
    _collate("default")


def _collate(name: str) -> None:
    # SQLite compares characters anyway.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f'ALTER TABLE ticket ALTER COLUMN number TYPE VARCHAR(60) COLLATE "{name}"')
        # What was known of its values goes with the old type.
        op.execute("ANALYZE ticket (number)")
