"""Who else works here: asked where one step is for another person than who took the step before."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select

from app.core.work import Work
from app.people.access_tables import ACCOUNT, ACCOUNT_ROLE, ROLE


def colleagues(work: Work) -> Mapping[int, frozenset[str]]:
    """Return the roles of each active account other than the actor's that plays any; one statement."""
    query = (
        select(ACCOUNT.c.id, ROLE.c.name)
        .join(ACCOUNT_ROLE, ACCOUNT_ROLE.c.user_id == ACCOUNT.c.id)
        .join(ROLE, ROLE.c.id == ACCOUNT_ROLE.c.role_id)
        .where(ACCOUNT.c.active.is_(True), ACCOUNT.c.id != work.actor.user_id)
        .order_by(ACCOUNT.c.id)
    )
    found: dict[int, set[str]] = defaultdict(set)
    for user_id, role in work.session.execute(query):
        found[user_id].add(role)
    return {user_id: frozenset(roles) for user_id, roles in found.items()}
