"""Writing many tickets after the pattern of a few, at bulk speed.

A pattern is a ticket with its past (see `histories`) as the rows it becomes. Told again it happens some whole days
earlier or later, under its own number, in other words and to another customer: only that is put together for each.
So the weekday may be another, and the hours are those in which people work.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final, Self

import orjson

from app.core.columns import UtcDateTime, instant_text
from app.core.work import Work
from app.tickets import search
from app.tickets.backfill.histories import Past, PastNote, journal_of
from app.tickets.change import bulk, searching, tags, write
from app.tickets.change.number import take

#: A day in a JSON document, alone or before a time.
_DAY: Final = re.compile(r'(?<=")(\d{4}-\d\d-\d\d)(?=["T])')
#: What is put together for each ticket: it stands nowhere in a pattern.
_OWN: Final = frozenset({"number", "customer_id", "site_id", "subject"})
_PLACE: Final = {name: place for place, name in enumerate(write.TICKET_COLUMNS)}
_TIMES: Final = tuple(_PLACE[column.name] for column in write.TICKET.columns if isinstance(column.type, UtcDateTime))
_DOCUMENTS: Final = (_PLACE["values"], _PLACE["checklist"])


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose ticket it is, and what the search finds it by then."""

    customer_id: int | None = None
    site_id: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """One way to say what it is about; ``said`` stands in the answers in the place of the pattern's own."""

    subject: str
    said: str


class _Text:
    """A text with the days and the words in it that are others each time."""

    __slots__ = ("pieces",)

    def __init__(self, text: str, said: str, kept: Collection[str]) -> None:
        self.pieces: list[str | int | None] = []
        for place, part in enumerate(text.split(said) if said else [text]):
            if place:
                self.pieces.append(None)
            for odd, piece in enumerate(_DAY.split(part)):
                if odd % 2 and piece not in kept:
                    self.pieces.append(date.fromisoformat(piece).toordinal())
                elif piece:
                    self.pieces.append(piece)

    def told(self, days: int, said: str) -> str:
        return "".join(
            [piece if type(piece) is str else said if piece is None else _day(piece + days) for piece in self.pieces]  # type: ignore[operator]
        )


@cache
def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


class _Moment:
    """An instant as both databases read it from a text."""

    __slots__ = ("clock", "day")

    def __init__(self, moment: datetime) -> None:
        text = instant_text(moment)
        self.day, self.clock = date.fromisoformat(text[:10]).toordinal(), text[10:]

    def told(self, days: int) -> str:
        return _day(self.day + days) + self.clock


@dataclass(frozen=True, slots=True)
class _Event:
    at: _Moment
    #: Actor, cause, kind and transition.
    middle: tuple[Any, ...]
    changes: _Text
    version: int


@dataclass(frozen=True, slots=True)
class _Note:
    at: _Moment
    author_id: int | None
    bodies: Sequence[str]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A ticket and its past as rows; ``ways`` are the words it can be told in, its own first."""

    created_at: datetime
    numbering: str
    owner: Owner
    ways: Sequence[Words]
    ticket: tuple[Any, ...]
    times: Sequence[tuple[int, _Moment]]
    documents: Sequence[tuple[int, _Text]]
    events: Sequence[_Event]
    notes: Sequence[_Note]
    #: What the search finds it by, besides number and owner, in each of the ways.
    found_by: Sequence[str]
    #: Ids of its tags.
    tags: Sequence[int]

    @classmethod
    def of(
        cls, past: Past, cause: dict[str, Any], owner: Owner, ways: Sequence[Words], *,
        texts: Sequence[str] = (), kept: Collection[str] = (), sayings: Mapping[str, Sequence[str]] | None = None,
    ) -> Self:  # fmt: skip
        """Return the pattern of ``past``.

        ``texts`` are further ones it is found by; ``kept`` are days that stay, such as the one a machine was bought;
        ``sayings`` are notes that can stand in the place of one.
        """
        plan, said = past.plan, ways[0].said
        created: datetime = plan.new["created_at"]
        plan.new["id"] = 0
        events = journal_of(past, cause)
        marks = list(searching.marks(plan, plan.new["values"]))
        events[0]["changes"] = {key: value for key, value in plan.changes.items() if key not in _OWN}
        ticket: list[Any] = [plan.new.get(name) for name in write.TICKET_COLUMNS]
        times = [(place, _Moment(ticket[place])) for place in _TIMES if ticket[place]]
        tagged = [int(one) for one in plan.new.get(tags.COLUMN) or ()]
        ticket[_PLACE[tags.COLUMN]] = bulk.encoded_json(plan.new.get(tags.COLUMN))
        documents = [(place, _Text(bulk.encoded_json(ticket[place]) or "", said, kept)) for place in _DOCUMENTS]
        return cls(
            created, plan.version.spec.numbering.pattern, owner, ways, tuple(ticket), times, documents,
            [_event(one, said, kept) for one in events], [_note(one, sayings or {}) for one in past.notes],
            [" ".join([*search.tokens([way.subject, way.said, *texts]), *marks]) for way in ways],
            tagged,
        )  # fmt: skip


def _event(event: Mapping[str, Any], said: str, kept: Collection[str]) -> _Event:
    middle = (event.get("actor_id"), bulk.encoded_json(event["cause"]), event["kind"], event.get("transition"))
    changes = _Text(bulk.encoded_json(event["changes"]) or "", said, kept)
    return _Event(_Moment(event["at"]), middle, changes, event["version"])


def _note(note: PastNote, sayings: Mapping[str, Sequence[str]]) -> _Note:
    return _Note(_Moment(note.at), note.author_id, sayings.get(note.body, (note.body,)))


@dataclass(frozen=True, slots=True)
class Again:
    """One ticket after a pattern: so many days later, in one of its ways, with other notes."""

    pattern: Pattern
    days: int = 0
    way: int = 0
    notes: int = 0
    owner: Owner | None = None

    @property
    def created_at(self) -> datetime:
        """Return when it was made."""
        return self.pattern.created_at + timedelta(days=self.days)


def retell(work: Work, agains: Sequence[Again]) -> None:
    """Write tickets and their journals; numbers are taken in the order given."""
    connection = work.session.connection()
    numbers = take(work, [(one.pattern.numbering, one.created_at) for one in agains]).numbers
    ids = bulk.next_ids(connection, write.TICKET, len(agains))
    tickets, events, notes, found_by = [], [], [], []
    for again, number, ticket_id in zip(agains, numbers, ids, strict=True):
        owner = again.owner or again.pattern.owner
        tickets.append(_ticket(again, owner, number, ticket_id))
        events += _journal(again, owner, number, ticket_id)
        for note in again.pattern.notes:
            body = note.bodies[again.notes % len(note.bodies)]
            notes.append((ticket_id, note.at.told(again.days), note.author_id, body, False, "[]"))
        words = (again.pattern.found_by[again.way], owner.words, *search.tokens([number]))
        # What is nobody's has no words of a customer, and PostgreSQL takes no empty one.
        found_by.append((ticket_id, [one for one in words if one]))
    bulk.insert_encoded(connection, write.TICKET, write.TICKET_COLUMNS, tickets)
    tagged = [(one, ticket_id) for again, ticket_id in zip(agains, ids, strict=True) for one in again.pattern.tags]
    bulk.insert_encoded(connection, tags.TICKET_TAG, ("tag_id", "ticket_id"), tagged)
    bulk.insert_encoded(connection, write.EVENT, write.EVENT_COLUMNS, events)
    bulk.insert_encoded(connection, write.NOTE, write.NOTE_COLUMNS[1:], notes)
    search.write(connection, found_by, fresh=True)


def _ticket(again: Again, owner: Owner, number: str, ticket_id: int) -> tuple[Any, ...]:
    pattern, days, way = again.pattern, again.days, again.pattern.ways[again.way]
    row = list(pattern.ticket)
    row[_PLACE["id"]], row[_PLACE["number"]], row[_PLACE["subject"]] = ticket_id, number, way.subject
    row[_PLACE["customer_id"]], row[_PLACE["site_id"]] = owner.customer_id, owner.site_id
    for place, moment in pattern.times:
        row[place] = moment.told(days)
    for place, text in pattern.documents:
        row[place] = text.told(days, way.said)
    return tuple(row)


def _journal(again: Again, owner: Owner, number: str, ticket_id: int) -> list[tuple[Any, ...]]:
    days, way = again.days, again.pattern.ways[again.way]
    own: dict[str, list[Any]] = {"number": [None, number], "subject": [None, way.subject]}
    own |= {"customer_id": [None, owner.customer_id]} if owner.customer_id else {}
    own |= {"site_id": [None, owner.site_id]} if owner.site_id else {}
    rows = [
        (ticket_id, event.at.told(days), *event.middle, event.changes.told(days, way.said), event.version)
        for event in again.pattern.events
    ]
    first = list(rows[0])
    # What is its own stands before what it shares with its pattern.
    first[-2] = f"{orjson.dumps(own).decode()[:-1]},{first[-2][1:]}"
    return [tuple(first), *rows[1:]]
