"""A long list of tickets as a file: its tickets are gathered, their cells read a part at a time, the file written.

Each part is a chunk of the job, so that a worker that dies loses one part, and others do theirs meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.jobs import queries as job_queries
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import Aside, ChunkOutcome, JobKind, JobRow
from app.core.work import Work
from app.exchange import export_jobs, ledger, ticket_export
from app.exchange.export_store import Store, store_of
from app.exchange.ticket_export import Layout
from app.tickets import queries

#: Tickets of a part: a second of work, and as much memory.
PART: Final = 1_000


@JOB_KINDS.register
class TicketExport(JobKind):
    """Makes the file; `app.exchange.export_jobs` submits it and hands the file out."""

    name = "ticket_export"
    label = _("Ticket export")
    lease_seconds = 120
    makes_file = True

    def make(self, aside: Aside, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        export_jobs.check_rights(aside.actor, job.parameters)
        store = store_of(aside.transactions.company, job.parameters["token"])
        return _STAGES[payload["stage"]](aside, job, store, payload)

    def following(self, job: JobRow, payload: dict[str, Any], total: int) -> Sequence[dict[str, Any]]:
        del job
        parts = -(-total // PART)
        if payload["stage"] == "list" and parts:
            return [{"stage": "rows", "part": number} for number in range(parts)]
        return [] if payload["stage"] == "write" else [{"stage": "write", "parts": parts}]

    def refused(self, work: Work, job: JobRow, payload: dict[str, Any], error: DomainError) -> ChunkOutcome:
        del payload
        store_of(work.company, job.parameters["token"]).remove()
        return ChunkOutcome(detail={"reason": ledger.kept(error.refusals[0].message)})

    def finish(self, work: Work, job: JobRow) -> dict[str, Any]:
        """Return why there is no file, if something was in its way."""
        reasons = [one["reason"] for one in job_queries.outcomes(work, job.id) if "reason" in one]
        return {"reason": reasons[0]} if reasons else {}


@contextmanager
def _as_asked(aside: Aside, job: JobRow) -> Iterator[Work]:
    """Yield a work in the language and at the moment the file was asked for: all its parts tell the same age."""
    with aside.reading() as work:
        actor = replace(work.actor, locale=job.parameters["locale"])
        work.actor, work.now = actor, datetime.fromisoformat(job.parameters["at"])
        yield work


def _list(aside: Aside, job: JobRow, store: Store, _payload: dict[str, Any]) -> ChunkOutcome:
    with _as_asked(aside, job) as work:
        query = export_jobs.query_of(job.parameters)
        layout = ticket_export.layout_of(work, query, all_fields=job.parameters["all_fields"])
        ids = queries.ids_in_order(work, query)
    store.keep_plan(layout.as_json(), ids)
    return ChunkOutcome(total=len(ids))


def _rows(aside: Aside, job: JobRow, store: Store, payload: dict[str, Any]) -> ChunkOutcome:
    ids = store.ids(payload["part"] * PART, PART)
    with _as_asked(aside, job) as work:
        rows = ticket_export.cells_of(work, Layout.of_json(store.plan()), ids)
        count = store.keep_part(payload["part"], rows)
    # Those that went out of reach meanwhile are accounted for.
    return ChunkOutcome(done=count, unchanged=len(ids) - count)


def _write(aside: Aside, job: JobRow, store: Store, payload: dict[str, Any]) -> ChunkOutcome:
    if store.is_there():
        # Written by a worker that died before it could say so.
        return ChunkOutcome()
    layout = Layout.of_json(store.plan())
    rows = _held(store.rows(payload["parts"]), aside.hold)
    with store.result() as path:
        ticket_export.write_file(path, job.parameters["kind"], layout, rows, locale=job.parameters["locale"])
    return ChunkOutcome()


def _held(rows: Iterator[Sequence[Any]], hold: Callable[[], None]) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(rows):
        if number % PART == 0:
            hold()
        yield row


_STAGES: Final = {"list": _list, "rows": _rows, "write": _write}
