"""What jobs are asked for and tell is unreadable at rest; what lay in the clear before that is sealed."""

import json

from sqlalchemy import text

from app.core.jobs import queries, service
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind
from app.core.jobs.runner import run_one
from app.core.jobs.sealing import seal_older
from app.core.permissions import SYSTEM
from app.core.work import Cause

NUMBER = "13800138000"
LEDGER = ("SELECT * FROM job", "SELECT * FROM job_chunk")


class Telling(JobKind):
    """Tells of what it was asked for, as an import quotes what stood in a row."""

    name = "telling"

    def run(self, work, job, payload):
        return ChunkOutcome(done=1, detail={"told": job.parameters["asked"]})

    def finish(self, work, job):
        return {"told": [one["told"] for one in queries.outcomes(work, job.id)]}


def submitted(transactions):
    with transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        return service.submit(work, "telling", {"asked": NUMBER}, [{}, {}], idempotency_key="telling")


def told(transactions, job_id):
    with transactions.reading(SYSTEM) as work:
        job = queries.job(work, job_id)
        return job.parameters, job.result, queries.outcomes(work, job_id)


def in_the_database(work):
    return str([work.session.execute(text(one)).all() for one in LEDGER])


WHOLE = ({"asked": NUMBER}, {"told": [NUMBER, NUMBER]}, [{"told": NUMBER}] * 2)


def test_a_job_s_request_and_what_came_of_it_are_sealed(fresh_transactions, monkeypatch):
    monkeypatch.setitem(JOB_KINDS._classes, "telling", Telling)
    job_id = submitted(fresh_transactions)
    while run_one(fresh_transactions, "w", lambda _session, _owner: SYSTEM):
        pass
    assert told(fresh_transactions, job_id) == WHOLE
    with fresh_transactions.reading(SYSTEM) as work:
        assert NUMBER not in in_the_database(work)


def test_what_lay_in_the_clear_is_read_and_then_sealed_once(fresh_transactions, monkeypatch):
    monkeypatch.setitem(JOB_KINDS._classes, "telling", Telling)
    job_id = submitted(fresh_transactions)
    parameters, result, outcomes = WHOLE
    with fresh_transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        # As a former version wrote them; of the second part nothing is known yet.
        old = {"parameters": json.dumps(parameters), "result": json.dumps(result)}
        work.session.execute(text("UPDATE job SET parameters = :parameters, result = :result"), old)
        done = text("UPDATE job_chunk SET outcome = :outcome WHERE number = 1")
        work.session.execute(done, {"outcome": json.dumps(outcomes[0])})
    before = (parameters, result, outcomes[:1])
    assert told(fresh_transactions, job_id) == before
    with fresh_transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        assert NUMBER in in_the_database(work)
        assert seal_older(work) == 2
        assert NUMBER not in in_the_database(work)
        assert seal_older(work) == 0
    assert told(fresh_transactions, job_id) == before
