"""How many: of several lists at once, of one exactly, of each group of one. All of it in bounded time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import BigInteger, Select, cast, func, literal, null, select, union_all

from app.core.deadline import TooLongError, within
from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import _
from app.core.work import Work
from app.people.models import Account, Outlet
from app.tickets.models import Ticket
from app.tickets.queries.listing import DEARLY_COUNTED, Count, Listing, estimated
from app.tickets.queries.reach import ways
from app.tickets.queries.selection import TicketQuery, in_a_place

#: Seconds all of several counts may take together, and one of them alone when they took longer.
TOGETHER: Final = 1.0
ALONE: Final = 0.25
#: Seconds an exact number is waited for.
PATIENCE: Final = 8.0
#: So many tickets are divided into groups one by one; of more, each group is counted up to a limit.
DIVIDED: Final = 10_000
COUNTED_EACH: Final = 1_000
#: More groups than this are not told apart.
MOST_GROUPS: Final = 200

GROUPED_BY: Final[Mapping[str, Any]] = {
    "state": Ticket.state,
    "template": Ticket.template_id,
    "assignee": Ticket.assignee_id,
    "outlet": Ticket.outlet_id,
}
#: Of what a name is read along with the groups: its key and the name.
_NAMES: Final[Mapping[str, tuple[Any, Any]]] = {
    "assignee": (Account.id, Account.name),
    "outlet": (Outlet.id, Outlet.name),
}


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a list; not ``complete``: there may be others, among tickets that were not looked at."""

    every: Sequence["Group"]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """The tickets that share one value (None: those without one), and how many they are."""

    value: Any
    count: Count
    #: What the person or outlet is called; empty where another thing is grouped by, or there is none any more.
    name: str = ""


def counts(work: Work, asked: Mapping[int, TicketQuery]) -> dict[int, Count | None]:
    """Return how many tickets each of several queries finds, in one statement as a rule.

    None: it cannot be asked, or not in the time there is.
    """
    _permit(work)
    reach = ways(work)
    listings: dict[int, Listing] = {}
    for key, query in asked.items():
        try:
            query.check()
            listings[key] = Listing.of(work, query, reach)
        except DomainError:
            continue
    found: dict[int, Count | None] = dict.fromkeys(asked)
    try:
        return found | _counted(work, listings, TOGETHER)
    except TooLongError:
        for key, listing in listings.items():
            try:
                found |= _counted(work, {key: listing}, ALONE)
            except TooLongError:
                continue
    return found


def exact_within(work: Work, query: TicketQuery, seconds: float = PATIENCE) -> int:
    """Return how many tickets a query finds, however many there are; TooLongError when that takes too long."""
    _permit(work)
    query.check()
    listing = Listing.of(work, query)
    with within(work, seconds):
        return int(work.session.execute(select(func.count()).select_from(listing.ids().subquery())).scalar_one())


def groups(work: Work, query: TicketQuery, by: str) -> Groups:
    """Return the groups of a list and how many tickets each has; TooLongError when that takes too long.

    One GROUP BY of what is found, while that is not too much. Beyond, each group that can be is asked for its first
    ones, which an index answers: so a million tickets take no longer than ten thousand. Where another index is needed
    to reach them (a place, the ways of who asks), or there is no time, the groups are those of the first tickets.
    """
    _permit(work)
    query.check()
    listing = Listing.of(work, query)
    limit = DEARLY_COUNTED if listing.branches else DIVIDED
    each = not (listing.branches or in_a_place(query))
    found: Groups | None = None
    try:
        with within(work, TOGETHER):
            read = _divided(listing, by, limit)
            rows = work.session.execute(union_all(read, _apart(by)) if each else read).all()
            divided = [(value, number, name) for value, number, name in rows if number is not None]
            exact = sum(number for _value, number, _name in divided) <= limit
            every = [Group(value, Count(number, exact=exact), name) for value, number, name in divided]
            # Of all tickets it is known beforehand that they are too many: then none of them was divided.
            found = Groups(every, complete=exact) if every or not query.is_plain else None
            if found and (exact or not each):
                return found
            return _firsts(work, listing, by, [(value, name) for value, number, name in rows if number is None])
    except TooLongError:
        if found is None:
            raise
        return found


def _firsts(work: Work, listing: Listing, by: str, known: Sequence[tuple[Any, str]]) -> Groups:
    """Return the groups of the values that are ``known``, each counted by its first ones."""
    column = GROUPED_BY[by]
    values = [*known, *([(None, "")] if column.nullable else [])]
    # Each by its value, not by that of a row around it: how many there are of it, PostgreSQL knows.
    first = union_all(*(_first_of(listing, column, place, one) for place, (one, _name) in enumerate(values)))
    numbers = {place: number for place, number in work.session.execute(first)}  # noqa: C416 - rows
    found = [
        Group(value, Count(min(numbers[place], COUNTED_EACH), exact=numbers[place] <= COUNTED_EACH), name)
        for place, (value, name) in enumerate(values)
        if numbers[place]
    ]
    return Groups(found, complete=len(values) < MOST_GROUPS)


def _counted(work: Work, listings: Mapping[int, Listing], seconds: float) -> dict[int, Count]:
    if not listings:
        return {}
    with within(work, seconds):
        numbers = work.session.execute(select(*(one.counted() for one in listings.values()))).one()
        return {key: one.told(number) for (key, one), number in zip(listings.items(), numbers, strict=True)}


def _divided(listing: Listing, by: str, limit: int) -> Select[Any]:
    if listing.query.is_plain and not listing.branches:
        listing = replace(listing, conditions=[*listing.conditions, estimated(listing.work.dialect) <= limit])
    found = listing.keyed(GROUPED_BY[by], limit + 1).limit(limit + 1).subquery()
    each = select(found.c.key0.label("value"), func.count().label("number")).group_by(found.c.key0).subquery()
    return select(each.c.value, each.c.number, _name(by, each.c.value))


def _name(by: str, value: Any) -> Any:
    if by not in _NAMES:
        return literal("")
    key, name = _NAMES[by]
    return func.coalesce(select(name).where(key == value).correlate(value.table).scalar_subquery(), "")


def _first_of(listing: Listing, column: Any, place: int, value: Any) -> Select[int, int]:
    same = column.is_(None) if value is None else column == value
    part = replace(listing, conditions=[*listing.conditions, same])
    found = part.keyed(column, COUNTED_EACH + 1).limit(COUNTED_EACH + 1).subquery()
    return select(literal(place), func.count()).select_from(found)


def _apart(by: str) -> Select[Any]:
    """Return a select of the different values of an indexed column: a step along the index for each of them.

    It stands beside the groups that are divided, in their form: their numbers are not known.
    """
    column = GROUPED_BY[by]
    steps = select(func.min(column).label("value")).cte("apart", recursive=True)
    beyond = select(func.min(column)).where(column > steps.c.value).correlate(steps).scalar_subquery()
    steps = steps.union_all(select(beyond).select_from(steps).where(steps.c.value.is_not(None)))
    named = (
        select(steps.c.value, cast(null(), BigInteger), _name(by, steps.c.value))
        .where(steps.c.value.is_not(None))
        .limit(MOST_GROUPS)
    )
    return select(named.subquery())


def _permit(work: Work) -> None:
    if not work.actor.may("ticket.read"):
        raise NotAllowedError(_("You may not see tickets."), code="not_allowed")
