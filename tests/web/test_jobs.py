"""The page of jobs: one's own, everybody's with job.read, and nobody else's."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from app.core.jobs import leases, service
from app.core.jobs.models import Job, JobChunk
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM, Actor
from app.core.work import Cause
from tests.clients import make_account

FILE = {"filename": "alt.csv", "spool": "0" * 32, "template": "repair", "version_id": 1, "mapping": {}, "source": "s"}


@pytest.fixture
def jobs(fresh_web) -> Any:
    """An application with a job of a technician (1) and one of the system (2), and a maker of browsers by role."""
    house = fresh_web.extensions["gongdan"]
    owner = make_account(fresh_web, "tech", "technician")
    for actor, key in ((Actor(owner), "a"), (SYSTEM, "b")):
        with house.transactions.unit_of_work(actor, Cause("person")) as work:
            service.submit(
                work, "ticket_import", FILE, [{"chunk": 0, "first": 0, "last": 3}], idempotency_key=key, total=3
            )

    def client(name: str) -> Any:
        if name not in ("tech", "boss"):
            make_account(fresh_web, name, name)
        browser = fresh_web.test_client()
        browser.sign_in(name)
        browser.post("/language/en")
        return browser

    return fresh_web, client


def test_everybody_sees_their_own_and_readers_see_all(jobs):
    app, client = jobs
    tech, boss, other = client("tech"), client("boss"), client("technician")
    assert "job-1" in tech.get("/jobs/").text
    assert "job-2" not in tech.get("/jobs/?whose=all").text
    assert "No jobs here" in other.get("/jobs/").text
    assert "No jobs here" in boss.get("/jobs/").text
    everything = boss.get("/jobs/?whose=all&state=waiting").text
    assert "job-1" in everything
    assert "job-2" in everything
    assert "alt.csv" in everything
    assert "every 2s" in everything
    assert tech.get("/jobs/1").status_code == 200
    for url in ("/jobs/2", "/jobs/99", f"/jobs/{10**30}"):
        assert tech.get(url).status_code == 404
    assert other.get("/jobs/1").status_code == 404
    assert other.post("/jobs/1/stop").status_code == 404
    while run_one(app.extensions["gongdan"].transactions, "w", lambda _session, _owner: SYSTEM):
        pass
    ended = tech.get("/jobs/1").text
    assert 'hx-trigger="every' not in ended
    assert "job-again" in ended


def test_a_job_that_stands_still_says_why(jobs, monkeypatch):
    app, client = jobs
    tech = client("tech")
    assert "no worker" not in tech.get("/jobs/1").text.lower()
    house = app.extensions["gongdan"]
    with house.transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        work.session.execute(update(Job).values(created_at=work.now - timedelta(hours=1)))
    assert "No worker has been heard of" in tech.get("/jobs/1").text
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=4096))
    full = tech.get("/jobs/1").text
    assert "disk is full" in full
    assert "No worker" not in full
    with house.transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        leases.beat(work, "w")
    assert "disk is full" not in tech.get("/jobs/1").text


def test_a_job_is_stopped_by_its_owner_and_not_by_a_mere_reader(jobs):
    _app, client = jobs
    assert client("auditor").post("/jobs/1/stop").status_code == 403
    tech = client("tech")
    assert tech.post("/jobs/1/again").status_code in (400, 409, 422)
    assert tech.post("/jobs/1/stop").status_code == 303
    assert 'data-state="cancelled"' in tech.get("/jobs/1").text
    assert "Stopped" in tech.get("/jobs/?state=cancelled").text


def test_a_stopped_job_moves_until_the_part_in_hand_has_ended(jobs):
    app, client = jobs
    tech, boss = client("tech"), client("boss")
    transactions = app.extensions["gongdan"].transactions

    with transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        leases.claim(work, "w", 600)
    tech.post("/jobs/1/stop")
    for moving in (tech.get("/jobs/1").text, boss.get("/imports/1").text):
        assert 'data-state="cancelled"' in moving
        assert "every 1s" in moving
        assert "these numbers still change" in moving
        assert "again" not in moving.partition('data-state="cancelled"')[2].partition("</main>")[0]
    assert "every 2s" in tech.get("/jobs/").text
    # Whose worker is lost is not waited for, nor what has ended.
    with transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        lost = update(JobChunk).where(JobChunk.job_id == 1).values(lease_until=leases.database_time(work, -1))
        work.session.execute(lost)
    for settled in (tech.get("/jobs/1").text, boss.get("/imports/1").text):
        assert "every 1s" not in settled
        assert "again" in settled.partition('data-state="cancelled"')[2].partition("</main>")[0]
    assert "every 2s" not in tech.get("/jobs/").text
