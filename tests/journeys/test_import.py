"""Tickets come in from a spreadsheet: file, columns, check, import, result."""

import pytest
from playwright.sync_api import expect

from app.core.jobs.runner import run_one
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.worker import owner_actor
from tests.browser import DESK, LOOKS_DECIDE, PHONE, RULES, axe, fits
from tests.factories import tickets

pytestmark = pytest.mark.browser

TABLE = """编号,日期,状态,故障描述,数量,备注列
1,2025-07-01,已关闭,空调不制冷,2,
2,2025-07-02,待分配,洗衣机漏水，地上全是水,many,x
"""


@pytest.fixture(scope="session")
def template(live) -> str:
    with live.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        return tickets.template(work, "import_journey")


@pytest.mark.parametrize("look", [DESK, PHONE], ids=str, indirect=True)
def test_from_a_table_to_tickets(enter, live, template: str, look):
    rows = TABLE.replace("\n1,", f"\n{look}1,").replace("\n2,", f"\n{look}2,")
    page = enter("administrator")
    page.goto("/imports/new")
    _looked_at(page)
    page.get_by_test_id("import-template").select_option(template)
    page.get_by_test_id("import-file").set_input_files(
        {"name": "旧系统.csv", "mimeType": "text/csv", "buffer": rows.encode("gb18030")}
    )
    page.get_by_test_id("next").click()
    page.get_by_test_id("columns-form").wait_for()
    assert page.get_by_test_id("column-3").input_value() == "answers.fault"
    _looked_at(page)
    page.get_by_label("来源名称").or_(page.get_by_label("Name of the source")).fill("旧系统")
    page.get_by_test_id("next").click()
    page.get_by_test_id("values-form").wait_for()
    page.get_by_test_id("values-state").locator("summary").click()
    assert page.get_by_test_id("value-state-0").input_value() == "="
    _looked_at(page)
    page.get_by_test_id("next").click()
    page.get_by_test_id("check-progress").wait_for()
    _looked_at(page)
    _work_off(live)
    assert "数量" in page.get_by_test_id("check-errors").inner_text()
    assert "many" in page.get_by_test_id("check-rows").inner_text()
    _looked_at(page)
    page.get_by_test_id("start").click()
    page.get_by_test_id("import-progress").wait_for()
    # What is fetched again every second leaves the keyboard where it is.
    page.get_by_test_id("stop").focus()
    with page.expect_response("**/progress"):
        pass
    page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
    expect(page.get_by_test_id("stop")).to_be_focused()
    page.goto("/jobs/")
    _looked_at(page)
    page.go_back()
    _work_off(live)
    page.get_by_test_id("download-refused").wait_for()
    assert page.get_by_test_id("count-imported").inner_text() == "1"
    assert page.get_by_test_id("count-refused").inner_text() == "1"
    _looked_at(page)
    with page.expect_download() as download:
        page.get_by_test_id("download-refused").click()
    assert download.value.suggested_filename.endswith("-refused.xlsx")
    page.goto("/imports/")
    _looked_at(page)


def _work_off(live) -> None:
    transactions = live.app.extensions["gongdan"].transactions
    while run_one(transactions, "test:1:1", owner_actor):
        pass


def _looked_at(page) -> None:
    # The markup is the same on a phone.
    axe(page, RULES if page.viewport_size["width"] == DESK.width else LOOKS_DECIDE)
    fits(page)
