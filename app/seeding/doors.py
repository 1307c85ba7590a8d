"""Which steps are closed to a seeded ticket: what the templates ask of people holds for made-up tickets too."""

from collections.abc import Mapping
from typing import Any, Final

from app.core.errors import DomainError
from app.seeding.world import Kind
from ticket_templates.facts import HOLDERS
from ticket_templates.field_types.base import Context

#: Steps by which work is given up.
GIVEN_UP: Final = frozenset({"cancel", "reject"})
#: Steps by which money goes back: of a story nothing is paid before its end, and what is paid then is right.
_PAYING_BACK: Final = frozenset({"cancel_refund", "give_back", "recover"})


def closed_steps(kind: Kind, answers: Mapping[str, Any], context: Context) -> frozenset[str]:
    """Return the steps a ticket with these raw answers cannot take.

    Their guard does not hold, or something is asked for that the story does not tell: a signature, say. Pictures no
    story has, and one that is given up was not told to its end: nothing had been paid by then.
    """
    rules = kind.version.rules
    facts: dict[str, Any] = {}
    for key, name in rules.asked:
        facts[name] = _fact(kind, key, answers.get(key), context)
    hidden = rules.hidden(facts)
    untold = {key for key, one in rules.types.items() if one.name != "file" and answers.get(key) in (None, "", [])}
    untold -= HOLDERS.keys() | hidden
    return frozenset(
        step.key
        for step in rules.transitions.values()
        if step.key not in GIVEN_UP
        and (
            step.key in _PAYING_BACK
            or not _opens(rules.guards.get(step.key), facts)
            or not untold.isdisjoint(rules.needed(step, facts))
        )
    )


def _opens(guard: Any, facts: Mapping[str, Any]) -> bool:
    return guard is None or bool(guard(facts))


def _fact(kind: Kind, key: str, raw: Any, context: Context) -> Any:
    """Return what conditions see of a raw answer; nothing where it is worked out from others, or is none."""
    field_type = kind.version.types[key]
    if raw is None or field_type.derived:
        return None
    try:
        value = field_type.clean(raw, context)
    except DomainError:
        return None
    return None if value is None else field_type.fact(value)
