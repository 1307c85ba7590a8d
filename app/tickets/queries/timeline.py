"""What happened on a ticket: notes and journal merged, newest first, read by keyset."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Integer, Select, Text, and_, bindparam, cast, or_, select

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.work import Work
from app.tickets.columns import VALUE
from app.tickets.links import merges, naming
from app.tickets.models import Attachment, TicketEvent, TicketNote
from app.tickets.queries.detail import TicketDetail, ticket
from app.tickets.queries.wording import FieldChange, Wording

#: What a reader may filter by: notes, changes of fields and state, whatever brought or took files.
KINDS: Final = ("note", "change", "file")
LARGEST: Final = 200
# Every ticket page asks these; to put one together takes ten times as long as to have it answered.
_SIZE: Final = bindparam("size", type_=Integer)
_NOTES: Final = (
    select(
        TicketNote.id, TicketNote.ticket_id, TicketNote.at, TicketNote.author_id.label("actor_id"),
        TicketNote.body, TicketNote.public,
    )
    .where(TicketNote.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(TicketNote.at.desc(), TicketNote.id.desc())
    .limit(_SIZE)
)  # fmt: skip
_NOTES_WITH_FILES: Final = _NOTES.where(
    TicketNote.id.in_(select(Attachment.note_id).where(Attachment.ticket_id.in_(bindparam("tickets", expanding=True))))
)
_EVENTS: Final = (
    select(
        TicketEvent.id, TicketEvent.ticket_id, TicketEvent.at, TicketEvent.actor_id, TicketEvent.kind,
        TicketEvent.cause, TicketEvent.changes, TicketEvent.transition,
    )
    .where(TicketEvent.ticket_id == bindparam("ticket"))
    .order_by(TicketEvent.at.desc(), TicketEvent.id.desc())
    .limit(_SIZE)
)  # fmt: skip
# A note shows itself; the journal's mention of it would only repeat it.
_CHANGES: Final = _EVENTS.where(TicketEvent.kind.not_in(("noted", "attached")))
_CHANGES_AND_FILES: Final = _EVENTS.where(TicketEvent.kind != "noted")
_FILES: Final = (
    select(Attachment.note_id, Attachment.id, Attachment.filename, Attachment.media_type, Attachment.size_bytes)
    .where(
        Attachment.ticket_id.in_(bindparam("tickets", expanding=True)),
        Attachment.note_id.in_(bindparam("notes", expanding=True)),
    )
    .order_by(Attachment.id)
)


@dataclass(frozen=True, slots=True)
class FileCard:
    """A file as the timeline shows it."""

    id: int
    filename: str
    media_type: str
    size_bytes: int
    is_image: bool


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened. ``kind``: note, file, or the journal's (opened, changed, transitioned, …)."""

    id: int
    kind: str
    at: datetime
    actor_id: int | None
    actor: str
    cause: dict[str, Any]
    body: str = ""
    public: bool = False
    transition: str | None = None
    changes: tuple[FieldChange, ...] = ()
    #: What came in or went out with the step, and how: “Received +¥50.00 · Cash”.
    moved: str = ""
    files: tuple[FileCard, ...] = ()
    cursor: str = ""
    #: The number of the merged ticket it stands on; empty: this one's own.
    origin: str = ""


def timeline(
    work: Work,
    ticket_id: int,
    *,
    kinds: Collection[str] | None = None,
    before: str | None = None,
    size: int = 50,
    detail: TicketDetail | None = None,
) -> list[TimelineEntry]:
    """Return what happened, newest first; ``before`` is the cursor of the last entry seen.

    ``detail`` saves reading a ticket that was read with `ticket` already.
    """
    detail = detail or ticket(work, ticket_id)
    wanted = set(kinds or KINDS)
    size = max(1, min(size, LARGEST))
    position = _position(before)
    # What was said on a ticket that was merged into this one is seen here as well.
    merged = merges.into(work, [detail.id])
    family = [detail.id, *sorted(merged)]
    found = [("note", note) for note in _notes(work, family, position, size, wanted)]
    found += [("event", one) for one in _events(work, detail, position, size, wanted)]
    found.sort(key=lambda pair: (pair[1].at, pair[0] == "note", pair[1].id), reverse=True)
    found = found[:size]
    wording = Wording(detail)
    wording.preload([one.changes for kind, one in found if kind == "event"], [one.actor_id for _kind, one in found])
    files = _files(work, family, [one.id for kind, one in found if kind == "note"])
    numbers = merges.numbers(work, merged)
    return [_entry(kind, one, wording, files, numbers.get(one.ticket_id, "")) for kind, one in found]


class _Before(NamedTuple):
    """After which entry to go on; at one instant a note (rank 1) is newer than an event (0)."""

    at: datetime
    rank: int
    key: int


def _position(before: str | None) -> _Before | None:
    if not before:
        return None
    try:
        moment, rank, key = before.split("|")
        position = _Before(datetime.fromisoformat(moment), int(rank), int(key))
    except ValueError:
        position = None
    if position is None or position.at.tzinfo is None or not 0 <= position.key < 2**63:
        raise DomainError(_("This page address is damaged. Open the ticket again."), field="before")
    return position


def _notes(work: Work, ticket_ids: Sequence[int], before: _Before | None, size: int, wanted: set[str]) -> Sequence[Any]:
    if not wanted & {"note", "file"}:
        return []
    query = _older(_NOTES if "note" in wanted else _NOTES_WITH_FILES, TicketNote, before, 1)
    return work.rows(query, {"tickets": ticket_ids, "size": size}).all()


def _events(work: Work, detail: TicketDetail, before: _Before | None, size: int, wanted: set[str]) -> Sequence[Any]:
    if "change" in wanted:
        query = _CHANGES_AND_FILES if "file" in wanted else _CHANGES
    elif "file" in wanted:
        query = _of_files(detail)
    else:
        return []
    if hidden := naming.hidden_events(work, detail.id):
        query = query.where(TicketEvent.id.not_in(hidden))
    return work.rows(_older(query, TicketEvent, before, 0), {"ticket": detail.id, "size": size}).all()


def _of_files(detail: TicketDetail) -> Select[*tuple[Any, ...]]:
    """Select the events that brought files or changed a field of files this reader may see."""
    fields = [key for key, one in detail.version.types.items() if one.kind == "attachments" and key in detail.readable]
    changed = [cast(TicketEvent.changes, Text).contains(f'"{VALUE}{key}"', autoescape=True) for key in fields]
    return _EVENTS.where(or_(TicketEvent.kind == "attached", *changed))


def _older(query: Select[*tuple[Any, ...]], model: Any, before: _Before | None, rank: int) -> Select[*tuple[Any, ...]]:
    """Return ``query`` for what is older than a position."""
    if before is None:
        return query
    older = model.at < before.at
    if rank == before.rank:
        older = or_(older, and_(model.at == before.at, model.id < before.key))
    elif rank < before.rank:
        older = model.at <= before.at
    return query.where(older)


def _files(work: Work, ticket_ids: Sequence[int], note_ids: Sequence[int]) -> dict[int, tuple[FileCard, ...]]:
    if not note_ids:
        return {}
    found: dict[int, tuple[FileCard, ...]] = {}
    for note, one, filename, media_type, size in work.rows(_FILES, {"tickets": ticket_ids, "notes": note_ids}):
        card = FileCard(one, filename, media_type, size, media_type.startswith("image/"))
        found[note or 0] = (*found.get(note or 0, ()), card)
    return found


def _entry(kind: str, one: Any, wording: Wording, files: dict[int, tuple[FileCard, ...]], origin: str) -> TimelineEntry:
    cursor = f"{one.at.isoformat()}|{int(kind == 'note')}|{one.id}"
    person = wording.person(one.actor_id)
    if kind == "note":
        return TimelineEntry(
            one.id, "note", one.at, one.actor_id, person, {}, one.body, one.public,
            files=files.get(one.id, ()), cursor=cursor, origin=origin,
        )  # fmt: skip
    changes = wording.changes(one.changes, one.transition)
    return TimelineEntry(
        one.id, one.kind, one.at, one.actor_id, person, one.cause, transition=wording.transition(one.transition),
        changes=changes, moved=wording.moved(changes, one.transition), files=tuple(_gone(changes, wording)),
        cursor=cursor,
    )  # fmt: skip


def _gone(changes: Sequence[FieldChange], wording: Wording) -> Iterator[FileCard]:
    """Yield the files that a change took out of a field: a signature of before, say."""
    for one in (one for change in changes for one in change.gone):
        if (facts := wording.reader.references.file(one)) is not None:
            is_image = facts.media_type.startswith("image/")
            yield FileCard(one, facts.filename, facts.media_type, facts.size_bytes, is_image)
