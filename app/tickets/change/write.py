"""Writing what was decided, set-based: tickets, journal, notes, watchers, files, search; then the events."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core.work import Work
from app.tickets import scope, search
from app.tickets.change import bulk, notices, searching, tags
from app.tickets.change.plan import CONFLICT, Note, Plan
from app.tickets.events import PeopleMentioned, TicketChange, TicketsChanged, TicketsOpened
from app.tickets.models import Attachment, Ticket, TicketEvent, TicketNote, TicketWatcher

TICKET: Table = Ticket.__table__  # type: ignore[assignment]
EVENT: Table = TicketEvent.__table__  # type: ignore[assignment]
NOTE: Table = TicketNote.__table__  # type: ignore[assignment]
ATTACHMENT: Table = Attachment.__table__  # type: ignore[assignment]

TICKET_COLUMNS = tuple(TICKET.columns.keys())
EVENT_COLUMNS = ("ticket_id", "at", "actor_id", "cause", "kind", "transition", "changes", "version")
NOTE_COLUMNS = ("id", "ticket_id", "at", "author_id", "body", "public", "mentions")

_CLAIM: Final = (
    update(ATTACHMENT)
    .where(ATTACHMENT.c.id == bindparam("file"), ATTACHMENT.c.ticket_id.is_(None))
    .values(ticket_id=bindparam("ticket"), field_key=bindparam("field"), note_id=bindparam("note"))
)


def insert_tickets(work: Work, plans: Sequence[Plan[Any]]) -> None:
    """Insert new tickets with all that belongs to them."""
    work.session.flush()
    connection = work.session.connection()
    for plan, ticket_id in zip(plans, bulk.next_ids(connection, TICKET, len(plans)), strict=True):
        plan.new["id"] = ticket_id
    bulk.insert(connection, TICKET, TICKET_COLUMNS, [plan.new for plan in plans])
    changes = _follow(work, connection, plans)
    search.write(connection, searching.rows(work, plans), fresh=True)
    work.publish(TicketsOpened(tuple(change.ticket_id for change in changes), changes))


def update_tickets(work: Work, plans: Sequence[Plan[Any]]) -> None:
    """Write changes of tickets; one that somebody else changed since it was read is refused as a conflict."""
    if not plans:
        return
    work.session.flush()
    connection = work.session.connection()
    plans = _won(connection, plans)
    if not plans:
        return
    changes = _follow(work, connection, plans)
    search.write(connection, searching.rows(work, [plan for plan in plans if _searched(plan)]), fresh=False)
    work.publish(TicketsChanged(changes))


def happened(work: Work, told: Sequence[tuple[TicketChange, int]]) -> None:
    """Tell in the journal, and to who listens, what overwrites nothing of tickets; each beside its ticket's version."""
    journal(work, told)
    work.publish(TicketsChanged(tuple(change for change, _version in told)))


def journal(work: Work, told: Iterable[tuple[TicketChange, int]]) -> None:
    """Insert a row of the journal for each change: by the actor, now, at the version its ticket has with it."""
    (at,) = bulk.encoded(EVENT, "at", [work.now], work.dialect)
    actor_id, cause = work.actor.user_id, bulk.encoded_json(work.cause.as_json())
    records = [
        (one.ticket_id, at, actor_id, cause, one.kind, one.transition, bulk.encoded_json(one.changes), version)
        for one, version in told
    ]
    bulk.insert_encoded(work.session.connection(), EVENT, EVENT_COLUMNS, records)


def _won(connection: Connection, plans: Sequence[Plan[Any]]) -> list[Plan[Any]]:
    """Write the columns; return the plans whose ticket still had the version they were decided on."""
    writing = [plan for plan in plans if plan.new]
    if not writing:
        return list(plans)
    ids = [plan.row["id"] for plan in writing]
    names = sorted({name for plan in writing for name in plan.new})
    columns = {name: [plan.new[name] if name in plan.new else plan.row[name] for plan in writing] for name in names}
    written = bulk.update(connection, TICKET, ids, [plan.row["version"] for plan in writing], columns)
    for plan in writing:
        if plan.row["id"] not in written:
            plan.refuse(CONFLICT, code="conflict")
            plan.conflict = True
    return [plan for plan in plans if not plan.conflict]


def _follow(work: Work, connection: Connection, plans: Sequence[Plan[Any]]) -> tuple[TicketChange, ...]:
    """Write the journal, notes, watchers and claims of ``plans``, and whom they are news to; return what happened."""
    tags.write(connection, plans)
    notices.tell(work, plans, _add_notes(work, connection, [plan for plan in plans if plan.notes]))
    _claim_files(connection, [plan for plan in plans if plan.files])
    changes = tuple(TicketChange(plan.ticket_id, plan.event_kind, plan.changes, plan.transition) for plan in plans)
    journal(work, ((one, plan.column("version")) for one, plan in zip(changes, plans, strict=True)))
    return changes


def _add_notes(work: Work, connection: Connection, plans: Sequence[Plan[Any]]) -> set[tuple[int, int]]:
    """Write the notes; return the (ticket id, user id) who are named in them and may read that."""
    written = [(plan, note) for plan in plans for note in plan.notes]
    if not written:
        return set()
    for (_plan, note), note_id in zip(written, bulk.next_ids(connection, NOTE, len(written)), strict=True):
        note.id = note_id
    rows = [
        {
            "id": note.id,
            "ticket_id": plan.ticket_id,
            "at": work.now,
            "author_id": work.actor.user_id,
            "body": note.body,
            "public": note.public,
            "mentions": list(note.mentions),
        }
        for plan, note in written
    ]
    bulk.insert(connection, NOTE, NOTE_COLUMNS, rows)
    watching = _invited(work, written)
    add_watchers(work, sorted(watching))
    for plan, note in written:
        if told := tuple(user for user in note.mentions if (plan.ticket_id, user) in watching):
            work.publish(PeopleMentioned(plan.ticket_id, note.id, told))
    return watching


def _invited(work: Work, written: Sequence[tuple[Plan[Any], Note]]) -> set[tuple[int, int]]:
    """Return the (ticket id, user id) mentioned who may watch: a mention opens what its author may hand over."""
    opening = work.actor.may("ticket.transfer")
    watching: set[tuple[int, int]] = set()
    tickets: dict[int, list[int]] = {}
    for plan, note in written:
        for user_id in note.mentions:
            if opening and plan.yours:
                watching.add((plan.ticket_id, user_id))
            else:
                tickets.setdefault(user_id, []).append(plan.ticket_id)
    return watching | scope.within_each(work, tickets)


def add_watchers(work: Work, pairs: Sequence[tuple[int, int]]) -> None:
    """Let accounts watch tickets: (ticket id, user id); who watches already goes on doing so."""
    if not pairs:
        return
    dialect = postgresql if work.dialect == "postgresql" else sqlite
    statement = dialect.insert(TicketWatcher).on_conflict_do_nothing()
    work.session.execute(statement, [{"ticket_id": ticket, "user_id": user} for ticket, user in pairs])


def _claim_files(connection: Connection, plans: Iterable[Plan[Any]]) -> None:
    """Give the tickets their uploads; a file that is somebody's meanwhile stays his."""
    claims = [
        {"file": file_id, "ticket": plan.ticket_id, "field": key, "note": note_of.get(file_id)}
        for plan in plans
        for note_of in [{file_id: note.id for note in plan.notes for file_id in note.files}]
        for file_id, key in plan.files.items()
    ]
    if claims:
        connection.execute(_CLAIM, claims)


def _searched(plan: Plan[Any]) -> bool:
    return not plan.new.keys().isdisjoint(("subject", "values", "customer_id", "installed_product_id", "tags"))
