"""Which chunk is next, how long a worker keeps the one in hand, and which workers are remembered."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from sqlalchemy import insert, select, update

from app.core.jobs import leases, queries, runner, service
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind
from app.core.jobs.models import JobChunk, WorkerHeartbeat
from app.core.permissions import SYSTEM
from app.core.work import Cause

CAUSE = Cause("person")


class Turns(JobKind):
    """Notes which item's turn it was; "boom" is a bug each time. As a file it is made by what the test does."""

    name = "test_job_turns"
    lease_seconds = 120
    taken: ClassVar[list[str]] = []
    meanwhile: ClassVar[list[Any]] = []

    def run(self, work: Any, job: Any, payload: Any) -> ChunkOutcome:
        self.taken.append(payload["item"])
        if payload["item"] == "boom":
            raise RuntimeError("boom")
        return ChunkOutcome(done=1)

    def make(self, aside: Any, job: Any, payload: Any) -> ChunkOutcome:
        self.meanwhile[0](aside)
        return ChunkOutcome(done=1)


@pytest.fixture(autouse=True)
def _kind():
    JOB_KINDS.register(Turns)
    Turns.taken.clear()
    yield
    JOB_KINDS._classes.pop(Turns.name)


def run_one(transactions: Any, worker: str = "w") -> bool:
    return runner.run_one(transactions, worker, lambda _session, _owner: SYSTEM)


def test_what_failed_waits_behind_what_was_not_tried_yet(transactions):
    items = ["boom", "a", "b"]
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        chunks = [{"item": item} for item in items]
        service.submit(work, Turns.name, {}, chunks, idempotency_key="first")
        # A job submitted later does not wait either.
        service.submit(work, Turns.name, {}, [{"item": "later"}], idempotency_key="second")
    while run_one(transactions):
        pass
    assert Turns.taken == ["boom", "a", "b", "later", *["boom"] * (Turns.max_attempts - 1)]


class TestAPartThatTakesLong:
    """Its worker says every few seconds that it is at it: nobody takes over what is not lost."""

    @pytest.fixture
    def clock(self, monkeypatch):
        monkeypatch.setattr(Turns, "makes_file", True)
        clock = SimpleNamespace(seconds=1_000.0)
        monkeypatch.setattr(runner, "time", SimpleNamespace(monotonic=lambda: clock.seconds))
        return clock

    def made(self, transactions: Any, meanwhile: Any) -> Any:
        Turns.meanwhile[:] = [meanwhile]
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            job_id = service.submit(work, Turns.name, {}, [{}], idempotency_key="k")
        assert run_one(transactions)
        with transactions.reading(SYSTEM) as work:
            return queries.job(work, job_id)

    def lease_is_over(self, transactions: Any) -> None:
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            work.session.execute(update(JobChunk).values(lease_until=work.now - timedelta(days=3650)))

    def test_its_lease_is_prolonged(self, transactions, clock):
        over = []

        def meanwhile(aside: Any) -> None:
            self.lease_is_over(transactions)
            for seconds in (1, runner._HELD_SECONDS):
                clock.seconds += seconds
                aside.hold()
                with transactions.reading(SYSTEM) as work:
                    soon = leases.database_time(work, Turns.lease_seconds - 60)
                    over.append(bool(work.session.scalar(select(JobChunk.id).where(JobChunk.lease_until < soon))))
            assert not run_one(transactions, "another")

        job = self.made(transactions, meanwhile)
        # It is not said with every row, but as often as it must be.
        assert over == [True, False]
        assert (job.state, job.done) == ("done", 1)

    def test_who_lost_it_stops_and_counts_nothing(self, transactions, clock):
        after = []

        def meanwhile(aside: Any) -> None:
            self.lease_is_over(transactions)
            with transactions.unit_of_work(SYSTEM, CAUSE) as work:
                assert leases.claim(work, "another", 60)
            clock.seconds += runner._HELD_SECONDS
            aside.hold()
            after.append("went on")

        job = self.made(transactions, meanwhile)
        assert (after, job.state, job.done) == ([], "running", 0)


def test_a_worker_not_heard_of_for_a_day_is_forgotten(work):
    for name, hours in (("a", 23), ("b", 25), ("c", 25)):
        heard_of = leases.database_time(work, -hours * 3600)
        work.session.execute(insert(WorkerHeartbeat).values(worker=name, started_at=work.now, seen_at=heard_of))
    leases.beat(work, "c")
    assert set(work.session.scalars(select(WorkerHeartbeat.worker))) == {"a", "c"}
