"""The people a batch gives tickets to: may they have them, and where do they work?"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from sqlalchemy import func, select

from app.core.i18n import Message, _
from app.core.work import Work
from app.people.assignees import Assignee, assignees
from app.people.models import Outlet, StaffProfile, Team, staff_team


class Hands:
    """The assignees a batch names; read all at once, when the first ticket really gets another one."""

    def __init__(self, work: Work, user_ids: Collection[int] = ()) -> None:
        self._work = work
        self._user_ids = user_ids

    def problem(self, user_id: int) -> tuple[Message, str] | None:
        """Return why this person gets no ticket, and the code of that; None: he may."""
        person = self._people.get(user_id)
        return person.problem() if person else (_("There is no such person."), "not_found")

    def desk(self, user_id: int) -> Mapping[str, int]:
        """Return the team (``team_id``) and the outlet (``outlet_id``) a person works for."""
        return self._desks.get(user_id, {})

    @cached_property
    def _people(self) -> dict[int, Assignee]:
        return assignees(self._work, self._user_ids)

    @cached_property
    def _desks(self) -> dict[int, dict[str, int]]:
        return _desks(self._work, self._people) if self._people else {}


def _desks(work: Work, user_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return the active team (the first of several) and the active outlet people work for, by account."""
    mine = StaffProfile.user_id.in_(sorted(user_ids))
    teams = (
        select(StaffProfile.user_id, func.min(Team.id))
        .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .join(Team, Team.id == staff_team.c.team_id)
        .where(mine, Team.active.is_(True))
        .group_by(StaffProfile.user_id)
    )
    outlets = (
        select(StaffProfile.user_id, Outlet.id)
        .join(Outlet, Outlet.id == StaffProfile.outlet_id)
        .where(mine, Outlet.active.is_(True))
    )
    found: dict[int, dict[str, int]] = {}
    for name, query in (("team_id", teams), ("outlet_id", outlets)):
        for user_id, one in work.session.execute(query):
            found.setdefault(user_id, {})[name] = one
    return found
