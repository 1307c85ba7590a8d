"""Reads of saved views: who sees which, in which order, and with which one a role begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import case, select

from app.core.permissions import Actor
from app.core.work import Work
from app.desk import reach
from app.desk.models import SavedView
from app.people.models import Team

#: More than anybody's sidebar holds.
SHOWN: Final = 100


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
    rank = case({one: place for place, one in enumerate(reach.AUDIENCES)}, value=SavedView.audience)
    query = (
        select(SavedView, Team.name)
        .outerjoin(Team, Team.id == SavedView.team_id)
        .where(reach.seen(work.actor))
        # Where there are more than are shown, the own ones are not those left out.
        .order_by(rank.desc(), SavedView.position, SavedView.id)
        .limit(SHOWN)
    )
    found = sorted(work.session.execute(query).all(), key=lambda one: reach.AUDIENCES.index(one[0].audience))
    return [_card(work.actor, row, team) for row, team in found]


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


def _card(actor: Actor, row: SavedView, team: str | None) -> ViewCard:
    return ViewCard(
        row.id, row.name, row.audience, row.team_id, team or "", row.query, row.default_roles, row.version,
        reach.is_yours(actor, row.owner_id, row.audience, row.team_id),
    )  # fmt: skip
