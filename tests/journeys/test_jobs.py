"""A job goes on while one is asked whether to stop it, and its end is told in the bell."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core.jobs import service
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind
from app.core.jobs.runner import run_one
from app.core.permissions import Actor
from app.core.work import Cause
from app.people.access_tables import ACCOUNT
from app.worker import owner_actor
from tests.browser import DESK, PHONE, axe, fits

pytestmark = pytest.mark.browser


class Slow(JobKind):
    """Does nothing, one part after the other."""

    name = "test_jobs"
    label = "慢任务"

    def run(self, work, job, payload):
        del work, job, payload
        return ChunkOutcome(done=1)


@pytest.fixture(autouse=True)
def _kind():
    JOB_KINDS.register(Slow)
    yield
    JOB_KINDS._classes.pop(Slow.name)


@pytest.fixture
def parts(live: Any):
    """What begins a job of the administrator's of so many parts, and what does so many parts of it."""
    transactions = live.app.extensions["gongdan"].transactions

    class Parts:
        def begin(self, count: int) -> int:
            with transactions.reading(Actor(0)) as work:
                me = work.session.scalar(select(ACCOUNT.c.id).where(ACCOUNT.c.username == "the.administrator"))
            with transactions.unit_of_work(Actor(me), Cause("person")) as work:
                told = {"subject": "四月的标签"}
                return service.submit(work, Slow.name, told, [{}] * count, idempotency_key=uuid4().hex)

        def do(self, count: int) -> None:
            for _ in range(count):
                assert run_one(transactions, "test:1:1", owner_actor)

    return Parts()


def asked_to_stop(page: Page, job_id: int) -> None:
    page.goto(f"/jobs/{job_id}")
    page.get_by_test_id("job-stop").click()
    expect(page.get_by_test_id("confirm")).to_be_visible()


@pytest.mark.parametrize("look", [DESK, PHONE], ids=str, indirect=True)
def test_a_job_goes_on_behind_the_question_whether_to_stop_it(enter, parts, look):
    page = enter("administrator")
    asked_to_stop(page, parts.begin(3))
    progress, question = page.get_by_test_id("job-progress"), page.get_by_test_id("confirm")
    parts.do(1)
    expect(progress).to_contain_text("1 / 3")
    expect(question).to_be_visible()
    expect(page.get_by_test_id("confirm-yes")).to_be_visible()
    parts.do(2)
    expect(progress).to_have_attribute("data-state", "done")
    # There is nothing left to be stopped, and the question says so.
    expect(page.get_by_test_id("confirm-yes")).to_have_count(0)
    expect(question).to_contain_text("已经结束")
    expect(question.get_by_role("button")).to_be_focused()
    axe(page)
    question.get_by_role("button").click()
    expect(question).to_have_count(0)
    expect(progress).to_contain_text("3 / 3")


def test_the_button_that_asked_is_found_again_after_the_question(enter, parts):
    page = enter("administrator")
    job_id = parts.begin(3)
    asked_to_stop(page, job_id)
    parts.do(1)
    expect(page.get_by_test_id("job-progress")).to_contain_text("1 / 3")
    page.get_by_test_id("confirm").get_by_role("button").first.click()
    expect(page.get_by_test_id("job-stop")).to_be_focused()
    page.get_by_test_id("job-stop").click()
    parts.do(1)
    expect(page.get_by_test_id("job-progress")).to_contain_text("2 / 3")
    page.get_by_test_id("confirm-yes").click()
    expect(page.get_by_test_id("job-progress")).to_have_attribute("data-state", "cancelled")
    expect(page.get_by_test_id("job-progress")).to_contain_text("2 / 3")


@pytest.mark.parametrize("look", [DESK, PHONE], ids=str, indirect=True)
def test_the_bell_tells_of_a_job_until_its_page_is_opened(enter, parts, look):
    page = enter("administrator")
    bell = page.get_by_test_id("notices")
    page.goto("/tickets/notices")
    if page.get_by_test_id("read-all").count():
        page.get_by_test_id("read-all").click()
    expect(bell.locator(".gd-count")).to_have_count(0)
    # What ends under one's eyes is no news.
    page.goto(f"/jobs/{parts.begin(1)}")
    with page.expect_response("**/seen"):
        parts.do(1)
    expect(bell.locator(".gd-count")).to_have_count(0)
    page.goto("/")
    expect(bell.locator(".gd-count")).to_have_count(0)
    parts.begin(2)
    parts.do(2)
    page.goto("/")
    expect(bell.locator(".gd-count")).to_have_text("1")
    bell.click()
    (news,) = page.get_by_test_id("notice").all()
    expect(news).to_contain_text("慢任务")
    expect(news).to_contain_text("四月的标签")
    axe(page)
    fits(page)
    news.click()
    expect(page.get_by_test_id("job-progress")).to_have_attribute("data-state", "done")
    expect(bell.locator(".gd-count")).to_have_count(0)
    page.goto("/tickets/notices")
    expect(page.get_by_test_id("notice")).to_have_count(0)
