"""What a ticket is found by besides its words: a phone, a customer's number, its own number without the dashes.

Each way is a select of ticket ids that an index answers. Most of what people type is nobody's phone and no number,
and then the search is what it would be without them.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select

from app.core.permissions import Scope
from app.core.work import Work
from app.people import phones
from app.people.models import Customer, Phone
from app.tickets import scope, search
from app.tickets.models import Ticket
from app.tickets.queries.selection import TicketQuery
from ticket_templates import numbering
from ticket_templates import queries as templates

#: No phone, customer's number or ticket number is longer.
LONGEST: Final = 60
#: With fewer digits it is a fragment, which the words of the number find.
_FEWEST_DIGITS: Final = 6
#: Where so many numbers begin as was typed, nobody looks for the tickets that have it among their words.
_MANY: Final = 2_000
_NUMBER: Final = re.compile(r"[A-Za-z0-9._ -]*\d[A-Za-z0-9._ -]*", re.ASCII)


def plain(typed: str) -> str:
    """Return what was typed with full-width letters and digits as the plain ones, in one line."""
    sound = typed.replace("\x00", "").encode(errors="ignore").decode()
    return " ".join(unicodedata.normalize("NFKC", sound).split())


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means to the search."""

    #: Those of the ways besides its words that lead to a ticket, as selects of ids.
    others: Sequence[Select[Any]] = ()
    #: Whether all that hold its words are gathered and sorted (see `search.is_rare`).
    rare: bool = False
    #: The numbers that begin so, where they are many: a condition on `Ticket`.
    begun: ColumnElement[bool] | None = None


def meaning(work: Work, typed: str) -> Meaning:
    """Return what a text means, found out once a page, in two statements at most."""
    return work.once(("meaning", typed), lambda: _meaning(work, typed))


def begun_by(work: Work, query: TicketQuery) -> ColumnElement[bool] | None:
    """Return the numbers a list shows that asks for nothing but what many of them begin with; None: it is another.

    All words that begin so would have every ticket of a year gathered and sorted for one page: the index of numbers
    has them in the order they were given.
    """
    if not query.text.strip() or not replace(query, text="").is_plain or scope.reaches(work.actor) is not None:
        return None
    return meaning(work, query.text).begun


def _meaning(work: Work, typed: str) -> Meaning:
    text = plain(typed)
    is_code = len(text) <= LONGEST and any(one.isascii() and one.isalnum() for one in text)
    ways = list(_ways(work, text)) if is_code else []
    # Whoever has only his own has few: they are gathered, whatever words they hold.
    own = not work.actor.is_system and work.actor.scope is Scope.OWN
    rare = own or search.may_be_rare(work.session.connection(), typed)
    sample = search.sampled(work.dialect, typed) if rare and not own else None
    begun = _numbers_begun(work, text) if is_code and not own else None
    asked = [_leads_somewhere(way) for way in ways]
    asked += [] if sample is None else [sample]
    asked += [] if begun is None else [_are_many(begun)]
    answers = list(work.session.execute(select(*asked)).one()) if asked else []
    are_many = begun is not None and answers.pop()
    rare = rare and (sample is None or bool(answers.pop()))
    others = [way for way, leads_there in zip(ways, answers, strict=True) if leads_there]
    return Meaning(others, rare, begun if are_many and not others else None)


def _are_many(numbers: ColumnElement[bool]) -> ColumnElement[bool]:
    first = select(Ticket.id).where(numbers).limit(_MANY + 1).subquery()
    return select(func.count()).select_from(first).scalar_subquery() > _MANY


def _leads_somewhere(way: Select[Any]) -> ColumnElement[bool]:
    # Counted, not EXISTS: asked for any one row, PostgreSQL would rather read tickets until it meets one.
    number = select(func.count()).select_from(way.subquery()).scalar_subquery()
    return number > 0


def _ways(work: Work, text: str) -> Iterator[Select[Any]]:
    if work.actor.may("customer.read"):
        yield _of_customers(select(Customer.id).where(Customer.code.in_(spellings(text))))
    if index := phones.index_of(text):
        yield search.holding(work.dialect, [(search.mark(index), False)])
        if work.actor.may("customer.read"):
            yield _of_customers(select(Phone.customer_id).where(Phone.number_index == index))
    if numbers := numbers_meant(work, text):
        yield select(Ticket.id).where(Ticket.number.in_(numbers))


def _of_customers(ids: Select[Any]) -> Select[Any]:
    return select(Ticket.id).where(Ticket.customer_id.in_(ids))


def spellings(text: str) -> list[str]:
    """Return a code as typed and in capitals, as most are written."""
    return sorted({text, text.upper()})


def numbers_meant(work: Work, text: str) -> list[str]:
    """Return the ticket numbers ``text`` may be when its dashes, capitals or first letters were left out."""
    if sum(one.isdigit() for one in text) < _FEWEST_DIGITS or not _NUMBER.fullmatch(text):
        return []
    patterns = {version.spec.numbering.pattern for version in templates.catalogue(work).versions}
    return sorted({number for one in patterns if (number := numbering.meant(one, text))})


def _numbers_begun(work: Work, text: str) -> ColumnElement[bool] | None:
    """Return the condition on a ticket's number that ``text`` is the beginning of one; None: it is none, or of two."""
    if not _NUMBER.fullmatch(text):
        return None
    patterns = {version.spec.numbering.pattern for version in templates.catalogue(work).versions}
    begun = {found for one in patterns if (found := numbering.begun(one, text))}
    if len(begun) != 1:
        return None
    (first,) = begun
    return and_(Ticket.number >= first, Ticket.number < first[:-1] + chr(ord(first[-1]) + 1))
