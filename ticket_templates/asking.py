"""What is asked for: of a new ticket, and with a step; what of it is missing, and what people call it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.core.errors import Refusal
from app.core.i18n import Label, Message, _, listing
from ticket_templates.facts import ABOUT, HOLDERS
from ticket_templates.spec import CHECKLIST, Transition
from ticket_templates.versions import CompiledVersion
from ticket_templates.versions.standing import DONE


def asked_with(version: CompiledVersion, transition: Transition) -> set[str]:
    """Return what a step may ask for, as orders call it: that is told by whoever may take the step."""
    asked = {column(key) for key in (*transition.askable, *transition.shows)} | (
        {CHECKLIST} if transition.checklist else set()
    )
    if not asked.isdisjoint(column(name) for name in ABOUT):
        # Whose it is and where it stands are found together.
        asked |= {column(name) for name in ABOUT}
    if _ends(version, transition):
        asked |= {key for key, use in version.uses.items() if use.required or use.required_when is not None}
    return asked | _made_necessary(version, asked)


def _ends(version: CompiledVersion, transition: Transition) -> bool:
    """Whether a step leads to the end of the work; one that stays where the work is done does not end it again."""
    return bool(transition.target) and version.states[transition.target].category == DONE


def _made_necessary(version: CompiledVersion, asked: Collection[str]) -> set[str]:
    """Return the fields that answers to those ``asked`` for can make necessary, and answers to these in turn."""
    found, waiting = set[str](), list(asked)
    while waiting:
        more = {*version.rules.requires_on.get(waiting.pop(), ())} - found
        found |= more
        waiting += more
    return found


def unnamed(version: CompiledVersion, columns: Mapping[str, Any]) -> tuple[Refusal, ...]:
    """Return what a new ticket must name and does not: its customer, say."""
    return tuple(
        Refusal(_("Fill in: %(fields)s.", fields=label(version, name)), column(name), "required")
        for name in version.spec.required
        if unanswered(name, {}, columns)
    )


def missing(
    version: CompiledVersion,
    transition: Transition,
    values: Mapping[str, Any],
    columns: Mapping[str, Any],
    seen: Mapping[str, Any],
    *,
    given: Collection[str] = (),
) -> list[str]:
    """Return the keys that must be answered for this step and are not, in the order of the form.

    Of what the step adds or takes off an amount is ``given`` with it, whatever is there already.
    """
    due = transition.moves.keys() - set(given)
    wanted = [key for key in version.rules.needed(transition, seen) if key in due or unanswered(key, values, columns)]
    if _ends(version, transition):
        wanted += [key for key in version.missing(values, columns) if key not in wanted]
    if not wanted:
        return wanted
    visible = version.visible(values, columns)
    return [key for key in wanted if key in HOLDERS or key in visible]


def unanswered(key: str, values: Mapping[str, Any], columns: Mapping[str, Any]) -> bool:
    """Whether a ticket lacks a field, or somebody or something it may have to name."""
    if key in HOLDERS:
        return columns.get(HOLDERS[key][0]) is None
    return values.get(key) is None


def unticked(
    version: CompiledVersion,
    transition: Transition,
    checklist: Collection[str] | Mapping[str, Any],
    seen: Mapping[str, Any],
) -> Sequence[str]:
    """Return the required items of the checklist that a step asks for and nobody ticked."""
    if not transition.checklist:
        return ()
    ticked = {key for key, tick in checklist.items() if tick} if isinstance(checklist, Mapping) else set(checklist)
    return [item.key for item in version.rules.items(seen) if item.required and item.key not in ticked]


def label(version: CompiledVersion, key: str) -> Message | Label:
    """Return what people call a field, or what a ticket names besides."""
    return HOLDERS[key][1] if key in HOLDERS else version.spec.fields[key].labels


def column(key: str) -> str:
    """Return under which name a form or API knows what is required."""
    return HOLDERS[key][0] if key in HOLDERS else key


def to_tick(version: CompiledVersion, keys: Collection[str]) -> Message:
    """Return that these items of the checklist are to be ticked."""
    items = listing(item.labels for item in version.spec.checklist if item.key in keys)
    return _("Tick the checklist: %(items)s.", items=items)
