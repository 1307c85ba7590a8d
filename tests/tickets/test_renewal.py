"""What is renamed is found by its new name, and no longer by the old one; however many tickets name it."""

import pytest
from sqlalchemy import select, text

from app.assets.records import INSTALLED_PRODUCT
from app.core.errors import DomainError
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.models import Job, JobChunk
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM
from app.core.records import service as records
from app.core.work import Cause
from app.people.models import Customer, Tag
from app.people.records import CUSTOMER, TAG
from app.tickets import queries, renewal, search, service
from app.tickets.models import Ticket
from app.tickets.orders import ChangeTicket
from app.tickets.queries import TicketQuery, ticket_page
from tests.factories import people, tickets

CAUSE = Cause("person")


def found(transactions, text):
    with transactions.reading(SYSTEM) as work:
        return {row.id for row in ticket_page(work, TicketQuery(text=text)).rows}


@pytest.fixture
def named(fresh_transactions):
    """Ids of a customer, its unit, and three tickets: two of the customer, one of these of the unit."""
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = tickets.template(work)
        customer = people.customer(work, "海天酒店")
        unit = people.installed_product(work, customer, serial="OLD777")
        of_both = tickets.ticket(work, key, {"phone": "13800138000"}, customer_id=customer.id,
                                 installed_product_id=unit.id)  # fmt: skip
        of_customer = tickets.ticket(work, key, customer_id=customer.id)
        tickets.ticket(work, key)
        return customer.id, unit.id, of_both, of_customer


def rename(transactions, record, key, **values):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        records.change(work, record, key, values)


def test_a_renamed_customer_takes_the_tickets_along(fresh_transactions, named):
    customer, _unit, of_both, of_customer = named
    rename(fresh_transactions, CUSTOMER, customer, name="云顶宾馆")
    assert found(fresh_transactions, "海天") == set()
    assert found(fresh_transactions, "云顶") == {of_both, of_customer}
    assert found(fresh_transactions, "不制冷 云顶 old777") == {of_both} == found(fresh_transactions, "138 0013 8000")


def test_a_ticket_is_found_by_its_tags_and_a_renamed_tag_takes_the_tickets_along(fresh_transactions, named):
    _customer, _unit, of_both, of_customer = named
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        for one, wish in ((of_both, ["投诉升级", "VIP"]), (of_customer, ["VIP"])):
            service.change_ticket(work, ChangeTicket(one, fields={"tags": wish}))
        vip = work.session.scalars(select(Tag.id).where(Tag.name == "VIP")).one()
    assert found(fresh_transactions, "投诉升级") == {of_both} == found(fresh_transactions, "海天 升级")
    assert found(fresh_transactions, "vip") == {of_both, of_customer}
    rename(fresh_transactions, TAG, vip, name="贵宾客户")
    assert found(fresh_transactions, "vip") == set()
    assert found(fresh_transactions, "贵宾") == {of_both, of_customer}
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.change_ticket(work, ChangeTicket(of_customer, fields={"tags": None}))
    assert found(fresh_transactions, "贵宾") == {of_both}
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = queries.ticket(work, of_both).version.template_key
        made = tickets.ticket(work, key, tags=["新单即带"])
    assert found(fresh_transactions, "新单即带") == {made}


def test_a_corrected_serial_takes_the_tickets_along(fresh_transactions, named):
    _customer, unit, of_both, _of_customer = named
    rename(fresh_transactions, INSTALLED_PRODUCT, unit, serial="NEW888")
    assert found(fresh_transactions, "OLD777") == set()
    assert found(fresh_transactions, "NEW888 海天") == {of_both}


def test_other_changes_renew_nothing(fresh_transactions, named, monkeypatch):
    monkeypatch.setattr(renewal, "renew", lambda *_: pytest.fail("renewed"))
    rename(fresh_transactions, CUSTOMER, named[0], remark="先打电话")
    rename(fresh_transactions, INSTALLED_PRODUCT, named[1], remark="在阳台")


def test_what_is_not_flushed_is_told_too(fresh_transactions, named):
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.get_one(Customer, named[0]).name = "云顶宾馆"
    assert found(fresh_transactions, "云顶") == set(named[2:])


def test_a_refused_change_leaves_the_search(fresh_transactions, named):
    with pytest.raises(DomainError):
        rename(fresh_transactions, CUSTOMER, named[0], name="云顶宾馆", kind="nonsense")
    assert found(fresh_transactions, "海天") == set(named[2:])


def test_many_tickets_are_a_job(fresh_transactions, named, monkeypatch):
    monkeypatch.setattr(renewal, "AT_ONCE", 3)
    monkeypatch.setattr(renewal, "CHUNK", 2)
    customer = named[0]
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = tickets.template(work)
        many = [tickets.ticket(work, key, customer_id=customer) for _one in range(5)]
    rename(fresh_transactions, CUSTOMER, customer, name="云顶宾馆")
    assert found(fresh_transactions, "云顶") == set()
    with fresh_transactions.reading(SYSTEM) as work:
        assert [len(work.session.scalars(select(JobChunk.id)).all()), work.session.scalar(select(Job.total))] == [4, 7]
    while run_one(fresh_transactions, "w", lambda _session, _owner: SYSTEM):
        pass
    assert found(fresh_transactions, "云顶") == {*many, *named[2:]}
    assert found(fresh_transactions, "海天") == set()
    with fresh_transactions.reading(SYSTEM) as work:
        assert work.session.execute(select(Job.state, Job.done)).one() == ("done", 7)


def test_an_upgrade_has_the_older_tickets_renewed_once(fresh_transactions, named, monkeypatch):
    monkeypatch.setattr(renewal, "CHUNK", 2)
    _customer, _unit, of_both, of_customer = named

    def upgrade():
        with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
            renewal.renew_older(work)
            return len(work.session.scalars(select(Job.id)).all())

    def states():
        with fresh_transactions.reading(SYSTEM) as work:
            return renewal.states(work)

    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        search.write(work.session.connection(), [(of_both, ["海天"]), (of_customer, ["旧名"])], fresh=False)
    assert (states(), upgrade(), upgrade(), states()) == (set(), 1, 1, {"waiting"})
    while run_one(fresh_transactions, "w", lambda _session, _owner: SYSTEM):
        pass
    assert found(fresh_transactions, "138 0013 8000") == {of_both}
    assert found(fresh_transactions, "旧名") == set()
    assert (states(), upgrade()) == ({"done"}, 1)
    with fresh_transactions.reading(SYSTEM) as work:
        assert work.session.execute(select(Job.total, Job.done)).one() == (3, 3)
    monkeypatch.setattr(renewal, "EDITION", renewal.EDITION + 1)
    assert (states(), upgrade()) == (set(), 2)


def test_a_part_of_a_job_is_halved_until_one_ticket_is_left():
    kind = JOB_KINDS[renewal.KIND]()
    payload = {"column": "customer_id", "keys": [1], "first": 5, "last": 7}
    assert [(one["first"], one["last"]) for one in kind.split(payload)] == [(5, 6), (7, 7)]
    assert kind.split({**payload, "first": 7}) == ()


def test_all_tickets_are_renewed_in_chunks_however_often(fresh_transactions, named, monkeypatch):
    monkeypatch.setattr(renewal, "CHUNK", 2)
    _customer, _unit, of_both, of_customer = named

    def renew_all(after=0):
        counts = []
        while True:
            with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
                done = renewal.renew_next(work, after)
            if done is None:
                return counts
            after, count = done
            counts.append(count)

    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        # One as it was written before phones were found, one with what no longer holds, one with nothing at all.
        ids = sorted(work.session.scalars(select(Ticket.id)))
        assert renewal.count_all(work) == len(ids) == 3
        search.write(work.session.connection(), [(of_both, ["海天"]), (of_customer, ["旧名"])], fresh=False)
        gone = {"sqlite": "DELETE FROM ticket_search WHERE rowid = :id",
                "postgresql": "DELETE FROM ticket_search WHERE ticket_id = :id"}[work.dialect]  # fmt: skip
        work.session.execute(text(gone), {"id": ids[-1]})
    assert found(fresh_transactions, "138 0013 8000") == set()
    for _time in range(2):
        assert renew_all() == [2, 1]
        assert found(fresh_transactions, "138 0013 8000") == {of_both}
        assert found(fresh_transactions, "旧名") == set()
        assert found(fresh_transactions, "不制冷") == set(ids)
    assert renew_all(after=ids[1]) == [1]
