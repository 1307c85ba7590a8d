"""Who may be given a ticket: those near it first, each with where he works and how much he has to do already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true

from app.core.errors import NotAllowedError
from app.core.i18n import _
from app.core.permissions import Scope
from app.core.pinyin import by_pinyin
from app.core.sql import contains
from app.core.work import Work
from app.people import scope
from app.people.access_tables import players_of
from app.people.assignees import ASSIGNABLE
from app.people.models import Account, Outlet, StaffProfile, Team, staff_team
from app.tickets import scope as tickets_scope
from app.tickets.models import Ticket
from ticket_templates.versions import CompiledVersion

#: A list shows no more.
_MOST = 20
_LONGEST = 200
_COLUMNS: Final[tuple[Any, ...]] = (
    Account.id, Account.name, Account.username, Outlet.name.label("outlet"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may take a ticket further."""

    user_id: int
    name: str
    username: str
    outlet: str
    teams: tuple[str, ...]
    #: Tickets in his hands that are not done, of those the reader may see; None: the reader sees too few to tell.
    open_tickets: int | None


def candidates(work: Work, typed: str, version: CompiledVersion, columns: Mapping[str, Any]) -> list[Candidate]:
    """Return whom a ticket of ``version`` may be given to, of those found by ``typed`` (name, team, outlet).

    ``columns`` are the ticket's: people of its team come first, then those of its outlet, of each the technicians
    before all others, by the sound of the name. Who takes no step of this workflow is not offered.
    """
    if not work.actor.may("ticket.read"):
        raise NotAllowedError(_("You may not see tickets."), code="not_allowed")
    rows = work.session.execute(_people(work, typed[:_LONGEST].strip(), version, columns)).all()
    ids = [row.id for row in rows]
    # Nobody reads from his own or his team's tickets how busy others are.
    teams, busy = _teams(work, ids), _busy(work, ids) if work.actor.scope >= Scope.OUTLET else None
    return [
        Candidate(
            row.id,
            row.name,
            row.username,
            row.outlet or "",
            tuple(teams.get(row.id, ())),
            None if busy is None else busy.get(row.id, 0),
        )
        for row in rows
    ]


def _people(work: Work, typed: str, version: CompiledVersion, columns: Mapping[str, Any]) -> Select[Any]:
    roles = _players(version)
    return (
        select(*_COLUMNS)
        .outerjoin(StaffProfile, StaffProfile.user_id == Account.id)
        .outerjoin(Outlet, Outlet.id == StaffProfile.outlet_id)
        .where(
            ASSIGNABLE,
            scope.colleagues(work.actor, Account.id),
            Account.id.in_(players_of(roles)) if roles else true(),
            _matches(typed) if typed else true(),
        )
        .order_by(_distance(columns), _goes_out(), by_pinyin(Account.name), Account.id)
        .limit(_MOST)
    )


def _players(version: CompiledVersion) -> frozenset[str]:
    """Return the roles that take some step of this workflow; empty: everybody may take one."""
    named = [transition.roles for transition in version.transitions.values()]
    return frozenset().union(*named) if all(named) else frozenset()


def _matches(typed: str) -> ColumnElement[bool]:
    named = (Account.name, Account.username, Outlet.name)
    return or_(*(contains(one, typed) for one in named), StaffProfile.id.in_(_staff_of(contains(Team.name, typed))))


def _staff_of(team: ColumnElement[bool]) -> Select[Any]:
    return select(staff_team.c.staff_id).join(Team, Team.id == staff_team.c.team_id).where(team)


def _distance(columns: Mapping[str, Any]) -> ColumnElement[int]:
    team, outlet = columns.get("team_id"), columns.get("outlet_id")
    near = [(StaffProfile.id.in_(_staff_of(Team.id == team)), 0)] if team else []
    # A ticket of no outlet is near nobody, and no nearer to those who have none.
    near += [(StaffProfile.outlet_id == outlet, 1)] if outlet else []
    return case(*near, else_=2) if near else literal(2)


def _goes_out() -> ColumnElement[int]:
    return case((Account.id.in_(players_of(("technician",))), 0), else_=1)


def _teams(work: Work, user_ids: Iterable[int]) -> dict[int, list[str]]:
    query = (
        select(StaffProfile.user_id, Team.name)
        .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .join(Team, and_(Team.id == staff_team.c.team_id, Team.active.is_(True)))
        .where(StaffProfile.user_id.in_(list(user_ids)))
        .order_by(Team.id)
    )
    found: dict[int, list[str]] = {}
    for user_id, name in work.session.execute(query):
        found.setdefault(user_id, []).append(name)
    return found


def _busy(work: Work, user_ids: Iterable[int]) -> dict[int, int]:
    query = (
        select(Ticket.assignee_id, func.count())
        .where(Ticket.assignee_id.in_(list(user_ids)), Ticket.category.not_in(("resolved", "closed")))
        .group_by(Ticket.assignee_id)
    )
    query = tickets_scope.in_reach(query, work.actor)
    return {row[0]: row[1] for row in work.session.execute(query) if row[0]}
