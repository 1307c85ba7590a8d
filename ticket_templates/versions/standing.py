"""What stands in each state of a workflow: answers that are settled there, that only grow, that every ticket there has.

Worked out once a version.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ticket_templates.spec import FieldUse, TemplateSpec, Workflow

#: Entering a state of this category says that the work is done, so every required field must be answered.
DONE = "resolved"
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """The fields whose answers one state keeps: as they are, from becoming less, from being emptied."""

    settled: frozenset[str] = _NOTHING
    growing: frozenset[str] = _NOTHING
    kept: frozenset[str] = _NOTHING


def standing(spec: TemplateSpec) -> dict[str, Standing]:
    """Return what stands in each state."""
    uses = [use for section in spec.sections for use in section.fields]
    kept = _kept(spec.workflow, uses)
    return {
        state.key: Standing(
            frozenset(use.field for use in uses if use.editable_in and state.key not in use.editable_in),
            frozenset(use.field for use in uses if use.lowered_in and state.key not in use.lowered_in),
            kept.get(state.key, _NOTHING),
        )
        for state in spec.workflow.states
    }


def _kept(flow: Workflow, uses: list[FieldUse]) -> Mapping[str, frozenset[str]]:
    """Return the fields that every way to a state has asked for and no step on it has emptied since.

    What is asked for under a condition may not have been. The end of the work asks for all that is required.
    """
    fields = frozenset(use.field for use in uses)
    due = frozenset(use.field for use in uses if use.required)
    done = {state.key for state in flow.states if state.category == DONE}
    found = {flow.initial: _NOTHING}
    waiting = [flow.initial]
    while waiting:
        state = waiting.pop()
        for step in flow.transitions:
            if state not in step.sources:
                continue
            target = step.ways[state]
            asked = fields.intersection(step.required) | (due if step.target in done else _NOTHING)
            held = (found[state] | asked) - set(step.clears)
            # Another way here may ask for less; each state's set only shrinks, so this comes to an end.
            held &= found.get(target, held)
            if held != found.get(target):
                found[target] = held
                waiting.append(target)
    return found
