"""A long list of customers is made into a file while one goes on; several of one name are told apart."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM
from app.exchange.record_lists import RECORD_LISTS
from app.worker import owner_actor
from tests.browser import DESK, PHONE, axe, fits
from tests.clients import CAUSE
from tests.desk.conftest import furnished
from tests.factories import people
from views.record_lists import RecordScreens

pytestmark = pytest.mark.browser


@pytest.fixture
def mark(live, monkeypatch):
    """Three customers of one name and phone, where three are many."""
    for room in ("views.base.list_export", "views.base.model_view"):
        monkeypatch.setattr(f"{room}.at_once", lambda: 2)
    RECORD_LISTS.offered_by(lambda: RecordScreens(live.app))
    furnished(live.app)
    name = f"海天{uuid4().hex[:8]}"
    with live.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        for _each in range(2):
            people.customer(work, name)
        people.installed_product(work, people.customer(work, name))
    return name


@pytest.mark.parametrize("look", [DESK, PHONE], ids=str, indirect=True)
def test_a_long_list_is_made_into_a_file(enter, live, mark, look):
    del look
    page = enter("administrator")
    page.goto(f"/customers/export/csv?q={mark}")
    expect(page.get_by_test_id("export-long")).to_contain_text("多于 2 条")
    axe(page)
    fits(page)
    page.goto(f"/customers/list/?q={mark}")
    page.get_by_role("button", name="导出").click()
    page.get_by_test_id("export-xlsx").click()
    expect(page.get_by_test_id("job-progress")).to_have_attribute("data-state", "waiting")
    while run_one(live.app.extensions["gongdan"].transactions, "test:1:1", owner_actor):
        pass
    with page.expect_download() as taken:
        page.get_by_test_id("job-file").click()
    assert taken.value.suggested_filename.startswith("customers-2")
    assert taken.value.suggested_filename.endswith(".xlsx")


@pytest.mark.parametrize("look", [DESK, PHONE], ids=str, indirect=True)
def test_customers_of_one_name_are_told_apart(enter, mark, look):
    del look
    page = enter("clerk")
    page.goto("/tickets/new/appliance_repair")
    page.get_by_test_id("customer-search").fill(mark)
    found = page.locator("#customer-results [role=option]")
    expect(found).to_have_count(3)
    expect(found.filter(has_text="暂无工单 · 设备 1 台")).to_have_count(1)
    axe(page)
    fits(page)
