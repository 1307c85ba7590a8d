"""Whose views somebody sees, and whose are his to change."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, and_, bindparam, or_

from app.core.permissions import Actor
from app.desk.models import SavedView

#: In the order they are listed.
AUDIENCES: Final = ("all", "team", "mine")
SHARE: Final = "ticket.share"
PUBLISH: Final = "ticket.publish"


_VIEW: Final = SavedView.__table__.c
#: Holds for what an actor sees, as `whose` says who it is: the own, the teams', everybody's.
SEEN: Final[ColumnElement[bool]] = or_(
    _VIEW.owner_id == bindparam("reader_id", type_=Integer),
    _VIEW.audience == "all",
    and_(_VIEW.audience == "team", _VIEW.team_id.in_(bindparam("reader_teams", type_=Integer, expanding=True))),
)


def whose(actor: Actor) -> dict[str, Any]:
    """Return the parameters of `SEEN` for ``actor``."""
    return {"reader_id": actor.user_id, "reader_teams": sorted(actor.team_ids)}


def may_keep(actor: Actor, audience: str, team_id: int | None) -> bool:
    """Whether the actor may make and change views for these people."""
    if actor.may(PUBLISH) or audience == "mine":
        return True
    return audience == "team" and actor.may(SHARE) and team_id in actor.team_ids


def is_yours(actor: Actor, owner_id: int, audience: str, team_id: int | None) -> bool:
    """Whether a view the actor sees is his to change: an own one, or one for people he may make views for."""
    return owner_id == actor.user_id if audience == "mine" else may_keep(actor, audience, team_id)
