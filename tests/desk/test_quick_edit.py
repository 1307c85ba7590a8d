"""State, priority and assignee changed in the list: over the version that was read, refused in place, undone."""

import json
import re

import pytest

from tests.clients import statements
from tests.desk.conftest import english
from tests.factories.tickets import giving_spec, template


def quick(client, number, name="", **fields):
    if name:
        return client.get(f"/tickets/{number}/quick/{name}").text
    return client.post(f"/tickets/{number}/quick?cols=number,state,priority,assignee", data=fields)


def version(desk, number):
    return desk.ticket(number)["version"]


def test_a_priority_is_changed_and_taken_back(desk, boss):
    number = desk.opened(boss)
    assert 'data-quick-name="priority"' in quick(boss, number, "priority")
    done = quick(boss, number, priority="1", version=version(desk, number))
    assert done.status_code == 200
    assert re.findall(r'class="col-(\w+)', done.json["html"]) == ["number", "state", "priority", "assignee"]
    assert "tone-red" in done.json["html"]
    assert f'data-version="{version(desk, number)}"' in done.json["html"]
    assert done.json["undo"] == {"priority": "3", "version": str(version(desk, number)), "undo": "1"}
    back = quick(boss, number, **done.json["undo"])
    assert back.status_code == 200
    assert back.json["undo"] == {}
    assert desk.ticket(number)["priority"] == 3


def test_what_somebody_changed_since_is_neither_overwritten_nor_taken_back(desk, boss):
    number = desk.opened(boss)
    read = version(desk, number)
    undo = quick(boss, number, priority="1", version=read).json["undo"]
    stale = quick(boss, number, priority="4", version=read)
    assert stale.status_code == 409
    assert stale.json["refusals"]
    assert stale.json["version"] == read + 1
    assert "tone-red" in stale.json["html"]
    quick(boss, number, priority="2", version=read + 1)
    assert quick(boss, number, **undo).status_code == 409
    assert desk.ticket(number)["priority"] == 2
    assert "Somebody changed this ticket" in boss.get(f"/tickets/{number}/quick/priority?seen={read}").text


def test_a_step_that_asks_for_nothing_is_one_press_and_one_that_asks_its_dialog(desk, boss):
    number = desk.opened(boss)
    assert 'data-quick-value="start"' in quick(boss, number, "state")
    done = quick(boss, number, step="start", version=version(desk, number))
    assert (done.status_code, done.json["state"], done.json["undo"]) == (200, "working", {})
    text = quick(boss, number, "state")
    assert f'data-quick-dialog="/tickets/{number}/steps/finish"' in text
    refused = quick(boss, number, step="finish", version=version(desk, number))
    assert refused.status_code == 422
    assert refused.json["refusals"]
    assert refused.json["state"] == "working"


def test_a_dialog_over_the_list_leaves_the_list_where_it_is(desk, boss):
    number = desk.opened(boss)
    quick(boss, number, step="start", version=version(desk, number))
    form = {"values.result": "好", "version": version(desk, number)}
    there = {"HX-Request": "true", "HX-Current-URL": "http://localhost/tickets/?layout=board"}
    answer = boss.post(f"/tickets/{number}/steps/finish", data=form, headers=there)
    assert answer.status_code == 204
    assert "HX-Redirect" not in answer.headers
    told = json.loads(answer.headers["HX-Trigger"])["ticket-changed"]
    assert told == {"number": number, "said": f"{number} is now “Done”."}
    assert "is now" not in boss.get("/tickets/").text


def test_a_ticket_is_handed_over_with_a_reason_and_taken_back(desk, boss):
    number = desk.opened(boss, assignee_id=desk.ids["user"])
    text = quick(boss, number, "assignee")
    assert "data-quick-reason" in text
    other = next(one for one in re.findall(r'data-quick-value="(\d+)"', text) if one != str(desk.ids["user"]))
    silent = quick(boss, number, assignee_id=other, version=version(desk, number), reason=" ")
    assert silent.status_code == 422
    assert "Say why" in silent.json["refusals"][0]
    done = quick(boss, number, assignee_id=other, version=version(desk, number), reason="他更近")
    assert done.status_code == 200, done.json["refusals"]
    assert str(desk.ticket(number)["assignee_id"]) == other
    assert quick(boss, number, **done.json["undo"]).status_code == 200
    assert desk.ticket(number)["assignee_id"] == desk.ids["user"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"version": "1"},
        {"priority": "1"},
        {"priority": "1", "version": "x"},
        {"step": "start", "version": "٣"},
        {"priority": "9", "version": "1"},
        {"assignee_id": "0", "version": "1"},
        {"assignee_id": "99999999999", "version": "1"},
        {"step": "no_such", "version": "1"},
    ],
)
def test_nonsense_is_refused_in_place(desk, boss, fields):
    number = desk.opened(boss)
    answer = quick(boss, number, **fields)
    assert answer.status_code in (409, 422)
    assert answer.json["refusals"]
    assert desk.ticket(number)["version"] == 1


def test_who_may_not_is_told_so_and_a_strangers_ticket_is_not_there(desk, boss, client_as):
    number = desk.opened(boss)
    reader = english(client_as("auditor"))
    assert "may not change" in quick(reader, number, "priority")
    assert quick(reader, number, priority="1", version="1").status_code == 403
    assert "data-quick-rows" not in reader.get("/tickets/").text
    stranger = english(client_as("technician"))
    for path in ("quick/state", "quick", "moves", "preview"):
        assert stranger.get(f"/tickets/{number}/{path}").status_code == 404
    assert quick(stranger, number, priority="1", version="1").status_code == 404
    assert boss.get(f"/tickets/{number}/quick/subject").status_code == 404


def test_the_list_says_of_its_rows_what_a_change_is_based_on(desk, boss):
    number = desk.opened(boss)
    text = boss.get(f"/tickets/?q={number}").text
    (row,) = re.findall(r'<tr[^>]*data-testid="ticket-row"', text)
    assert f'data-number="{number}"' in row
    assert 'data-version="1"' in row
    assert boss.get(f"/tickets/{number}/quick").json["version"] == 1


def test_the_preview_shows_what_one_would_open_it_for(desk, boss):
    number = desk.opened(boss, customer_id=desk.ids["customer"], site_id=desk.ids["site"])
    boss.post(f"/tickets/{number}/notes", data={"body": "**下午**到"})
    text = boss.get(f"/tickets/{number}/preview").text
    for word in ("王小明", "科技园路", "下午", "Waiting", "made the ticket"):
        assert word in text, word
    assert "<html" not in text
    with statements(desk.app.extensions["gongdan"].engine) as seen:
        boss.get(f"/tickets/{number}/preview")
    assert len(seen) <= 14, "\n".join(seen)


def test_a_ticket_nobody_has_is_given_by_the_step_that_gives_it(desk, boss):
    number = desk.opened(boss, "appliance_repair", customer_id=desk.ids["customer"], site_id=desk.ids["site"])
    text = quick(boss, number, "assignee")
    assert "data-quick-reason" not in text
    assert "takes the step “Assign”" in text
    assert 'data-quick-value="' in text
    done = quick(boss, number, assignee_id=str(desk.ids["user"]), version=version(desk, number))
    assert done.status_code == 200, done.json["refusals"]
    assert desk.ticket(number)["assignee_id"] == desk.ids["user"]
    assert (done.json["state"], done.json["undo"]) == ("assigned", {})


def test_who_does_not_give_tickets_out_is_not_asked_for_whom(desk, boss, clerk):
    with desk.work() as work:
        key = template(work, spec=giving_spec(roles=["administrator"]))
    number = desk.opened(boss, key)
    for client in (boss, clerk):
        dialog = client.get(f"/tickets/{number}/transfer").text
        assert "take the step “Assign”" in dialog
        assert 'name="assignee_id"' not in dialog
        assert 'name="team_id"' in dialog
    offered = [one.get(f"/tickets/{number}/quick/assignee").text for one in (boss, clerk)]
    assert ["data-quick-find" in one for one in offered] == [True, False]
    assert "take the step “Assign”" in offered[1]
