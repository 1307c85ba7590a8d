"""What conditions of a template may ask about: columns of the ticket, and the answers as ``values.KEY``."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, Self

from babel.numbers import format_decimal

from app.conditions.fields import ConditionField
from app.conditions.standpoint import View
from app.conditions.tree import MAX_LEAVES, MAX_LEVELS, Tree, parse
from app.conditions.values import minutes_said
from app.conditions.words import sentence
from app.core.errors import DomainError
from app.core.i18n import Label, Message, _, label_in
from app.core.money import USUAL_CURRENCY
from app.core.numbers import read_decimal, scaled, unscaled
from ticket_templates.field_types.base import Context, FieldType
from ticket_templates.spec import TemplateSpec

#: Name of a ticket column → kind and label. `state`, `category` and `priority` get their options per template.
COLUMNS: Final[Mapping[str, tuple[str, Message]]] = {
    "state": ("choice", _("State")),
    "category": ("choice", _("Category")),
    "priority": ("number", _("Priority")),
    "channel": ("text", _("Channel")),
    "subject": ("text", _("Subject")),
    "customer_id": ("reference", _("Customer")),
    "contact_id": ("reference", _("Contact")),
    "site_id": ("reference", _("Site")),
    "installed_product_id": ("reference", _("Installed product")),
    "assignee_id": ("reference", _("Assignee")),
    "team_id": ("reference", _("Team")),
    "outlet_id": ("reference", _("Outlet")),
}
_NUMBERS: Final = frozenset({"number", "money"})
_JOINTS: Final = ("all", "any", "none")
#: Where what is said of a guard has a number of the ticket: ``{balance_due}``.
PLACE: Final = re.compile(r"\{([^{}]*)\}")
#: Before the key of a number of which it is told how far it is below 0: what is to be given back, say.
BELOW: Final = "-"

#: Moments the formula of a check may name, besides the fields: when the ticket was made, and when it is answered
#: (of a new ticket, which may be a record of the past: when it was made).
CHECKED_MOMENTS: Final = frozenset({"created_at", "now"})

#: What a transition may require and clear besides fields of the template: name → column of the ticket.
REQUIRABLE: Final[Mapping[str, tuple[str, Message]]] = {
    "customer": ("customer_id", _("Customer")),
    "contact": ("contact_id", _("Contact")),
    "site": ("site_id", _("Site")),
    "installed_product": ("installed_product_id", _("Installed product")),
    "assignee": ("assignee_id", _("Assignee")),
    "team": ("team_id", _("Team")),
    "outlet": ("outlet_id", _("Outlet")),
}

#: Holders a step may take a ticket from: it then waits for somebody. Its outlet stays, whose people see it waiting.
RELEASED: Final = ("assignee", "team")

#: What a new ticket may have to name: what it is about, while who holds it is decided later.
ABOUT: Final = ("customer", "contact", "site", "installed_product")

CATEGORY_LABELS: Final[Mapping[str, Label]] = {
    "new": {"zh_Hans": "新建", "zh_Hant": "新建", "en": "New"},
    "open": {"zh_Hans": "处理中", "zh_Hant": "處理中", "en": "Open"},
    "pending": {"zh_Hans": "等待中", "zh_Hant": "等待中", "en": "Pending"},
    "resolved": {"zh_Hans": "已解决", "zh_Hant": "已解決", "en": "Resolved"},
    "closed": {"zh_Hans": "已关闭", "zh_Hant": "已關閉", "en": "Closed"},
}


class Sentence(Message):
    """A condition in the reader's words."""

    __slots__ = ()

    @classmethod
    def of(cls, tree: Tree) -> Self:
        """Return what ``tree`` says."""
        return cls("", {"tree": tree})

    def in_(self, locale: str) -> str:
        """Return the sentence in ``locale``."""
        tree = self.params["tree"]
        return sentence(tree, locale) if isinstance(tree, Tree) else ""


class Said(Message):
    """A text an administrator wrote in each language, as a message."""

    __slots__ = ()

    @classmethod
    def of(cls, label: Label) -> Self:
        """Return ``label`` as a message."""
        return cls("", dict(label))

    def in_(self, locale: str) -> str:
        """Return the text in ``locale``."""
        return label_in({name: str(text) for name, text in self.params.items()}, locale)


def condition_fields(
    spec: TemplateSpec, types: Mapping[str, FieldType], currency: str = USUAL_CURRENCY
) -> dict[str, ConditionField]:
    """Return all a condition of this template may name, by the name of the fact; ``currency``: the company's."""
    options: dict[str, Mapping[str, Label]] = {
        "state": {state.key: state.labels for state in spec.workflow.states},
        "category": CATEGORY_LABELS,
    }
    fields = {name: ConditionField(name, kind, label, options.get(name)) for name, (kind, label) in COLUMNS.items()}
    for field_type in types.values():
        one = field_type.condition_field().counted_in(currency)
        shows = minutes_said if one.in_minutes else partial(number_shown, one.scale)
        fields[one.name] = replace(one, show=shows) if one.kind in _NUMBERS else one
    return fields


def read_condition(tree: Any, known: Mapping[str, ConditionField], view: View = View.FACTS) -> Tree:
    """Return the tree a person wrote: amounts and decimals read as people write them, ``100`` or ``"0.5"``.

    ``view`` says what there will be when it is asked; a template's conditions see the facts alone.
    """
    return parse(_in_units(tree, known), known, view)


def filled(label: Label, word: Callable[..., str]) -> Label:
    """Return ``label`` with each ``{key}`` replaced by what ``word`` says of that key in that language."""
    return {locale: _filled(text, partial(word, locale=locale)) for locale, text in label.items()}


def numbered(label: Label, types: Mapping[str, FieldType], values: Mapping[str, Any], context: Context) -> Label:
    """Return ``label`` with each number it names as its field shows it; ``{-key}``: how far that is below 0."""

    def number(name: str, locale: str) -> str:
        key = name.removeprefix(BELOW)
        value = values.get(key) or 0
        if key not in types:
            return ""
        return types[key].shown(value if key == name else max(0, -value), replace(context, locale=locale))

    return filled(label, number)


def _filled(text: str, word: Callable[[str], str]) -> str:
    return PLACE.sub(lambda place: word(place[1]), text)


def guard_sentence(tree: Any, known: Mapping[str, ConditionField]) -> Message:
    """Return what a guard without a written message says while it does not hold."""
    return _("Only possible when: %(condition)s.", condition=Sentence.of(read_condition(tree, known)))


def _in_units(part: Any, known: Mapping[str, ConditionField], levels: int = MAX_LEVELS + 1) -> Any:
    """Return ``part`` with its numbers as tickets hold them: whole numbers of the field's smallest unit.

    What nests deeper than conditions may is left for the parser to refuse.
    """
    if not levels:
        return part
    if isinstance(part, list | tuple):
        return [_in_units(one, known, levels) for one in part[: MAX_LEAVES + 1]]
    if not isinstance(part, Mapping):
        return part
    name = part.get("field")
    field = known.get(name) if isinstance(name, str) else None
    if field is None or field.kind not in _NUMBERS or "value" not in part:
        return {key: _in_units(one, known, levels - 1) if key in _JOINTS else one for key, one in part.items()}
    value = part["value"]
    several = isinstance(value, list | tuple)
    return {**part, "value": [_scaled(one, field) for one in value] if several else _scaled(value, field)}


def _scaled(value: Any, field: ConditionField) -> Any:
    """Return ``value`` scaled; what is no such number stays as it is, for the parser to refuse."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return value
    try:
        return scaled(read_decimal(value), field.scale)
    except DomainError:
        return value


def number_shown(scale: int, value: object, locale: str) -> str:
    """Return a whole number of the smallest unit as people read it."""
    return str(format_decimal(unscaled(int(str(value)), scale), locale=locale))


def mentioned(tree: Any) -> Iterator[str]:
    """Yield the names of the facts a tree asks about, as often as it asks."""
    if isinstance(tree, list):
        for part in tree:
            yield from mentioned(part)
    elif isinstance(tree, Mapping):
        if isinstance(tree.get("field"), str):
            yield tree["field"]
        for joint in _JOINTS:
            yield from mentioned(tree.get(joint))


def mentioned_values(tree: Any) -> set[str]:
    """Return the keys of the template's fields a tree asks about."""
    return {name.removeprefix("values.") for name in mentioned(tree) if name.startswith("values.")}
