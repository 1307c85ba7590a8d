"""Imports as jobs: whatever happens to a chunk, each of its rows has an outcome with a reason."""

import errno
import io
import shutil
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from app.core.errors import DomainError
from app.core.i18n import _, listing
from app.core.jobs.models import JobChunk
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM, Actor
from app.core.work import Cause
from app.exchange import import_jobs, ledger, spool
from app.exchange.jobs import ticket_import as kind
from app.exchange.mapping import mapping_from_json
from app.exchange.obstacles import counted
from app.exchange.suggestions import suggested
from app.exchange.ticket_import import planned
from app.people.models import Outlet
from tests.factories import tickets
from ticket_templates import queries as templates

MAPPING = {"columns": {"answers.fault": "problem", "outlet": {"column": "site", "create": True}}}
ROWS = "problem,site\na,Cardiff\nb,Cardiff\nc,Swansea\n"


@pytest.fixture
def importing(fresh_transactions) -> Any:
    """A submitted import of `ROWS`: its job, its upload, a function that runs it and one that reads it."""
    with fresh_transactions.unit_of_work(SYSTEM, Cause("import")) as work:
        key = tickets.template(work, "repair")
        table = spool.store(work, "rows.csv", io.BytesIO(ROWS.encode()))
        plan = planned(work, key, mapping_from_json(MAPPING), table.headings, "s")
        job_id = import_jobs.submit(work, table, plan)
        assert work.session.scalar(select(func.count()).select_from(Outlet)) == 0

    def run(actor: Actor = SYSTEM) -> Any:
        while run_one(fresh_transactions, "w", lambda _session, _owner: actor):
            pass
        with fresh_transactions.reading(SYSTEM) as work:
            return import_jobs.import_job(work, job_id)

    return SimpleNamespace(transactions=fresh_transactions, job_id=job_id, table=table, run=run)


def outcomes(importing: Any, actor: Actor = SYSTEM) -> dict[int, Any]:
    with importing.transactions.reading(actor) as work:
        return import_jobs.outcomes(work, importing.job_id)


def test_outlets_are_made_with_their_chunk(importing):
    job = importing.run()
    assert (job.state, job.done, job.refused) == ("done", 3, 0)
    with importing.transactions.reading(SYSTEM) as work:
        assert sorted(work.session.scalars(select(Outlet.name))) == ["Cardiff", "Swansea"]


def test_an_owner_who_lost_the_right_has_every_row_refused_at_once(importing):
    job = importing.run(Actor(99))
    assert (job.state, job.done, job.refused, job.seen) == ("done", 0, 3, job.total)
    english = Actor(99, permissions=frozenset({"job.read"}), locale="en")
    assert outcomes(importing, english) == dict.fromkeys((2, 3, 4), ("refused", "", "You may not import tickets."))
    with importing.transactions.reading(SYSTEM) as work:
        assert work.session.scalar(select(func.count()).select_from(JobChunk)) == 1


def test_a_bug_at_one_row_leaves_that_row_a_reason(importing, monkeypatch):
    real = kind.import_rows

    def broken(work: Any, plan: Any, rows: Any) -> Any:
        if any(row.number == 3 for row in rows):
            raise RuntimeError("boom")
        return real(work, plan, rows)

    monkeypatch.setattr(kind, "import_rows", broken)
    job = importing.run()
    assert (job.state, job.done, job.refused, job.error) == ("failed", 2, 1, "RuntimeError")
    with importing.transactions.reading(SYSTEM) as work:
        # The chunk, its halves, and the halves of the one with the bug: nothing beyond the last row.
        assert work.session.scalar(select(func.count()).select_from(JobChunk)) <= 5
        target = io.BytesIO()
        import_jobs.write_job_result(work, importing.job_id, target, only="refused")
        assert [(one.rows, one.first) for one in import_jobs.refusals(work, importing.job_id)] == [(1, 3)]
    rows = list(openpyxl.load_workbook(target).worksheets[0].values)
    assert rows[1][0] == "b"
    assert rows[1][4]


def test_a_cell_that_is_no_name_of_an_outlet_refuses_its_own_row_only(importing, monkeypatch):
    long = "x" * 200
    read = kind._rows

    def rows(*given: Any) -> Any:
        return [replace(row, cells=(row.cells[0], long)) if row.number == 3 else row for row in read(*given)]

    monkeypatch.setattr(kind, "_rows", rows)
    job = importing.run()
    assert (job.state, job.done, job.refused) == ("done", 2, 1)
    with importing.transactions.reading(SYSTEM) as work:
        [found] = import_jobs.refusals(work, importing.job_id)
        assert work.session.scalars(select(Outlet.name)).all() == ["Cardiff", "Swansea"]
    assert (found.column, found.rows, found.first) == ("site", 1, 3)


def test_an_upload_that_is_gone_is_told_and_counted(importing):
    shutil.rmtree(importing.table.folder)
    job = importing.run()
    assert (job.state, job.done, job.refused) == ("done", 0, 3)
    with importing.transactions.reading(Actor(99, permissions=frozenset({"job.read"}), locale="en")) as work:
        [found] = import_jobs.refusals(work, importing.job_id)
    assert (found.rows, found.first, "Upload the file again" in found.reason) == (3, 0, True)


def test_each_reader_has_the_reasons_in_their_language(importing):
    importing.run(Actor(99))
    said = {
        locale: outcomes(importing, Actor(99, permissions=frozenset({"job.read"}), locale=locale))[2][2]
        for locale in ("en", "zh_Hans", "zh_Hant")
    }
    assert said["en"] == "You may not import tickets."
    assert len(set(said.values())) == 3


def test_a_reason_is_kept_with_all_it_names():
    message = _("%(field)s: %(reason)s", field={"en": "Fault", "zh_Hans": "故障"},
                reason=listing([_("Required"), "5 %", 7]))  # fmt: skip
    for locale in ("en", "zh_Hans"):
        assert ledger.told(ledger.kept(message), locale) == message.in_(locale)
    assert ledger.told_reasons("as an older version wrote it", "en") == "as an older version wrote it"


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "cannot write")])
def test_a_disk_that_takes_nothing_is_told(work, monkeypatch, number, said):
    def refuse(*_given: Any) -> None:
        raise OSError(number, "no")

    table = spool.store(work, "rows.csv", io.BytesIO(ROWS.encode()))
    monkeypatch.setattr(spool, "_write_rows", refuse)
    with pytest.raises(DomainError, match=said):
        spool.store(work, "rows.csv", io.BytesIO(ROWS.encode()))
    assert [one.name for one in table.folder.parent.iterdir()] == [table.token]
    shutil.rmtree(table.folder.parent)
    table.folder.parent.write_text("in the way")
    with pytest.raises(DomainError, match="cannot write"):
        spool.store(work, "rows.csv", io.BytesIO(ROWS.encode()))


@pytest.mark.parametrize(("heading", "expected"), [
    ("联系电话", "customer_phone"), ("手机", "customer_phone"), ("Phone", "customer_phone"), ("手机型号", None),
])  # fmt: skip
def test_a_phone_column_finds_the_customer(work, heading: str, expected: str | None):
    version = templates.published_version(work, tickets.template(work))
    without = SimpleNamespace(uses={}, writable=version.writable, spec=version.spec)
    found = suggested([heading], without, SYSTEM)  # type: ignore[arg-type]
    assert (found[heading].target if heading in found else None) == expected


def test_what_is_doubted_of_rows_that_came_in_is_told_apart_from_why_others_did_not():
    rows = [
        [1, "imported", "WX-1", [["费用", "A lot."]]],
        [2, "refused", "", [["费用", "No."]]],
        [3, "imported", "WX-2", []],
    ]
    ledger = [({"chunk": 0}, {"rows": rows})]
    assert counted(ledger) == [["费用", "No.", 1, 2]]
    assert counted(ledger, doubted=True) == [["费用", "A lot.", 1, 1]]
