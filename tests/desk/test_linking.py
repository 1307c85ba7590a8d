"""The panel of links on a ticket's page, with scripts and without."""

import pytest

from app.tickets import service
from app.tickets.orders import LinkTickets
from tests.desk.test_ticket_page import part

HTMX = {"HX-Request": "true"}


@pytest.fixture
def pair(desk, clerk):
    return [desk.opened(clerk) for _ in range(2)]


def ids(desk, *numbers):
    return [desk.ticket(number)["id"] for number in numbers]


def linked(clerk, number, other, kind="blocks", **more):
    return clerk.post(
        f"/tickets/{number}/links", data={"kind": kind, "other_id": str(other), "on": "1", **more}, headers=HTMX
    )


def test_a_link_is_made_seen_from_both_and_taken_away(desk, clerk, pair):
    this, that = pair
    _this_id, that_id = ids(desk, *pair)
    answer = linked(clerk, this, that_id)
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == "timeline-changed"
    assert that in part(answer.text, "related")
    assert 'data-testid="link-blocked_by"' in clerk.get(f"/tickets/{that}").text
    assert that in part(clerk.get(f"/tickets/{this}/timeline").text, "entry-linked")
    gone = linked(clerk, this, that_id, on="")
    assert "link-blocks" not in gone.text


def test_the_other_ticket_is_found_by_its_number(desk, clerk, pair):
    this, that = pair
    found = clerk.get(f"/tickets/{this}/links/candidates?q={that}").json["results"]
    assert [one["id"] for one in found] == ids(desk, that)
    assert clerk.get(f"/tickets/{this}/links/candidates?q={this}").json["results"] == []
    assert clerk.get(f"/tickets/{this}/links/candidates?q=").json["results"] == []


@pytest.mark.parametrize("other", ["", "x", "0", str(10**30), "9" * 18])
def test_what_is_no_ticket_is_told_in_the_panel(clerk, pair, other):
    answer = linked(clerk, pair[0], other, kind="child_of")
    assert answer.status_code == 422
    assert 'role="alert"' in part(answer.text, "related")
    assert '<option value="child_of" selected>' in answer.text


def test_without_scripts_the_page_comes_again(desk, clerk, pair):
    this, that_id = pair[0], ids(desk, pair[1])[0]
    data = {"kind": "relates", "other_id": str(that_id), "on": "1"}
    answer = clerk.post(f"/tickets/{this}/links", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/tickets/{this}")
    assert clerk.post("/tickets/WX-GONE/links", data=data).status_code == 404


def test_a_child_is_listed_on_its_parents_page(desk, clerk, pair):
    parent, child = ids(desk, *pair)
    with desk.work() as work:
        service.link_ticket(work, LinkTickets(parent, "parent_of", child))
    assert pair[1] in part(clerk.get(f"/tickets/{pair[0]}").text, "link-parent_of")
