"""The hint at doubles beside the form of a new ticket."""

import pytest

from tests.desk.test_ticket_page import part


@pytest.fixture
def typed(desk, clerk):
    """The inputs of a new ticket of a customer who has the same trouble already; the other ticket's number."""
    told = {"customer_id": str(desk.ids["customer"]), "values.fault": "压缩机不启动嗡嗡响"}
    other = desk.opened(clerk, **told)
    return desk.new_form(clerk, desk.small) | told, other


def test_a_double_is_shown_and_linked_with_the_new_ticket(desk, clerk, typed):
    data, other = typed
    other_id = str(desk.ticket(other)["id"])
    hint = clerk.post("/tickets/similar", data=data | {"duplicate_of": other_id}).text
    assert f"/tickets/{other}" in part(hint, "similar")
    assert "checked" in hint
    made = clerk.post(f"/tickets/new/{desk.small}", data=data | {"duplicate_of": [other_id, "x", "9" * 18]})
    assert made.status_code == 303
    number = made.headers["Location"].rpartition("/")[2].partition("?")[0]
    assert other in part(clerk.get(f"/tickets/{number}").text, "link-duplicates")


def test_a_form_of_nothing_known_hints_at_nothing(desk, clerk, typed):
    data, _other = typed
    assert "similar-title" not in clerk.post("/tickets/similar", data=data | {"customer_id": "x"}).text
    assert clerk.post("/tickets/similar", data={"version_id": "0"}).status_code == 404
