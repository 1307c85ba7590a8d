"""How accounts are called, and which there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.core.work import Work
from app.people import scope
from app.people.access_tables import ACCOUNT, ACCOUNT_ROLE, ROLE
from app.people.models import Account, StaffProfile
from app.people.names import full_name


@dataclass(frozen=True, slots=True)
class AccountCard:
    """An account as a list of them shows it; ``last_login`` is in UTC, without a zone."""

    username: str
    name: str
    roles: tuple[str, ...]
    active: bool
    last_login: datetime | None


def account_names(work: Work, ids: Iterable[int]) -> dict[int, str]:
    """Return how accounts are called, also those that left."""
    wanted = set(ids)
    if not wanted:
        return {}
    query = select(Account.id, Account.name).where(Account.id.in_(wanted))
    return {row[0]: row[1] for row in work.session.execute(query)}


def staff_profile_of(work: Work, user_id: int) -> int | None:
    """Return the key of the account's staff profile; None where there is none within the actor's reach."""
    found = select(StaffProfile.id).where(StaffProfile.user_id == user_id, scope.staff(work.actor))
    return work.session.scalar(found) if work.actor.may("staff.read") else None


def accounts(work: Work) -> list[AccountCard]:
    """Return every account by user name, with its roles."""
    held: dict[int, list[str]] = {}
    pairs = select(ACCOUNT_ROLE.c.user_id, ROLE.c.name).join(ROLE, ROLE.c.id == ACCOUNT_ROLE.c.role_id)
    for user_id, role in work.session.execute(pairs.order_by(ROLE.c.name)):
        held.setdefault(user_id, []).append(role)
    rows = work.session.execute(select(ACCOUNT).order_by(ACCOUNT.c.username))
    return [
        AccountCard(
            row.username,
            full_name(row.first_name, row.last_name, row.username),
            tuple(held.get(row.id, ())),
            bool(row.active),
            row.last_login,
        )
        for row in rows
    ]
