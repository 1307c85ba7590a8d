"""The change path in batches of 1,000: opening, and a step of the workflow; against the bare way on the same tables.

The bare way is what somebody would write for this one job, with the driver: it decides in Python, checks nothing
(no rights, no answers, no references, no conflict), calls no listener, and leaves the same rows behind.

- A new ticket: its row, the journal's row that says each of its values, its words for the search, made by the
  same tokeniser, and the notice for its assignee; inserted with executemany on SQLite, COPY on PostgreSQL.
- A step: the rows are read, written by a join with a temporary table (`unnest` on PostgreSQL, as fast), with an
  audit row each.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from statistics import median
from typing import Any, Final
from uuid import uuid4

import orjson
from sqlalchemy import Connection, select, text

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.bench.processor import stopwatch
from app.core.columns import instant_text
from app.core.permissions import SYSTEM
from app.core.work import Cause, Work
from app.house import House
from app.people import access
from app.tickets import search, service
from app.tickets.models import Ticket
from app.tickets.orders import ChangeTicket, OpenTicket
from ticket_templates import queries as templates
from ticket_templates.spec import Transition
from ticket_templates.versions import CompiledVersion

BATCH: Final = 1_000
CAUSE: Final = Cause("bulk", "bench")
TEMPLATE: Final = "appliance_repair"
_FURTHER: Final = (
    "category", "values", "checklist", "version", "submission_key", "created_at", "changed_at", "state_since",
    "due_at",
)  # fmt: skip
_AUDIT: Final = ("ticket_id", "at", "actor_id", "cause", "kind", "transition", "changes", "version")
_NOTICE: Final = ("user_id", "ticket_id", "at", "kind")


@BENCHES.register
class ChangePath(Bench):
    """Ours and the bare way take turns, batch by batch, so that both meet the same noise."""

    name = "change_path"
    about = "tickets a second, opened and moved in batches of 1,000, against the bare temporary-table way"
    rows = 20_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Open ``rows`` tickets each way, then move them through one step each way."""
        batches = max(rows // BATCH, 1)
        count = batches * BATCH
        with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
            assignee = access.create_account(work, "bench", uuid4().hex, name="bench", roles=("technician",))
            step = quiet_step(_version(work))
        begin = step.sources[0]
        ours, bare = _taking_turns(
            house, batches, lambda _n: _open(house, assignee, begin), lambda _n: _insert(house, assignee, begin)
        )
        yield Measurement("change_path_create", count, count / ours, count / bare, "tickets/s CPU")
        ids = _ids(house)
        own, others = ids[:count], ids[count:]
        ours, bare = _taking_turns(
            house,
            batches,
            lambda n: _move(house, own[n * BATCH : (n + 1) * BATCH], step.key),
            lambda n: _update(house, others[n * BATCH : (n + 1) * BATCH], step.key, step.target),
        )
        yield Measurement("change_path", count, count / ours, count / bare, "tickets/s CPU")


def _taking_turns(
    house: House, batches: int, ours: Callable[[int], None], bare: Callable[[int], None]
) -> tuple[float, float]:
    """Return the processor's seconds both took for all batches, by the median: others use the machine too."""
    with house.transactions.reading(SYSTEM) as work:
        # One thread has one connection: the one measured is the one it works with.
        clock = stopwatch(work.session.connection())
    spent: tuple[list[float], list[float]] = ([], [])
    for number in range(batches):
        for which, run in enumerate((ours, bare)):
            began = clock()
            run(number)
            spent[which].append(clock() - began)
    return median(spent[0]) * batches, median(spent[1]) * batches


def answers(number: int) -> dict[str, Any]:
    """Return what a clerk fills in for a repair."""
    return {
        "product_category_text": "空调",
        "brand": "格力",
        "model_no": f"KFR-{number % 90 + 10}",
        "warranty_status": "in_warranty",
        "fault_description": f"不制冷，开机十分钟后停机，故障码 E{number % 20}",
    }


def _version(work: Work) -> CompiledVersion:
    return templates.published_version(work, TEMPLATE)


def quiet_step(version: CompiledVersion) -> Transition:
    """Return the first step that asks for nothing: the bare way answers no questions either."""
    return next(one for one in version.transitions.values() if one.target and not one.asks and not one.guard)


def _open(house: House, assignee: int, state: str) -> None:
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        fields = {"assignee_id": assignee}
        orders = [OpenTicket(TEMPLATE, fields, answers(number), state=state) for number in range(BATCH)]
        if any(outcome.status != "changed" for outcome in service.open_tickets(work, orders).outcomes):
            raise RuntimeError("the bench's tickets are refused")


def _move(house: House, ids: Sequence[int], transition: str) -> None:
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        orders = [ChangeTicket(one, transition=transition) for one in ids]
        if any(outcome.status != "changed" for outcome in service.change_tickets(work, orders).outcomes):
            raise RuntimeError("the bench's steps are refused")


def _ids(house: House) -> list[int]:
    with house.transactions.reading(SYSTEM) as work:
        return list(work.session.scalars(select(Ticket.id).order_by(Ticket.submission_key.is_not(None), Ticket.id)))


def _insert(house: House, assignee: int, state: str) -> None:
    """Insert a batch of tickets with the driver, with the journal and the words of each."""
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        connection, version = work.session.connection(), _version(work)
        sqlite, begins = work.dialect == "sqlite", version.states[state]
        at: Any = instant_text(work.now) if sqlite else work.now
        due = work.now + timedelta(minutes=begins.limit_minutes) if begins.limit_minutes else None
        until: Any = instant_text(due) if sqlite and due else due
        first = int(work.session.execute(text("SELECT coalesce(max(id), 0) FROM ticket")).scalar_one()) + 1
        tickets, audit, words, told = [], [], [], []
        for one in range(first, first + BATCH):
            given = answers(one)
            number, subject = f"BARE-{one}", f"{given['brand']} · {given['fault_description']}"
            columns = {"number": number, "template_id": version.template_id, "version_id": version.id,
                       "subject": subject, "state": state, "priority": 3, "channel": "desk",
                       "assignee_id": assignee}  # fmt: skip
            changes = {name: [None, value] for name, value in columns.items()}
            changes |= {f"values.{key}": [None, value] for key, value in given.items()}
            values = orjson.dumps(given).decode()
            row = (one, *columns.values(), begins.category, values, "{}", 1, f"bare {one}", at, at, at, until)
            tickets.append(row)
            audit.append((one, at, None, '{"kind":"bulk"}', "opened", None, orjson.dumps(changes).decode(), 1))
            words.append((one, search.tokens([number, subject, *given.values()])))
            told.append((assignee, one, at, "assigned"))
        _put(connection, "ticket", ("id", *columns, *_FURTHER), tickets)
        _put(connection, "ticket_event", _AUDIT, audit)
        _put(connection, "ticket_notice", _NOTICE, told)
        search.write(connection, words, fresh=True)
        if work.dialect == "postgresql":
            work.session.execute(text("SELECT setval('ticket_id_seq', (SELECT max(id) FROM ticket))"))


def _put(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    listed = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({listed}) VALUES ({marks})", list(rows))  # noqa: S608 - our own names
        return
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


_READ: Final = """
SELECT id, version, version_id, state, category, priority, assignee_id, team_id, outlet_id, customer_id, "values",
       due_at, resolved_at, closed_at FROM ticket WHERE id IN ({marks})"""
_CHANGED: Final = ("state", "category", "state_since", "due_at", "changed_at", "version")


def _update(house: House, ids: Sequence[int], transition: str, target: str) -> None:
    """Read the rows, decide in Python, write by a join, and an audit row for each."""
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        connection, sqlite, state = work.session.connection(), work.dialect == "sqlite", _version(work).states[target]
        mark = "?" if sqlite else "%s"
        read = connection.exec_driver_sql(_READ.format(marks=", ".join([mark] * len(ids))), tuple(ids)).all()
        due = work.now + timedelta(minutes=state.limit_minutes) if state.limit_minutes else None
        now: Any = instant_text(work.now) if sqlite else work.now
        until: Any = instant_text(due) if sqlite and due else due
        fresh, audit = [], []
        for row in read:
            if sqlite:
                orjson.loads(row[10])
            if row[3] == target:
                continue
            fresh.append((row[0], target, state.category, now, until, now, row[1] + 1))
            changes = orjson.dumps({"state": [row[3], target]}).decode()
            audit.append((row[0], now, None, '{"kind":"bulk"}', "transitioned", transition, changes, row[1] + 1))
        _join(connection, fresh)
        _put(connection, "ticket_event", _AUDIT, audit)


def _join(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    sets = ", ".join(f"{name} = n.{name}" for name in _CHANGED)
    listed = ", ".join(("id", *_CHANGED))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"CREATE TEMP TABLE IF NOT EXISTS fresh (id INTEGER PRIMARY KEY, {', '.join(_CHANGED)})"
        )
        connection.exec_driver_sql(f"INSERT INTO fresh ({listed}) VALUES (?, ?, ?, ?, ?, ?, ?)", list(rows))  # noqa: S608 - our own names
        connection.exec_driver_sql(f"UPDATE ticket SET {sets} FROM fresh AS n WHERE ticket.id = n.id")  # noqa: S608 - our own names
        connection.exec_driver_sql("DELETE FROM fresh")
        return
    arrays = "%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::int[]"
    connection.exec_driver_sql(
        f"UPDATE ticket SET {sets} FROM unnest({arrays}) AS n({listed}) WHERE ticket.id = n.id",  # noqa: S608 - our own names
        tuple(list(column) for column in zip(*rows, strict=True)),
    )
