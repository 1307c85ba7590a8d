"""Who else works here: asked where one step is for another person than who took the step before."""

from sqlalchemy import select

from app.core.work import Work
from app.people.access_tables import ACCOUNT, ACCOUNT_ROLE, ROLE


def roles_of_others(work: Work) -> frozenset[str]:
    """Return the roles that active accounts other than the actor's play; one statement."""
    query = (
        select(ROLE.c.name)
        .join(ACCOUNT_ROLE, ACCOUNT_ROLE.c.role_id == ROLE.c.id)
        .join(ACCOUNT, ACCOUNT.c.id == ACCOUNT_ROLE.c.user_id)
        .where(ACCOUNT.c.active.is_(True), ACCOUNT.c.id != work.actor.user_id)
        .distinct()
    )
    return frozenset(work.session.scalars(query))
