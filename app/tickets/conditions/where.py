"""Lists by condition: a tree somebody sent becomes a condition on `Ticket`, seen with the eyes of who asks."""

from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, select

from app.conditions.sql import matching
from app.conditions.standpoint import Standpoint, View
from app.conditions.tree import Tree, fields_named
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.work import Work
from app.people.models import StaffProfile, staff_team
from app.tickets.conditions.fields import fields
from ticket_templates.facts import read_condition

#: Two hundred leaves of a long text each; an address line holds less anyway.
LONGEST: Final = 200_000
#: What a list's condition may ask about besides facts: somebody asks it at some time, and the journal knows changes.
VIEW: Final = View.STANDPOINT | View.CHANGE


def from_text(text: str) -> Any:
    """Return the tree in a text, as addresses carry it."""
    try:
        if len(text) <= LONGEST:
            return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    raise DomainError(_("This filter cannot be read. Please set it again."), field="where", code="not_json")


def read(work: Work, tree: Any) -> Tree:
    """Return the tree, checked against what the actor may ask about; DomainError with the path of each fault."""
    return read_condition(tree, fields(work, fields_named(tree)), VIEW)


def where(work: Work, tree: Any) -> ColumnElement[bool]:
    """Return the condition on `Ticket` that ``tree`` is, for WHERE; the actor's scope comes beside it."""
    checked = read(work, tree)
    return matching(checked, standpoint(work, checked))


def standpoint(work: Work, tree: Tree) -> Standpoint:
    """Return from where ``tree`` is asked; colleagues are looked up only for a tree that asks about them."""
    actor = work.actor
    asks = any(leaf.operator.name == "is_in_my_team" for leaf in tree.leaves)
    colleagues = _colleagues(work) if asks and actor.team_ids else frozenset()
    return Standpoint(work.now, work.company.zone, actor.user_id, actor.team_ids, colleagues)


def _colleagues(work: Work) -> frozenset[int]:
    query = (
        select(StaffProfile.user_id)
        .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .where(staff_team.c.team_id.in_(sorted(work.actor.team_ids)))
    )
    return frozenset(work.session.scalars(query))
