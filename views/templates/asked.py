"""What a definition asks of its answers, as people read it: its settings, its options, the columns of a table."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.core.i18n import Label, Message, _
from ticket_templates.field_types.base import Context, FieldError, FieldType, Setting
from ticket_templates.field_types.columns import Column
from ticket_templates.field_types.declared import Moving
from ticket_templates.spec import Option

#: What the choices of settings are called.
_CHOICES: Final[Mapping[str, Message]] = {
    "number": _("Decimal number"), "money": _("Money"), "text": _("Text"),
    "image": _("Pictures"), "document": _("Documents"), "video": _("Videos"),
    "today": _("today"), "now": _("now"),
}  # fmt: skip
#: What a limit of days says that moves with time.
_MOVING: Final = frozenset({"today", "now"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is said of a field; what is written in a language of its own stands as code."""

    label: Label | Message
    text: Message | str
    code: bool = False


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option; those beneath it have a greater depth."""

    key: str
    label: Label
    color: str
    retired: bool
    depth: int


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of a table, as a field of its own."""

    key: str
    label: Label
    type: Message
    required: bool
    facts: tuple[Fact, ...]
    options: tuple[OptionRow, ...]


def facts(field_type: FieldType, context: Context, own_default: Any = None) -> tuple[Fact, ...]:
    """Return what the definition sets, and what answers a new ticket (``own_default``: the template's)."""
    said = [fact for one in field_type.settings if (fact := _setting(field_type, one, context)) is not None]
    default = field_type.default(own_default)
    if default is not None:
        said.append(Fact(_("Default value"), _shown(field_type, default, context)))
    return tuple(said)


def options(found: Iterable[Option], depth: int = 0) -> Iterator[OptionRow]:
    """Yield options with those beneath them."""
    for one in found:
        yield OptionRow(one.key, one.labels, one.color, one.retired, depth)
        yield from options(one.children, depth + 1)


def columns(field_type: FieldType, context: Context) -> tuple[ColumnRow, ...]:
    """Return the columns of a table; other types have none."""
    found: tuple[Column, ...] = getattr(field_type, "columns", ())
    return tuple(
        ColumnRow(
            one.key,
            one.labels,
            one.ftype.label,
            one.required,
            facts(one.ftype, context),
            tuple(options(one.ftype.spec.options)),
        )
        for one in found
    )


def _setting(field_type: FieldType, one: Setting, context: Context) -> Fact | None:
    value = field_type.setting(one.name)
    if one.name == "currency" and field_type.kind == "money":
        return Fact(_("Currency"), str(value or context.currency))
    if one.kind in {"value", "columns"} or value is None or value == "":
        return None
    # What the type itself takes goes without saying, but for how exact a number is.
    if one.name not in field_type.spec.settings and not (one.name == "scale" and field_type.kind == "number"):
        return None
    if isinstance(value, bool):
        return Fact(one.label, _("Yes") if value else _("No"))
    if one.kind == "choice" or (value in _MOVING and field_type.kind in {"date", "datetime"}):
        return Fact(one.label, _CHOICES.get(value, str(value)))
    return Fact(one.label, str(value), code=one.kind == "formula" or one.name == "pattern")


def _shown(field_type: FieldType, default: Any, context: Context) -> Message | str:
    if isinstance(default, Moving):
        return _CHOICES[default]
    try:
        return field_type.in_full(field_type.clean(default, context), context)
    except FieldError:
        return str(default)
