"""The page of jobs: one's own, everybody's with job.read, and nobody else's."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from app.core.jobs import leases, service
from app.core.jobs.models import Job, JobChunk
from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM, Actor
from app.core.work import Cause
from app.people.access_tables import ACCOUNT
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


def bell(browser):
    found = re.search(r'class="gd-count"[^>]*>([^<]+)<', browser.get("/").text)
    return int(found[1]) if found else 0


def run_all(app):
    while run_one(app.extensions["gongdan"].transactions, "w", lambda _session, _owner: SYSTEM):
        pass


def test_the_bell_tells_its_owner_that_a_job_has_ended(jobs):
    app, client = jobs
    tech, boss = client("tech"), client("boss")
    assert (bell(tech), bell(boss)) == (0, 0)
    run_all(app)
    # The system's own job is nobody's news.
    assert (bell(tech), bell(boss)) == (1, 0)
    page = tech.get("/tickets/notices").text
    assert re.findall(r'href="(/jobs/1)" data-testid="notice"', page) == ["/jobs/1"]
    assert "<strong>Ticket import</strong> has finished" in page
    assert "alt.csv · Refused: 3" in page
    # Its page takes note once it stands on the screen; somebody else's look at it counts for nothing.
    assert "/jobs/1/seen" not in boss.get("/jobs/1").text
    assert boss.post("/jobs/1/seen").status_code == 303
    assert client("technician").post("/jobs/1/seen").status_code == 404
    assert 'hx-post="/jobs/1/seen"' in tech.get("/jobs/1").text
    assert bell(tech) == 1
    answer = tech.post("/jobs/1/seen", headers={"HX-Request": "true"})
    assert 'hx-swap-oob="true"' in answer.text
    assert "gd-count" not in answer.text
    assert "/jobs/1/seen" not in tech.get("/jobs/1").text
    assert bell(tech) == 0


def test_what_ended_is_no_news_when_all_is_marked_as_read(jobs):
    app, client = jobs
    tech = client("tech")
    run_all(app)
    assert bell(tech) == 1
    assert tech.post("/tickets/notices/read").status_code == 303
    assert bell(tech) == 0
    assert "Nothing new for you" in tech.get("/tickets/notices").text


def test_the_end_of_an_import_is_seen_on_its_own_page(jobs):
    app, client = jobs
    boss = client("boss")
    house = app.extensions["gongdan"]
    with house.transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        owner = work.session.scalar(select(ACCOUNT.c.id).where(ACCOUNT.c.username == "boss"))
        work.session.execute(update(Job).where(Job.id == 1).values(owner_id=owner))
    assert "/jobs/1/seen" not in boss.get("/imports/1/progress").text
    run_all(app)
    assert re.findall(r'href="([^"]+)" data-testid="notice"', boss.get("/tickets/notices").text) == ["/imports/1"]
    assert 'hx-post="/jobs/1/seen"' in boss.get("/imports/1/progress").text


def test_who_stops_what_has_ended_is_told_so(jobs):
    app, client = jobs
    tech = client("tech")
    run_all(app)
    assert tech.post("/jobs/1/stop").status_code == 303
    page = tech.get("/jobs/1").text
    assert "It had ended already before you stopped it." in page
    assert "The job is stopped" not in page
