"""Long lists of records: made into a file by a worker, the same file one would have waited for, its owner's alone."""

import csv
import io
import re
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select, update

from app.core.errors import NotFoundError
from app.core.jobs.models import Job, JobChunk
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM, Scope
from app.core.work import Cause
from app.exchange import file_kind
from app.exchange.record_lists import RECORD_LISTS
from app.people.models import Customer, Region
from app.worker import Worker, owner_actor
from tests.clients import make_account
from tests.factories import people
from views.record_lists import RecordScreens

NAMES = ("=海天", "甲公司", "乙公司", "丙公司", "丁公司")
LIST = "q=公司&_flt_0_active=True&_oc_CustomerView=name&_od_CustomerView=asc"


@pytest.fixture
def web(fresh_web, monkeypatch):
    """Five customers, lists of more than two made in parts of two."""
    for room in ("views.base.list_export", "views.base.model_view"):
        monkeypatch.setattr(f"{room}.at_once", lambda: 2)
    monkeypatch.setattr(file_kind, "PART", 2)
    RECORD_LISTS.offered_by(lambda: RecordScreens(fresh_web))
    with fresh_web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        for number, name in enumerate(NAMES):
            people.customer(work, name, phone=f"1380013800{number}")
    return fresh_web


@pytest.fixture
def boss(web):
    client = web.test_client()
    client.sign_in("boss")
    return client


def step(web: Any) -> bool:
    return run_one(web.extensions["gongdan"].transactions, "w", owner_actor)


def work_off(web: Any) -> None:
    while step(web):
        pass


def cells(answer: Any) -> list[list[str]]:
    with answer:
        return list(csv.reader(answer.data.decode("utf-8-sig").splitlines()))


def job_of(web: Any, address: str) -> Job:
    with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        job = work.session.get_one(Job, int(address.rpartition("/")[2]))
        work.session.expunge(job)
        return job


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_it_is_the_file_one_would_have_waited_for(web, boss, monkeypatch, form):
    with monkeypatch.context() as short:
        short.setattr("views.base.list_export.at_once", lambda: 1_000)
        wanted = cells(boss.get(f"/customers/export/csv?{LIST}"))
    # In the order of their sound: bing, ding, jia, yi.
    assert [row[0] for row in wanted[1:]] == ["丙公司", "丁公司", "甲公司", "乙公司"]
    assert wanted[0][0] == "名称"
    page = boss.get(f"/customers/list/?{LIST}").text
    assert re.search(rf'<form method="post" action="/customers/export/{form}\?[^"]+"', page)
    asked = boss.get(f"/customers/export/{form}?{LIST}").text
    assert "多于 2 条" in asked
    job = boss.post(f"/customers/export/{form}?{LIST}").location
    # Another page of the same list is the same list.
    assert boss.post(f"/customers/export/{form}?{LIST}&page_CustomerView=1").location == job
    # The file speaks as it was asked for, whatever its owner reads meanwhile.
    boss.post("/language/en")
    work_off(web)
    ready = boss.get(job).text
    [address] = set(re.findall(r'href="(/exports/\d+)"', ready))
    assert "For you alone" in ready
    with boss.get(address) as answer:
        named = answer.headers["Content-Disposition"]
        assert re.search(rf"filename=customers-\d{{8}}-\d{{4}}\.{form}", named), named
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        if form == "csv":
            assert cells(answer) == wanted
        else:
            book = openpyxl.load_workbook(io.BytesIO(answer.data))
            rows = [[cell.value or "" for cell in row] for row in book.worksheets[0].iter_rows()]
            assert rows == wanted
    assert (job_of(web, job).done, job_of(web, job).total) == (4, 4)


def test_a_list_that_is_short_is_there_at_once(boss):
    short = "/customers/export/csv?q=" + NAMES[1]
    assert len(cells(boss.get(short))) == 2
    assert boss.post(short).status_code == 303
    assert boss.post(short).location.startswith("/customers/export/csv?q=")


def test_a_worker_that_dies_loses_a_part_and_what_is_gone_meanwhile_is_left_out(web, boss):
    job = boss.post("/customers/export/csv").location
    for _each in range(2):
        assert step(web)
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        held = update(JobChunk).where(JobChunk.state == "waiting")
        # As kill -9 leaves them: of a chunk nobody has marked done.
        work.session.execute(held.values(state="claimed", worker="x", attempts=1, lease_until=work.now))
        gone = work.session.scalars(select(Customer).where(Customer.name == NAMES[0])).one()
        work.session.delete(gone)
    work_off(web)
    done = job_of(web, job)
    assert (done.state, done.done, done.unchanged, done.total) == ("done", 4, 1, 5)
    assert [row[0] for row in cells(boss.get(f"/exports/{done.id}"))[1:]] == list(reversed(NAMES[1:]))


def test_nobody_else_has_it_and_rights_are_asked_again(web, boss):
    make_account(web, "other", "administrator")
    make_account(web, "looker", "technician")
    job = boss.post("/customers/export/csv").location
    work_off(web)
    file = f"/exports/{job_of(web, job).id}"
    for name in ("other", "looker"):
        client = web.test_client()
        client.sign_in(name)
        assert client.get(file).status_code == 404
        assert file not in client.get(job).text
    assert client.post("/customers/export/csv").status_code == 403
    transactions = web.extensions["gongdan"].transactions
    with transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        done = work.session.get_one(Job, job_of(web, job).id)
        done.parameters = done.parameters | {"rights": "others than now"}
    assert boss.get(file).status_code == 403


def test_a_worker_opens_the_lists_itself(web):
    one = Worker(web.extensions["gongdan"])
    one.stop()
    one.run()
    with one.house.transactions.reading(SYSTEM) as work:
        who = owner_actor(work.session, make_account(web, "boss", "administrator"))
    with RECORD_LISTS.opened("CustomerView", "q=甲", who) as opened:
        layout, keys = opened.listed()
        assert [row[0] for row in opened.cells_of(keys)] == ["甲公司"]
    assert (layout.total, layout.title) == (1, "客户")
    with pytest.raises(NotFoundError), RECORD_LISTS.opened("Nothing", "", who):
        pass
    # As far as the owner reaches, and as he may see it.
    for other, shown in (
        (who, ["138 0013 8001"]),
        (replace(who, permissions=who.permissions - {"personal_data.read"}), ["•••• 8001"]),
        (replace(who, scope=Scope.OWN), []),
    ):
        with RECORD_LISTS.opened("CustomerView", "", other) as opened:
            assert [row[4] for row in opened.cells_of(keys)] == shown


def test_rows_are_known_by_keys_that_are_texts_too(web, boss, monkeypatch):
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        work.session.add_all(Region(code=code, name=code, full_name=code, level=1) for code in ("98", "97", "99"))
    asked = "/regions/export/csv?_flt_0_code=9"
    job = boss.post(asked).location
    work_off(web)
    rows = cells(boss.get(f"/exports/{job_of(web, job).id}"))
    monkeypatch.setattr("views.base.list_export.at_once", lambda: 1_000)
    assert rows == cells(boss.get(asked))
    assert [row[2] for row in rows[1:]] == ["97", "98", "99"]
