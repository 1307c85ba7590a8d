"""How accounts are called."""

from collections.abc import Iterable

from sqlalchemy import select

from app.core.work import Work
from app.people.models import Account


def account_names(work: Work, ids: Iterable[int]) -> dict[int, str]:
    """Return how accounts are called, also those that left."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = work.session.scalars(select(Account).where(Account.id.in_(wanted)))
    return {row.id: " ".join(part for part in (row.first_name, row.last_name) if part) or row.username for row in rows}
