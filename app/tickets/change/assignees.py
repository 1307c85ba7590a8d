"""The people a batch gives tickets to: may they have them, and where do they work?"""

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import and_, select

from app.core.i18n import Message, _
from app.core.work import Work
from app.people.assignees import Assignee, assignees
from app.people.models import Outlet, StaffProfile, Team, staff_team


class Desk(NamedTuple):
    """Where somebody works: the active teams in their order, and the active outlet."""

    team_ids: tuple[int, ...] = ()
    outlet_id: int | None = None


class Assignees:
    """The assignees a batch names; read all at once, when the first ticket really gets another one."""

    def __init__(self, work: Work, user_ids: Collection[int] = ()) -> None:
        self._work = work
        self._user_ids = user_ids

    def problem(self, user_id: int) -> tuple[Message, str] | None:
        """Return why this person gets no ticket, and the code of that; None: he may."""
        person = self._people.get(user_id)
        return person.problem() if person else (_("There is no such person."), "not_found")

    def desk(self, user_id: int) -> Desk:
        """Return where a person works."""
        return self._desks.get(user_id, Desk())

    @cached_property
    def _people(self) -> dict[int, Assignee]:
        return assignees(self._work, self._user_ids)

    @cached_property
    def _desks(self) -> dict[int, Desk]:
        return _desks(self._work, self._people) if self._people else {}


def _desks(work: Work, user_ids: Iterable[int]) -> dict[int, Desk]:
    query = (
        select(StaffProfile.user_id, Outlet.id, Team.id)
        .outerjoin(Outlet, and_(Outlet.id == StaffProfile.outlet_id, Outlet.active.is_(True)))
        .outerjoin(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .outerjoin(Team, and_(Team.id == staff_team.c.team_id, Team.active.is_(True)))
        .where(StaffProfile.user_id.in_(sorted(user_ids)))
        .order_by(Team.id)
    )
    found: dict[int, Desk] = {}
    for user_id, outlet_id, team_id in work.session.execute(query):
        teams = found.get(user_id, Desk()).team_ids
        found[user_id] = Desk(teams if team_id is None else (*teams, team_id), outlet_id)
    return found
