"""kill -9 at random moments: nothing is lost, nothing is doubled."""

import multiprocessing
import random

import pytest
from sqlalchemy import func, select, update

from app.core.jobs import service
from app.core.jobs.models import Job, JobChunk
from app.core.outbox.models import OutboxMessage
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.people.models import Tag
from tests.core import crashing

CHUNKS = 60
KILLS = 6
#: Each worker is a fork of one process that has imported everything: imports are not what is interrupted here.
WORKERS = multiprocessing.get_context("forkserver")
WORKERS.set_forkserver_preload(["pytest", "tests.core.crashing"])


@pytest.mark.crash
@pytest.mark.long
def test_a_killed_worker_loses_and_doubles_nothing(fresh_database, tmp_path, request):
    transactions = crashing.transactions_of(fresh_database, tmp_path)
    request.addfinalizer(transactions.sessions.kw["bind"].dispose)
    with transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        payloads = [{"chunk": n} for n in range(CHUNKS)]
        job_id = service.submit(work, "crashing", {}, payloads, idempotency_key="crash", total=CHUNKS * 10)
    chance = random.Random(20261121)
    for _kill in range(KILLS):
        running = WORKERS.Process(target=crashing.main, args=(fresh_database, tmp_path))
        running.start()
        running.join(chance.uniform(0.05, 0.5))
        running.kill()
        running.join()
        running.close()
    with transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        # What a killed worker was delivering is due again when its lease ends; the test does not wait for that.
        work.session.execute(update(OutboxMessage).where(OutboxMessage.state == "claimed").values(state="waiting",
                             next_try_at=work.now))  # fmt: skip
    last = WORKERS.Process(target=crashing.main, args=(fresh_database, tmp_path))
    last.start()
    last.join()
    assert last.exitcode == 0
    last.close()

    with transactions.reading(SYSTEM) as work:
        job = work.session.get(Job, job_id)
        assert (job.state, job.done) == ("done", CHUNKS * 10)
        assert work.session.scalar(select(func.count()).select_from(Tag)) == CHUNKS * 10
        assert set(work.session.scalars(select(JobChunk.state))) == {"done"}
        assert set(work.session.scalars(select(OutboxMessage.state))) == {"sent"}
    assert len(list((tmp_path / "spool" / "far-end").glob("*.json"))) == CHUNKS
