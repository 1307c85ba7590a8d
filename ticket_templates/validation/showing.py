"""What a step shows: fields in its dialog, and numbers in what it says while it is shut."""

from collections.abc import Iterator

from app.core.i18n import Label, _, listing
from ticket_templates.codec import Path, Problem
from ticket_templates.facts import BELOW, PLACE, mentioned_values
from ticket_templates.spec import TemplateSpec, Transition
from ticket_templates.versions.access import readers
from ticket_templates.versions.unknown_type import bound

_NUMBERS = frozenset({"number", "money"})


def shown_problems(one: Transition, spec: TemplateSpec, path: Path) -> Iterator[Problem]:
    """Yield what a step shows and cannot."""
    uses = {use.field: use for section in spec.sections for use in section.fields if use.field in spec.fields}
    for place, key in enumerate(one.shows):
        where = (*path, "shows", place)
        if key not in uses:
            yield Problem(where, _("There is no field “%(key)s”.", key=key[:60]), "unknown_field")
        elif key in one.clears:
            yield Problem(where, _("The step empties this; it cannot show it as well."), "cleared")
    yield from _said_problems(one, spec, (*path, "message"))


def number_problems(label: Label, spec: TemplateSpec, path: Path) -> Iterator[Problem]:
    """Yield numbers that words cannot name: they are fields of the template, and for everybody's eyes."""
    named = _numbers(spec)
    for locale, text in label.items():
        for place in PLACE.findall(text):
            if place.removeprefix(BELOW) not in named:
                message = _(
                    "“{%(key)s}” is no number of this template that everybody may see; those are: %(names)s.",
                    key=place[:60], names=listing(named) if named else _("none"),
                )  # fmt: skip
                yield Problem((*path, locale), message, "unknown_field")


def _numbers(spec: TemplateSpec) -> list[str]:
    """Return the fields that are numbers and for everybody's eyes."""
    types = {
        use.field: bound(spec.fields[use.field])
        for section in spec.sections
        for use in section.fields
        if use.field in spec.fields
    }
    uses = {use.field: use for section in spec.sections for use in section.fields if use.field in types}
    hidden = readers(uses, types)
    return sorted(key for key, one in types.items() if one.kind in _NUMBERS and key not in hidden and not one.personal)


def _said_problems(one: Transition, spec: TemplateSpec, path: Path) -> Iterator[Problem]:
    """Yield numbers that what is said of a guard cannot name: they are the guard's own, and for everybody's eyes."""
    asked = mentioned_values(one.guard)
    named = [key for key in _numbers(spec) if key in asked]
    for locale, text in one.message.items():
        for key in PLACE.findall(text):
            if key not in named:
                message = _(
                    "“{%(key)s}” is no number the guard asks about that everybody may see; those are: %(names)s.",
                    key=key[:60], names=listing(named) if named else _("none"),
                )  # fmt: skip
                yield Problem((*path, locale), message, "unknown_field")
