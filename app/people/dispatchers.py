"""Who gives work out at a place: asked when work comes back there and nobody is named."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from sqlalchemy import and_, or_, select

from app.core.work import Work
from app.people.access_tables import ACCOUNT, ACCOUNT_ROLE, ROLE
from app.people.models import StaffProfile

#: Whoever plays it gives work out; where nobody does, those do whom the workflow lets.
DISPATCHER: Final = "dispatcher"
#: They reach everything and dispatch nothing.
_NEVER: Final = frozenset({"administrator"})
#: Told of one thing; what all are told is nobody's.
MOST: Final = 20


class Desk(NamedTuple):
    """A place work is given out at: its outlet (None: none), and the roles that may do so."""

    outlet_id: int | None
    roles: frozenset[str]


def dispatchers(work: Work, desks: Collection[Desk]) -> Mapping[Desk, list[int]]:
    """Return the accounts that give work out at each of ``desks``, `MOST` at most; one statement.

    Dispatchers of the outlet come before those of headquarters, and these before whoever else may give work out.
    """
    if not desks:
        return {}
    roles = {DISPATCHER}.union(*(desk.roles for desk in desks)) - _NEVER
    outlets = {desk.outlet_id for desk in desks} - {None}
    query = (
        select(ACCOUNT.c.id, ROLE.c.name, StaffProfile.outlet_id)
        .join(ACCOUNT_ROLE, ACCOUNT_ROLE.c.user_id == ACCOUNT.c.id)
        .join(ROLE, and_(ROLE.c.id == ACCOUNT_ROLE.c.role_id, ROLE.c.name.in_(sorted(roles))))
        .outerjoin(StaffProfile, StaffProfile.user_id == ACCOUNT.c.id)
        .where(
            ACCOUNT.c.active.is_(True),
            or_(StaffProfile.outlet_id.is_(None), StaffProfile.outlet_id.in_(sorted(outlets))),
        )
        .order_by(ACCOUNT.c.id)
    )
    found = [(user_id, role, outlet_id) for user_id, role, outlet_id in work.session.execute(query)]
    return {desk: _nearest(desk, found) for desk in desks}


def _nearest(desk: Desk, people: Collection[tuple[int, str, int | None]]) -> list[int]:
    ranks: dict[tuple[bool, bool], list[int]] = {}
    for user_id, role, outlet_id in people:
        if outlet_id in (None, desk.outlet_id) and role in desk.roles | {DISPATCHER}:
            rank = ranks.setdefault((role != DISPATCHER, outlet_id != desk.outlet_id), [])
            if user_id not in rank:
                rank.append(user_id)
    return ranks[min(ranks)][:MOST] if ranks else []
