"""Choices drawn as chips: each option is one, and the way back from a choice is none of them."""

import re

from tests.desk.filling import hidden_inputs


def test_the_way_back_from_a_choice_is_no_option(desk, clerk):
    del desk
    page = clerk.get("/tickets/new/appliance_repair").text
    options = re.findall(
        r'<label class="gd-chip ([^"]*)"><input type="radio" name="values.warranty_status"[^>]*>', page
    )
    assert [one for one in options if one.startswith("tone-")] == options[:-1]
    assert options[-1] == "gd-chip-none"
    assert "No answer" not in page


def test_a_choice_can_be_taken_back(desk, clerk):
    data = {"values.fault_description": "漏水", "values.product_category_text": "空调", "values.warranty_status": ""}
    hidden = hidden_inputs(clerk.get("/tickets/new/appliance_repair").text)
    answer = clerk.post("/tickets/new/appliance_repair", data=hidden | data)
    number = answer.headers["Location"].split("/")[2].partition("?")[0]
    assert "warranty_status" not in desk.ticket(number)["values"]
