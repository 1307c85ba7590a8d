"""Tickets one is told of, and tickets one hands over: what the screens offer, and what they say instead."""

import re
from uuid import uuid4

import pytest

from app.core.records import service as records
from app.people.records import CUSTOMER, STAFF
from app.people.roles import ROLES
from tests.clients import make_account
from tests.desk.conftest import english
from tests.factories import people

SECTION = re.compile(r'data-testid="mentions".*?</section>', re.DOTALL)


@pytest.fixture
def technician(client_as):
    return english(client_as("technician"))


@pytest.fixture
def mentioned(desk, clerk):
    """Number of somebody else's ticket, in a note on which the technician is named."""
    number = desk.opened(clerk)
    assert clerk.post(f"/tickets/{number}/notes", data={"body": "@the.technician 机器异响"}).status_code == 303
    return number


def test_who_is_mentioned_is_told_at_home_and_reads(desk, technician, mentioned):
    (told,) = SECTION.findall(technician.get("/").text)
    assert all(one in told for one in (mentioned, "@the.technician 机器异响", f'href="/tickets/{mentioned}#timeline"'))
    html = technician.get(f"/tickets/{mentioned}").text
    assert "This ticket is not yours" in html
    assert 'data-testid="note-form"' in html
    assert "Not your ticket." in html.split('data-testid="closed-start"', 1)[1].split("</li>", 1)[0]
    for closed in ("step-start", "edit-main", "edit-about", "transfer"):
        assert f'data-testid="{closed}"' not in html, closed
    assert technician.post(f"/tickets/{mentioned}/notes", data={"body": "我看看"}).status_code == 303


@pytest.mark.parametrize(
    ("part", "data"),
    [
        ("steps/start", {}),
        ("sections/main/edit", {"values.fault": "别的"}),
        ("about", {"subject": "别的"}),
    ],
)
def test_who_is_mentioned_changes_nothing_by_any_form(desk, technician, mentioned, part, data):
    before = desk.ticket(mentioned)
    answer = technician.post(f"/tickets/{mentioned}/{part}", data={"version": str(before["version"])} | data)
    assert answer.status_code == 403
    assert desk.ticket(mentioned) == before
    opened = technician.get(f"/tickets/{mentioned}/{part}")
    assert (opened.status_code, opened.headers["Location"]) == (303, f"/tickets/{mentioned}")


def test_nor_ticks_the_checklist_or_invites_others(web, desk, technician, mentioned):
    other = make_account(web, "the.other.technician", "technician")
    for part, data in (
        ("checklist", {"item": "tested", "done": "1"}),
        ("watch", {"on": "1", "user_id": str(other)}),
    ):
        answer = technician.post(f"/tickets/{mentioned}/{part}", data=data, headers={"HX-Request": "true"})
        assert answer.status_code == 422
    assert desk.ticket(mentioned)["checklist"] == {}


def test_who_is_mentioned_nowhere_sees_no_empty_panel(auditor_home):
    assert not SECTION.findall(auditor_home)


@pytest.fixture
def auditor_home(client_as):
    return client_as("auditor").get("/").text


def test_a_transfer_of_nothing_is_refused_at_its_fields(desk, clerk):
    number = desk.opened(clerk, assignee_id=desk.ids["user"])
    asked = clerk.get(f"/tickets/{number}/transfer").text
    assert '<label class="form-label required" for="dialog-note">Reason' in asked
    same = {"version": "1", "assignee_id": str(desk.ids["user"]), "team_id": "", "outlet_id": "", "note": ""}
    answer = clerk.post(f"/tickets/{number}/transfer", data=same)
    assert answer.status_code == 422
    for said in ("It stays where it is: choose another assignee, team or outlet.", "Say why it is handed over."):
        assert re.search(rf'invalid-feedback d-block"[^>]*>{said}', answer.text), said
    assert desk.ticket(number)["version"] == 1


def test_who_hands_a_ticket_out_of_reach_is_led_to_the_list(web, desk, clerk, client_as):
    name = f"manager.{uuid4().hex[:8]}"
    manager = make_account(web, name, "outlet_manager")
    with desk.work() as work:
        here, there = people.outlet(work), people.outlet(work)
        records.create(work, STAFF, {"user_id": manager, "outlet_id": here.id, "teams": []})
    number = desk.opened(clerk, outlet_id=here.id)
    client = web.test_client()
    client.sign_in(name)
    data = {"version": "1", "assignee_id": "", "team_id": "", "outlet_id": str(there.id), "note": "归他们管"}
    answer = client.post(f"/tickets/{number}/transfer", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/tickets/")
    assert client.get(f"/tickets/{number}").status_code == 404


def test_a_dialog_says_which_ticket_it_is_over(desk, clerk, client_as):
    with desk.work() as work:
        made = records.create(
            work, CUSTOMER,
            {"kind": "company", "name": "望江宾馆", "active": True,
             "sites": [{"name": "主楼", "address_line": "江滨路 9 号"}]},
        )  # fmt: skip
        about = {"customer_id": made.id, "site_id": made.sites[0].id}
    number = desk.opened(clerk, **about)
    for part in ("steps/start", "transfer"):
        line = re.search(r'data-testid="dialog-ticket">(.*?)</p>', clerk.get(f"/tickets/{number}/{part}").text)[1]
        assert all(one in line for one in (number, "望江宾馆", "江滨路 9 号"))
    masked = client_as("finance").get(f"/tickets/{number}/steps/start").text
    assert "望江宾馆" in masked
    assert "江滨路" not in masked


def test_closed_steps_are_named_where_they_are_folded(desk, clerk):
    number = desk.opened(clerk)
    clerk.post(f"/tickets/{number}/steps/start", data={"version": "1"})
    clerk.post(f"/tickets/{number}/steps/finish", data={"version": "2", "values.result": "好"})
    html = clerk.get(f"/tickets/{number}").text
    assert "Closed steps: Reopen" in html


@pytest.mark.parametrize(
    ("role", "offered"),
    [("technician", True), ("clerk", True), ("dispatcher", True), ("auditor", False), ("template_designer", False)],
)
def test_whom_the_select_of_the_assignee_offers(web, desk, clerk, role, offered):
    name = f"who.{uuid4().hex[:10]}"
    user_id = make_account(web, name, role)
    number = desk.opened(clerk)
    for about in (f"template={desk.small}", f"of={number}"):
        found = clerk.get(f"/tickets/assignees?{about}&q={name}").json["results"]
        assert [(one["id"], one["hint"]) for one in found] == ([(user_id, "0 open")] if offered else [])
    assert [one["id"] for one in clerk.get(f"/lookup/user?q={name}").json["results"]] == [user_id]


def test_whom_one_may_give_a_ticket_to_stands_in_the_order_of_the_sound(web, desk, clerk):
    mark = uuid4().hex[:10]
    for surname in "张李艾":
        make_account(web, f"{ord(surname)}.{mark}", "technician", name=f"{surname}{mark}")
    found = clerk.get(f"/tickets/assignees?template={desk.small}&q={mark}").json["results"]
    assert [one["text"][0] for one in found] == ["艾", "李", "张"]


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_whoever_sees_tickets_may_ask_whom_one_may_be_given(web, desk, client_as, role):
    mate = f"mate.{uuid4().hex[:10]}"
    user_id = make_account(web, mate, "technician")
    answer = client_as(role.name).get(f"/tickets/assignees?template={desk.small}&q={mate}")
    assert [one["id"] for one in answer.json["results"]] == [user_id]


def test_the_select_of_an_outlet_offers_its_own_people_and_those_of_headquarters(web, desk):
    """The outlet of each is in the list and in the rule of who may be named: one statement reads it twice."""
    mark = uuid4().hex[:10]
    with desk.work() as work:
        here, there = people.outlet(work), people.outlet(work)
    places = {"manager": here, "here": here, "there": there}
    ids = {
        name: make_account(web, f"{name}.{mark}", "outlet_manager" if name == "manager" else "technician")
        for name in (*places, "headquarters")
    }
    with desk.work() as work:
        for name, outlet in places.items():
            records.create(work, STAFF, {"user_id": ids[name], "outlet_id": outlet.id, "teams": []})
    manager = web.test_client()
    manager.sign_in(f"manager.{mark}")
    found = manager.get(f"/tickets/assignees?template={desk.small}&q={mark}").json["results"]
    assert {one["id"] for one in found} == {ids["manager"], ids["here"], ids["headquarters"]}


def test_the_select_tells_nothing_of_a_ticket_out_of_reach(desk, clerk, technician):
    number = desk.opened(clerk)
    for about in (f"of={number}", "of=WX-1", "", "template=none"):
        answer = technician.get(f"/tickets/assignees?{about}", headers={"Accept": "application/json"})
        assert answer.status_code == 404, about


def test_without_an_outlet_technicians_are_offered_before_the_office(web, desk, clerk):
    office, field = (make_account(web, f"order.{role}", role, name=name) for role, name in
                     (("dispatcher", "阿一排序"), ("technician", "周二排序")))  # fmt: skip
    number = desk.opened(clerk)
    found = clerk.get(f"/tickets/assignees?of={number}&q=排序").json["results"]
    assert [one["id"] for one in found] == [field, office]
