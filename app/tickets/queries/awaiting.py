"""What waits for a role: tickets in a state that waits for it, as a refund to pay or work to approve does."""

import json
from typing import Any

from app.core.work import Work
from ticket_templates import queries as templates
from ticket_templates.facts import mentioned_values
from ticket_templates.spec import State
from ticket_templates.versions import CompiledVersion


def awaiting(work: Work) -> dict[str, Any] | None:
    """Return the condition of tickets that wait for one of the actor's roles; None: there can be none.

    Of versions that say it differently, the newest is right for all tickets of a template.
    """
    told: dict[tuple[str, str], tuple[bool, str]] = {}
    for version in templates.every_version(work):
        for state in version.states.values():
            always = not state.awaits_always.isdisjoint(work.actor.roles)
            awaits = always or not state.awaits.isdisjoint(work.actor.roles)
            when = "" if always else _when(work, version, state)
            told.setdefault((version.template_key, state.key), (awaits, when))
    states: dict[tuple[str, str], list[str]] = {}
    for (template, state_key), (awaits, when) in sorted(told.items()):
        if awaits:
            states.setdefault((template, when), []).append(state_key)
    alike: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for (template, when), keys in states.items():
        alike.setdefault((tuple(keys), when), []).append(template)
    ways = [
        {
            "all": [
                {"field": "template", "op": "is_any_of", "value": names},
                {"field": "state", "op": "is_any_of", "value": list(keys)},
                *([json.loads(when)] if when else []),
            ]
        }
        for (keys, when), names in alike.items()
    ]
    return {"any": ways} if ways else None


def _when(work: Work, version: CompiledVersion, state: State) -> str:
    """Return under which condition a ticket waits, as JSON; of what the actor may not read nothing is asked."""
    hidden = mentioned_values(state.awaits_when) - version.rules.access(work.actor).readable
    return json.dumps(state.awaits_when) if state.awaits_when is not None and not hidden else ""
