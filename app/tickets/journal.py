"""The journal: what its rows hold, and how replaying them yields the ticket again."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from app.tickets import merged
from app.tickets.change.plan import come_in, enter
from ticket_templates.versions import CompiledVersion

#: Names of columns the journal keeps in a ticket-wide entry; the rest of `changes` are values and checklist items.
_VALUE = "values."
_ITEM = "checklist."


def replay(events: Iterable[Mapping[str, Any]], version_of: Callable[[int], CompiledVersion]) -> dict[str, Any]:
    """Return the columns a ticket has after ``events`` (rows of its journal, oldest first).

    Columns that are a pure function of the state entered and when (category, due_at, …) are derived again.
    """
    ticket: dict[str, Any] = {"values": {}, "checklist": {}}
    for event in events:
        changes = event["changes"]
        for name, (_old, new) in changes.items():
            if name.startswith(_VALUE):
                _put(ticket, "values", name.removeprefix(_VALUE), new)
            elif name.startswith(_ITEM):
                _put(ticket, "checklist", name.removeprefix(_ITEM), new)
            else:
                ticket[name] = new
        moment = event["at"]
        if event["kind"] == "opened":
            created = changes.get("created_at", [None, None])[1]
            moment = datetime.fromisoformat(created) if created else moment
            ticket["created_at"] = moment
        if "state" in changes:
            came_in = event["kind"] == "opened" and ticket.get("external_id")
            ticket |= _entered(changes, moment, ticket, version_of, event["at"] if came_in else None)
        ticket["version"] = event["version"]
    return ticket


def _entered(
    changes: Mapping[str, Any],
    moment: datetime,
    ticket: Mapping[str, Any],
    version_of: Callable[[int], CompiledVersion],
    arrived: datetime | None,
) -> dict[str, Any]:
    """Return the columns that follow from the state a ticket has now.

    ``arrived``: when it came in with it from another system.
    """
    if ticket["state"] == merged.MERGED.key:
        return merged.closed(moment, ticket)
    state = version_of(ticket["version_id"]).states[ticket["state"]]
    if changes["state"][0] == merged.MERGED.key:
        return merged.restored(state, datetime.fromisoformat(changes["state_since"][1]), ticket)
    return come_in(state, moment, arrived) if arrived else enter(state, moment, ticket)


def _put(ticket: dict[str, Any], part: str, key: str, value: Any) -> None:
    kept = {other: one for other, one in ticket[part].items() if other != key}
    ticket[part] = kept if value is None else kept | {key: value}
