"""What waits for a role: tickets whose next step is for a few, as a refund to pay or work to approve is."""

from typing import Any, Final

from app.core.work import Work
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion

#: Who takes tickets in, gives them out and does the work finds them by who holds them, not by what comes next.
EVERYDAY: Final = frozenset({"clerk", "dispatcher", "technician"})


def awaiting(work: Work) -> dict[str, Any] | None:
    """Return the condition of tickets whose next step is for one of the actor's roles; None: there can be none.

    The next step is the first a state leads to: in the order of the template that is what the work goes on by.
    """
    states: dict[str, set[str]] = {}
    for version in templates.every_version(work):
        if found := {key for key in version.states if _awaits(version, key, work.actor.roles)}:
            states.setdefault(version.template_key, set()).update(found)
    alike: dict[tuple[str, ...], list[str]] = {}
    for template, keys in sorted(states.items()):
        alike.setdefault(tuple(sorted(keys)), []).append(template)
    ways = [
        {
            "all": [
                {"field": "template", "op": "is_any_of", "value": names},
                {"field": "state", "op": "is_any_of", "value": list(keys)},
            ]
        }
        for keys, names in alike.items()
    ]
    return {"any": ways} if ways else None


def _awaits(version: CompiledVersion, state: str, roles: frozenset[str]) -> bool:
    step = next(iter(version.rules.leading_from(state)), None)
    if step is None or version.states[state].category == "closed" or not step.roles.isdisjoint(EVERYDAY):
        return False
    return not step.roles.isdisjoint(roles)
