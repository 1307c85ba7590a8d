"""Finding tickets against SQL written by hand for the same rows, from 10,000 tickets to a million.

What is measured is the finding and reading of a page's rows: what labels, counts and cells cost besides is
`list_page`'s. The hand has an index of its own on the answer it filters by, as somebody would make it who knows the
field. Where both do not find the same tickets there is nothing to measure.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select, text

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.bench.list_page import CAUSE, fastest, growing
from app.core.permissions import SYSTEM
from app.core.work import Work
from app.house import House
from app.tickets import indexes
from app.tickets.change.read import TICKET
from app.tickets.models import Ticket
from app.tickets.queries import TicketQuery
from app.tickets.queries.cursors import read_cursor, write_cursor
from app.tickets.queries.page import ordered, sort_of
from ticket_templates import service

WORD: Final = "漏水"
PAGE: Final = 25
_FIELD: Final = "brand"
_ANSWER: Final = {"sqlite": "json_extract(\"values\", '$.brand')", "postgresql": "(\"values\" ->> 'brand')"}
_COMMONEST: Final = """SELECT {answer} FROM ticket WHERE {answer} IS NOT NULL GROUP BY 1
    ORDER BY count(*) DESC, 1 LIMIT 1"""
#: The same rows by hand; ``:at`` and ``:id`` say where the deep page begins.
_BY_HAND: Final[Mapping[str, str]] = {
    "view": """SELECT * FROM ticket WHERE category IN ('new', 'open', 'pending') AND priority < 4
        AND customer_id IN (SELECT id FROM customer WHERE kind = 'person')
        ORDER BY created_at DESC, id DESC LIMIT 25""",
    "view_of_all": """SELECT * FROM ticket WHERE priority < 4
        AND customer_id IN (SELECT id FROM customer WHERE kind = 'person')
        ORDER BY created_at DESC, id DESC LIMIT 25""",
    "indexed": "SELECT * FROM ticket WHERE {answer} = :brand ORDER BY created_at DESC, id DESC LIMIT 25",
    "deep": "SELECT * FROM ticket WHERE (created_at, id) < (:at, :id) ORDER BY created_at DESC, id DESC LIMIT 25",
}
_WORD_BY_HAND: Final = {
    "sqlite": """SELECT ticket.* FROM ticket_search JOIN ticket ON ticket.id = ticket_search.rowid
        WHERE ticket_search MATCH :word ORDER BY {order} LIMIT 25""",
    "postgresql": """SELECT ticket.* FROM ticket_search JOIN ticket ON ticket.id = ticket_search.ticket_id
        WHERE tokens @@ CAST(:word AS tsquery) ORDER BY {order} LIMIT 25""",
}
#: Few are put in the order of their making; many come as they were entered.
_FEW: Final = "ticket.created_at DESC, ticket.id DESC"
_MANY: Final = {"sqlite": "ticket_search.rowid DESC", "postgresql": "ticket_search.ticket_id DESC"}
#: What a view keeps: a condition on the ticket and on its customer.
_KEPT: Final = {
    "all": [
        {"field": "priority", "op": "is_less_than", "value": 4},
        {"field": "customer.kind", "op": "is", "value": "person"},
    ]
}
QUERIES: Final[Mapping[str, TicketQuery]] = {
    "view": TicketQuery(categories=("new", "open", "pending"), where=_KEPT),
    "view_of_all": TicketQuery(where=_KEPT),
    "word": TicketQuery(text=WORD),
}
Reads = Callable[[Work], Sequence[Any]]


@BENCHES.register
class Search(Bench):
    """Saved views, a filter over an indexed field, a page in the middle of all, a word of two characters."""

    name = "search"
    about = "milliseconds of finding a page's tickets against SQL by hand, and how flat it stays as tickets grow"
    rows = 100_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Measure at 10,000 tickets, at 100,000 when they lie between, and at ``rows``; `search` is the worst."""
        taken: dict[str, list[float]] = {}
        for size in growing(house, rows):
            _index(house)
            figures = []
            for name, (ours, by_hand) in _pages(house).items():
                _same(house, name, ours, by_hand)
                spent, bare = fastest(house, SYSTEM, ours), fastest(house, SYSTEM, by_hand)
                taken.setdefault(name, []).append(spent)
                figures.append(Measurement(f"search_{name}", size, spent * 1000, bare * 1000, "ms"))
            yield from figures
            worst = max(figures, key=lambda one: one.ours / one.limit)
            yield Measurement("search", size, worst.ours, worst.limit, "ms")
        flat = [(name, max(several) * 1000, min(several) * 1000) for name, several in taken.items()]
        for name, slowest, quickest in flat:
            yield Measurement(f"search_{name}_flatness", rows, slowest, quickest, "ms")
        _name, slowest, quickest = max(flat, key=lambda one: one[1] / one[2])
        yield Measurement("search_flatness", rows, slowest, quickest, "ms")


def _index(house: House) -> None:
    """Have the field indexed as its mark does, and as the hand would; look at what there is."""
    dialect = house.engine.dialect.name
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.mark_indexed(work, _FIELD, indexed=True)
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        indexes.settle(work)
    with house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text(f"CREATE INDEX IF NOT EXISTS by_hand ON ticket ({_ANSWER[dialect]}, created_at DESC, id DESC)")
        )
        connection.execute(text("ANALYZE"))


def _pages(house: House) -> dict[str, tuple[Reads, Reads]]:
    """Return by name how a page is found by us, and by hand."""
    with house.transactions.reading(SYSTEM) as work:
        middle = select(Ticket.created_at, Ticket.id).order_by(Ticket.created_at.desc(), Ticket.id.desc())
        number = work.session.scalar(select(func.count()).select_from(Ticket)) or 0
        at, ticket_id = work.session.execute(middle.offset(number // 2).limit(1)).one()
        dialect = work.dialect
        brand = work.session.scalar(text(_COMMONEST.format(answer=_ANSWER[dialect])))
    cursor = write_cursor({"created_at": at, "id": ticket_id}, sort_of(work, TicketQuery()), back=False)
    asked = {"field": f"values.{_FIELD}", "op": "is", "value": brand}
    queries = {**QUERIES, "indexed": TicketQuery(where=asked), "deep": TicketQuery(cursor=cursor)}
    instant = at if dialect == "postgresql" else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    given: dict[str, dict[str, Any]] = {
        "indexed": {"brand": brand},
        "deep": {"at": instant, "id": ticket_id},
        "word": {"word": WORD},
    }
    written = {name: sql.format(answer=_ANSWER[dialect]) for name, sql in _BY_HAND.items()}
    listing, _sort = ordered(work, QUERIES["word"])
    written["word"] = _WORD_BY_HAND[dialect].format(order=_MANY[dialect] if listing.hits is None else _FEW)
    return {name: (_found(query), _written(written[name], given.get(name, {}))) for name, query in queries.items()}


def _found(query: TicketQuery) -> Reads:
    def read(work: Work) -> Sequence[Any]:
        listing, sort = ordered(work, query)
        return listing.records(sort, read_cursor(query.cursor, sort), PAGE)

    return read


def _written(sql: str, where: Mapping[str, Any]) -> Reads:
    # The same rows, times and answers read: PostgreSQL's driver does it, SQLite's leaves it to whoever asks.
    statement = text(sql).columns(**{one.name: one.type for one in TICKET.c})
    return lambda work: work.session.execute(statement, where).all()


def _same(house: House, name: str, ours: Reads, by_hand: Reads) -> None:
    with house.transactions.reading(SYSTEM) as work:
        found, expected = ([one.id for one in read(work)] for read in (ours, by_hand))
    if found != expected:
        raise AssertionError(f"{name}: by hand {expected}, by us {found}")
