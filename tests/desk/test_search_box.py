"""The search box of every page: suggestions as a fragment, Enter to the one thing or to the list."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.clients import statements
from tests.factories import people

SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def found(desk):
    """A customer with a unit, of a name and numbers nobody else has; its mark is no number, of which more is asked."""
    mark = f"Q{uuid4().hex[:8]}".upper()
    with desk.work() as work:
        customer = people.customer(work, f"寻{mark} {SCRIPT}", code=f"C-{mark}", phone="13700137001")
        unit = people.installed_product(work, customer, serial=f"U-{mark}")
        return {"mark": mark, "customer": customer.id, "code": customer.code, "unit": unit.id, "serial": unit.serial}


def where(client, typed):
    answer = client.get(f"/search/?q={quote(typed)}")
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_enter_leads_to_the_one_thing_or_to_the_list(desk, clerk, found):
    number = desk.opened(clerk)
    assert where(clerk, number.replace("-", "").lower()) == f"/tickets/{number}"
    assert where(clerk, found["serial"]) == f"/installed-products/show/{found['unit']}"
    assert where(clerk, f" {found['code'].lower()} ") == f"/customers/show/{found['customer']}"
    assert where(clerk, " 空调  不冷") == f"/tickets/?q={quote('空调 不冷')}".replace("%20", "+")
    assert where(clerk, "") == "/tickets/"
    for typed in (number, found["serial"], "空调"):
        assert clerk.get(where(clerk, typed)).status_code == 200


def test_suggestions_are_options_in_groups(desk, clerk, found):
    number = desk.opened(clerk, customer_id=str(found["customer"]))
    html = clerk.get(f"/search/suggest?q={found['mark']}").text
    assert html.count('role="option"') == 3
    assert "<html" not in html
    assert f'href="/tickets/{number}"' in html
    assert f'href="/customers/show/{found["customer"]}"' in html
    assert f'href="/tickets/?q={found["mark"]}"' in html
    assert SCRIPT not in html
    assert f'href="/installed-products/show/{found["unit"]}"' in clerk.get(f"/search/suggest?q={found['serial']}").text
    assert "Nothing found" in clerk.get(f"/search/suggest?q={uuid4().hex}").text


@pytest.mark.parametrize(
    "typed", ["", "%00", "%00%00%00", "%ff%fe", "a" * 5000, "%F0%9F%98%80" * 50, "'%22%25_*", "+86"]
)
def test_whatever_is_typed_is_answered(desk, clerk, typed):
    assert clerk.get(f"/search/suggest?q={typed}").status_code == 200
    answer = clerk.get(f"/search/?q={typed}")
    assert answer.status_code == 302
    assert clerk.get(answer.headers["Location"]).status_code == 200


def test_typing_costs_few_statements(desk, clerk, found):
    engine = desk.app.extensions["gongdan"].engine
    clerk.get("/search/suggest?q=13700137001")
    for typed in (found["mark"], "13700137001", "WX202611210001", found["serial"]):
        with statements(engine) as seen:
            assert clerk.get(f"/search/suggest?q={typed}").status_code == 200
        assert 1 < len(seen) <= 16, "\n".join(seen)


def test_the_box_promises_what_it_finds(desk, clerk):
    html = clerk.get("/customers/list/").text
    assert 'action="/search/"' in html
    assert 'role="combobox"' in html
    assert "Search number, customer, phone, serial …" in html


def test_a_technician_gets_nothing_of_others(desk, client_as, clerk, found):
    number = desk.opened(clerk, customer_id=str(found["customer"]))
    technician = client_as("technician")
    assert where(technician, number) == f"/tickets/?q={number}"
    assert where(technician, found["serial"]) == f"/tickets/?q={found['serial']}"
    assert 'href="/customers' not in technician.get(f"/search/suggest?q={found['mark']}").text
