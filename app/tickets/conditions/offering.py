"""What a builder of conditions offers: the fields this person may ask about, each with the operators that serve it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.conditions.fields import ConditionField
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import MOMENTS, Operator
from app.conditions.values import MANY
from app.core.i18n import Label, Message, _
from app.core.work import Work
from app.tickets.columns import CHANNELS, VALUE
from app.tickets.conditions.fields import every_name, fields
from app.tickets.priorities import PRIORITIES

OPERATORS.scan()

#: What a field is of, by the first word of its name; what has one word is of the ticket itself.
GROUPS: Final[Mapping[str, Message]] = {
    "": _("Ticket"),
    "customer": _("Customer"),
    "site": _("Site"),
    "assignee": _("Assignee"),
    "team": _("Team"),
    "installed_product": _("Installed product"),
    "product": _("Product"),
    "outlet": _("Outlet"),
    VALUE.rstrip("."): _("Fields of templates"),
}

#: Fields that may be compared with anything of their kind, though there are but a few things they ever are.
_USUAL: Final[Mapping[str, Mapping[Any, Message]]] = {"priority": PRIORITIES, "channel": CHANNELS}


@dataclass(frozen=True, slots=True)
class Offer:
    """A field, the group it stands in (a key of `GROUPS`), and its operators in their order."""

    field: ConditionField
    group: str
    operators: tuple[type[Operator], ...]

    @property
    def choices(self) -> dict[Any, Message | Label]:
        """Return what it can be compared with, where that is listed; nothing retired."""
        if self.field.name in _USUAL:
            return dict(_USUAL[self.field.name])
        known = self.field.options or {}
        return {key: label for key, label in known.items() if key not in self.field.retired}


def offers(work: Work) -> list[Offer]:
    """Return all the actor may ask about, by group, in the order of the fields' tables."""
    names = every_name(work)
    known = fields(work, names)
    found = [_offer(known[name]) for name in names if name in known]
    places = list(GROUPS)
    return sorted((one for one in found if one.operators), key=lambda one: places.index(one.group))


def _offer(field: ConditionField) -> Offer:
    thing, dot, _rest = field.name.partition(".")
    # Nobody lists several instants or lengths of time: who means some of them means a stretch.
    listed = field.kind not in MOMENTS and not field.in_minutes
    found = tuple(one for one in OPERATORS if one.serves(field) and (listed or one.takes is not MANY))
    return Offer(field, thing if dot else "", found)
