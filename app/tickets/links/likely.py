"""Whether a ticket that is about to be made is there already: of the same customer, phone or unit, and told alike."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, true, union

from app.core.i18n import Message, _
from app.core.work import Work
from app.people.models import Phone
from app.tickets import scope, search
from app.tickets.change.plan import DONE
from app.tickets.change.read import COLUMNS
from app.tickets.merged import MERGED
from app.tickets.models import Ticket
from app.tickets.rows import Reader, TicketRow

#: Finished longer ago, it came back: a new ticket is right.
_LATELY: Final = timedelta(days=30)
_LOOKED_AT: Final = 40
_SHOWN: Final = 4
#: Share of what is told in both (1: all of it) from which two tickets are taken for one.
_ALIKE: Final = 0.3
_SAME_UNIT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known so far of the ticket that is being made."""

    customer_id: int | None = None
    installed_product_id: int | None = None
    #: Blind indexes of phone numbers that were typed.
    phones: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likely:
    """A ticket that may be the same one, and why."""

    ticket: TicketRow
    why: Message
    #: Whether the actor may link it.
    yours: bool


def likely(work: Work, wanted: Wanted) -> list[Likely]:
    """Return the tickets within reach that may be the one being made, the likeliest first; one indexed query."""
    ids = _candidates(work, wanted)
    if ids is None:
        return []
    mine = scope.yours(work.actor)
    records = work.session.execute(
        select(*COLUMNS, true() if mine is None else mine).where(Ticket.id.in_(ids)).order_by(Ticket.id.desc())
    ).all()
    rows = Reader(work).rows([record[:-1] for record in records], pointers=(), fields=())
    told = frozenset(search.tokens(wanted.texts))
    found = [
        (weight, Likely(row, why, bool(record[-1])))
        for row, record in zip(rows, records, strict=True)
        for weight, why in [_weighed(row, wanted, told)]
        if why is not None
    ]
    found.sort(key=lambda pair: -pair[0])
    return [one for _weight, one in found[:_SHOWN]]


def _candidates(work: Work, wanted: Wanted) -> Any:
    """Return a select of the newest tickets of that customer, phone or unit; None: nothing is known to ask by."""
    ways: list[ColumnElement[bool]] = []
    if wanted.customer_id is not None:
        known = select(Phone.number_index).where(Phone.customer_id == wanted.customer_id)
        ways.append(Ticket.customer_id == wanted.customer_id)
        # One household is two customers more often than not.
        ways.append(Ticket.customer_id.in_(select(Phone.customer_id).where(Phone.number_index.in_(known))))
    if wanted.phones:
        ways.append(
            Ticket.customer_id.in_(select(Phone.customer_id).where(Phone.number_index.in_(sorted(wanted.phones))))
        )
    if wanted.installed_product_id is not None:
        ways.append(Ticket.installed_product_id == wanted.installed_product_id)
    if not ways:
        return None
    since = work.now - _LATELY
    lately = or_(Ticket.category.not_in(DONE), Ticket.resolved_at >= since, Ticket.closed_at >= since)
    reach = scope.reaches(work.actor)
    each = [
        select(Ticket.id)
        .where(way, lately, Ticket.state != MERGED.key, true() if reach is None else reach)
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(_LOOKED_AT)
        .subquery()
        for way in ways
    ]
    return union(*(select(one.c.id) for one in each))


def _weighed(row: TicketRow, wanted: Wanted, told: Collection[str]) -> tuple[float, Message | None]:
    """Return how likely a ticket is the same, and why; no reason: it is not."""
    unit = wanted.installed_product_id
    same_unit = unit is not None and row.columns["installed_product_id"] == unit
    alike = _overlap(told, _told(row))
    weight = alike + _SAME_UNIT * same_unit
    if same_unit and row.category not in DONE:
        return weight + 1, _("Same installed product, still open")
    if alike >= _ALIKE:
        same_customer = wanted.customer_id is not None and row.columns["customer_id"] == wanted.customer_id
        return weight, _("Same customer, much the same words") if same_customer else _("Much the same words")
    return weight, None


def _told(row: TicketRow) -> frozenset[str]:
    values = row.columns["values"]
    texts = [text_of(values[key]) for key, text_of in row.version.rules.searched if key in values]
    return frozenset(search.tokens([row.subject, *texts]))


def _overlap(one: Collection[str], other: Collection[str]) -> float:
    """Return which share of the shorter one's words stands in the other; a longer word weighs more."""
    fewer, more = sorted((set(one), set(other)), key=_weight)
    whole = _weight(fewer)
    return _weight(fewer & more) / whole if whole else 0.0


def _weight(words: Iterable[str]) -> int:
    # A single character is in half of all texts.
    return sum(min(len(word), 4) - 1 for word in words)
