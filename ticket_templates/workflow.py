"""States and transitions: what may happen next, and why not. Pure, over compiled versions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from app.core.errors import Refusal
from app.core.i18n import Label, Message, _, listing
from app.core.permissions import Actor
from app.core.text import is_blank
from ticket_templates import asking, emptying
from ticket_templates.facts import REQUIRABLE
from ticket_templates.field_types.base import Context
from ticket_templates.field_types.decimal import AMOUNT_NEEDED
from ticket_templates.roles import role_names
from ticket_templates.spec import CHECKLIST, Transition
from ticket_templates.versions import CompiledVersion

#: Who took each transition last; None: a program without a person.
Takers = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Situation:
    """A ticket as it stands, and who asks what may happen to it next.

    ``facts`` are the ticket's columns, ``checklist`` the ticked items, ``takers`` who took a transition last.
    ``context`` says how numbers are shown in what is told.
    """

    version: CompiledVersion
    state: str
    _: KW_ONLY
    actor: Actor
    facts: Mapping[str, Any]
    values: Mapping[str, Any]
    checklist: Collection[str] | Mapping[str, Any] = ()
    takers: Takers = field(default_factory=dict)
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A transition that leaves the present state, for one person.

    ``open``: it may be taken now, except that a note may still be asked for. ``blocked``: nothing typed with
    the step would open it (role or guard); otherwise ``missing`` answers and ``unticked`` items would, and
    ``answerable`` says that the guard is shut by what the step itself asks for or shows.
    ``clears`` is what it would empty and the ticket holds now.
    """

    transition: Transition
    open: bool
    reasons: tuple[Message, ...] = ()
    missing: tuple[str, ...] = ()
    unticked: tuple[str, ...] = ()
    blocked: bool = False
    clears: tuple[str, ...] = ()
    answerable: bool = False


def steps(asked: Situation) -> list[Step]:
    """Return the steps out of the state in the template's order: open ones, and why the others are closed."""
    version, facts, values = asked.version, asked.facts, asked.values
    seen = version.rules.facts(facts, values)
    found = []
    for transition in version.rules.steps_from(asked.state):
        barred = _barred(asked, transition, seen)
        reasons = [message for message, _code in barred]
        answerable = [code for _message, code in barred] == ["guard"] and (
            transition.key in version.rules.opened_by_answers
        )
        blocked = bool(reasons) and not answerable
        missing = asking.missing(version, transition, _kept(transition, values), facts, seen)
        unticked = asking.unticked(version, transition, asked.checklist, seen)
        if not asked.actor.plays(transition.roles):
            # What others would have to do first is no help to who may not take the step anyway.
            reasons = reasons[:1]
        elif not reasons:
            # What is typed with the step closes it only where nothing else does.
            reasons = _to_answer(version, missing, unticked)
        clears = tuple(
            key
            for key in transition.clears
            if (asked.checklist if key == CHECKLIST else not asking.unanswered(key, values, facts))
        )
        found.append(
            Step(transition, not reasons, tuple(reasons), tuple(missing), tuple(unticked), blocked, clears, answerable)
        )
    return found


def _to_answer(version: CompiledVersion, missing: Sequence[str], unticked: Sequence[str]) -> list[Message]:
    found = []
    if missing:
        found.append(_("Fill in: %(fields)s.", fields=listing(asking.label(version, key) for key in missing)))
    if unticked:
        found.append(asking.to_tick(version, unticked))
    return found


def check(
    asked: Situation,
    transition_key: str,
    *,
    fields: Mapping[str, Any] | None = None,
    note: object = None,
    given: Collection[str] = (),
    before: Mapping[str, Any] | None = None,
) -> tuple[Refusal, ...]:
    """Return why the transition may not be taken; nothing when it may.

    The facts asked of are the ticket's columns before the step, ``fields`` those the same order changes; its values and
    checklist are as they will be, save for what the step itself empties. ``given`` are the fields answered with it;
    ``before`` are the values without these, where any was: some guards are asked of them.
    """
    version, facts, values = asked.version, asked.facts, asked.values
    transition = version.transitions.get(transition_key)
    if transition is None:
        gone = _("There is no step “%(key)s” any more.", key=transition_key[:60])
        return (Refusal(gone, "transition", "unknown_transition"),)
    if asked.state not in transition.sources:
        return (_wrong_state(version, transition, asked.state),)
    columns = {**facts, **fields} if fields else facts
    seen = version.rules.facts(columns, values) if transition_key in version.rules.conditional else {}
    judged = version.rules.facts(facts, before) if transition.guard_first and before is not None else seen
    barred = _barred(asked, transition, judged)
    refusals = [Refusal(message, "transition", code) for message, code in barred]
    refusals += [
        Refusal(_needed(version, transition, key), asking.column(key), "required")
        for key in asking.missing(version, transition, _kept(transition, values), columns, seen, given=given)
    ]
    if unticked := asking.unticked(version, transition, asked.checklist, seen):
        refusals.append(Refusal(asking.to_tick(version, unticked), "checklist", "checklist"))
    if transition.note_required and not _is_note(note):
        refusals.append(_unnoted(transition))
    return tuple(refusals)


def first_giving(version: CompiledVersion, state: str, actor: Actor) -> Transition | None:
    """Return the step by which ``actor`` gives a ticket that waits in ``state`` for that to somebody.

    Where only others may: the one they take. None: nobody waits there for an assignee.
    """
    known = version.states.get(state)
    if known is None or not (state == version.initial or known.category == "new"):
        return None
    found = [one for one in version.rules.leading_from(state) if one.gives and one.target != state]
    return next((one for one in found if actor.plays(one.roles)), found[0] if found else None)


def lock(version: CompiledVersion, state: str, category: str) -> Message | None:
    """Return why nothing on a ticket may be changed but its state; None: it may be changed."""
    if category != "closed":
        return None
    ways = [
        one for one in version.rules.leading_from(state) if version.states[one.target].category != "closed"
    ]  # fmt: skip
    if ways:
        # A step for some tickets only, money given back, say, is no way for this one that is sure to be open.
        sure = [one for one in ways if not one.after and one.key not in version.rules.guards]
        steps = listing(_("“%(step)s”", step=one.labels) for one in sure or ways)
        return _("This ticket is closed. To change something, open it again first: %(steps)s.", steps=steps)
    return _("This ticket is closed; nothing on it can be changed any more.")


def reserved(version: CompiledVersion, state: str, actor: Actor) -> Message | None:
    """Return why ``actor`` may not change what a ticket in ``state`` says; None: its state keeps nobody from it."""
    known = version.states.get(state)
    if known is None or actor.plays(known.editable_by):
        return None
    return _(
        "In the state “%(state)s” only these roles may change the ticket: %(roles)s.",
        state=known.labels, roles=role_names(known.editable_by),
    )  # fmt: skip


def cleared_names(version: CompiledVersion, keys: Iterable[str], readable: Collection[str]) -> list[Message | Label]:
    """Return what people call that which a step empties; what they may not see is counted."""
    open_ones = {CHECKLIST, *REQUIRABLE, *readable}
    named = {key: key in open_ones for key in keys}
    names: list[Message | Label] = [
        _("Checklist") if key == CHECKLIST else asking.label(version, key) for key, is_open in named.items() if is_open
    ]
    return [*names, *emptying.unread(len(named) - len(names))]


def _needed(version: CompiledVersion, transition: Transition, key: str) -> Message:
    if key in transition.moves and version.rules.counts(key):
        return AMOUNT_NEEDED
    return _("Fill in: %(fields)s.", fields=asking.label(version, key))


def _kept(transition: Transition, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``values`` without those the step empties."""
    if not transition.clears:
        return values
    return {key: value for key, value in values.items() if key not in transition.clears}


def _barred(asked: Situation, transition: Transition, seen: Mapping[str, Any]) -> list[tuple[Message, str]]:
    """Return why this person may not take the transition as things are, each with its code; guards see ``seen``."""
    version, actor, takers = asked.version, asked.actor, asked.takers
    reasons = []
    if not actor.plays(transition.roles):
        message = _("Only these roles may do this: %(roles)s.", roles=role_names(transition.roles))
        reasons.append((message, "not_allowed"))
    if own := [key for key in transition.other_than if not actor.is_system and takers.get(key) == actor.user_id]:
        steps = listing(_("“%(step)s”", step=version.transitions[key].labels) for key in own)
        message = _("You took %(steps)s on this ticket yourself; somebody else takes this step.", steps=steps)
        reasons.append((message, "same_person"))
    if transition.after and takers.keys().isdisjoint(transition.after):
        reasons.append((_not_before(version, transition), "not_before"))
    guard = version.rules.guards.get(transition.key)
    if guard is not None and not guard(seen):
        reasons.append((version.rules.guard_said(transition.key, seen, asked.context), "guard"))
    return reasons


def _not_before(version: CompiledVersion, transition: Transition) -> Message:
    steps = listing(_("“%(step)s”", step=version.transitions[key].labels) for key in transition.after)
    if len(transition.after) == 1:
        return _("%(steps)s was not taken on this ticket yet; take that step first.", steps=steps)
    return _("None of these steps was taken on this ticket yet: %(steps)s. Take one of them first.", steps=steps)


def _unnoted(transition: Transition) -> Refusal:
    labels = transition.note_labels
    wanted = _("Fill in: %(fields)s.", fields=labels) if labels else _("A note is needed.")
    return Refusal(wanted, "note", "note_required")


def _is_note(note: object) -> bool:
    body = getattr(note, "body", note)
    return isinstance(body, str) and not is_blank(body)


def _wrong_state(version: CompiledVersion, transition: Transition, state: str) -> Refusal:
    now: object = version.states[state].labels if state in version.states else state
    message = _("“%(step)s” is not possible in the state “%(state)s”.", step=transition.labels, state=now)
    return Refusal(message, "transition", "wrong_state")
