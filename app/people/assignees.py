"""Who may hold a ticket: the one rule that pickers, imports and the change path ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, select

from app.core.i18n import Message, _
from app.core.work import Work
from app.people.access_tables import holders_of
from app.people.models import Account

_MAY_STEP: Final[ColumnElement[bool]] = Account.id.in_(holders_of("transition", "ticket"))
#: The condition on `Account`: somebody who is there, and may take a ticket a step further.
ASSIGNABLE: Final[ColumnElement[bool]] = and_(Account.active.is_(True), _MAY_STEP)


@dataclass(frozen=True, slots=True)
class Assignee:
    """An account somebody wants to give a ticket to."""

    name: str
    active: bool
    may_step: bool

    def problem(self) -> tuple[Message, str] | None:
        """Return why no ticket is given to this person, and the code of that; None: it may be."""
        if not self.active:
            return _("The account of %(name)s is no longer active. Choose somebody else.", name=self.name), "inactive"
        if not self.may_step:
            return _(
                "%(name)s may not move tickets through the workflow. Choose somebody else, or ask an administrator"
                " for a role that may.",
                name=self.name,
            ), "takes_no_step"
        return None


def assignees(work: Work, user_ids: Iterable[int]) -> dict[int, Assignee]:
    """Return the accounts there are of ``user_ids`` by id, in one statement."""
    query = select(Account.id, Account.name, Account.active, _MAY_STEP).where(Account.id.in_(sorted(user_ids)))
    return {
        user_id: Assignee(name, bool(active), bool(may_step))
        for user_id, name, active, may_step in work.session.execute(query)
    }
