"""A tag taken off all that wear it, or merged into another: counted first, told in each history, gone in the end."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.core.errors import DomainError, NotAllowedError
from app.core.jobs.models import Job
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM, Scope
from app.people.models import Customer, Tag
from app.tickets import queries, retagging
from app.tickets.models import TicketEvent
from tests.clients import CAUSE
from tests.factories import people as make
from tests.factories import tickets


@pytest.fixture
def worn(fresh_transactions):
    """A tag on three customers and two tickets, and another one, which one of each wears already."""
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        old, new = make.tag(work, "老客户"), make.tag(work, "VIP")
        rows = [make.customer(work, tags=[old.id, *([new.id] if first else [])]) for first in (True, False, False)]
        key = tickets.template(work)
        numbers = [tickets.ticket(work, key, tags=tags) for tags in (["老客户", "VIP"], ["老客户"])]
        return {"old": old.id, "new": new.id, "customers": [row.id for row in rows], "tickets": numbers}


def retagged(transactions, worn, into=None):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        job_id = retagging.submit(work, worn["old"], into, "once")
    while run_one(transactions, "w", lambda _session, _owner: SYSTEM):
        pass
    return job_id


def names(work, worn):
    customers = [sorted(str(tag) for tag in work.session.get(Customer, one).tags) for one in worn["customers"]]
    return customers, [sorted(queries.ticket(work, one).tags) for one in worn["tickets"]]


def test_it_is_merged_into_another_one(fresh_transactions, worn):
    job_id = retagged(fresh_transactions, worn, worn["new"])
    with fresh_transactions.reading(SYSTEM) as work:
        assert names(work, worn) == ([["VIP"]] * 3, [["VIP"]] * 2)
        assert work.session.get(Tag, worn["old"]) is None
        job = work.session.get(Job, job_id)
        assert (job.state, job.done, job.refused, job.result["kept"]) == ("done", 5, 0, False)
        told = select(AuditEvent.changes).where(AuditEvent.table_name == "customer", AuditEvent.action == "changed")
        assert [["VIP", "老客户"], ["VIP"]] in [changes["tags"] for (changes,) in work.session.execute(told)]
        journal = select(TicketEvent.changes).where(TicketEvent.ticket_id.in_(worn["tickets"]), TicketEvent.version > 1)
        assert ["tags" in changes for (changes,) in work.session.execute(journal)] == [True, True]


def test_it_is_taken_off_everything_once(fresh_transactions, worn):
    with fresh_transactions.reading(SYSTEM) as work:
        assert retagging.worn(work, worn["old"]) == retagging.Worn(customers=3, tickets=2)
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        first, again = (retagging.submit(work, worn["old"], None, "once") for _ in range(2))
    assert first == again
    while run_one(fresh_transactions, "w", lambda _session, _owner: SYSTEM):
        pass
    with fresh_transactions.reading(SYSTEM) as work:
        assert names(work, worn) == ([["VIP"], [], []], [["VIP"], []])
        assert work.session.get(Tag, worn["old"]) is None


def test_what_was_given_the_tag_meanwhile_keeps_it(fresh_transactions, worn):
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        retagging.submit(work, worn["old"], worn["new"], "once")
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        late = make.customer(work, tags=[worn["old"]]).id
    while run_one(fresh_transactions, "w", lambda _session, _owner: SYSTEM):
        pass
    with fresh_transactions.reading(SYSTEM) as work:
        assert [str(tag) for tag in work.session.get(Customer, late).tags] == ["老客户"]
        assert work.session.scalar(select(Job.result))["kept"] is True


def test_only_who_reaches_all_of_them_may(fresh_transactions, worn):
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        everything = make.account(work, "boss", roles=("administrator",))
        for actor in (replace(everything, scope=Scope.OUTLET), make.account(work, "clerk", roles=("clerk",))):
            assert not retagging.may_retag(actor)
            with pytest.raises(NotAllowedError):
                retagging.submit(replace(work, actor=actor), worn["old"], None, "once")
        assert retagging.may_retag(everything)
        with pytest.raises(DomainError, match="merged into another one"):
            retagging.submit(work, worn["old"], worn["old"], "once")


def test_the_page_says_how_many_and_leads_to_the_job(fresh_web, worn):
    client = fresh_web.test_client()
    client.sign_in("boss")
    client.get("/lang/en")
    page = client.get(f"/tags/show/{worn['old']}").text
    assert "Take “老客户” off 3 customers and 2 tickets?" in page
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    answer = client.post(f"/tags/retag/{worn['old']}", data={"how": "merge", "into": "", "token": token})
    assert answer.headers["Location"] == f"/tags/show/{worn['old']}"
    answer = client.post(f"/tags/retag/{worn['old']}", data={"how": "merge", "into": worn["new"], "token": token})
    assert "老客户 → VIP" in client.get(answer.headers["Location"]).text
