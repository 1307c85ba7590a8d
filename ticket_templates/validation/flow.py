"""The workflow: everything named exists, every state can be reached and left, somebody may take every step."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from app.core.i18n import _
from ticket_templates.codec import Path, Problem, repeated
from ticket_templates.facts import REQUIRABLE
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.spec import State, TemplateSpec, Transition, Workflow
from ticket_templates.validation.clearing import clearing_problems
from ticket_templates.validation.fields import role_problems
from ticket_templates.validation.moving import moved_problems
from ticket_templates.validation.setting import set_problems
from ticket_templates.validation.showing import shown_problems

#: A ticket may rest in states of these categories for ever.
FINAL = frozenset({"resolved", "closed"})


def flow_problems(spec: TemplateSpec, roles: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with states and transitions."""
    flow = spec.workflow
    yield from _repeated([state.key for state in flow.states], ("workflow", "states"))
    yield from _repeated([one.key for one in flow.transitions], ("workflow", "transitions"))
    known = {state.key: state for state in flow.states}
    unknown = False
    if flow.initial not in known:
        unknown = True
        yield _no_state(flow.initial, known, ("workflow", "initial"))
    elif known[flow.initial].category not in {"new", "open"}:
        message = _("Tickets start in a state of the category new or open.")
        yield Problem(("workflow", "initial"), message, "bad_initial")
    for index, state in enumerate(flow.states):
        yield from _editor_problems(state, roles, ("workflow", "states", index, "editable_by"))
        yield from _awaiting_problems(state, roles, ("workflow", "states", index))
    for index, one in enumerate(flow.transitions):
        path = ("workflow", "transitions", index)
        for place, source in enumerate(one.sources):
            if source not in known:
                unknown = True
                yield _no_state(source, known, (*path, "sources", place))
        if one.target and one.target not in known:
            unknown = True
            yield _no_state(one.target, known, (*path, "target"))
        yield from _transition_problems(one, spec, roles, path)
    if not unknown:
        yield from _reach_problems(flow)
        yield from _before_problems(flow)


def _transition_problems(one: Transition, spec: TemplateSpec, roles: Collection[str], path: Path) -> Iterator[Problem]:
    if not one.sources:
        message = _("Nobody can take this transition: it starts in no state.")
        yield Problem((*path, "sources"), message, "no_source")
    yield from _repeated(one.sources, (*path, "sources"))
    yield from role_problems(one.roles, roles, (*path, "roles"))
    yield from _required_problems(one, one.required, spec, (*path, "required"))
    for place, need in enumerate(one.required_when):
        where: Path = (*path, "required_when", place, "fields")
        if not need.fields:
            yield Problem(where, _("Nothing is asked for here."), "empty")
        yield from _required_problems(one, need.fields, spec, where)
    if one.checklist and not any(item.required for item in spec.checklist):
        message = _("The checklist has no required item.")
        yield Problem((*path, "checklist"), message, "no_checklist")
    for name in ("other_than", "after"):
        yield from _repeated(getattr(one, name), (*path, name))
        yield from _other_problems(one, getattr(one, name), spec, (*path, name))
    yield from _repeated(one.shows, (*path, "shows"))
    yield from shown_problems(one, spec, path)
    for name in ("adds", "takes_off"):
        yield from _repeated(getattr(one, name), (*path, name))
    yield from moved_problems(one, spec, path)
    yield from _repeated([each.field for each in one.sets], (*path, "sets"))
    yield from set_problems(one, spec, path)
    yield from _repeated(one.clears, (*path, "clears"))
    yield from clearing_problems(one, spec, (*path, "clears"))


def _other_problems(one: Transition, named: Sequence[str], spec: TemplateSpec, path: Path) -> Iterator[Problem]:
    known = [other.key for other in spec.workflow.transitions if other.key != one.key]
    for place, key in enumerate(named):
        if key not in known:
            message = _("There is no other step “%(key)s”; there are %(steps)s.", key=key, steps=", ".join(known))
            yield Problem((*path, place), message, "unknown_transition")


def _editor_problems(state: State, roles: Collection[str], path: Path) -> Iterator[Problem]:
    yield from role_problems(state.editable_by, roles, path)
    if state.editable_by and state.category == "closed":
        yield Problem(path, _("Nobody changes a closed ticket; leave this out."), "closed")


def _awaiting_problems(state: State, roles: Collection[str], path: Path) -> Iterator[Problem]:
    for name in ("awaits", "awaits_always"):
        named = getattr(state, name)
        yield from role_problems(named, roles, (*path, name))
        if named and state.category == "closed":
            yield Problem((*path, name), _("A closed ticket waits for nobody; leave this out."), "closed")
    if state.awaits_when is not None and not state.awaits:
        yield Problem((*path, "awaits_when"), _("Say whom it waits for, or leave this out."), "no_roles")
    if state.awaits_always and state.awaits_when is None:
        message = _("Without a condition “awaits” says whom it waits for.")
        yield Problem((*path, "awaits_always"), message, "no_condition")


def _required_problems(one: Transition, keys: Sequence[str], spec: TemplateSpec, path: Path) -> Iterator[Problem]:
    """Yield what a step asks for and nobody could answer."""
    yield from _repeated(keys, path)
    uses = {use.field: use for section in spec.sections for use in section.fields}
    for place, key in enumerate(keys):
        where = (*path, place)
        if key in REQUIRABLE:
            continue
        if key not in uses or key not in spec.fields:
            message = _(
                "There is no field “%(key)s”; besides the template's, there are %(names)s.",
                key=key, names=", ".join(REQUIRABLE),
            )  # fmt: skip
            yield Problem(where, message, "unknown_field")
            continue
        cls = FIELD_TYPES.get(spec.fields[key].type)
        shut = uses[key].read_only and uses[key].default is None and key not in one.moves
        if cls is not None and (cls.derived or shut):
            yield Problem(where, _("Nobody can type this field, so it cannot be required."), "unanswerable")


def _reach_problems(flow: Workflow) -> Iterator[Problem]:
    """Yield states no ticket comes to, and states no ticket comes to an end from."""
    forward = _ways(flow, flow.transitions)
    reached = _closure([flow.initial], forward.__getitem__)
    ends = [
        state.key
        for state in flow.states
        if state.category == "closed" or (state.category in FINAL and not forward[state.key])
    ]
    backward = {key: {other for other, targets in forward.items() if key in targets} for key in forward}
    ending = _closure(ends, backward.__getitem__)
    for index, state in enumerate(flow.states):
        path = ("workflow", "states", index)
        if state.key not in reached:
            message = _("No ticket can come to the state “%(state)s”.", state=state.labels)
            yield Problem(path, message, "unreachable")
        elif not forward[state.key] and state.category not in FINAL:
            message = _(
                "No transition leaves the state “%(state)s”, and its category is not final.", state=state.labels
            )
            yield Problem(path, message, "dead_end")
        elif state.key not in ending:
            message = _("From the state “%(state)s” no ticket can come to an end.", state=state.labels)
            yield Problem(path, message, "endless")


def _before_problems(flow: Workflow) -> Iterator[Problem]:
    """Yield steps that wait for others which no ticket takes before it could take them."""
    for index, one in enumerate(flow.transitions):
        if not one.after:
            continue
        forward = _ways(flow, [other for other in flow.transitions if other is not one])
        reached = _closure([flow.initial], forward.__getitem__)
        named = [other for other in flow.transitions if other.key in one.after]
        first = {target for other in named for source, target in other.ways.items() if source in reached}
        if _closure(first, forward.__getitem__).isdisjoint(one.sources):
            message = _("None of these steps leads to a state this one starts in, so no ticket could ever take it.")
            yield Problem(("workflow", "transitions", index, "after"), message, "unreachable")


def _ways(flow: Workflow, transitions: Sequence[Transition]) -> dict[str, set[str]]:
    """Return where each state leads to; what stays where it is leads nowhere."""
    return {
        state.key: {one.target for one in transitions if one.target and state.key in one.sources}
        for state in flow.states
    }


def _closure(start: Iterable[str], next_of: Callable[[str], set[str]]) -> set[str]:
    reached = set(start)
    waiting = list(reached)
    while waiting:
        for key in next_of(waiting.pop()) - reached:
            reached.add(key)
            waiting.append(key)
    return reached


def _repeated(keys: Iterable[str], path: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield repeated(key, (*path, index))
        seen.add(key)


def _no_state(key: str, known: Iterable[str], path: Path) -> Problem:
    message = _("There is no state “%(key)s”; there are %(states)s.", key=key, states=", ".join(known))
    return Problem(path, message, "unknown_state")
