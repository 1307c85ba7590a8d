"""How long a unit is under warranty: one rule for the form, the panel beside it, the unit's page and the list."""

import re
from datetime import date, timedelta

import pytest

from app.assets.warranty import Warranty, warranty_of
from app.core.permissions import SYSTEM
from app.people.models import Customer
from app.tickets.queries import customer_360
from tests.clients import CAUSE
from tests.factories import people as make

DAYS = {"installed_on": None, "delivered_on": None, "sold_on": None}


@pytest.mark.parametrize(
    ("days", "months", "expected"),
    [
        ({"installed_on": date(2026, 1, 31)}, 1, Warranty(date(2026, 2, 28), holds=True)),
        ({"installed_on": date(2026, 1, 27)}, 1, Warranty(date(2026, 2, 27), holds=False)),
        ({"sold_on": date(2026, 1, 1), "delivered_on": date(2026, 1, 28)}, 1, Warranty(date(2026, 2, 28), holds=True)),
        ({"installed_on": date(2026, 1, 1)}, None, None),
        ({}, 12, None),
    ],
)
def test_it_runs_from_the_last_known_step(days, months, expected):
    assert warranty_of(date(2026, 2, 28), months, **{**DAYS, **days}) == expected


def test_the_panel_the_page_and_the_list_say_it(web, client_as):
    transactions = web.extensions["gongdan"].transactions
    today = transactions.clock().date()
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        customer = work.session.get(Customer, make.customer(work, "保修客户").id)
        held = make.installed_product(
            work, customer, serial="WARRANTY-1", installed_on=today - timedelta(days=30), sold_on=date(2025, 3, 10)
        )
        ended = make.installed_product(work, customer, serial="WARRANTY-2", installed_on=today - timedelta(days=3000))
        for unit in (held, ended):
            unit.product.warranty_months = 24
        ids = customer.id, held.id, ended.id
    admin = client_as("administrator")
    pages = [admin.get(f"/installed-products/show/{unit}", headers={"Accept-Language": "en"}).text for unit in ids[1:]]
    assert ", in warranty" in pages[0]
    assert ", out of warranty" in pages[1]
    assert all('data-testid="unit-tickets"' in page for page in pages)
    listed = admin.get("/installed-products/list/?q=WARRANTY-", headers={"Accept-Language": "en"}).text
    assert ", in warranty" in listed
    assert ", out of warranty" in listed
    # A date is not broken in two lines.
    assert re.search(r'class="nowrap"[^>]*>2025-03-10<', listed)
    panel = admin.get(f"/tickets/customer-panel?customer_id={ids[0]}", headers={"Accept-Language": "en"}).text
    assert "In warranty until" in panel
    assert "Warranty ended" in panel
    with transactions.reading(SYSTEM) as work:
        assert {one.serial: one.warranty.holds for one in customer_360(work, ids[0]).units} == {
            "WARRANTY-1": True, "WARRANTY-2": False}  # fmt: skip
