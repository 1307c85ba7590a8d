"""The condition language against code written by hand: a set of rules in Python, a dry run of a tree as SQL."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text, update

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.conditions.fields import ConditionField
from app.conditions.python import compile_trees
from app.conditions.standpoint import Standpoint, View
from app.conditions.tree import parse
from app.core.permissions import SYSTEM
from app.core.work import Cause, Work
from app.house import House
from app.people.models import Customer, CustomerLevel
from app.seeding import seed_tickets
from app.tickets.conditions import where
from app.tickets.models import Ticket

TIMES: Final = 7
_KINDS: Final = {
    "state": "choice", "category": "choice", "priority": "number", "channel": "choice", "assignee_id": "reference",
    "due_at": "datetime", "customer.level": "choice", "values.fault": "choice", "values.amount": "money",
    "values.symptoms": "choices",
}  # fmt: skip
_COLUMNS: Final = tuple(_KINDS)
_AT: Final = Standpoint(datetime(2026, 11, 21, 8, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"), 7)


def _leaf(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op} if value is None else {"field": field, "op": op, "value": value}


_OPEN: Final = _leaf("category", "is_any_of", ["new", "open", "pending"])
_VIP: Final = _leaf("customer.level", "is", "vip")
_OVERDUE: Final = _leaf("due_at", "is_before", {"now": "0min"})
#: Rules as companies have them: each asks a few things, and many ask the same. `_by_hand` below is the same in Python.
RULES: Final[Sequence[dict[str, Any]]] = (
    {"all": [_OPEN, _VIP, _leaf("priority", "is_at_least", 3)]},
    {"all": [_OPEN, _OVERDUE, _leaf("assignee_id", "is_empty")]},
    {"all": [_OPEN, _leaf("assignee_id", "is_me"), {"any": [_OVERDUE, _leaf("priority", "is", 1)]}]},
    {"all": [_leaf("state", "is", "parts"), _leaf("values.fault", "is_any_of", ["E1", "E2", "E7"]), {"none": [_VIP]}]},
    {
        "any": [
            _leaf("values.amount", "is_at_least", 100_000),
            {"all": [_VIP, _leaf("values.amount", "is_at_least", 50_000)]},
        ]
    },
    {"all": [_leaf("channel", "is", "mail"), _OPEN, _leaf("values.symptoms", "includes_any", ["leak", "smoke"])]},
    {"all": [_OPEN, {"none": [_leaf("state", "is", "waiting"), _leaf("channel", "is", "import"), _OVERDUE]}]},
    {
        "all": [
            _leaf("values.fault", "is_not_empty"),
            _leaf("values.fault", "is_not", "E9"),
            _leaf("priority", "is_less_than", 3),
        ]
    },
    {
        "all": [
            _leaf("category", "is", "resolved"),
            _leaf("values.amount", "is_empty"),
            _leaf("channel", "is_none_of", ["import", "api"]),
        ]
    },
    {
        "any": [
            {"all": [_VIP, _OVERDUE]},
            {"all": [_leaf("priority", "is", 1), _leaf("assignee_id", "is_empty"), _OPEN]},
        ]
    },
)

_NOW: Final = "2026-11-21T08:30:00Z"


def _by_hand(row: tuple[Any, ...]) -> tuple[bool, ...]:
    """Return the answers to `RULES` as somebody would write them who knows the fields."""
    state, category, priority, channel, assignee, due, level, fault, amount, symptoms = row
    is_open = category in ("new", "open", "pending")
    vip = level == "vip"
    overdue = due is not None and due < _NOW
    return (
        is_open and vip and priority is not None and priority >= 3,  # noqa: PLR2004 - the rules' own numbers
        is_open and overdue and assignee is None,
        is_open and assignee == 7 and (overdue or priority == 1),  # noqa: PLR2004 - as above
        state == "parts" and fault in ("E1", "E2", "E7") and not vip,
        amount is not None and (amount >= 100_000 or (vip and amount >= 50_000)),  # noqa: PLR2004 - as above
        channel == "mail" and is_open and symptoms is not None and ("leak" in symptoms or "smoke" in symptoms),
        is_open and not (state == "waiting" or channel == "import" or overdue),
        fault is not None and fault != "E9" and priority is not None and priority < 3,  # noqa: PLR2004 - as above
        category == "resolved" and amount is None and channel is not None and channel not in ("import", "api"),
        (vip and overdue) or (priority == 1 and assignee is None and is_open),
    )


def _rows(number: int) -> list[tuple[Any, ...]]:
    """Return rows in which everything occurs, some of it unanswered."""
    given: tuple[Sequence[Any], ...] = (
        ("waiting", "parts", "working", "done"),
        ("new", "open", "pending", "resolved", "closed"),
        (1, 2, 3, 4),
        ("desk", "mail", "import", "phone"),
        (None, 7, 8, 9, 10),
        (None, "2026-11-20T10:00:00Z", "2026-12-01T10:00:00Z"),
        (None, "vip", "gold"),
        (None, "E1", "E2", "E9"),
        (None, 4_000, 60_000, 200_000),
        (None, ["leak"], ["noise", "smell"]),
    )
    # Steps that share no factor with the lengths: all combinations come by.
    return [
        tuple(values[index * (3 + 2 * place) // 2 % len(values)] for place, values in enumerate(given))
        for index in range(number)
    ]


#: Ten leaves over columns, answers and the customer, as a dispatcher would filter.
TREE: Final = {
    "all": [
        _leaf("category", "is_any_of", ["new", "open", "pending", "resolved"]),
        {"any": [_leaf("priority", "is_less_than", 3), _leaf("customer.level", "is", "vip")]},
        {"none": [_leaf("channel", "is", "import"), _leaf("state", "is", "cancelled")]},
        {"any": [_leaf("values.brand", "is_any_of", ["海尔", "美的", "格力"]), _leaf("subject", "contains", "漏水")]},
        _leaf("created_at", "is_after", "2020-01-01T00:00:00Z"),
        _leaf("customer_id", "is_not_empty"),
        _leaf("assignee_id", "is_not_empty"),
    ]
}
_SAME: Final = """
SELECT count(*) FROM ticket LEFT JOIN customer ON customer.id = ticket.customer_id
LEFT JOIN customer_level ON customer_level.id = customer.level_id
WHERE category IN ('new', 'open', 'pending', 'resolved') AND (priority < 3 OR customer_level.key = 'vip')
AND channel <> 'import' AND state <> 'cancelled'
AND (lower({brand}) IN ('海尔', '美的', '格力') OR lower(subject) LIKE '%漏水%')
AND ticket.created_at >= '2020-01-01T00:00:01.000000Z' AND ticket.customer_id IS NOT NULL AND assignee_id IS NOT NULL
"""
_BRAND: Final = {"sqlite": "json_extract(\"values\", '$.brand')", "postgresql": "\"values\" ->> 'brand'"}


@BENCHES.register
class Conditions(Bench):
    """Ours and by hand in turn, the median of several; both give the same answers, or there is nothing to measure."""

    name = "conditions"
    about = "leaves/s of generated code against a function written by hand; a dry run as SQL against SQL by hand"
    rows = 100_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Answer the rules over rows in memory, then count tickets by the tree."""
        fields = {name: ConditionField(name, kind, {"en": name}, refers_to="user") for name, kind in _KINDS.items()}
        trees = [parse(rule, fields, View.STANDPOINT) for rule in RULES]
        made, facts = compile_trees(trees, _AT, _COLUMNS), _rows(rows)
        if list(map(made, facts)) != list(map(_by_hand, facts)):
            raise AssertionError("the rules by hand are not the rules")
        leaves = sum(len(tree.leaves) for tree in trees) * rows
        ours, by_hand = _in_turn(lambda: [made(row) for row in facts], lambda: [_by_hand(row) for row in facts])
        yield Measurement("conditions", rows, leaves / ours, leaves / by_hand, "leaves/s")
        seed_tickets(house.transactions, rows, cause=Cause("system", "bench"), seed=rows)
        _prepare(house)
        with house.transactions.reading(SYSTEM) as work:
            same = text(_SAME.format(brand=_BRAND[work.dialect]))
            if _counted(work) != work.session.scalar(same):
                raise AssertionError(f"by hand {work.session.scalar(same)}, by the tree {_counted(work)}")
            ours, by_hand = _in_turn(lambda: _counted(work), lambda: work.session.scalar(same))
        yield Measurement("conditions_sql", rows, ours * 1000, by_hand * 1000, "ms")


def _prepare(house: House) -> None:
    """Make every tenth customer a VIP, and let the database look at what there is."""
    with house.transactions.unit_of_work(SYSTEM, Cause("system", "bench")) as work:
        level = CustomerLevel(key="vip", labels={"en": "VIP"}, rank=1, color="red")
        work.session.add(level)
        work.session.flush()
        work.session.execute(update(Customer).where(Customer.id % 10 == 0).values(level_id=level.id))
    with house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _counted(work: Work) -> Any:
    return work.session.scalar(select(func.count(Ticket.id)).where(where(work, TREE)))


def _in_turn(*ways: Callable[[], Any]) -> list[float]:
    """Return the median seconds of each way, taken in turn so that the machine's moods fall on all."""
    spent: list[list[float]] = [[] for _way in ways]
    for _time in range(TIMES):
        for index, way in enumerate(ways):
            began = time.perf_counter()
            way()
            spent[index].append(time.perf_counter() - began)
    return [median(several) for several in spent]
