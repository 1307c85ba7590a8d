"""What a step adds to or takes off: amounts that count, said in its dialog, where they may change at all."""

from collections.abc import Iterator

from app.core.i18n import _
from ticket_templates.codec import Path, Problem
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.decimal import ScaledNumber
from ticket_templates.field_types.text import Text
from ticket_templates.spec import FieldUse, TemplateSpec, Transition
from ticket_templates.validation.showing import number_problems


def moved_problems(one: Transition, spec: TemplateSpec, path: Path) -> Iterator[Problem]:
    """Yield what a step adds to or takes off and cannot."""
    uses = {use.field: use for section in spec.sections for use in section.fields if use.field in spec.fields}
    for name in ("adds", "takes_off"):
        for place, key in enumerate(getattr(one, name)):
            where = (*path, name, place)
            if key not in uses:
                yield Problem(where, _("There is no field “%(key)s”.", key=key[:60]), "unknown_field")
                continue
            cls = FIELD_TYPES.get(spec.fields[key].type)
            if cls is not None and not issubclass(cls, (ScaledNumber, Text) if name == "adds" else ScaledNumber):
                message = _("Only an amount of money, a decimal or a whole number counts what changed hands.")
                yield Problem(where, message, "wrong_type")
            if key not in (*one.askable, *one.shows):
                message = _("Nobody could say how much: name it under “required” or “shows” as well.")
                yield Problem(where, message, "not_asked")
            yield from _state_problems(one, uses[key], where)
    if one.amount_labels and len(one.moves) - len(_texts(one, spec)) != 1:
        message = _("This is the name of one amount: the step has to add to one field, or take off from one.")
        yield Problem((*path, "amount_labels"), message, "not_one")
    yield from number_problems(one.amount_labels, spec, (*path, "amount_labels"))
    for place, key in enumerate(one.takes_off):
        if key in one.adds:
            message = _("The step adds to this; it cannot take off from it as well.")
            yield Problem((*path, "takes_off", place), message, "contradicted")


def _texts(one: Transition, spec: TemplateSpec) -> list[str]:
    return [key for key in one.moves if key in spec.fields and spec.fields[key].type == Text.name]


def _state_problems(one: Transition, use: FieldUse, where: Path) -> Iterator[Problem]:
    """Yield the states the step begins in where the answer does not change."""
    for state in one.sources:
        if use.editable_in and state not in use.editable_in:
            message = _("The step begins in “%(state)s”, where this field cannot be changed at all.", state=state)
            yield Problem(where, message, "settled")
