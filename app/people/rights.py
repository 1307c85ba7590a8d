"""Whether an actor may; for reads, which have no write door to ask."""

from app.core.errors import NotAllowedError
from app.core.i18n import _
from app.core.work import Work


def demand(work: Work, permission: str) -> None:
    """Raise NotAllowedError unless the actor holds ``permission``."""
    if not work.actor.may(permission):
        raise NotAllowedError(_("You may not do this: %(permission)s.", permission=permission), code="not_allowed")
