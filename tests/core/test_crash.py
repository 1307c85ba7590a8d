"""kill -9 at random moments: nothing is lost, nothing is doubled."""

import random
import subprocess
import sys

import pytest
from sqlalchemy import func, select, update

from app.core.jobs import service
from app.core.jobs.models import Job, JobChunk
from app.core.outbox.models import OutboxMessage
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.people.models import Tag
from tests.core.crashing import transactions_of

CHUNKS = 60
KILLS = 6


@pytest.mark.crash
def test_a_killed_worker_loses_and_doubles_nothing(fresh_database, tmp_path, request):
    transactions = transactions_of(fresh_database, tmp_path)
    request.addfinalizer(transactions.sessions.kw["bind"].dispose)
    with transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        payloads = [{"chunk": n} for n in range(CHUNKS)]
        job_id = service.submit(work, "crashing", {}, payloads, idempotency_key="crash", total=CHUNKS * 10)
    chance = random.Random(20261121)
    main = "from tests.core.crashing import main; main()"
    worker = [sys.executable, "-c", main, fresh_database, str(tmp_path)]
    for _kill in range(KILLS):
        with subprocess.Popen(worker) as running:
            try:
                running.wait(timeout=chance.uniform(0.7, 1.6))
            except subprocess.TimeoutExpired:
                running.kill()
    with transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        # What a killed worker was delivering is due again when its lease ends; the test does not wait for that.
        work.session.execute(update(OutboxMessage).where(OutboxMessage.state == "claimed").values(state="waiting",
                             next_try_at=work.now))  # fmt: skip
    subprocess.run(worker, check=True, timeout=120)

    with transactions.reading(SYSTEM) as work:
        job = work.session.get(Job, job_id)
        assert (job.state, job.done) == ("done", CHUNKS * 10)
        assert work.session.scalar(select(func.count()).select_from(Tag)) == CHUNKS * 10
        assert set(work.session.scalars(select(JobChunk.state))) == {"done"}
        assert set(work.session.scalars(select(OutboxMessage.state))) == {"sent"}
    assert len(list((tmp_path / "spool" / "far-end").glob("*.json"))) == CHUNKS
