"""Conditions and formulas: each reads against the fields there are, and none waits for itself."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from app.core.errors import DomainError
from app.core.formula import FormulaError, formula
from app.core.i18n import _, listing
from ticket_templates.codec import Path, Problem, path_of
from ticket_templates.facts import CHECKED_MOMENTS, condition_fields, mentioned_values, read_condition
from ticket_templates.field_types.base import FieldType
from ticket_templates.formulas import inputs_of
from ticket_templates.spec import Check, TemplateSpec
from ticket_templates.validation.showing import number_problems
from ticket_templates.versions.unknown_type import bound


def tree_problems(spec: TemplateSpec, currency: str) -> list[Problem]:
    """Return what is wrong with conditions and formulas."""
    used = [use.field for section in spec.sections for use in section.fields if use.field in spec.fields]
    types = {key: bound(spec.fields[key]) for key in used}
    known = condition_fields(spec, types, currency)
    problems = [
        Problem((*path, *path_of(refusal.field)), refusal.message, refusal.code)
        for path, tree in _trees(spec)
        for refusal in _refusals(tree, known)
    ]
    problems += _formula_problems(spec, types)
    problems += _check_problems(spec, types)
    return problems or list(_cycle_problems(spec, types))


def _trees(spec: TemplateSpec) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield every condition of a template with its place."""
    found: list[tuple[Path, Mapping[str, Any] | None]] = []
    for number, section in enumerate(spec.sections):
        for index, use in enumerate(section.fields):
            at: Path = ("sections", number, "fields", index)
            found += [((*at, name), getattr(use, name)) for name in ("required_when", "visible_when")]
    for index, state in enumerate(spec.workflow.states):
        found.append((("workflow", "states", index, "awaits_when"), state.awaits_when))
    for index, one in enumerate(spec.workflow.transitions):
        step: Path = ("workflow", "transitions", index)
        found.append(((*step, "guard"), one.guard))
        found += [((*step, "required_when", place, "when"), need.when) for place, need in enumerate(one.required_when)]
    found += [(("checklist", index, "when"), item.when) for index, item in enumerate(spec.checklist)]
    yield from ((path, tree) for path, tree in found if tree is not None)


def _refusals(tree: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[Any, ...]:
    try:
        read_condition(tree, known)
    except DomainError as error:
        return error.refusals
    return ()


def _formula_problems(spec: TemplateSpec, types: Mapping[str, FieldType]) -> Iterator[Problem]:
    for index, (key, definition) in enumerate(spec.fields.items()):
        if key not in types:
            continue
        for name in sorted(inputs_of(types[key]) - types.keys()):
            message = _("The formula asks for “%(key)s”, which no section uses.", key=name)
            path = ("fields", index, "settings", "formula") if "formula" in definition.settings else ("fields", index)
            yield Problem(path, message, "unknown_field")


def _check_problems(spec: TemplateSpec, types: Mapping[str, FieldType]) -> Iterator[Problem]:
    truths = [key for key, one in types.items() if one.kind == "boolean"]
    for index, one in enumerate(spec.checks):
        path: Path = ("checks", index)
        if one.field not in types:
            message = _("There is no field “%(key)s”.", key=one.field)
            yield Problem((*path, "field"), message, "unknown_field")
        if bool(one.refuse_when) == bool(one.warn_when):
            message = _("Say either when the answer is refused (“refuse_when”) or when it is doubted (“warn_when”).")
            yield Problem(path, message, "contradicted")
            continue
        name = "refuse_when" if one.refuse_when else "warn_when"
        yield from _doubt_problems(one, spec, path)
        try:
            asked = formula(one.formula)
        except FormulaError as error:
            yield Problem((*path, name), error.refusals[0].message, error.refusals[0].code)
            continue
        unknown = sorted(asked.names - types.keys() - CHECKED_MOMENTS)
        for key in unknown:
            message = _("The formula asks for “%(key)s”, which no section uses.", key=key)
            yield Problem((*path, name), message, "unknown_field")
        if not unknown and not asked.says_yes_or_no(truths):
            message = _("This formula never answers yes or no, so the check would never refuse. Compare something.")
            yield Problem((*path, name), message, "no_truth")


def _doubt_problems(one: Check, spec: TemplateSpec, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the words of a doubt, and with the steps it is for."""
    if one.warn_when:
        yield from number_problems(one.message, spec, (*path, "message"))
    elif one.steps:
        message = _("What is refused is refused with every step; “steps” are for what is doubted.")
        yield Problem((*path, "steps"), message, "contradicted")
    steps = {each.key for each in spec.workflow.transitions}
    for number, step in enumerate(one.steps):
        if step not in steps:
            message = _("There is no transition “%(key)s”.", key=step)
            yield Problem((*path, "steps", number), message, "unknown_transition")


def _cycle_problems(spec: TemplateSpec, types: Mapping[str, FieldType]) -> Iterator[Problem]:
    places: dict[str, Path] = {}
    graph: dict[str, set[str]] = {}
    for number, section in enumerate(spec.sections):
        for index, use in enumerate(section.fields):
            places[use.field] = ("sections", number, "fields", index)
            asked = mentioned_values(use.visible_when)
            if not types[use.field].derived:
                # A field may look at itself: what was answered once then stays in sight.
                asked.discard(use.field)
            graph[use.field] = asked | inputs_of(types[use.field])
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring = list(dict.fromkeys(error.args[1]))
        names = listing(spec.fields[key].labels for key in ring)
        message = _("These fields wait for each other: %(fields)s.", fields=names)
        yield Problem(places[ring[0]], message, "cycle")
