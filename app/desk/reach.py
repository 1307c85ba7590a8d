"""Whose views somebody sees, and whose are his to change."""

from typing import Final

from sqlalchemy import ColumnElement, and_, or_

from app.core.permissions import Actor
from app.desk.models import SavedView

#: In the order they are listed.
AUDIENCES: Final = ("all", "team", "mine")
SHARE: Final = "ticket.share"
PUBLISH: Final = "ticket.publish"


def seen(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `SavedView` that holds for what the actor sees: the own, the teams', everybody's."""
    return or_(
        SavedView.owner_id == actor.user_id,
        SavedView.audience == "all",
        and_(SavedView.audience == "team", SavedView.team_id.in_(sorted(actor.team_ids))),
    )


def may_keep(actor: Actor, audience: str, team_id: int | None) -> bool:
    """Whether the actor may make and change views for these people."""
    if actor.may(PUBLISH) or audience == "mine":
        return True
    return audience == "team" and actor.may(SHARE) and team_id in actor.team_ids


def is_yours(actor: Actor, owner_id: int, audience: str, team_id: int | None) -> bool:
    """Whether a view the actor sees is his to change: an own one, or one for people he may make views for."""
    return owner_id == actor.user_id if audience == "mine" else may_keep(actor, audience, team_id)
