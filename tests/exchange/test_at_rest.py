"""What imports and exports keep on the disk: no personal data in the clear, nothing past its keeping."""

import io
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import DomainError
from app.core.jobs import queries as job_queries
from app.core.jobs import service as job_service
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.exchange import check_jobs, export_jobs, export_store, file_kind, spool, ticket_files
from app.exchange.mapping import mapping_from_json
from app.exchange.ticket_import import planned
from app.tickets.queries import TicketQuery
from app.worker import DUTIES
from tests.factories import people, tickets

PHONE, SHOWN, ADDRESS = "13800138000", "138 0013 8000", "海淀路 5 号院 2 单元 301"
TABLE = f"problem,phone,address\n漏水,{PHONE},{ADDRESS}\n异响,{PHONE},{ADDRESS}\n".encode()
MAPPING = {"columns": {"answers.fault": "problem"}}


def told_in(folder: Path) -> list[str]:
    """Return the files that tell the phone or the address, in any of the ways they are written."""
    words = [PHONE.encode(), SHOWN.encode(), ADDRESS.encode(), ADDRESS.encode("gb18030"), ascii(ADDRESS)[1:-1].encode()]
    files = [one for one in folder.rglob("*") if one.is_file()]
    assert files
    return [str(one) for one in files if any(word in one.read_bytes() for word in words)]


def open_to_others(folder: Path) -> list[str]:
    return [str(one) for one in folder.rglob("*") if one.stat().st_mode & 0o077]


def work_off(transactions: Any, actor: Any, storage: Path) -> None:
    while run_one(transactions, "w", lambda _session, _owner: actor):
        assert told_in(storage) == []


def test_an_upload_and_its_check_tell_nothing_on_the_disk(fresh_transactions):
    storage = fresh_transactions.company.storage
    with fresh_transactions.unit_of_work(SYSTEM, Cause("import")) as work:
        key = tickets.template(work, "repair")
        table = spool.store(work, f"{PHONE}.csv", io.BytesIO(TABLE))
        mapping = mapping_from_json(MAPPING)
        spool.keep_draft(work, table.token, spool.Draft(key, mapping, taken_from=ADDRESS))
        plan = planned(work, key, mapping, table.headings, "s")
        job_id = check_jobs.submit(work, table, plan, None)
    work_off(fresh_transactions, SYSTEM, storage)
    assert told_in(storage) == []
    assert open_to_others(storage / spool.FOLDER) == []
    with fresh_transactions.reading(SYSTEM) as work:
        assert check_jobs.check_job(work, job_id).state == "done"
        kept = spool.opened(work, table.token)
        assert [row.cells[1:] for row in kept.rows()] == [(PHONE, ADDRESS)] * 2
        assert [row.cells[1:] for row in kept.chunk(0)] == [(PHONE, ADDRESS)] * 2
        assert spool.draft(work, table.token).taken_from == ADDRESS


def test_an_upload_that_is_being_read_has_no_name(fresh_transactions, monkeypatch):
    seen: list[list[str]] = []
    read = spool.open_table

    def look(path: Path) -> Any:
        assert path.read_bytes() == TABLE
        seen.append([one.name for one in fresh_transactions.company.storage.rglob("*") if one.is_file()])
        return read(path)

    monkeypatch.setattr(spool, "open_table", look)
    with fresh_transactions.unit_of_work(SYSTEM, Cause("import")) as work:
        spool.store(work, "rows.csv", io.BytesIO(TABLE))
    assert seen == [[]]


def test_rows_that_were_cut_off_are_refused(work):
    table = spool.store(work, "rows.csv", io.BytesIO(TABLE))
    rows = table.folder / "rows"
    rows.write_bytes(rows.read_bytes()[:-1])
    for read in (lambda: list(table.rows()), lambda: table.chunk(0)):
        with pytest.raises(DomainError, match="damaged"):
            read()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_tells_nothing_on_the_disk(fresh_transactions, monkeypatch, form):
    monkeypatch.setattr(file_kind, "PART", 2)
    with fresh_transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        key = tickets.template(work, "repair")
        clerk = replace(tickets.actor(work), locale="en")
        customer = people.customer(work, "海天", phones=[{"raw": PHONE}])
        for _each in range(3):
            tickets.ticket(work, key, {"fault": ADDRESS}, customer_id=customer.id)
    with fresh_transactions.unit_of_work(clerk, Cause("person")) as work:
        job_id = ticket_files.submit(work, TicketQuery(), form, all_fields=True)
    storage = fresh_transactions.company.storage
    work_off(fresh_transactions, clerk, storage)
    assert open_to_others(storage / export_store.FOLDER) == []
    with fresh_transactions.reading(clerk) as work:
        made = export_jobs.own_file(work, job_id)
    with made.opened() as file:
        content = file.read()
    assert made.size == len(content)
    if form == "csv":
        assert (content.decode().count(SHOWN), content.decode().count(ADDRESS)) == (3, 6)
    else:
        # A workbook begins as an archive; on the disk it does not even show that it is one.
        assert content[:2] == b"PK"
        assert b"PK\x03\x04" not in made.path.read_bytes()[:4096]
    made.path.write_bytes(made.path.read_bytes()[:-1])
    with fresh_transactions.reading(clerk) as work, pytest.raises(DomainError, match="damaged"):
        export_jobs.own_file(work, job_id)


def test_uploads_past_their_keeping_are_swept_by_the_clock(work):
    assert "sweep_imports" in {duty.kind for duty in DUTIES}
    young, old, half, reading = (spool.store(work, "rows.csv", io.BytesIO(TABLE)) for _each in range(4))
    for table, age in ((young, spool.KEPT - timedelta(hours=1)), (old, spool.KEPT + timedelta(hours=1))):
        then = (work.now - age).timestamp()
        os.utime(table.folder / "meta", (then, then))
    # As kill -9 leaves them: never read to the end, one of them just now.
    for table, age in ((half, timedelta(hours=2)), (reading, timedelta(minutes=30))):
        (table.folder / "meta").unlink()
        then = (work.now - age).timestamp()
        os.utime(table.folder, (then, then))
    spool.keep_draft(work, old.token, spool.Draft("repair", None))
    assert spool.sweep(work) == 2
    assert [one.folder.is_dir() for one in (young, old, half, reading)] == [True, False, False, True]
    assert spool.sweep(work) == 0


def test_the_duty_of_the_clock_sweeps(fresh_transactions):
    with fresh_transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        table = spool.store(work, "rows.csv", io.BytesIO(TABLE))
        then = (work.now - spool.KEPT - timedelta(hours=1)).timestamp()
        os.utime(table.folder / "meta", (then, then))
        job_id = job_service.submit(work, "sweep_imports", {}, [{}], idempotency_key="x")
    while run_one(fresh_transactions, "w", lambda _session, _owner: SYSTEM):
        pass
    assert not table.folder.exists()
    with fresh_transactions.reading(SYSTEM) as work:
        assert job_queries.job(work, job_id).done == 1
