"""Writing tickets with a past: each with its journal from opening to now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.core.work import Work
from app.tickets import search
from app.tickets.change import bulk, searching, tags, write
from app.tickets.change.number import take
from app.tickets.change.plan import Plan, enter
from app.tickets.orders import OpenTicket


@dataclass(frozen=True, slots=True)
class PastStep:
    """A transition taken at ``at``, and what else changed with it (``{field: [old, new]}``).

    ``target`` is empty where the ticket stays in its state.
    """

    transition: str
    target: str
    at: datetime
    changes: dict[str, list[Any]] = field(default_factory=dict)
    actor_id: int | None = None


@dataclass(frozen=True, slots=True)
class PastNote:
    """An internal note written at ``at``."""

    at: datetime
    author_id: int | None
    body: str


@dataclass(slots=True)
class Past:
    """A ticket as it was opened (``plan.new`` and ``plan.changes``), and the steps it took since."""

    plan: Plan[OpenTicket]
    steps: Sequence[PastStep] = ()
    actor_id: int | None = None
    notes: Sequence[PastNote] = ()


def load(work: Work, pasts: Sequence[Past]) -> None:
    """Write tickets and their journals; numbers are taken in the order given."""
    plans = [past.plan for past in pasts]
    connection = work.session.connection()
    numbers = take(work, [(plan.version.spec.numbering.pattern, plan.new["created_at"]) for plan in plans]).numbers
    ids = bulk.next_ids(connection, write.TICKET, len(plans))
    cause = work.cause.as_json()
    events: list[dict[str, Any]] = []
    for past, number, ticket_id in zip(pasts, numbers, ids, strict=True):
        past.plan.set("number", number)
        past.plan.new["id"] = ticket_id
        events += journal_of(past, cause)
    bulk.insert(connection, write.TICKET, write.TICKET_COLUMNS, [plan.new for plan in plans])
    tags.write(connection, plans)
    bulk.insert(connection, write.EVENT, write.EVENT_COLUMNS, events)
    _write_notes(connection, pasts)
    search.write(connection, searching.rows(work, plans), fresh=True)


def _write_notes(connection: Connection, pasts: Sequence[Past]) -> None:
    notes = [(past.plan.new["id"], note) for past in pasts for note in past.notes]
    rows = [
        {"id": key, "ticket_id": ticket, "at": note.at, "author_id": note.author_id, "body": note.body,
         "public": False, "mentions": []}
        for key, (ticket, note) in zip(bulk.next_ids(connection, write.NOTE, len(notes)), notes, strict=True)
    ]  # fmt: skip
    if rows:
        bulk.insert(connection, write.NOTE, write.NOTE_COLUMNS, rows)


def journal_of(past: Past, cause: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of a past, and bring the ticket's columns to where they lead."""
    plan, columns = past.plan, past.plan.new
    shared = {"ticket_id": columns["id"], "cause": cause}
    events = [
        {
            **shared,
            "actor_id": past.actor_id,
            "at": columns["created_at"],
            "kind": "opened",
            "changes": plan.changes,
            "version": 1,
        }
    ]
    for version, step in enumerate(past.steps, start=2):
        changes = step.changes
        if step.target:
            changes = {"state": [columns["state"], step.target], **changes}
            columns |= enter(plan.version.states[step.target], step.at, columns) | {"state": step.target}
        columns |= {"version": version, "changed_at": step.at}
        events.append(
            {**shared, "actor_id": step.actor_id, "at": step.at, "kind": "transitioned", "transition": step.transition,
             "changes": changes, "version": version}
        )  # fmt: skip
    return events
