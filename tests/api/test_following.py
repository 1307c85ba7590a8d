"""Another customer or product, for programs: what goes along is doubted, and told of many at once."""

from datetime import date

import pytest

from app.tickets import queries
from tests.clients import CAUSE, SYSTEM
from tests.factories import tickets
from tests.tickets.records_known import household, spec


@pytest.fixture
def fleet(web):
    """Two tickets about one unit, and what names another customer and his unit."""
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        first, second = household(work, "海天", "SN-1", date(2020, 1, 1)), household(work, "山地", "SN-2", None)
        key = tickets.template(work, spec=spec())
        numbers = [queries.ticket(work, tickets.ticket(work, key, **first.named)).number for _ in range(2)]
        return numbers, second.named


def test_a_program_says_that_what_goes_along_is_right(fleet, client_as):
    boss = client_as("administrator")
    (number, other), named = fleet
    refused = boss.patch(f"/api/v1/tickets/{number}", json={"fields": named})
    assert refused.status_code == 422
    told = {one["pointer"]: one for one in refused.json["errors"]}
    assert {one["code"] for one in told.values()} == {"needs_confirmation"}
    assert "SN-1 → SN-2" in told["#/fields/installed_product_id"]["message"]
    assert boss.get(f"/api/v1/tickets/{number}").json["answers"]["serial"] == "SN-1"
    wish = {"fields": named, "answers": {"brand": "别的牌"}, "confirm": True}
    answers = boss.patch(f"/api/v1/tickets/{number}", json=wish).json["answers"]
    assert (answers["serial"], answers["brand"], answers.get("warranty")) == ("SN-2", "别的牌", "unknown")
    # Nothing that is there becomes another answer, so nothing is asked.
    typed = {"fields": {"priority": 2}}
    assert boss.patch(f"/api/v1/tickets/{number}", json=typed).status_code == 200
    many = {"tickets": [{"number": other}], "fields": named}
    (item,) = boss.post("/api/v1/tickets/bulk", json=many).json["items"]
    assert (item["status"], item["errors"]) == ("changed", [])
    assert "#/fields/installed_product_id" in {one["pointer"] for one in item["doubts"]}
    assert boss.get(f"/api/v1/tickets/{other}").json["answers"]["serial"] == "SN-2"


def test_another_customer_s_things_are_refused_where_they_stand(fleet, client_as):
    boss = client_as("administrator")
    (number, _other), named = fleet
    refused = boss.patch(f"/api/v1/tickets/{number}", json={"fields": {"customer_id": named["customer_id"]}})
    assert {one["pointer"] for one in refused.json["errors"]} == {
        "#/fields/contact_id", "#/fields/site_id", "#/fields/installed_product_id",
    }  # fmt: skip
