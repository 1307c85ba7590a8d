"""The check of an upload as a background job: submitted for a mapping, watched, and read back row by row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from app.core.jobs import queries as job_queries
from app.core.jobs import service as job_service
from app.core.jobs.queries import JobView
from app.core.work import Work
from app.exchange import import_jobs, ledger, spool
from app.exchange.reader import SourceRow
from app.exchange.results import write_outcomes
from app.exchange.ticket_import import CHUNK, IMPORTED, REFUSED, ImportPlan

KIND: Final = "ticket_import_check"
PAGE: Final = 50
#: Rows of a page to look at; who has more errors than that needs the workbook.
MOST_SHOWN: Final = 20_000


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One row of the file with what would become of it, and why not, by column (empty: the row as a whole)."""

    row: SourceRow
    status: str
    ticket: str
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """Some rows, and which page of how many they are; pages count from 1."""

    rows: Sequence[CheckedRow]
    number: int
    last: int


def submit(work: Work, table: spool.Spool, plan: ImportPlan, before: int | None) -> int:
    """Have all rows checked and return the job's id; the check of another mapping, ``before``, is stopped."""
    mapping = sha256(orjson.dumps([plan.mapping.as_json(), plan.version_id, plan.source])).hexdigest()[:16]
    stamp = f"{work.now:%Y%m%d%H%M%S}"
    job_id = import_jobs.submitted(work, KIND, table, plan, key=f"{table.token}:{mapping}:{stamp}")
    if before is not None and before != job_id:
        job_service.cancel(work, before)
    return job_id


def check_job(work: Work, job_id: int | None) -> JobView | None:
    """Return the check, or None when there is none of that id."""
    return job_queries.job(work, job_id) if job_id is not None else None


def page(
    work: Work, table: spool.Spool, job: JobView, *, status: str = "", column: str | None = None, number: int = 1
) -> CheckedPage:
    """Return a page of the rows: all, those of one ``status``, or those refused at one ``column``."""
    flagged = dict(islice(_flagged(work, job.id), MOST_SHOWN))
    if not status and column is None:
        last = max(1, -(-table.total // PAGE))
        number = min(max(1, number), last)
        start = (number - 1) * PAGE
        rows = table.chunk(start // CHUNK)[start % CHUNK : start % CHUNK + PAGE]
    else:
        chosen = [
            (one, told[0]) for one, told in flagged.items()
            if (not status or told[1] == status) and (column is None or any(at == column for at, _why in told[3]))
        ]  # fmt: skip
        last = max(1, -(-len(chosen) // PAGE))
        number = min(max(1, number), last)
        rows = list(_rows(table, chosen[(number - 1) * PAGE : number * PAGE]))
    locale = work.actor.locale
    return CheckedPage([_checked(row, flagged.get(row.number), locale) for row in rows], number, last)


def write_refused(work: Work, table: spool.Spool, job: JobView, target: Path | BinaryIO) -> int:
    """Write the rows that would be refused with their reasons, ready to be put right."""
    locale = work.actor.locale
    told = {
        number: (status, ticket, ledger.told_reasons(reasons, locale))
        for number, (_chunk, status, ticket, reasons) in _flagged(work, job.id)
    }
    return write_outcomes(target, table, told, locale=locale, only=REFUSED)


#: (chunk, status, ticket, reasons) of a row that would not simply come in.
_Told = tuple[int, str, str, Any]


def _flagged(work: Work, job_id: int) -> Iterator[tuple[int, _Told]]:
    for payload, detail in job_queries.ledger(work, job_id):
        for number, status, ticket, reasons in detail.get("rows", ()):
            yield number, (payload["chunk"], status, ticket, reasons)


def _rows(table: spool.Spool, chosen: Sequence[tuple[int, int]]) -> Iterator[SourceRow]:
    """Yield the chosen (row, chunk), reading each chunk once."""
    read: dict[int, dict[int, SourceRow]] = {}
    for number, chunk in chosen:
        if chunk not in read:
            read[chunk] = {row.number: row for row in table.chunk(chunk)}
        yield read[chunk][number]


def _checked(row: SourceRow, told: _Told | None, locale: str) -> CheckedRow:
    if told is None:
        return CheckedRow(row, IMPORTED, "", {})
    _chunk, status, ticket, reasons = told
    said: dict[str, str] = {}
    for column, reason in reasons:
        words = ledger.told(reason, locale)
        said[column] = f"{said[column]} {words}" if column in said else words
    return CheckedRow(row, status, ticket, said)
