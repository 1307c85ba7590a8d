"""What a step answers by itself: fields somebody types elsewhere, by formulas that can be worked out."""

from collections.abc import Iterator

from app.core.formula import FormulaError, formula
from app.core.i18n import _
from ticket_templates.codec import Path, Problem
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.decimal import ScaledNumber
from ticket_templates.field_types.text import Text
from ticket_templates.spec import TemplateSpec, Transition


def set_problems(one: Transition, spec: TemplateSpec, path: Path) -> Iterator[Problem]:
    """Yield what a step answers by itself and cannot."""
    uses = {use.field for section in spec.sections for use in section.fields if use.field in spec.fields}
    for place, each in enumerate(one.sets):
        where = (*path, "sets", place)
        if each.field not in uses:
            yield Problem((*where, "field"), _("There is no field “%(key)s”.", key=each.field), "unknown_field")
        elif not issubclass(FIELD_TYPES.get(spec.fields[each.field].type) or ScaledNumber, (ScaledNumber, Text)):
            message = _("A step answers amounts, numbers and texts by itself, and nothing else.")
            yield Problem((*where, "field"), message, "wrong_type")
        elif each.field in (*one.askable, *one.shows, *one.moves, *one.clears):
            message = _("The step asks for it, shows it or empties it; it cannot answer it as well.")
            yield Problem((*where, "field"), message, "contradicted")
        yield from _formula_problems(each.formula, uses, (*where, "formula"))


def _formula_problems(text: str, uses: set[str], where: Path) -> Iterator[Problem]:
    try:
        names = formula(text).names
    except FormulaError as error:
        yield Problem(where, error.refusals[0].message, error.refusals[0].code)
        return
    for key in sorted(names - uses):
        message = _("The formula asks for “%(key)s”, which no section uses.", key=key)
        yield Problem(where, message, "unknown_field")
