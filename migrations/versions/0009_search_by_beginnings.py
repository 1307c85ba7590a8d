"""The search's beginnings of words in an index of their own: what is typed so far is found as fast as a whole word.

Without it SQLite gathers all tickets of all words that begin so before it shows the first. PostgreSQL walks from the
newest ticket on, and stops when the page is full.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_PLAIN = "tokens, tokenize='ascii', detail=none"
_BEGINNINGS = f"{_PLAIN}, prefix='1 2 3 4 5 6 7 8'"


def upgrade() -> None:
    _renew(_BEGINNINGS)


def downgrade() -> None:
    _renew(_PLAIN)


def _renew(options: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("ALTER TABLE ticket_search RENAME TO ticket_search_before")
    op.execute(f"CREATE VIRTUAL TABLE ticket_search USING fts5({options})")
    op.execute("INSERT INTO ticket_search (rowid, tokens) SELECT rowid, tokens FROM ticket_search_before")
    op.execute("DROP TABLE ticket_search_before")
