"""The check of an upload: every row is tried out, told cell by cell, and nothing of it stays."""

import io
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.exchange import check_jobs, import_jobs, spool
from app.exchange.mapping import mapping_from_json
from app.exchange.obstacles import obstacles
from app.exchange.ticket_import import planned
from app.people.models import Outlet
from app.tickets.models import Ticket, TicketEvent
from tests.factories import tickets

MAPPING = {
    "source": "s",
    "columns": {
        "external_id": "id", "answers.fault": "problem", "answers.quantity": "number",
        "outlet": {"column": "site", "create": True},
    },
}  # fmt: skip
ROWS = "id,problem,number,site\na,x,1,Cardiff\nb,,2,Cardiff\nc,y,many,Swansea\nd,,few,Swansea\n"


@pytest.fixture
def rows() -> str:
    """The file that is checked."""
    return ROWS


@pytest.fixture
def checking(fresh_transactions, rows) -> Any:
    """A function that checks a file and returns the upload and the finished job."""
    with fresh_transactions.unit_of_work(SYSTEM, Cause("import")) as work:
        key = tickets.template(work, "repair")
        table = spool.store(work, "rows.csv", io.BytesIO(rows.encode()))
    plan_of = mapping_from_json(MAPPING)

    def run(*, import_too: bool = False) -> Any:
        with fresh_transactions.unit_of_work(SYSTEM, Cause("import")) as work:
            plan = planned(work, key, plan_of, table.headings, "s")
            job_id = import_jobs.submit(work, table, plan) if import_too else check_jobs.submit(work, table, plan, None)
        while run_one(fresh_transactions, "w", lambda _session, _owner: SYSTEM):
            pass
        with fresh_transactions.reading(SYSTEM) as work:
            return table, check_jobs.check_job(work, job_id)

    return run


def test_all_rows_are_tried_and_nothing_is_written(checking, fresh_transactions):
    table, job = checking()
    assert (job.state, job.done, job.unchanged, job.refused) == ("done", 1, 0, 3)
    with fresh_transactions.reading(SYSTEM) as work:
        assert [
            work.session.scalar(select(func.count()).select_from(one)) for one in (Ticket, TicketEvent, Outlet)
        ] == [0, 0, 0]
        found = [(one.column, one.rows, one.first) for one in obstacles(work, job.result["reasons"])]
        assert ("number", 2, 4) in found
        assert found[0][1] >= found[-1][1]
        page = check_jobs.page(work, table, job)
        assert [(one.row.number, one.status) for one in page.rows] == [
            (2, "imported"), (3, "refused"), (4, "refused"), (5, "refused"),
        ]  # fmt: skip
        assert list(page.rows[2].reasons) == ["number"]
        refused = check_jobs.page(work, table, job, status="refused", column="number")
        assert [one.row.number for one in refused.rows] == [4, 5]
        assert check_jobs.page(work, table, job, status="present").rows == []
        assert check_jobs.page(work, table, job, number=99).number == 1
        target = io.BytesIO()
        check_jobs.write_refused(work, table, job, target)
    assert len(list(openpyxl.load_workbook(target).worksheets[0].values)) == 4


def test_rows_that_are_there_already_are_told_with_their_ticket(checking, fresh_transactions):
    checking(import_too=True)
    table, job = checking()
    assert (job.done, job.unchanged, job.refused) == (0, 1, 3)
    with fresh_transactions.reading(SYSTEM) as work:
        [row] = check_jobs.page(work, table, job, status="present").rows
    assert (row.row.number, bool(row.ticket)) == (2, True)


def test_an_import_done_once_more_adds_what_was_missing_only(checking, fresh_transactions):
    _table, first = checking(import_too=True)
    assert (first.done, first.refused) == (1, 3)
    with fresh_transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        again = [check_jobs.job_service.again(work, first.id) for _click in range(2)]
    assert again[0] == again[1] != first.id
    while run_one(fresh_transactions, "w", lambda _session, _owner: SYSTEM):
        pass
    with fresh_transactions.reading(SYSTEM) as work:
        job = import_jobs.import_job(work, again[0])
        assert (job.done, job.unchanged, job.refused) == (0, 1, 3)


@pytest.fixture
def in_twos(monkeypatch) -> None:
    """Chunks of two rows."""
    for module in (spool, import_jobs, check_jobs):
        monkeypatch.setattr(module, "CHUNK", 2)


@pytest.mark.parametrize("rows", ["id,problem,number,site\na,x,1,\nb,x,1,\na,y,1,\nc,,1,\na,x,1,\nc,,1,\n"])
def test_a_row_that_repeats_the_number_of_another_is_told_of_it_in_any_chunk(in_twos, checking, fresh_transactions):
    """The check and the import say the same, and name no ticket for it; what equals a refused row is refused, too."""
    for import_too in (False, True):
        table, job = checking(import_too=import_too)
        assert (job.state, job.done, job.unchanged, job.refused) == ("done", 2, 1, 3)
        with fresh_transactions.reading(SYSTEM) as work:
            refused = {one.row.number: one for one in check_jobs.page(work, table, job, status="refused").rows}
            present = {one.row.number: one for one in check_jobs.page(work, table, job, status="present").rows}
            assert (sorted(refused), sorted(present)) == ([4, 5, 7], [6])
            told = present | refused
            assert [told[number].ticket for number in (4, 6)] == ["", ""]
            assert told[6].reasons == {"id": "本文件第 2 行的内容与此相同。"}
            assert told[4].reasons["id"].startswith("本文件第 2 行的外部单号相同")
            assert told[7].reasons == told[5].reasons
            # What is there already stands in nobody's way.
            reasons = import_jobs.refusals(work, job.id)
            assert sorted((one.column, one.rows, one.first) for one in reasons) == [("id", 1, 4), ("problem", 2, 5)]
    assert len(list(table.folder.glob("repeats.*"))) == 1
