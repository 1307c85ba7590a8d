"""The outbox: promised with the transaction, delivered after it, at least once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from app.core.outbox import service
from app.core.outbox.deliveries import DELIVERIES
from app.core.outbox.deliveries.base import Delivery
from app.core.outbox.models import OutboxMessage
from app.core.permissions import SYSTEM
from app.core.work import Cause
from tests.conftest import NOW

CAUSE = Cause("person")


class Wire(Delivery):
    name = "test_outbox"
    max_attempts = 2
    broken = False
    delivered: list[str] = []  # noqa: RUF012 - emptied by the fixture

    def deliver(self, company, target, payload, idempotency_key):
        if Wire.broken:
            raise OSError("line is down")
        Wire.delivered.append(idempotency_key)


@pytest.fixture(autouse=True)
def _wire():
    DELIVERIES.register(Wire)
    Wire.broken, Wire.delivered = False, []
    yield
    DELIVERIES._classes.pop("test_outbox")


def promise(transactions, kind="test_outbox", key="k1"):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.send(work, kind, "crm", {"number": "WX-1"}, idempotency_key=key)


def messages(transactions):
    with transactions.reading(SYSTEM) as work:
        return work.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()


def test_a_promise_is_kept_once(transactions):
    promise(transactions)
    promise(transactions)
    assert Wire.delivered == []
    assert service.deliver_one(transactions, "w")
    assert not service.deliver_one(transactions, "w")
    assert Wire.delivered == ["k1"]
    assert [m.state for m in messages(transactions)] == ["sent"]


def test_what_is_rolled_back_is_never_sent(transactions):
    with pytest.raises(RuntimeError), transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.send(work, "test_outbox", "crm", {}, idempotency_key="k1")
        raise RuntimeError
    assert not service.deliver_one(transactions, "w")


def test_a_failing_target_waits_then_is_dead(transactions):
    promise(transactions)
    Wire.broken = True
    assert service.deliver_one(transactions, "w")
    (message,) = messages(transactions)
    assert (message.state, message.last_error) == ("waiting", "OSError: line is down")
    assert message.next_try_at > message.created_at
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.execute(update(OutboxMessage).values(next_try_at=message.created_at))
    assert service.deliver_one(transactions, "w")
    assert [m.state for m in messages(transactions)] == ["dead"]
    Wire.broken = False
    assert not service.deliver_one(transactions, "w")


def test_each_failure_is_waited_for_longer_than_the_one_before(transactions, monkeypatch):
    monkeypatch.setattr(Wire, "max_attempts", 20)
    monkeypatch.setattr(service.random, "uniform", lambda _low, _high: 1.0)
    promise(transactions)
    Wire.broken = True
    waits = []
    for _attempt in range(16):
        overdue(transactions)
        assert service.deliver_one(transactions, "w")
        (message,) = messages(transactions)
        waits.append((message.next_try_at - message.created_at).total_seconds())
    # It doubles, and ends at what somebody who mends the far end can wait for.
    assert waits[:6] == [2, 4, 8, 16, 32, 64]
    assert waits[-3:] == [2**14, service.LONGEST_WAIT_SECONDS, service.LONGEST_WAIT_SECONDS]


def test_they_do_not_all_come_back_at_one_moment(transactions):
    for number in range(5):
        promise(transactions, key=f"k{number}")
    Wire.broken = True
    for _each in range(5):
        # The tests' clock stands still before the database's: each is due, and one that failed comes after the others.
        assert service.deliver_one(transactions, "w")
    tried = {message.next_try_at for message in messages(transactions)}
    assert len(tried) == 5
    assert all(timedelta(seconds=1) <= one - NOW <= timedelta(seconds=3) for one in tried)


def test_a_kind_nobody_delivers_is_refused_where_it_is_promised(transactions):
    with pytest.raises(KeyError, match="pigeon"):
        promise(transactions, kind="pigeon")
    assert messages(transactions) == []


def test_a_message_of_a_retired_kind_is_dead_and_the_others_go_on(transactions):
    promise(transactions)
    promise(transactions, key="k2")
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.execute(update(OutboxMessage).where(OutboxMessage.idempotency_key == "k1").values(kind="retired"))
    while service.deliver_one(transactions, "w"):
        pass
    assert [(m.state, m.last_error) for m in messages(transactions)] == [("dead", "unknown kind"), ("sent", None)]


def test_a_message_that_kills_its_worker_each_time_is_dead(transactions):
    promise(transactions)
    for _attempt in range(Wire.max_attempts):
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            assert service._take(work, "dies")
            work.session.execute(update(OutboxMessage).values(next_try_at=work.now))
    assert service.deliver_one(transactions, "w")
    assert not service.deliver_one(transactions, "w")
    assert [(m.state, m.last_error) for m in messages(transactions)] == [("dead", "worker lost")]
    assert Wire.delivered == []


@pytest.mark.parametrize("key", ["abc-1", "../../etc/passwd", "长" * 90])
def test_the_spool_writes_one_whole_file_a_key(transactions, company, key):
    promise(transactions, "spool", key)
    service.deliver_one(transactions, "w")
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.execute(update(OutboxMessage).values(state="waiting"))
    service.deliver_one(transactions, "w")
    spool = company.storage.parent / "spool"
    assert [path.parent.name for path in spool.rglob("*.json")] == ["crm"]


def overdue(transactions):
    """Let every lease run out."""
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.execute(update(OutboxMessage).values(next_try_at=OutboxMessage.created_at))


@pytest.mark.parametrize("late", ["", "OSError: line is down"])
def test_who_lost_its_lease_settles_nothing(transactions, late):
    promise(transactions)
    taken = []
    for worker in ("first", "second"):
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            taken.append(service._take(work, worker))
        if worker == "first":
            overdue(transactions)
    first, second = taken
    assert first.id == second.id

    def settles(one, error):
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            service._settle(work, one, error, dead=bool(error))
        return [(m.state, m.worker, m.last_error) for m in messages(transactions)]

    assert settles(first, late) == [("claimed", "second", None)]
    assert settles(second, "") == [("sent", "second", None)]
    assert settles(first, late) == [("sent", "second", None)]


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_two_workers_never_take_one_message_nor_wait_for_each_other(fresh_transactions):
    """SQLite has one writer at a time."""
    promise(fresh_transactions)
    with (
        fresh_transactions.unit_of_work(SYSTEM, CAUSE) as first,
        fresh_transactions.unit_of_work(SYSTEM, CAUSE) as second,
    ):
        for work in (first, second):
            # Who waited would wait for the other for ever: it is this test that would go on.
            work.session.execute(text("SET LOCAL lock_timeout = '1s'"))
        assert service._take(first, "first").key == "k1"
        assert service._take(second, "second") is None
        promise(fresh_transactions, key="k2")
        assert service._take(second, "second").key == "k2"


def test_several_workers_deliver_each_message_once(fresh_transactions):
    keys = [f"k{number}" for number in range(24)]
    for key in keys:
        promise(fresh_transactions, key=key)
    together = threading.Barrier(4)

    def drain(worker):
        together.wait()
        while service.deliver_one(fresh_transactions, worker):
            pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(drain, ["w1", "w2", "w3", "w4"]))
    assert sorted(Wire.delivered) == sorted(keys)
    assert {(m.state, m.attempts) for m in messages(fresh_transactions)} == {("sent", 1)}
