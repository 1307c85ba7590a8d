"""What a step may empty: only what somebody can say anew, and nothing a ticket never goes without."""

from collections.abc import Iterator

from app.core.i18n import _
from ticket_templates.codec import Path, Problem
from ticket_templates.facts import RELEASED, REQUIRABLE
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.spec import CHECKLIST, FieldUse, Section, TemplateSpec, Transition

#: The end of the work, for which every required field must be answered.
_ENDS = frozenset({"resolved", "closed"})
#: What a step may empty besides fields.
_BESIDE = ", ".join((*RELEASED, CHECKLIST))


def clearing_problems(one: Transition, spec: TemplateSpec, path: Path) -> Iterator[Problem]:
    """Yield what a step empties and cannot."""
    uses = {use.field: (section, use) for section in spec.sections for use in section.fields}
    for place, key in enumerate(one.clears):
        where = (*path, place)
        if key in one.askable or (key == CHECKLIST and one.checklist):
            yield Problem(where, _("The step asks for it; it cannot empty it as well."), "asked")
        elif key == CHECKLIST:
            if not spec.checklist:
                yield Problem(where, _("This template has no checklist."), "no_checklist")
        elif key in uses and key in spec.fields:
            yield from _field_problems(*uses[key], one, spec, where)
        elif key not in REQUIRABLE:
            message = _(
                "There is no field “%(key)s”; besides the template's, there are %(names)s.", key=key, names=_BESIDE
            )
            yield Problem(where, message, "unknown_field")
        elif key not in RELEASED:
            message = _("A step cannot empty this; besides fields, it can empty %(names)s.", names=_BESIDE)
            yield Problem(where, message, "kept")


def _field_problems(
    section: Section, use: FieldUse, one: Transition, spec: TemplateSpec, where: Path
) -> Iterator[Problem]:
    cls = FIELD_TYPES.get(spec.fields[use.field].type)
    ends = any(state.key in one.ways.values() and state.category in _ENDS for state in spec.workflow.states)
    if cls is not None and (cls.derived or use.read_only):
        message = _("Nobody can type this field, so it cannot be emptied to be answered again.")
        yield Problem(where, message, "unanswerable")
    elif section.on_create and (use.required or use.required_when is not None):
        yield Problem(where, _("A ticket is made with this field, so it never goes without."), "needed")
    elif use.lowered_in:
        yield Problem(where, _("What changed hands is kept, so a step cannot empty it."), "lowered")
    elif use.required and ends:
        message = _("The work counts as done only with this field, so a step to its end cannot empty it.")
        yield Problem(where, message, "needed")
