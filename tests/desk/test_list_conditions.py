"""A list's condition stands in its address: said in words, carried along, and never left out unseen."""

import json
import re
from html import unescape
from urllib.parse import quote

import pytest

from app.core.errors import DomainError
from app.tickets import conditions
from tests.factories import people, tickets


def address(tree, **more):
    text = tree if isinstance(tree, str) else json.dumps(tree, ensure_ascii=False)
    return "&".join([f"/tickets/?where={quote(text)}", *(f"{name}={value}" for name, value in more.items())])


def leaf(field, op, value):
    return {"field": field, "op": op, "value": value}


def shown(client, tree, **more):
    answer = client.get(address(tree, **more))
    assert answer.status_code == 200
    return answer.text


def rows(text):
    return re.findall(r'data-href="([^"]+)"', text)


def test_the_list_shows_what_meets_the_condition_and_says_it(desk, clerk):
    number = desk.opened(clerk)
    text = shown(clerk, leaf("number", "is", number))
    assert rows(text) == [f"/tickets/{number}"]
    [said] = re.findall(r'data-testid="condition">.*?<span>(.*?)</span>', text, re.DOTALL)
    assert number in said
    assert rows(shown(clerk, {"none": [leaf("number", "is", number)]}, q=number)) == []


def test_orders_columns_and_files_keep_the_condition(desk, clerk):
    number = desk.opened(clerk)
    text = shown(clerk, leaf("number", "is", number))
    links = re.findall(r'class="table-sort-link" href="([^"]+)"|href="(/tickets/export[^"]+)"', text)
    assert len(links) > 4
    assert all("where=" in "".join(one) for one in links)
    assert re.search(r'<input type="hidden" name="where" value="[^"]+', text)
    [file] = {unescape(one) for _sort, one in links if "export.csv" in one and "all" not in one}
    assert len(clerk.get(file).text.strip().splitlines()) == 2


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ("{", ""),
        ("[" * 4000, ""),
        ({"all": [leaf("values.nothing", "is", 1)]}, "1"),
        ({"any": [leaf("state", "is", "nowhere"), leaf("priority", "is", "high")]}, "2"),
        (leaf("subject", "matches", "a{2,1}"), ""),
    ],
    ids=["text", "deep", "field", "two", "pattern"],
)
def test_a_broken_condition_shows_no_ticket_and_says_why(desk, clerk, tree, place):
    desk.opened(clerk)
    text = shown(clerk, tree)
    assert rows(text) == []
    [alert] = re.findall(r'data-testid="condition-broken">(.*?)</div>', text, re.DOTALL)
    assert re.findall(r"Condition ([\d.]+):", alert)[-1:] == ([place] if place else [])
    assert "where=" not in re.findall(r'<a href="([^"]+)"', alert)[0]
    assert clerk.get(address(tree).replace("/tickets/?", "/tickets/export.csv?")).status_code == 422


class TestWords:
    """What a condition says."""

    def test_people_places_and_instants_are_called_as_people_call_them(self, work):
        customer = people.customer(work, "王五电器")
        tree = {
            "all": [leaf("customer_id", "is", customer.id), leaf("created_at", "is_before", "2026-11-21T08:30:00Z")]
        }
        said = conditions.said(work, tree)
        assert "王五电器" in said
        assert "2026-11-21 16:30" in said

    def test_a_name_tells_nobody_that_it_is_there(self, work, make_work):
        customer = people.customer(work, "王五电器")
        technician = make_work(tickets.actor(work, "technician"))
        said = conditions.said(technician, leaf("customer_id", "is", customer.id))
        assert "王五" not in said
        assert f"#{customer.id}" in said

    def test_what_is_broken_is_told_at_its_place(self, work):
        with pytest.raises(DomainError) as refused:
            conditions.said(work, {"all": [leaf("state", "is", 7)]})
        assert [one.field for one in refused.value.refusals] == ["all[0].value"]
