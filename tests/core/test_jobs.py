"""Jobs: each chunk counts once, whoever runs it and whatever fails."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

import app.worker as worker_module
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.jobs import leases, processes, queries, service
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind
from app.core.jobs.models import Job, JobChunk
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM, Actor
from app.core.work import Cause
from app.people.models import Tag
from tests.factories import people
from tests.workers import elsewhere, run_at_once

CAUSE = Cause("person")


class TagMaker(JobKind):
    """Adds a tag per item; an item that says "boom" is a bug, one that says "no" a refusal."""

    name = "test_jobs"

    def run(self, work, job, payload):
        refused = 0
        for item in payload["items"]:
            if item == "boom":
                raise RuntimeError("boom")
            if item == "forbidden":
                raise DomainError(_("You may not do this."), code="not_allowed")
            if item == "no":
                refused += 1
            else:
                work.session.add(Tag(name=f"{job.id}-{item}"))
        return ChunkOutcome(done=len(payload["items"]) - refused, refused=refused, detail={"items": payload["items"]})

    def split(self, payload):
        return [{"items": [item]} for item in payload["items"]] if len(payload["items"]) > 1 else []

    def refused(self, work, job, payload, error):
        if "bad ledger" in payload["items"]:
            raise RuntimeError("boom")
        return ChunkOutcome(refused=len(payload["items"]), detail={"refused": [str(error)]})

    def finish(self, work, job):
        return {"tags": len(work.session.scalars(select(Tag.id)).all())}


@pytest.fixture(autouse=True)
def _kind():
    JOB_KINDS.register(TagMaker)
    yield
    JOB_KINDS._classes.pop("test_jobs")


def actor_of(_session, _owner):
    return SYSTEM


def submit(transactions, chunks, key="k", total=None):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        return service.submit(work, "test_jobs", {}, chunks, idempotency_key=key, total=total)


def state_of(transactions, job_id):
    with transactions.reading(SYSTEM) as work:
        return queries.job(work, job_id)


def run_all(transactions):
    while run_one(transactions, "w", actor_of):
        pass


def test_a_job_runs_its_chunks_and_counts(transactions):
    job_id = submit(transactions, [{"items": ["a", "b"]}, {"items": ["no"]}], total=3)
    assert submit(transactions, [], key="k") == job_id
    run_all(transactions)
    view = state_of(transactions, job_id)
    assert (view.state, view.done, view.refused, view.percent) == ("done", 2, 1, 100)
    assert view.result == {"tags": 2}
    with transactions.reading(SYSTEM) as work:
        assert queries.outcomes(work, job_id) == [{"items": ["a", "b"]}, {"items": ["no"]}]


def test_a_failing_item_is_split_off_and_the_rest_is_done(transactions):
    job_id = submit(transactions, [{"items": ["a", "boom", "c"]}], total=3)
    run_all(transactions)
    view = state_of(transactions, job_id)
    assert (view.state, view.done, view.error, view.result) == ("failed", 2, "RuntimeError", {"tags": 2})
    with transactions.reading(SYSTEM) as work:
        states = work.session.execute(select(JobChunk.state, JobChunk.attempts).order_by(JobChunk.number)).all()
    assert states == [("split", 1), ("done", 1), ("failed", 3), ("done", 1)]


def test_a_refusal_of_the_whole_chunk_is_neither_split_nor_tried_again(transactions):
    job_id = submit(transactions, [{"items": ["a", "forbidden"]}, {"items": ["c"]}], total=3)
    run_all(transactions)
    view = state_of(transactions, job_id)
    assert (view.state, view.done, view.refused, view.error) == ("done", 1, 2, None)
    with transactions.reading(SYSTEM) as work:
        assert queries.outcomes(work, job_id) == [{"refused": ["You may not do this."]}, {"items": ["c"]}]
        rows = work.session.execute(select(JobChunk.attempts, JobChunk.error).order_by(JobChunk.number)).all()
    assert rows == [(1, "You may not do this."), (1, None)]


def test_a_job_of_a_retired_kind_fails_and_the_others_go_on(transactions):
    first, second = submit(transactions, [{"items": ["a"]}], key="k1"), submit(transactions, [{"items": ["b"]}], "k2")
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.execute(update(Job).where(Job.id == first).values(kind="retired"))
    run_all(transactions)
    view = state_of(transactions, first)
    assert (view.state, view.error, view.refused) == ("failed", "unknown kind", 1)
    assert state_of(transactions, second).state == "done"


@pytest.mark.parametrize("item", ["a", "bad ledger"])
def test_a_chunk_whose_worker_dies_each_time_is_given_up(transactions, item):
    job_id = submit(transactions, [{"items": [item]}])
    for _attempt in range(TagMaker.max_attempts):
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            assert leases.claim(work, "dies", 60)
            work.session.execute(update(JobChunk).values(lease_until=work.now - timedelta(days=3650)))
    run_all(transactions)
    view = state_of(transactions, job_id)
    assert (view.state, view.error, view.done, view.refused) == ("failed", "worker lost", 0, 1)
    with transactions.reading(SYSTEM) as work:
        assert work.session.execute(select(JobChunk.state, JobChunk.error)).one() == ("failed", "worker lost")


def test_no_turn_ends_the_worker(fresh_transactions, monkeypatch):
    turns = []

    def explode(_transactions, _worker, _actor_of=None):
        turns.append(1)
        if len(turns) >= 3:
            one.stop()
        raise KeyError("a row nobody thought of")

    monkeypatch.setattr(worker_module, "run_one", explode)
    monkeypatch.setattr(worker_module, "IDLE_SECONDS", 0)
    delivered = []
    monkeypatch.setattr(worker_module, "deliver_one", lambda *_given: delivered.append(1) or False)
    one = worker_module.Worker(SimpleNamespace(transactions=fresh_transactions))
    one.run()
    assert (len(turns), len(delivered)) == (3, 3)


def test_a_database_that_is_away_is_asked_less_and_less_often_and_said_in_one_line(monkeypatch, caplog):
    waits = []

    class Stopping(threading.Event):
        def wait(self, timeout=None):
            waits.append(timeout)
            if len(waits) == 8:
                self.set()
            return self.is_set()

    def away(*_given):
        if len(waits) == 6:
            return False
        if len(waits) == 3:
            # Whatever it is that fails, it is not tried twice a second.
            raise RuntimeError
        raise OperationalError("SELECT 1", {}, Exception("connection refused\nIs the server running?"))

    monkeypatch.setattr(worker_module.Worker, "_keep_time", lambda _one: None)
    monkeypatch.setattr(worker_module, "run_one", away)
    monkeypatch.setattr(worker_module, "deliver_one", lambda *_given: False)
    one = worker_module.Worker(SimpleNamespace(transactions=None))
    one._stopping = Stopping()
    one.run()
    assert waits == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 0.5, 1.0]
    told = [record for record in caplog.records if record.levelname == "WARNING"]
    assert {record.getMessage() for record in told} == {"the database is away or busy: connection refused"}
    assert all(record.exc_info is None for record in told)


def test_a_beat_that_was_not_committed_is_done_anew(fresh_transactions, monkeypatch):
    one = worker_module.Worker(SimpleNamespace(transactions=fresh_transactions))
    with monkeypatch.context() as away:
        away.setattr(worker_module.service, "submit", lambda *_given, **_more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            one._keep_time()
    one._keep_time()
    with fresh_transactions.reading(SYSTEM) as work:
        assert {row.kind for row in work.session.scalars(select(Job))} == {one.kind for one in worker_module.DUTIES}


def test_a_key_submitted_by_two_at_once_is_one_job(fresh_database, fresh_transactions):
    """The second one looks while the first has not committed: only the database can tell them apart."""
    inserted = threading.Event()

    def second():
        with elsewhere(fresh_transactions, fresh_database) as mine:
            inserted.wait(10)
            return submit(mine, [{"items": ["a"]}])

    with ThreadPoolExecutor() as pool:
        other = pool.submit(second)
        with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
            first = service.submit(work, "test_jobs", {}, [{"items": ["a"]}], idempotency_key="k")
            inserted.set()
            # Long enough for the other to look; it is let through by the commit below.
            wait([other], 0.3)
        assert other.result() == first


def test_a_chunk_taken_over_is_rolled_back(transactions):
    job_id = submit(transactions, [{"items": ["a"]}])
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        first = leases.claim(work, "frozen", 60)
        work.session.execute(update(JobChunk).values(lease_until=work.now - timedelta(days=3650)))
    run_all(transactions)
    with transactions.reading(SYSTEM) as work:
        assert work.session.scalar(select(JobChunk.fence)) == first.fence + 1
        assert len(work.session.scalars(select(Tag.id)).all()) == 1
    assert state_of(transactions, job_id).done == 1


def test_a_cancelled_job_runs_nothing_more(transactions):
    job_id = submit(transactions, [{"items": ["a"]}, {"items": ["b"]}])
    assert run_one(transactions, "w", actor_of)
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.cancel(work, job_id)
    assert not run_one(transactions, "w", actor_of)
    assert state_of(transactions, job_id).state == "cancelled"


def test_leases_of_dead_processes_return_at_once(transactions):
    submit(transactions, [{"items": ["a"]}])
    mine = processes.this_worker()
    machine, pid, _began = mine.split(":")
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        leases.claim(work, f"{machine}:{pid}:1", 600)
        assert leases.return_leases_of_the_dead(work) == 1
        leases.claim(work, mine, 600)
        assert leases.return_leases_of_the_dead(work) == 0
        leases.beat(work, mine)
        leases.beat(work, mine)
    assert not processes.is_dead_here("elsewhere:1:1")
    # A container that has this one's name counts its processes by itself.
    assert not processes.is_dead_here(f"{machine}0:{pid}:1")


def test_another_worker_of_the_machine_goes_on_with_what_a_killed_one_held(transactions, monkeypatch):
    monkeypatch.setattr(worker_module, "DUTIES", ())
    job_id = submit(transactions, [{"items": ["a"]}])
    living = worker_module.Worker(SimpleNamespace(transactions=transactions))
    holds = "from app.core.jobs.processes import this_worker; print(this_worker(), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as dying:
        name = dying.stdout.readline().decode().strip()
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            leases.claim(work, name, 600)
        living._keep_time()
        assert not run_one(transactions, living.name, actor_of)
        dying.kill()
        # It has ended, and its parent has not asked how: such a one has an id still.
        os.waitid(os.P_PID, dying.pid, os.WEXITED | os.WNOWAIT)
        living._last_beat -= worker_module.HEARTBEAT_SECONDS
        living._keep_time()
        run_all(transactions)
    assert state_of(transactions, job_id).done == 1


def test_many_workers_never_take_the_same_chunk(fresh_database, fresh_transactions):
    job_id = submit(fresh_transactions, [{"items": [str(n)]} for n in range(60)], total=60)
    run_at_once(fresh_transactions, fresh_database, 4, actor_of)
    with fresh_transactions.reading(SYSTEM) as work:
        assert set(work.session.execute(select(JobChunk.state, JobChunk.fence).distinct()).all()) == {("done", 1)}
        assert len(work.session.scalars(select(Tag.id)).all()) == 60
        assert work.session.get(Job, job_id).done == 60


class TestWhoIsToldOfTheEnd:
    """The end of a job is news to whoever had it done, until he has seen it."""

    @pytest.fixture
    def owner(self, transactions):
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            return people.account(work)

    def asked(self, transactions, actor, chunks=1, cause=CAUSE):
        payloads = [{"items": [str(number)]} for number in range(chunks)]
        with transactions.unit_of_work(actor, cause) as work:
            return service.submit(work, "test_jobs", {}, payloads, idempotency_key=uuid4().hex, total=chunks)

    def news(self, transactions, actor):
        with transactions.reading(actor) as work:
            found = [job.id for job in queries.ended_unseen(work)]
            assert set(work.session.scalars(queries.UNSEEN, {"reader_id": actor.user_id})) == set(found)
        return found

    def test_its_owner_is_until_he_has_seen_it(self, transactions, owner):
        first, second, waits = self.asked(transactions, owner), self.asked(transactions, owner), []
        assert self.news(transactions, owner) == waits
        run_all(transactions)
        assert self.news(transactions, owner) == [second, first]
        with transactions.unit_of_work(Actor(owner.user_id + 1), CAUSE) as work:
            service.take_note(work)
            service.take_note(work, first)
        with transactions.unit_of_work(owner, CAUSE) as work:
            service.take_note(work, first)
        assert self.news(transactions, owner) == [second]
        with transactions.unit_of_work(owner, CAUSE) as work:
            service.take_note(work)
        assert self.news(transactions, owner) == []
        assert state_of(transactions, first).seen_at is not None

    def test_what_is_seen_while_it_runs_is_news_when_it_has_ended(self, transactions, owner):
        job_id = self.asked(transactions, owner)
        with transactions.unit_of_work(owner, CAUSE) as work:
            service.take_note(work, job_id)
        run_all(transactions)
        assert self.news(transactions, owner) == [job_id]

    def test_nobody_is_of_what_no_person_asked_for(self, transactions, owner):
        for actor, cause in ((SYSTEM, CAUSE), (owner, Cause("schedule")), (owner, Cause("channel", "token:1"))):
            self.asked(transactions, actor, cause=cause)
            self.asked(transactions, actor, chunks=0, cause=cause)
        run_all(transactions)
        assert self.news(transactions, owner) == []

    def test_what_nobody_waits_for_is_told_of_when_it_failed(self, transactions, owner, monkeypatch):
        monkeypatch.setattr(TagMaker, "awaited", False)
        went_well = self.asked(transactions, owner)
        with transactions.unit_of_work(owner, CAUSE) as work:
            payloads = [{"items": ["boom"]}]
            failed = service.submit(work, "test_jobs", {}, payloads, idempotency_key="boom", total=1)
        run_all(transactions)
        assert state_of(transactions, went_well).state == "done"
        assert self.news(transactions, owner) == [failed]

    def test_who_stops_his_own_job_need_not_be_told(self, transactions, owner):
        mine, others = self.asked(transactions, owner), self.asked(transactions, owner)
        for actor, job_id in ((owner, mine), (SYSTEM, others)):
            with transactions.unit_of_work(actor, CAUSE) as work:
                assert service.cancel(work, job_id)
                assert not service.cancel(work, job_id)
        assert self.news(transactions, owner) == [others]

    def test_it_is_looked_up_in_an_index_of_news_alone(self, transactions, owner):
        with transactions.reading(owner) as work:
            query = queries.UNSEEN.params(reader_id=owner.user_id)
            sql = str(query.compile(work.session.connection(), compile_kwargs={"literal_binds": True}))
            if work.dialect == "postgresql":
                # The planner reads a table of a few rows whole.
                work.session.execute(text("SET LOCAL enable_seqscan = off"))
            explain = "EXPLAIN" if work.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
            plan = "\n".join(str(row) for row in work.session.execute(text(f"{explain} {sql}")))
        assert "ix_job_news" in plan, plan
