"""What a list's query becomes in the database: the keys of one page, found in an index, then the rows of those keys.

Where somebody reaches tickets in several ways (one's own, one's team's, one's outlet's), each way is asked for its
first ones, and the page is the first of them all. So a page costs the same of ten thousand tickets and of a million.
Tickets not finished are few, however many there were: they are all looked at, in the index by category, which holds
what lists are filtered by. In another order than the newest first, the beginning of that order is walked first: whose
tickets are many has a page of them there, and whose are not there has so few that all of them are sorted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, Self

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    any_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from app.core.work import Work
from app.tickets import scope, search
from app.tickets.change.read import COLUMNS as TICKET_COLUMNS
from app.tickets.change.read import TICKET
from app.tickets.models import Ticket
from app.tickets.queries.cursors import Cursor, Sort, after
from app.tickets.queries.reach import ways
from app.tickets.queries.selection import (
    TicketQuery,
    beside,
    filters,
    in_a_place,
    is_own,
    is_unfinished,
    only_unfinished,
)
from app.tickets.queries.ways import begun_by, meaning
from app.tickets.sorting import Reckoned

#: Beyond this a list says "more than": nobody reads the exact number of a million.
COUNTED: Final = 10_000
#: The same where several ways are merged, to count each ticket once, or words are searched: ten times as dear a ticket.
DEARLY_COUNTED: Final = 2_000
#: Of an order so many tickets are walked for one to be shown: every two hundredth must be somebody's to be met there.
WALKED: Final = 200
#: Made once: a page counts in several places.
_NUMBER: Final = func.count()

_Keys = Sequence[tuple[Any, bool]]
#: A part of a list: the tickets that are in it, its order, and after which of them it begins.
_Part = tuple[ColumnElement[bool] | None, Sort, Cursor | None]


class aside(FunctionElement[Any]):  # noqa: N801 - reads like a SQL function
    """An expression SQLite shall seek by no index: it knows how many tickets a value has on average, no more.

    Left to itself it walks a million tickets in the order wished for, to find the few of somebody who has none.
    """

    inherit_cache = True
    name = "aside"

    def __init__(self, expression: ColumnElement[Any]) -> None:
        super().__init__(expression)
        self.type = expression.type


@compiles(aside)
def _plain(element: Any, compiler: Any, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})"


@compiles(aside, "sqlite")
def _not_sought(element: Any, compiler: Any, **options: Any) -> str:
    return f"+({compiler.process(element.clauses, **options)})"


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; not ``exact``: more than so many, or ``about`` so many."""

    number: int
    exact: bool
    about: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The tickets a query finds; what its text means besides words is found out once for page and count."""

    work: Work
    query: TicketQuery
    #: All of these hold.
    conditions: Sequence[ColumnElement[bool]]
    #: Any of these holds; none: the conditions say all.
    branches: Sequence[ColumnElement[bool]] = ()
    #: What the text means besides words.
    others: Sequence[Select[Any]] = ()
    rare: bool = False
    #: The numbers that the text is read as, instead of words, as long as there are no conditions.
    begun: ColumnElement[bool] | None = None
    #: How many there are, up to one beyond the limit, once that was counted; and where they are few, their ids as the
    #: database wrote them, and reads them again.
    number: int | None = None
    hits: str | None = None

    @classmethod
    def of(cls, work: Work, query: TicketQuery, reach: Sequence[ColumnElement[bool]] | None = None) -> Self:
        """Return the listing of what the actor may see; ``reach``: the actor's ways, when they are known already."""
        conditions = filters(work, query)
        if not query.text.strip():
            reach = [] if is_own(work, query) else ways(work) if reach is None else reach
            if reach and (query.reopened or query.without_outlet):
                # So few ever came back, or have no outlet, that all are looked at, however somebody may reach them.
                return cls(work, query, [*conditions, aside(or_(*reach))])
            if not is_unfinished(query):
                if reach or in_a_place(query):
                    # The index of the way, or of the place, is the one to read: it says all this of each ticket.
                    said = len(beside(query))
                    conditions = [*(aside(one) for one in conditions[:said]), *conditions[said:]]
                return cls(work, query, conditions, reach)
            anyhow = [or_(*reach)] if reach else []
            return cls(work, query, [conditions[0], *(aside(one) for one in (*conditions[1:], *anyhow))])
        if (condition := scope.reaches(work.actor)) is not None:
            conditions.append(condition)
        meant = meaning(work, query.text)
        return cls(work, query, conditions, (), meant.others, meant.rare, begun_by(work, query))

    @property
    def is_gathered(self) -> bool:
        """Whether there are so few that all are looked at, in whatever order they are wished for."""
        return self.begun is None and (self.rare or bool(self.others) or self.hits is not None)

    def weighed(self) -> Self:
        """Return the same, counted up to the limit. Few of them are known by their ids then: any order is cheap."""
        some, limit = self.ids(self._limit + 1).subquery(), self._limit
        ids: ColumnElement[str]
        if self.work.dialect == "sqlite":
            ids = func.json_group_array(some.c.id, type_=Text())
        else:
            ids = func.coalesce(cast(func.array_agg(some.c.id), Text()), "{}")
        weigh = select(_NUMBER, case((limit >= _NUMBER, ids))).select_from(some)
        number, hits = self.work.session.execute(weigh).one()
        return replace(self, number=number, hits=hits, conditions=self.conditions if hits is None else ())

    def records(self, sort: Sort, cursor: Cursor | None, limit: int, *beside: Any) -> list[Sequence[Any]]:
        """Return records in order, each with what is asked ``beside``, in one statement.

        Where the sort key may be empty, those come last.
        """
        parts = _parts(sort, cursor) if sort[0][0].nullable else [(None, sort, cursor)]
        if not (parts[1:] or self._is_spread(sort)):
            ((part, order, begin),) = parts
            page, keys = self._page(order, begin, limit, part)
            named = page.subquery("page")
            return self._read(named, _by(_same(named, keys)), beside)
        named = self._in_turn(parts, limit).subquery("page")
        return self._read(named, [named.c.place], beside)

    def count(self) -> Count:
        """Return how many there are, counted up to a limit."""
        return self.told(self.work.session.execute(select(self.counted())).scalar_one())

    def counted(self) -> Any:
        """Return the number that `told` understands, as part of a statement: counted up to one beyond the limit."""
        limit = self._limit
        if self.number is not None:
            return literal(self.number)
        some = self.ids(limit + 1)
        counted = _counted(select(some.subquery()).limit(limit + 1) if self.branches else some)
        if self.branches:
            base, _order = self._found(())
            # The widest ways come first. One that alone goes beyond the limit answers; else they are merged.
            alone = (_counted(base.where(one).limit(limit + 1)) for one in self.branches)
            return case(*((number > limit, limit + 1) for number in alone), else_=counted)
        # Of a million nobody counts further: about so many.
        about = estimated(self.work.dialect) if self.query.is_plain else 0
        return case((counted > limit, limit + 1 + about), else_=counted)

    @property
    def _limit(self) -> int:
        return DEARLY_COUNTED if self.branches or self.query.text.strip() else COUNTED

    def told(self, number: int) -> Count:
        """Return the count that a number from `counted` says."""
        limit = self._limit
        if number <= limit:
            return Count(number, exact=True)
        if self.query.is_plain and not self.branches:
            return Count(max(number - limit - 1, limit), exact=False, about=True)
        return Count(limit, exact=False)

    def ids(self, limit: int | None = None) -> Any:
        """Return a select of the ids, at most ``limit`` by each way there is to them."""
        base, _order = self._found(())
        if not self.branches:
            return base.limit(limit)
        return union(*(select(base.where(one).limit(limit).subquery()) for one in self.branches))

    def keyed(self, key: Any, limit: int) -> Any:
        """Return a select of the ids and of ``key``, as ``key0``; at most ``limit`` by each way there is to them."""
        base, _order = self._found([key])
        if not self.branches:
            return select(base.limit(limit).subquery())
        every = union(*(select(base.where(one).limit(limit).subquery()) for one in self.branches))
        return select(every.subquery())

    def firsts(self, sort: Sort, limit: int) -> list[Select[Any]]:
        """Return selects of the first ids of an order and their ``place`` in it, as parts of a larger statement."""
        parts = _parts(sort, None) if sort[0][0].nullable else [(None, sort, None)]
        found = []
        for number, (part, order, _begin) in enumerate(parts):
            found.append(_placed(*self._page(order, None, limit, part), number * limit))
        return found

    def in_order(self, sort: Sort) -> list[int]:
        """Return the ids of all that is found, in order."""
        parts = _parts(sort, None) if sort[0][0].nullable else [(None, sort, None)]
        pages = (self._page(order, None, None, part)[0] for part, order, _begin in parts)
        return [record[0] for page in pages for record in self.work.session.execute(page)]

    def _found(self, keys: Sequence[Any], *, in_part: bool = False) -> tuple[Select[Any], list[Any]]:
        """Return a select of the ids and of ``keys`` of what is found, and the columns to order it by.

        ``in_part``: the caller will ask more of the tickets.
        """
        work, words = self.work, self.query.text
        named = [Ticket.id.label("id"), *(key.label(f"key{place}") for place, key in enumerate(keys))]
        base = select(*named).where(*self.conditions)
        if self.hits is not None:
            base = base.where(_one_of(work.dialect, self.hits))
            return (base, list(keys)) if in_part else _read_first(base, len(keys))
        if not words.strip():
            return base, list(keys)
        if self.begun is not None and not self.conditions:
            return base.where(self.begun), list(keys)
        if self.others:
            every = union(*self.others, search.holding(work.dialect, search.words(words)))
            # They are few: gathered and sorted, where PostgreSQL would else walk all tickets from the newest on.
            base, own = base.where(Ticket.id.in_(every)), Ticket.id + 0
            if not in_part:
                return _read_first(base, len(keys))
        elif self.conditions or in_part or any(key is not Ticket.id for key in keys):
            few = select(Ticket.id).where(self.conditions[0]) if only_unfinished(self.query) else None
            base, own = search.narrowed(work.dialect, base, Ticket.id, words, few, rare=self.rare)
        else:
            base, own = search.alone(work.dialect, words, [one.name for one in named], rare=self.rare)
        return base, [own if key is Ticket.id else key for key in keys]

    def _in_turn(self, parts: Sequence[_Part], limit: int) -> Any:
        """Return a select of the first ids and their places; neither database asks for what there is no room for."""
        found: list[Select[Any]] = []
        room: Any = literal(limit)
        for number, (part, sort, cursor) in enumerate(parts):
            gather, before = _placed(*self._page(sort, cursor, limit, part), number * limit), room
            if self._is_spread(sort):
                met = _limited(_placed(*self._walk(sort, cursor, limit, part), number * limit), room)
                enough = _number(met) >= room
                found.append(select(met).where(enough))
                before = case((enough, 0), else_=room)
            gathered = _limited(gather, before)
            found.append(select(gathered))
            room = before - _number(gathered)
        return union_all(*found)

    def _page(
        self, sort: Sort, cursor: Cursor | None, limit: int | None, part: ColumnElement[bool] | None
    ) -> tuple[Select[Any], _Keys]:
        """Return a select of the ids of a page, and the keys it is ordered by."""
        back = bool(cursor and cursor.back)
        base, columns = self._found([key for key, _down in sort], in_part=part is not None)
        keys = [(column, down != back) for column, (_key, down) in zip(columns, sort, strict=True)]
        gathered = self.query.source or self.query.reopened or self._is_spread(sort)
        if gathered or is_unfinished(self.query):
            keys, part = [(aside(key), down) for key, down in keys], None if part is None else aside(part)
        if part is not None:
            base = base.where(part)
        if cursor and cursor.values:
            base = base.where(after(keys, cursor.values))
        if self.branches:
            firsts = (select(_first(base.where(one), keys, limit).subquery()) for one in self.branches)
            every = union(*firsts).subquery()
            page = _first(select(every), _same(every, keys), limit)
        else:
            page = _first(base, keys, limit)
        return page, keys

    def _is_spread(self, sort: Sort) -> bool:
        """Whether no index has what is found in this order: it has all tickets in it, or these in another."""
        placed = self.branches or in_a_place(self.query)
        walkable = sort[0][0] is not Ticket.created_at and not isinstance(sort[0][0], Reckoned)
        return bool(placed and walkable and not is_unfinished(self.query))

    def _walk(
        self, sort: Sort, cursor: Cursor | None, limit: int, part: ColumnElement[bool] | None
    ) -> tuple[Select[Any], _Keys]:
        """Return a select of the first ids met on a walk along all tickets in that order, and the keys it is by."""
        back = bool(cursor and cursor.back)
        keys = [(key, down != back) for key, down in sort]
        named = [Ticket.id.label("id"), *(key.label(f"key{place}") for place, (key, _down) in enumerate(keys))]
        walked = select(*named)
        if part is not None:
            walked = walked.where(part)
        if cursor and cursor.values:
            walked = walked.where(after(keys, cursor.values))
        way = _first(walked, keys, limit * WALKED).subquery()
        met = select(way).select_from(search.Leading(way, TICKET, way.c.id == Ticket.id)).where(*self.conditions)
        if self.branches:
            met = met.where(or_(*self.branches))
        order = _same(way, keys)
        return _first(met, order, limit), order

    def _read(self, page: Any, order: Sequence[Any], beside: Sequence[Any]) -> list[Sequence[Any]]:
        """Return the records of a page's ids, in its order."""
        leading = search.Leading(page, TICKET, page.c.id == TICKET.c.id)
        listed = select(*TICKET_COLUMNS, *beside).select_from(leading)
        return list(self.work.rows(listed.order_by(*order)))


def _one_of(dialect: str, ids: str) -> ColumnElement[bool]:
    """Return whether a ticket's id is among those that `Listing.weighed` found."""
    if dialect == "sqlite":
        return Ticket.id.in_(select(func.json_each(ids).table_valued("value").c.value))
    return Ticket.id == any_(cast(literal(ids, Text()), ARRAY(BigInteger)))


def _read_first(base: Select[Any], keys: int) -> tuple[Select[Any], list[Any]]:
    chosen = base.offset(0).subquery()
    return select(chosen), [chosen.c[f"key{place}"] for place in range(keys)]


def _counted(found: Select[Any]) -> Any:
    return select(_NUMBER).select_from(found.subquery()).scalar_subquery()


def _number(found: Any) -> Any:
    return select(_NUMBER).select_from(found).correlate(None).scalar_subquery()


def _by(keys: _Keys) -> list[Any]:
    return [key.desc() if down else key.asc() for key, down in keys]


def _first(statement: Select[Any], keys: _Keys, limit: int | None) -> Select[Any]:
    return statement.order_by(*_by(keys)).limit(limit)


def _placed(page: Select[Any], keys: _Keys, offset: int) -> Select[Any]:
    """Return a select of a page's ids and their ``place``, as a part of a larger statement."""
    named = page.subquery()
    place = func.row_number().over(order_by=_by(_same(named, keys))) + offset
    return select(named.c.id, place.label("place"))


def _limited(found: Select[Any], room: Any) -> Any:
    """Return the first of them, as many as there is room for; where there is none, nothing is looked for."""
    named = found.subquery()
    return select(named).order_by(named.c.place).limit(room).cte()


def _same(found: Any, keys: _Keys) -> _Keys:
    """Return the order of ``keys`` by the columns they have in a subquery."""
    return [(found.c[f"key{place}"], down) for place, (_key, down) in enumerate(keys)]


def _parts(sort: Sort, cursor: Cursor | None) -> list[_Part]:
    """Return the filled and the empty part of a list, in the order they are walked, from the cursor on."""
    key = sort[0][0]
    back = bool(cursor and cursor.back)
    beginning = Cursor((), back=True) if back else None
    in_empty = cursor is not None and cursor.values[0] is None
    tail = Cursor(cursor.values[1:], back) if cursor and in_empty else beginning
    filled = (key.is_not(None), sort, beginning if in_empty else cursor)
    empty = (key.is_(None), sort[1:], tail)
    if back:
        return [empty, filled] if in_empty else [filled]
    return [empty] if in_empty else [filled, empty]


@cache
def estimated(dialect: str) -> Any:
    """Return about how many tickets there are, never below zero, as part of a statement."""
    if dialect == "sqlite":
        return select(func.coalesce(func.max(Ticket.id), 0)).scalar_subquery()
    # -1 where the server has not looked yet.
    return literal_column("(SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'ticket'::regclass)")
