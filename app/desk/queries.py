"""Reads of saved views: who sees which, in which order, and with which one a role begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import case, select

from app.core.i18n import _
from app.core.permissions import Actor
from app.core.records.attributes import MASK
from app.core.work import Work
from app.desk import reach
from app.desk.models import SavedView
from app.people.models import Team

#: What a view searches for that was kept with a telephone number before views kept none: nothing is found by it.
FORGOTTEN: Final = MASK
NUMBER_FORGOTTEN: Final = _(
    "A telephone number stood here, and a view keeps none. Search for something else, and save the view."
)
#: More than anybody's sidebar holds.
SHOWN: Final = 100
#: Plain columns: no row becomes an object of the ORM.
_VIEW: Final = SavedView.__table__.c
_TEAM: Final = Team.__table__.c

#: Every page of the desk asks this; it is put together once.
_SEEN: Final = (
    select(
        _VIEW.id, _VIEW.name, _VIEW.owner_id, _VIEW.audience, _VIEW.team_id, _TEAM.name, _VIEW.query,
        _VIEW.default_roles, _VIEW.version,
    )
    .select_from(SavedView.__table__.outerjoin(Team.__table__, _TEAM.id == _VIEW.team_id))
    .where(reach.SEEN)
    # Where there are more than are shown, the own ones are not those left out.
    .order_by(
        case({one: place for place, one in enumerate(reach.AUDIENCES)}, value=_VIEW.audience).desc(),
        _VIEW.position,
        _VIEW.id,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ViewCard:
    """A view as its reader sees it."""

    id: int
    name: str
    audience: str
    team_id: int | None
    #: What the team is called, of a team's view.
    team: str
    #: Parameters of the list's address.
    query: Mapping[str, str]
    default_roles: Sequence[str]
    version: int
    #: Whether it is the reader's to change.
    yours: bool


def views(work: Work) -> list[ViewCard]:
    """Return the views the actor sees: everybody's, the teams', the own, each in their order."""
    found = [_card(work.actor, row) for row in work.rows(_SEEN.limit(SHOWN), reach.whose(work.actor))]
    return sorted(found, key=lambda one: reach.AUDIENCES.index(one.audience))


def default_of(cards: Sequence[ViewCard], actor: Actor) -> ViewCard | None:
    """Return the view the actor's list begins as; of several roles' the first."""
    return next((one for one in cards if not actor.roles.isdisjoint(one.default_roles)), None)


def teams(work: Work) -> list[tuple[int, str]]:
    """Return id and name of the teams the actor may make views for."""
    actor = work.actor
    if not (actor.may(reach.PUBLISH) or actor.may(reach.SHARE)):
        return []
    query = select(Team.id, Team.name).where(Team.active.is_(True)).order_by(Team.name, Team.id)
    if not actor.may(reach.PUBLISH):
        query = query.where(Team.id.in_(sorted(actor.team_ids)))
    return [(key, name) for key, name in work.session.execute(query)]


def _card(actor: Actor, row: Sequence[Any]) -> ViewCard:
    key, name, owner_id, audience, team_id, team, query, roles, version = row
    yours = reach.is_yours(actor, owner_id, audience, team_id)
    return ViewCard(key, name, audience, team_id, team or "", query, roles, version, yours)
