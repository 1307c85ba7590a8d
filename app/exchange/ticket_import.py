"""Rows of a table become tickets, through the one door: every row ends imported, already there, or refused."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from app.core.errors import NotAllowedError, Refusal
from app.core.i18n import Message, _
from app.core.permissions import Actor
from app.core.unit_of_work import Transactions
from app.core.work import Cause, Work
from app.exchange.left_out import LeftOut, left_out
from app.exchange.mapping import ImportMapping, check_mapping, mapping_file
from app.exchange.outlets import Outlets
from app.exchange.reader import SourceRow, Table, Unreadable, open_table
from app.exchange.repeats import Repeat, Repeats
from app.exchange.row_orders import RowOrders
from app.tickets import service
from app.tickets.orders import OpenTicket, Outcome
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion

CHUNK: Final = 1_000
IMPORTED: Final = "imported"
PRESENT: Final = "present"
REFUSED: Final = "refused"
#: Hears how many rows are done, and of how many; None: that is not known yet.
Progress = Callable[[int, int | None], None]
_STATUS: Final = {"changed": IMPORTED, "unchanged": PRESENT, "refused": REFUSED}


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import needs besides its rows; frozen when the job is submitted."""

    template: str
    version_id: int
    mapping: ImportMapping
    headings: tuple[str, ...]
    #: Names the source of rows in `ticket.external_source`; with it a second run finds what the first one made.
    source: str
    #: The rows whose external number stood in the file before, by their own number in it.
    repeats: Mapping[int, Repeat] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is refused, or doubted, and at which column (empty: the row as a whole)."""

    column: str
    message: Message


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row of the file."""

    number: int
    status: str
    ticket: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def reason(self) -> str:
        """Return why it is refused, or doubted, as one line of English."""
        return self.reason_in("en")

    def reason_in(self, locale: str) -> str:
        """Return why it is refused, or doubted, as one line."""
        said = (
            f"{one.column}: {one.message.in_(locale)}" if one.column else one.message.in_(locale)
            for one in self.reasons
        )
        return " ".join(said)


@dataclass(slots=True)
class ImportReport:
    """The outcome of an import: every row is counted once. ``results`` are in the order of the file."""

    #: The file that was read.
    table: Table
    imported: int = 0
    #: Rows whose ticket was there already.
    present: int = 0
    refused: int = 0
    results: list[RowResult] = field(default_factory=list)
    #: The columns with a value in them that became nothing.
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Return the number of rows."""
        return self.imported + self.present + self.refused

    @property
    def refusals(self) -> list[RowResult]:
        """Return the refused rows."""
        return [one for one in self.results if one.status == REFUSED]

    @property
    def doubted(self) -> list[RowResult]:
        """Return the rows that came in and should be looked at."""
        return [one for one in self.results if one.status == IMPORTED and one.reasons]

    def add(self, results: Sequence[RowResult]) -> None:
        """Count more rows."""
        for one in results:
            setattr(self, one.status, getattr(self, one.status) + 1)
        self.results += results


def import_file(
    transactions: Transactions,
    actor: Actor,
    path: Path,
    template: str,
    mapping: ImportMapping | Path,
    *,
    progress: Progress = lambda _rows, _total: None,
) -> ImportReport:
    """Import a whole file in this process, a transaction a chunk, after it was read through to its last row.

    ``mapping`` may be the path of its YAML file. ``progress`` hears how many rows are done of how many; None of them
    while the file is read.
    """
    if isinstance(mapping, Path):
        mapping = mapping_file(mapping)
    table = open_table(path)
    source = mapping.source or file_source(path)
    with transactions.reading(actor) as work:
        plan = planned(work, template, mapping, table.headings, source)
    total, filled, repeats = _read_through(table, mapping, progress)
    plan, report = replace(plan, repeats=repeats), ImportReport(table)
    for rows in chunks(table):
        with transactions.unit_of_work(actor, Cause("import", path.name[:80])) as work:
            make_outlets(work, plan, rows)
            results = import_rows(work, plan, rows)
        report.add(results)
        progress(report.total, total)
    with transactions.reading(actor) as work:
        version = templates.version(work, plan.version_id)
        report.left_out = left_out(mapping, table.headings, filled, version, actor)
    return report


def _read_through(
    table: Table, mapping: ImportMapping, progress: Progress
) -> tuple[int, list[int], Mapping[int, Repeat]]:
    """Return how many rows there are, in how many each column is filled, and which repeat another one's number.

    What keeps a file from being read to its end is met here, before any row is imported.
    """
    total, filled, repeats = 0, [0] * len(table.headings), Repeats(mapping, table.headings)
    for rows in chunks(table):
        filled = [count + sum(row.cells[place] is not None for row in rows) for place, count in enumerate(filled)]
        repeats.add(rows)
        total += len(rows)
        progress(total, None)
    return total, filled, repeats.found


def planned(work: Work, template: str, mapping: ImportMapping, headings: tuple[str, ...], source: str) -> ImportPlan:
    """Check who imports what into which template, before any row is read; DomainError with every fault."""
    _demand(work)
    version = templates.published_version(work, template)
    check_mapping(mapping, headings, version, work.actor)
    return ImportPlan(template, version.id, mapping, headings, source[:60])


def make_outlets(work: Work, plan: ImportPlan, rows: Iterable[SourceRow]) -> int:
    """Make the outlets the rows name and nobody made yet, where the mapping asks for it; return how many."""
    _demand(work)
    wanted = plan.mapping.get("outlet")
    if wanted is None or not wanted.create:
        return 0
    place = plan.headings.index(wanted.column) if wanted.column else None
    found = (wanted.replaced(row.cells[place] if place is not None else None) for row in rows)
    return Outlets(work).make(sorted({str(name) for name in found if name and not isinstance(name, Unreadable)}))


def import_rows(work: Work, plan: ImportPlan, rows: Sequence[SourceRow]) -> list[RowResult]:
    """Import one chunk within ``work``'s transaction. A refused row never stops the others."""
    _demand(work)
    version = templates.version(work, plan.version_id)
    orders = RowOrders(work, version, plan.mapping, plan.headings, plan.source)
    read = [_read(orders, row, plan) for row in rows]
    # A row whose cells are wrong goes along to be told all that is wrong with it at once.
    outcomes = service.open_tickets(work, [order for order, _refusals in read]).outcomes
    return [
        _result(row, refusals, outcome, plan, version)
        for row, (_order, refusals), outcome in zip(rows, read, outcomes, strict=True)
    ]


def _read(orders: RowOrders, row: SourceRow, plan: ImportPlan) -> tuple[OpenTicket, list[Refusal]]:
    """Return the order of a row and what is wrong with it; one that repeats another makes no ticket."""
    order, refusals = orders.order(row)
    if (repeat := plan.repeats.get(row.number)) is None:
        return order, refusals
    told = [] if repeat.same else [repeat.told]
    return replace(order, unread=order.unread | {"row"}), told + refusals


def chunks(table: Table) -> Iterator[list[SourceRow]]:
    """Yield the rows of a table in runs that are one transaction each."""
    pending: list[SourceRow] = []
    for row in table.rows():
        pending.append(row)
        if len(pending) == CHUNK:
            yield pending
            pending = []
    if pending:
        yield pending


def file_source(path: Path) -> str:
    """Return a name for the rows of a file that no mapping names: equal content, equal name."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return f"file:{digest.hexdigest()[:24]}"


def _demand(work: Work) -> None:
    if not work.actor.may("ticket.import"):
        raise NotAllowedError(_("You may not import tickets."), code="not_allowed")


def _result(
    row: SourceRow, refusals: Sequence[Refusal], outcome: Outcome, plan: ImportPlan, version: CompiledVersion
) -> RowResult:
    repeat = plan.repeats.get(row.number)
    if repeat and not (refusals or outcome.refusals):
        return RowResult(row.number, PRESENT, "", _reasons([repeat.told], plan, version))
    # A row that came in says what the template doubts of it: nobody is there to be asked.
    reasons = _reasons([*refusals, *outcome.refusals] or outcome.doubts, plan, version)
    return RowResult(row.number, _STATUS[outcome.status], outcome.number, reasons)


def _reasons(refusals: Sequence[Refusal], plan: ImportPlan, version: CompiledVersion) -> tuple[Reason, ...]:
    if not refusals:
        return ()
    columns = _columns_by_field(plan)
    reasons = []
    for one in refusals:
        column = columns.get(one.root, "")
        message = one.message
        if one.root in version.types and not column:
            # No column feeds this field, so its name has to say where the fault is, unless the reason does.
            labels = version.spec.fields[one.root].labels
            if labels not in one.message.params.values():
                message = _("%(field)s: %(reason)s", field=labels, reason=one.message)
        reasons.append(Reason(column, message))
    return tuple(reasons)


def _columns_by_field(plan: ImportPlan) -> Mapping[str, str]:
    """Return the heading of the column that feeds each field, as refusals name fields."""
    found: dict[str, Any] = {}
    for one in plan.mapping.columns:
        found[one.answer or one.target] = one.column
        found.setdefault(f"{one.target.removesuffix('_phone')}_id", one.column)
    return found
