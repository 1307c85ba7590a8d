"""Choices drawn as chips: each option is one, and the way back from a choice is none of them; what else a form says."""

import re
from dataclasses import replace

import pytest

from app.tickets.models import Ticket
from tests.desk.filling import hidden_inputs
from tests.factories.tickets import field_spec, named, repair_spec, template, ticket
from ticket_templates.spec import FieldUse, Option


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


COLOURED = tuple(
    Option(key, named(zh), colour, retired=key == "c")
    for key, zh, colour in (("a", "甲", "red"), ("b", "乙", ""), ("c", "丙", "green"))
)
TYPES = {"pick": "choice", "dot": "radio", "several": "choices"}


@pytest.fixture
def coloured(desk) -> str:
    """A template with each way to choose; one option is retired. And a text with help and an example."""
    asked = {key: replace(field_spec(key, type_, key), options=COLOURED) for key, type_ in TYPES.items()}
    texts = {
        key: field_spec(key, type_, key, help=named(f"写明{key}"), settings={"placeholder": f"例如 <{key}>"})
        for key, type_ in (("short", "text"), ("long", "long_text"))
    }
    base = repair_spec()
    section = replace(base.sections[0], fields=tuple(map(FieldUse, ("fault", *asked, *texts))))
    with desk.work() as work:
        return template(work, spec=replace(base, sections=(section,), fields=base.fields | asked | texts))


def offered(page: str) -> dict[str, list[str]]:
    """The values of each input that chooses, as they are drawn: ``tone value``, with a star where it is chosen."""
    label, box = r'<label class="gd-chip (tone-\w+)">', r'<input type="\w+" name="values\.(\w+)" value="(\w+)"'
    found: dict[str, list[str]] = {}
    for tone, key, value, chosen in re.findall(label + box + r"[^>]*?( checked)? data[^>]*>", page):
        found.setdefault(key, []).append(f"{tone} {value}{'*' * bool(chosen)}")
    [select] = re.findall(r'<select[^>]* name="values\.pick"[^>]*>(.*?)</select>', page, re.DOTALL)
    options = re.findall(r'value="(\w+)"( selected)?', select)
    found["pick"] = [f"{value}{'*' * bool(chosen)}" for value, chosen in options]
    return found


def test_options_are_offered_in_their_colours_and_retired_ones_where_they_were_chosen(desk, clerk, coloured):
    chips = ["tone-red a", "tone-gray b"]
    assert offered(clerk.get(f"/tickets/new/{coloured}").text) == {"pick": ["a", "b"], "dot": chips, "several": chips}
    with desk.work() as work:
        ticket_id = ticket(work, coloured, {"pick": "a", "dot": "b", "several": ["a"]})
        # So it was answered while the option could be chosen.
        row = work.session.get_one(Ticket, ticket_id)
        row.values = row.values | {"pick": "c", "dot": "c", "several": ["a", "c"]}
        number = row.number
    chips = [*chips, "tone-green c*"]
    assert offered(clerk.get(f"/tickets/{number}/sections/main/edit").text) == {
        "pick": ["a", "b", "c*"], "dot": chips, "several": ["tone-red a*", *chips[1:]],
    }  # fmt: skip


def test_a_field_says_what_it_wants_and_shows_an_example(clerk, coloured):
    page = clerk.get(f"/tickets/new/{coloured}").text
    for key in ("short", "long"):
        (control,) = re.findall(rf'<(?:input|textarea)[^>]* name="values\.{key}"[^>]*>', page)
        assert f'placeholder="例如 &lt;{key}&gt;"' in control
        (note,) = re.findall(r'aria-describedby="([^"]+)"', control)
        assert re.search(rf'id="{note}"><div class="form-hint">写明{key}</div>', page)
