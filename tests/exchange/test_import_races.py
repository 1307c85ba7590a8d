"""Chunks of an import that run at once and need the same."""

import io
import threading
from contextlib import suppress
from typing import Any

from sqlalchemy import func, select

from app.core.jobs import service as job_service
from app.core.jobs.models import JobChunk
from app.core.permissions import SYSTEM
from app.core.unit_of_work import Transactions
from app.core.work import Cause
from app.exchange import import_jobs, outlets, spool
from app.exchange.jobs import ticket_import as kind
from app.exchange.mapping import mapping_from_json
from app.exchange.ticket_import import planned
from app.people.models import Outlet
from app.tickets.models import Ticket
from tests.factories import tickets
from tests.workers import run_at_once

MAPPING = {"columns": {"answers.fault": "problem", "outlet": {"column": "site", "create": True}}}
ROWS = "problem,site\na,Cardiff\nb,Swansea\nc,Cardiff\nd,Swansea\n"
#: How long the one waits for the other, which comes only where nothing keeps it out.
TOGETHER_SECONDS = 0.3


def imported(transactions: Transactions, url: str, parts: list[tuple[int, int]]) -> tuple[Any, list[int]]:
    """Import `ROWS` in parts, each by a worker of its own at once; the job and how often each part was tried."""
    with transactions.unit_of_work(SYSTEM, Cause("import")) as work:
        key = tickets.template(work, "repair")
        table = spool.store(work, "rows.csv", io.BytesIO(ROWS.encode()))
        plan = planned(work, key, mapping_from_json(MAPPING), table.headings, "s")
        job_id = import_jobs.submit(work, table, plan)
        parameters = import_jobs.import_job(work, job_id).parameters
        job_service.cancel(work, job_id)
        chunks = [{"chunk": 0, "first": first, "last": last} for first, last in parts]
        total = sum(last - first for first, last in parts)
        job_id = job_service.submit(work, "ticket_import", parameters, chunks, idempotency_key="two", total=total)
    run_at_once(transactions, url, len(parts), lambda _session, _owner: SYSTEM)
    with transactions.reading(SYSTEM) as work:
        tried = work.session.scalars(select(JobChunk.attempts).where(JobChunk.job_id == job_id)).all()
        return import_jobs.import_job(work, job_id), list(tried)


def met(real: Any) -> Any:
    """Return ``real``, before whose first calls two threads wait for each other a little."""
    barrier = threading.Barrier(2)

    def meeting(*given: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(TOGETHER_SECONDS)
        return real(*given)

    return meeting


def counted(transactions: Transactions, model: Any) -> int | None:
    with transactions.reading(SYSTEM) as work:
        return work.session.scalar(select(func.count()).select_from(model))


def test_two_chunks_that_need_the_same_new_outlets_make_each_once(fresh_transactions, fresh_database, monkeypatch):
    monkeypatch.setattr(outlets.records, "create", met(outlets.records.create))
    job, tried = imported(fresh_transactions, fresh_database, [(0, 2), (2, 4)])
    assert (job.state, job.done, job.refused, tried) == ("done", 4, 0, [1, 1])
    assert counted(fresh_transactions, Outlet) == 2


def test_a_chunk_that_lost_the_race_for_an_outlet_is_imported_all_the_same(
    fresh_transactions, fresh_database, monkeypatch
):
    """As where a person makes the outlet meanwhile, who waits for no import."""
    monkeypatch.setattr(outlets, "one_at_a_time", lambda *_given: None)
    monkeypatch.setattr(outlets.records, "create", met(outlets.records.create))
    job, tried = imported(fresh_transactions, fresh_database, [(0, 2), (2, 4)])
    assert (job.state, job.done, job.refused) == ("done", 4, 0)
    assert sorted(tried) == ([1, 2] if "postgresql" in fresh_database else [1, 1])
    assert counted(fresh_transactions, Outlet) == 2


def test_a_row_in_two_chunks_at_once_is_one_ticket_and_was_there_for_the_second(
    fresh_transactions, fresh_database, monkeypatch
):
    monkeypatch.setattr(kind, "import_rows", met(kind.import_rows))
    job, _tried = imported(fresh_transactions, fresh_database, [(0, 4), (0, 4)])
    assert (job.state, job.done, job.unchanged, job.refused) == ("done", 4, 4, 0)
    assert counted(fresh_transactions, Ticket) == 4
