"""Jobs: each chunk counts once, whoever runs it and whatever fails."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import sessionmaker

from app.core.db import open_engine
from app.core.jobs import leases, processes, queries, service
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind
from app.core.jobs.models import Job, JobChunk
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.people.models import Tag

CAUSE = Cause("person")


class TagMaker(JobKind):
    """Adds a tag per item; an item that says "boom" is a bug, one that says "no" a refusal."""

    name = "test_jobs"

    def run(self, work, job, payload):
        refused = 0
        for item in payload["items"]:
            if item == "boom":
                raise RuntimeError("boom")
            if item == "no":
                refused += 1
            else:
                work.session.add(Tag(name=f"{job.id}-{item}"))
        return ChunkOutcome(done=len(payload["items"]) - refused, refused=refused, detail={"items": payload["items"]})

    def split(self, payload):
        return [{"items": [item]} for item in payload["items"]] if len(payload["items"]) > 1 else []

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
    host, pid, _began = mine.split(":")
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        leases.claim(work, f"{host}:{pid}:1", 600)
        assert leases.return_leases_of_the_dead(work) == 1
        leases.claim(work, mine, 600)
        assert leases.return_leases_of_the_dead(work) == 0
        leases.beat(work, mine)
        leases.beat(work, mine)
    assert not processes.is_dead_here("elsewhere:1:1")


def test_many_workers_never_take_the_same_chunk(fresh_database, fresh_transactions):
    job_id = submit(fresh_transactions, [{"items": [str(n)]} for n in range(60)], total=60)
    failures = []

    def worker(name):
        engine = open_engine(fresh_database)
        mine = type(fresh_transactions)(
            sessionmaker(engine, expire_on_commit=False), {}, fresh_transactions.company, fresh_transactions.clock
        )
        try:
            while run_one(mine, name, actor_of):
                pass
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        engine.dispose()

    threads = [threading.Thread(target=worker, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with fresh_transactions.reading(SYSTEM) as work:
        assert set(work.session.execute(select(JobChunk.state, JobChunk.fence).distinct()).all()) == {("done", 1)}
        assert len(work.session.scalars(select(Tag.id)).all()) == 60
        assert work.session.get(Job, job_id).done == 60
