"""A record two people have open, or one comes back to: nobody's work is undone, and every choice is there again."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from app.core.permissions import SYSTEM
from app.core.records import service
from app.people.models import Customer, Tag
from app.people.records import CUSTOMER
from tests.clients import CAUSE
from tests.desk.conftest import furnished
from tests.factories import people

pytestmark = pytest.mark.browser

NAME, REMARK = "[name='name']", "[name='remark']"


@pytest.fixture(autouse=True)
def desk(live: Any) -> Any:
    return furnished(live.app)


@pytest.fixture
def customer(live):
    """A customer with two tags; what it says now."""
    transactions = live.app.extensions["gongdan"].transactions
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        row = people.customer(work, "谢静")
        row.tags = [Tag(name=f"{one} {row.code}") for one in ("有宠物", "需预约")]
        work.session.flush()
        key = row.id

    def said():
        with transactions.reading(SYSTEM) as work:
            row = work.session.get(Customer, key)
            return row.name, row.remark, len(row.tags)

    return key, said


def chosen(page: Page) -> Locator:
    return page.locator("[name='tags'] + .ts-wrapper .item")


def test_what_a_colleague_saved_meanwhile_stays(enter, live, customer):
    key, said = customer
    page = enter("administrator")
    page.goto(f"/customers/edit/{key}")
    with live.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.change(work, CUSTOMER, key, {"name": "谢静静", "remark": "先存的"})
    page.fill(REMARK, "后存的")
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("conflict")).to_be_visible()
    expect(page.locator(NAME)).to_have_value("谢静静")
    expect(chosen(page)).to_have_count(2)
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("record-form")).to_have_count(0)
    assert said()[::2] == ("谢静静", 2)


def test_who_comes_back_finds_every_choice_again(enter, customer):
    key, said = customer
    page = enter("administrator")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"/customers/edit/{key}")
    page.fill(REMARK, "写到一半")
    page.goto("/contacts/list/")
    page.go_back()
    expect(page.locator(REMARK)).to_have_value("写到一半")
    expect(chosen(page)).to_have_count(2)
    page.get_by_test_id("save").click()
    expect(page.get_by_test_id("record-form")).to_have_count(0)
    assert said() == ("谢静", "写到一半", 2)
