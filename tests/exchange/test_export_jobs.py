"""Long exports as jobs: made as the person who asked, part by part, fetched by nobody else, told when they fail."""

import csv
import errno
import os
import sqlite3
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import orjson
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from app.core import sealed
from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.jobs import queries as job_queries
from app.core.jobs import service as job_service
from app.core.jobs.models import JobChunk
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM, Actor, Scope
from app.core.work import Cause
from app.exchange import export_jobs, export_store, file_kind, ticket_files
from app.exchange.cells import kept, told
from app.exchange.reader import Unreadable
from app.exchange.ticket_export import csv_pieces, export_of
from app.tickets import service as ticket_service
from app.tickets.models import Ticket
from app.tickets.queries import TicketQuery
from tests.factories import people, tickets

TICKETS = 7
LEDGER = ("SELECT * FROM job", "SELECT * FROM job_chunk")
EVERYTHING = TicketQuery()


@pytest.fixture
def exporting(fresh_transactions, monkeypatch) -> Any:
    """Seven tickets, somebody who may export, parts of three, and how to ask, work and read."""
    monkeypatch.setattr(file_kind, "PART", 3)
    transactions = fresh_transactions
    with transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        key = tickets.template(work, "repair")
        clerk = replace(tickets.actor(work), locale="en")
        customer = people.customer(work, "=海天", phones=[{"raw": "13800138000"}])
        for number in range(TICKETS):
            tickets.ticket(work, key, {"fault": f"漏水 {number}", "quantity": number}, customer_id=customer.id)

    def ask(who: Actor = clerk, form: str = "csv", query: TicketQuery = EVERYTHING) -> int:
        with transactions.unit_of_work(who, Cause("person")) as work:
            return ticket_files.submit(work, query, form, all_fields=True)

    def step(who: Actor = clerk) -> bool:
        return run_one(transactions, "w", lambda _session, _owner: replace(who, locale="zh_Hans"))

    def run(who: Actor = clerk) -> None:
        while step(who):
            pass

    def job(job_id: int, who: Actor = SYSTEM) -> Any:
        with transactions.reading(who) as work:
            return job_queries.job(work, job_id)

    def file(job_id: int, who: Actor = clerk) -> Path:
        with transactions.reading(who) as work:
            return export_jobs.own_file(work, job_id).path

    return SimpleNamespace(transactions=transactions, clerk=clerk, ask=ask, step=step, run=run, job=job, file=file)


def folders(exporting: Any) -> list[Path]:
    return list((exporting.transactions.company.storage / export_store.FOLDER).glob("*"))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_it_is_the_file_one_would_have_waited_for(exporting, form):
    query = TicketQuery(text="漏水", sort="number", descending=False)
    with exporting.transactions.reading(exporting.clerk) as work:
        waited = b"".join(csv_pieces(work, export_of(work, query, all_fields=True)))
    wanted = list(csv.reader(waited.decode("utf-8-sig").splitlines()))
    job_id = exporting.ask(form=form, query=query)
    assert exporting.ask(form=form, query=query) == job_id
    exporting.run()
    job = exporting.job(job_id)
    assert (job.state, job.done, job.total, job.error) == ("done", TICKETS, TICKETS, None)
    path = exporting.file(job_id)
    assert [one.name for one in path.parent.iterdir()] == ["result"]
    if form == "csv":
        got = list(csv.reader(sealed.content(path).decode("utf-8-sig").splitlines()))
        age = got[0].index("Age (hours)")
        assert [row[:age] + row[age + 1 :] for row in got] == [row[:age] + row[age + 1 :] for row in wanted]
        return
    with sealed.unsealed(path) as file:
        sheet, about = openpyxl.load_workbook(file).worksheets
    assert [[cell.value for cell in row][:3] for row in sheet.iter_rows()] == [row[:3] for row in wanted]
    created = sheet.cell(2, wanted[0].index("Created") + 1)
    assert (created.data_type, created.number_format) == ("d", "yyyy-mm-dd hh:mm")
    assert (about["B3"].value or "").startswith("2")
    # Once it is made, the same list may be asked for anew.
    assert exporting.ask(form=form, query=query) != job_id


def _die_in_the_last_part(exporting, job_id):
    """Leave it as kill -9 does: a part that is written, of a chunk nobody has marked done."""
    with exporting.transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        last = update(JobChunk).where(JobChunk.job_id == job_id, JobChunk.state == "waiting")
        work.session.execute(last.values(state="claimed", worker="x", attempts=1, lease_until=work.now))


def test_a_worker_that_dies_loses_a_part_and_doubles_nothing(exporting):
    job_id = exporting.ask()
    for _each in range(3):
        assert exporting.step()
    _die_in_the_last_part(exporting, job_id)
    exporting.run()
    job = exporting.job(job_id)
    assert (job.state, job.done) == ("done", TICKETS)
    numbers = [row[0] for row in csv.reader(sealed.content(exporting.file(job_id)).decode("utf-8-sig").splitlines())]
    assert len(numbers) == len(set(numbers)) == TICKETS + 1


def test_what_was_asked_for_names_nobody_in_the_ledger(exporting):
    asked = {"any": [{"field": "values.phone", "op": "is", "value": "13800138000"},
                     {"field": "number", "op": "is_not_empty"}]}  # fmt: skip
    job_id = exporting.ask(query=TicketQuery(text="漏水", where=asked))
    assert exporting.ask(query=TicketQuery(text="漏水", where=asked)) == job_id
    assert exporting.step()
    _die_in_the_last_part(exporting, job_id)
    exporting.run()
    job = exporting.job(job_id)
    assert (job.state, job.done, job.parameters["query"]["where"]) == ("done", TICKETS, asked)
    assert sealed.content(exporting.file(job_id)).count(b"\r\n") == TICKETS + 1
    with exporting.transactions.reading(SYSTEM) as work:
        rows = [work.session.execute(text(one)).all() for one in LEDGER]
    assert len(rows[1]) > 1
    for word in ("13800138000", "values.phone", "tickets-"):
        assert word not in str(rows)
    plain = {name: value for name, value in job.parameters.items() if name not in ("print", "at", "token", "filename")}
    assert sha256(orjson.dumps(plain)).hexdigest()[:32] not in str(rows)


def test_nobody_else_has_it_and_rights_are_those_of_now(exporting):
    job_id = exporting.ask()
    exporting.run()
    other = replace(exporting.clerk, user_id=exporting.clerk.user_id + 1000)
    without = replace(exporting.clerk, permissions=exporting.clerk.permissions - {"ticket.export"})
    less = replace(exporting.clerk, scope=Scope.OWN)
    for who, refused in ((other, NotFoundError), (without, NotAllowedError), (less, NotAllowedError)):
        with pytest.raises(refused):
            exporting.file(job_id, who)
    with pytest.raises(NotAllowedError):
        exporting.ask(without)
    # Whose rights change while it is made has no file, and the reason for it.
    job_id = exporting.ask()
    exporting.step()
    exporting.run(less)
    job = exporting.job(job_id)
    assert (job.state, job.percent < 100) == ("failed", True)
    with exporting.transactions.reading(exporting.clerk) as work:
        assert "rights have changed" in export_jobs.reason_of(work, job)
        assert export_jobs.file_of(work, job) is None


def test_what_left_the_reach_meanwhile_is_not_in_it(exporting):
    mine, transactions = replace(exporting.clerk, scope=Scope.OWN), exporting.transactions
    with transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        ids = sorted(work.session.scalars(select(Ticket.id)))
        for one in ids[:5]:
            ticket_service.watch(work, one, user_id=mine.user_id)
        gone = set(work.session.scalars(select(Ticket.number).where(Ticket.id.in_(ids[1:3]))))
        left = set(work.session.scalars(select(Ticket.number).where(Ticket.id.in_([ids[0], *ids[3:5]]))))
    job_id = exporting.ask(mine)
    assert exporting.step(mine)
    with transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        for one in ids[1:3]:
            ticket_service.watch(work, one, on=False, user_id=mine.user_id)
    exporting.run(mine)
    job = exporting.job(job_id)
    assert (job.state, job.total, job.done, job.unchanged) == ("done", 5, 3, 2)
    text = sealed.content(exporting.file(job_id, mine)).decode("utf-8-sig")
    assert {row[0] for row in csv.reader(text.splitlines()[1:])} == left
    assert not any(number in text for number in gone)


def test_what_is_stopped_makes_no_file(exporting):
    job_id = exporting.ask()
    exporting.step()
    with exporting.transactions.unit_of_work(exporting.clerk, Cause("person")) as work:
        job_service.cancel(work, job_id)
    exporting.run()
    assert exporting.job(job_id).state == "cancelled"
    with pytest.raises(NotFoundError):
        exporting.file(job_id)


def _of_sqlite(number: int) -> OperationalError:
    inner = sqlite3.OperationalError("database or disk is full")
    inner.sqlite_errorcode = number
    return OperationalError("SELECT", {}, inner)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OSError("Failed to save workbook: No space left on device (os error 28)"),
        _of_sqlite(sqlite3.SQLITE_FULL),
    ],
)
def test_a_full_disk_is_one_refusal_whoever_noticed_it(error):
    with pytest.raises(DomainError, match="disk is full"), export_store.told_when_full():
        raise error


@pytest.mark.parametrize("error", [OSError(errno.EACCES, "denied"), KeyError("disk is full"), ValueError("x")])
def test_other_trouble_stays_what_it_is(error):
    with pytest.raises(type(error)) as caught, export_store.told_when_full():
        raise error
    assert caught.value is error


def test_a_full_disk_is_told_and_leaves_nothing(exporting, monkeypatch):
    def full(*_given: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    job_id = exporting.ask()
    exporting.step()
    monkeypatch.setattr(export_store, "kept", full)
    exporting.run()
    job = exporting.job(job_id)
    assert job.state == "failed"
    with exporting.transactions.reading(exporting.clerk) as work:
        assert "disk is full" in export_jobs.reason_of(work, job)
    assert folders(exporting) == []


def test_one_person_has_only_so_many_in_the_making(exporting):
    for number in range(5):
        exporting.ask(query=TicketQuery(text=f"{number}"))
    with pytest.raises(DomainError, match="5 files in the making"):
        exporting.ask(query=TicketQuery(text="x"))


def test_files_past_their_keeping_are_swept(exporting):
    job_id = exporting.ask()
    exporting.run()
    company, now = exporting.transactions.company, exporting.transactions.clock()
    old = (now - export_store.KEPT - timedelta(hours=1)).timestamp()
    assert export_store.sweep(company, now) == 0
    os.utime(exporting.file(job_id).parent, (old, old))
    assert export_store.sweep(company, now) == 1
    with pytest.raises(NotFoundError, match="Export the list again"):
        exporting.file(job_id)


def test_cells_come_back_as_they_were():
    row = [
        "=a", None, True, 3, 2**53 + 1, 2**70, Decimal("1.50"), datetime(2026, 1, 2, 3, 4), date(2026, 1, 2),  # noqa: DTZ001 - cells have no zone
        time(8, 5), timedelta(minutes=90), Unreadable("error", "S!B3", "#REF!"),
    ]  # fmt: skip
    back = told(kept(row))
    assert [(type(one), one) for one in back] == [(type(one), one) for one in row]
