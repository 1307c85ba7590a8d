"""What may be asked of tickets, and what came of it. Orders are imperative and know no HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.core.errors import Refusal


@dataclass(frozen=True, slots=True)
class NoteOrder:
    """A note to add; ``body`` is Markdown."""

    body: str
    public: bool = False
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Open a ticket of the published version of ``template`` (its key).

    ``fields`` are columns of the ticket by name: subject, priority (1–4), customer_id, contact_id, site_id,
    installed_product_id, assignee_id, team_id, outlet_id. ``answers`` are raw values by field key.
    The rest is for imports and repeated submissions.
    """

    template: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    channel: str = "desk"
    note: NoteOrder | None = None
    #: The version whose form was filled: it serves even when another was published since; a withdrawn one is refused.
    version_id: int | None = None
    submission_key: str | None = None
    external_source: str | None = None
    external_id: str | None = None
    #: Imports only (permission ``ticket.import``): when it happened, and the state it is in.
    created_at: datetime | None = None
    state: str | None = None
    #: Fields and answers that were given and could not be read. Such an order makes no ticket; it is told all else
    #: that is wrong with it, save what only follows from them.
    unread: frozenset[str] = frozenset()
    #: False: what the template doubts is refused (code ``needs_confirmation``) until somebody says that it is right.
    confirmed: bool = True
    #: A program or a file says every answer by itself: one to a field that a condition hides is refused. A form also
    #: sends inputs that another answer has hidden meanwhile; they are left out.
    meant: bool = False


@dataclass(frozen=True, slots=True)
class ChangeTicket:
    """Change one ticket: columns, answers, checklist, a transition and a note, all or nothing.

    ``version`` is the one the wish is based on (None: whatever it is now); another one is a ConflictError.
    Only what is named changes; a value of None clears.
    """

    ticket_id: int
    version: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    checklist: Mapping[str, bool] = field(default_factory=dict)
    transition: str | None = None
    note: NoteOrder | None = None
    #: Why it is handed to another person, team or outlet; journaled as an internal note. Any text, even an empty one,
    #: says that a hand-over is meant; None: a person is asked for it where it is taken out of somebody's hands.
    reason: str | None = None
    #: As in `OpenTicket`; False asks as well before answers go along with another customer, contact, site or product.
    confirmed: bool = True
    #: Somebody at a form is asked, likewise, before answers are emptied because other answers hide them beside booked
    #: amounts, or because a column of the ticket that is changed does. What a form sends as it stood, nobody answered.
    careful: bool = False
    #: As in `OpenTicket`.
    meant: bool = False


@dataclass(frozen=True, slots=True)
class LinkTickets:
    """Link a ticket with another, or (``on`` False) take the link away.

    ``kind`` says what the other is to this one: relates, duplicates, duplicated_by, blocks, blocked_by, parent_of,
    child_of. ``version`` is as in `ChangeTicket`.
    """

    ticket_id: int
    kind: str
    other_id: int
    on: bool = True
    version: int | None = None


@dataclass(frozen=True, slots=True)
class MergeTickets:
    """Merge ``source_id`` into ``target_id``: the source is closed, and what it holds is seen on the target.

    ``fill`` names what the target lacks and is to take over: columns, and answers as ``values.KEY``. The versions are
    as in `ChangeTicket`.
    """

    source_id: int
    target_id: int
    fill: tuple[str, ...] = ()
    source_version: int | None = None
    target_version: int | None = None


@dataclass(frozen=True, slots=True)
class SplitTicket:
    """Open a ticket by ``order``, related to ``source_id``, and move notes of that, with their files, to it."""

    source_id: int
    order: OpenTicket
    notes: tuple[int, ...] = ()
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order: ``changed``, ``unchanged``, or ``refused`` with its reasons."""

    status: str
    ticket_id: int | None = None
    number: str = ""
    refusals: tuple[Refusal, ...] = ()
    #: A version older than the stored one was named (HTTP 409).
    conflict: bool = False
    #: What the template doubts and was taken nevertheless.
    doubts: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The outcomes, in the order of the orders."""

    outcomes: tuple[Outcome, ...] = ()
