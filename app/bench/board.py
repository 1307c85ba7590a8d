"""Boards and divided lists: flat from 10,000 tickets to a million; against SQL by hand for cards or numbers like them.

The hand reads the first cards of each kind of progress and counts each up to a limit, or divides so many tickets as
are divided one by one. What labels and cells cost besides is `list_page`'s.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import text

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.bench.list_page import MOST_STATEMENTS, busiest, fastest, growing, named, statements_of
from app.core.permissions import SYSTEM, Actor
from app.core.work import Work
from app.house import House
from app.tickets.queries import TicketQuery, groups
from app.tickets.queries.board import board
from app.tickets.queries.counting import COUNTED_EACH, DIVIDED
from ticket_templates import queries as templates
from ticket_templates.spec import CATEGORIES

CARDS: Final = 20
TEMPLATE: Final = "appliance_repair"
_COLUMN: Final = """SELECT * FROM (SELECT ticket.*, (SELECT count(*) FROM (SELECT 1 FROM ticket
    WHERE category = '{one}' LIMIT {most}) AS counted) AS number FROM ticket WHERE category = '{one}'
    ORDER BY created_at DESC, id DESC LIMIT {cards}) AS "{one}" """
_CARDS_BY_HAND: Final = " UNION ALL ".join(
    _COLUMN.format(one=one, most=COUNTED_EACH + 1, cards=CARDS) for one in CATEGORIES
)
_GROUPS_BY_HAND: Final = f"""SELECT {{column}}, count(*) FROM (SELECT {{column}} FROM ticket LIMIT {DIVIDED + 1})
    AS divided GROUP BY {{column}}"""  # noqa: S608 - the names below


@dataclass(frozen=True, slots=True)
class Drawn:
    """Something to measure: who asks, how it is read, and the same by hand."""

    actor: Actor
    read: Callable[[Work], Any]
    by_hand: str

    def bare(self, work: Work) -> Any:
        """Read what the hand does."""
        return work.session.execute(text(self.by_hand)).all()


@BENCHES.register
class Boards(Bench):
    """The boards and the headings people see, each read whole."""

    name = "board"
    about = "milliseconds of a board's cards and of a divided list's headings, and how flat they stay as tickets grow"
    rows = 100_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Measure at 10,000 tickets, at 100,000 when they lie between, and at ``rows``."""
        taken: dict[str, list[float]] = {}
        for size in growing(house, rows):
            for name, one in _drawn(house).items():
                bare = fastest(house, SYSTEM, one.bare)
                spent, statements = fastest(house, one.actor, one.read), statements_of(house, one.actor, one.read)
                taken.setdefault(name, []).append(spent)
                yield Measurement(name, size, spent * 1000, bare * 1000, "ms")
                yield Measurement(f"{name}_statements", size, statements, MOST_STATEMENTS, "statements")
        for name, several in taken.items():
            yield Measurement(f"{name}_flatness", rows, max(several) * 1000, min(several) * 1000, "ms")


def _drawn(house: House) -> Mapping[str, Drawn]:
    """Return what is measured: as somebody who sees everything, and as two with less in reach."""
    with house.transactions.reading(SYSTEM) as work:
        technician, manager = busiest(work), named(work, "huang.qiang")
        states = {one.key: one.category for one in templates.versions_of(work, TEMPLATE)[0].states.values()}
    progress = dict(zip(CATEGORIES, CATEGORIES, strict=True))
    every, due = TicketQuery(size=CARDS), TicketQuery(size=CARDS, sort="due", descending=False)
    repairs = TicketQuery(size=CARDS, templates=[TEMPLATE], sort="due", descending=False)
    found = {
        "board": Drawn(SYSTEM, _board(every, "category", progress), _CARDS_BY_HAND),
        "board_due": Drawn(SYSTEM, _board(due, "category", progress), _CARDS_BY_HAND),
        "board_template": Drawn(SYSTEM, _board(repairs, "state", states), _CARDS_BY_HAND),
        "board_own": Drawn(technician, _board(every, "category", progress), _CARDS_BY_HAND),
        "board_outlet": Drawn(manager, _board(every, "category", progress), _CARDS_BY_HAND),
    }
    for by, column in (("state", "state"), ("template", "template_id"), ("assignee", "assignee_id"),
                       ("outlet", "outlet_id")):  # fmt: skip
        found[f"groups_{by}"] = Drawn(SYSTEM, _groups(by), _GROUPS_BY_HAND.format(column=column))
    for name, actor in (("own", technician), ("manager", manager)):
        found[f"groups_{name}"] = Drawn(actor, _groups("state"), _GROUPS_BY_HAND.format(column="state"))
    return found


def _board(query: TicketQuery, by: str, values: Mapping[str, str | None]) -> Callable[[Work], Any]:
    return partial(board, query=query, by=by, values=values)


def _groups(by: str) -> Callable[[Work], Any]:
    return partial(groups, query=TicketQuery(), by=by)
