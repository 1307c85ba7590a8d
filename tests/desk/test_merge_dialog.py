"""The dialog that merges two tickets: what happens is shown before it does, and it can be undone."""

import re
from datetime import date

import pytest

from app.core.records import service as records
from app.people.records import CUSTOMER
from app.tickets import queries
from tests.desk.test_ticket_page import part
from tests.factories import people, tickets
from tests.tickets.records_known import household
from tests.tickets.records_known import spec as known
from tests.tickets.test_standing import spec

HTMX = {"HX-Request": "true"}


@pytest.fixture
def pair(desk, clerk):
    data = {"customer_id": str(desk.ids["customer"])}
    return desk.opened(clerk, **data), desk.opened(clerk)


def merged(desk, clerk, here, other, **more):
    page = clerk.get(f"/tickets/{here}/merge?other_id={desk.ticket(other)['id']}&keep=here", headers=HTMX).text
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page))
    return page, clerk.post(f"/tickets/{here}/merge", data={**hidden, **more}, headers=HTMX)


def test_merging_shows_what_happens_leads_to_the_target_and_is_undone(desk, clerk, pair):
    source, target = pair
    clerk.post(f"/tickets/{source}/notes", data={"body": "客户又来电"})
    page, answer = merged(desk, clerk, target, source, fill="customer_id")
    assert source in part(page, "merge-preview")
    assert 'value="customer_id" checked' in page
    assert answer.headers["HX-Redirect"] == f"/tickets/{target}"
    shown = clerk.get(f"/tickets/{target}").text
    assert source in part(shown, "entry-note")
    assert desk.ticket(target)["customer_id"] == desk.ids["customer"]
    gone = clerk.get(f"/tickets/{source}").text
    assert f'href="/tickets/{target}"' in part(gone, "merged")
    assert 'data-testid="note-box"' not in gone
    listed = clerk.get("/tickets/?state=~merged&group=state").text
    assert source in listed
    assert target not in listed
    assert listed.count("~merged</") == 0
    version = desk.ticket(source)["version"]
    assert clerk.post(f"/tickets/{source}/unmerge", data={"version": str(version)}).status_code == 303
    assert 'data-testid="merged"' not in clerk.get(f"/tickets/{source}").text
    assert desk.ticket(target)["customer_id"] is None


def test_tickets_of_two_customers_are_warned_of(desk, clerk, pair):
    mine, nobodys = pair
    with desk.work() as work:
        other = records.create(work, CUSTOMER, {"kind": "person", "name": "另一位客户"})
    theirs = desk.opened(clerk, customer_id=str(other.id))
    shown = {
        one: clerk.get(f"/tickets/{mine}/merge?other_id={desk.ticket(one)['id']}&keep=here", headers=HTMX).text
        for one in (theirs, nobodys)
    }
    assert "另一位客户" in part(shown[theirs], "merge-dialog")
    assert 'data-testid="strangers"' in shown[theirs]
    assert 'data-testid="strangers"' not in shown[nobodys]


def test_what_changed_meanwhile_is_told_and_nothing_is_merged(desk, clerk, pair):
    here, other = pair
    _page, answer = merged(desk, clerk, here, other, target_version="99")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert desk.ticket(other)["category"] != "closed"


@pytest.mark.parametrize("other", ["", "x", "0", "9" * 18, "9" * 40])
def test_no_such_ticket_is_told_in_the_dialog(clerk, pair, other):
    asked = clerk.get(f"/tickets/{pair[0]}/merge?other_id={other}", headers=HTMX)
    assert asked.status_code == 200
    answer = clerk.post(f"/tickets/{pair[0]}/merge", data={"other_id": other}, headers=HTMX)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_without_scripts_it_is_a_page(desk, clerk, pair):
    here, other = pair
    page = clerk.get(f"/tickets/{here}/merge?other_id={desk.ticket(other)['id']}").text
    assert "merge-preview" in page
    assert f'href="/tickets/{here}"' in page


def test_what_holds_an_amount_is_not_merged_away_and_the_dialog_says_so_first(desk, clerk):
    with desk.work() as work:
        key = tickets.template(work, spec=spec())
        ids = [tickets.ticket(work, key, {"fault_code": "E1"} | more) for more in ({"deposit": "1999"}, {})]
        paid, other = (queries.ticket(work, one).number for one in ids)
    page = clerk.get(f"/tickets/{other}/merge?other_id={ids[0]}&keep=here", headers=HTMX).text
    assert "1,999.00" in part(page, "booked")
    assert 'data-testid="merge-submit"' not in page
    answer = clerk.post(f"/tickets/{other}/merge", data={"other_id": str(ids[0]), "keep": "here"}, headers=HTMX)
    assert (answer.status_code, answer.text.count('role="alert"')) == (422, 1)
    # The other way round it goes.
    page = clerk.get(f"/tickets/{other}/merge?other_id={ids[0]}&keep=other", headers=HTMX).text
    assert 'data-testid="booked"' not in page
    assert 'data-testid="merge-submit"' in page
    answer = clerk.post(f"/tickets/{other}/merge", data={"other_id": str(ids[0]), "keep": "other"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == f"/tickets/{paid}"


def test_what_changes_besides_is_said_and_follows_what_is_ticked(desk, clerk):
    with desk.work() as work:
        key = tickets.template(work, spec=known())
        outlet = people.outlet(work, name="上海浦东")
        home = household(work, "海天", "SN-1", date(2020, 1, 1), outlet_id=outlet.id)
        ids = [tickets.ticket(work, key, **named) for named in (home.named, {})]
        source, target = (queries.ticket(work, one).number for one in ids)
        called = f"{outlet.name} ({outlet.code})"
    url = f"/tickets/{target}/merge?other_id={ids[0]}&keep=here"
    page = clerk.get(url, headers=HTMX).text
    assert re.findall(r"<li>(.*?)</li>", part(page, "merge-brings")) == [
        f'<span class="text-secondary">Outlet:</span> – → {called}',
        '<span class="text-secondary">Warranty:</span> unknown → out_of_warranty',
    ]
    some = clerk.get(f"{url}&chosen=1&fill=customer_id", headers=HTMX).text
    assert "Warranty" not in part(some, "merge-brings")
    assert ('value="customer_id" checked' in some, 'value="site_id" checked' in some) == (True, False)
    none = clerk.get(f"{url}&chosen=1", headers=HTMX).text
    assert ('data-testid="merge-brings"' in none, " checked" in part(none, "merge-fill")) == (False, False)
    # Refused, the boxes are as they were sent.
    _page, refused = merged(desk, clerk, target, source, target_version="99", fill="customer_id")
    assert (refused.status_code, 'value="site_id" checked' in refused.text) == (422, False)
