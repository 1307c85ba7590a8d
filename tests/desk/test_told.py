"""A list says what its address names in vain, where a condition is broken, and what a change in it changed."""

import json
import re

import pytest

from app.tickets.merged import MERGED
from tests.factories import people
from ticket_templates import queries as templates
from ticket_templates.spec import CATEGORIES
from views.tickets import list_groups


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("state=nope", "State “nope” is not there, or not for you to see"),
        ("template=nope", "Template “nope” is not there"),
        ("template=nope&layout=board", "Template “nope” is not there"),
        ("state=nope&group=template", "State “nope” is not there"),
        ("assignee=999999", "Assignee “#999999” is not there"),
        ("customer=999999", "Customer “#999999” is not there"),
        ("tag=999999", "Tag “#999999” is not there"),
        ("sort=password", "“Order” cannot be read and is left out"),
        ("cols=number,password", "There is no column “password”"),
    ],
)
def test_what_an_address_names_in_vain_is_said(desk, boss, query, said):
    assert said in boss.get(f"/tickets/?{query}").text


@pytest.mark.parametrize(
    ("query", "said", "mended"),
    [
        ("priority=99", "Priority: “99” cannot be read here", "/tickets/"),
        ("customer=甲&priority=1", "Customer: “甲” cannot be read here", "/tickets/?priority=1"),
        ("created_from=1&sort=number", "“created_from” is nothing this list is asked by", "/tickets/?sort=number"),
        ("nonsense=1&layout=board", "“nonsense” is nothing this list is asked by", "/tickets/?layout=board"),
        ("from=2026-01-01", "“from” is nothing this list is asked by", "/tickets/"),
    ],
)
def test_a_filter_that_cannot_be_read_shows_and_gives_nothing(desk, boss, query, said, mended):
    number = desk.opened(boss)
    assert number in boss.get("/tickets/").text
    page = boss.get(f"/tickets/?{query}").text
    assert said in page
    assert number not in page
    assert "A filter of this list cannot be read, so no ticket is shown." in page
    assert f'<a href="{mended}">Show the list without it</a>' in page
    for way in ("count", "export.csv", "export.xlsx"):
        assert boss.get(f"/tickets/{way}?{query}").status_code == 422, way


def test_what_names_no_view_shows_no_list(desk, boss):
    number = desk.opened(boss)
    page = boss.get("/tickets/?view=mine").text
    assert "This view cannot be shown." in page
    assert number not in page


def test_what_a_messenger_adds_to_an_address_asks_for_nothing(desk, boss):
    number = desk.opened(boss)
    page = boss.get(f"/tickets/?q={number}&utm_source=wx&from=singlemessage&isappinstalled=0&created_from=").text
    assert f"{number}</a>" in page
    assert "asked by" not in page


def test_what_is_there_without_tickets_is_not_said_to_be_lost(desk, boss):
    ids = desk.ids
    for query in (f"template={desk.small}&priority=1", f"state={MERGED.key}", "assignee=me",
                  f"customer={ids['customer']}", f"assignee={ids['user']}"):  # fmt: skip
        page = boss.get(f"/tickets/?{query}&q=nothing").text
        assert "No ticket matches" in page, query
        assert "is not there" not in page, query


def test_a_customer_out_of_reach_is_as_lost_as_none(desk, client_as):
    with desk.work() as work:
        stranger = people.customer(work, "远方的客户").id
    technician = client_as("technician")
    words = []
    for key in (stranger, 999_999):
        page = technician.get(f"/tickets/?customer={key}").text
        alert = page[page.index('<div class="alert') :].partition("</div>")[0]
        words.append(re.sub(r"<[^>]+>", "", alert).replace(f"#{key}”", "#N”"))
    assert "#N" in words[0]
    assert words[0] == words[1]


def test_a_broken_condition_says_which_one_as_people_count(desk, boss):
    good = {"field": "priority", "op": "is", "value": 1}
    broken = {"field": "state", "op": "is", "value": "nowhere"}
    page = boss.get("/tickets/", query_string={"where": json.dumps({"all": [good, {"any": [good, broken]}]})}).text
    assert "Condition 2.2: " in page
    assert "all[1]" not in page


def test_a_divided_list_says_how_many_there_are(desk, boss):
    made = {desk.opened(boss, customer_id=desk.ids["customer"]) for _ in range(2)}
    page = boss.get(f"/tickets/?q={min(made)}&group=state").text
    assert ">1 tickets" in page.replace("\n", "").replace("      ", "")
    many = boss.get(f"/tickets/?template={desk.small}&group=state").text
    whole = boss.get(f"/tickets/?template={desk.small}").text
    count = 'data-testid="ticket-count"'
    assert words(many[many.index(count) :]) == words(whole[whole.index(count) :])


def words(text):
    return text[: text.index("</form>")].split()


def test_a_change_in_a_row_says_what_it_changed(desk, boss):
    number = desk.opened(boss)

    def told(**fields):
        return boss.post(f"/tickets/{number}/quick", data=fields).json["said"]

    assert told(priority="1", version="1") == f"{number} is changed. Priority: Normal → Urgent"
    assert told(tag_add="说明白", version="2") == f"{number} is changed. Tags: – → 说明白"
    assert told(priority="1", version="3") == f"{number} is as it was."
    assert told(step="start", version="3") == f"{number} is now “Working”."


def test_states_stand_in_the_order_of_the_work(desk):
    with desk.work() as work:
        known = list_groups._states(work, ())
        states = templates.published_version(work, "installation").states.values()
    wanted = sorted(states, key=lambda one: CATEGORIES.index(one.category))
    # States of one progress stand as the workflow has them, whatever they are called.
    assert len({one.category for one in states}) < len(states)
    places = [known[one.key][0] for one in wanted]
    assert places == sorted(places)
    assert len(set(places)) == len(places)
