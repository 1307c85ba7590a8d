"""A closed ticket's page offers nothing it would refuse, and says why."""

import re

from app.tickets import service
from app.tickets.orders import ChangeTicket


def test_a_closed_ticket_is_read_only_until_it_is_opened_again(desk, clerk, boss):
    number = desk.opened(clerk, **{"values.result": "好了"})
    ticket_id = desk.ticket(number)["id"]
    with desk.work() as work:
        service.change_ticket(work, ChangeTicket(ticket_id, answers={"result": "好了"}))
        for step in ("start", "finish", "close"):
            service.change_ticket(work, ChangeTicket(ticket_id, transition=step, checklist={"tested": True}))
    page = boss.get(f"/tickets/{number}").text
    assert "This ticket is closed. To change something, open it again first: “Reopen”." in page
    for offered in ("edit-main", "edit-work", "edit-about", "transfer"):
        assert f'data-testid="{offered}"' not in page
    assert 'data-testid="note-form"' in page
    assert page.count("disabled") >= 2  # the checklist
    for part in ("sections/main/edit", "about", "transfer"):
        answer = boss.get(f"/tickets/{number}/{part}")
        assert answer.headers["Location"] == f"/tickets/{number}"
    answer = boss.post(f"/tickets/{number}/sections/main/edit", data={"values.fault": "改"})
    assert answer.status_code == 422
    assert "This ticket is closed." in answer.text
    assert desk.ticket(number)["values"]["fault"] != "改"


def test_the_step_that_takes_the_work_further_comes_first(desk, boss):
    number = desk.opened(boss, "complaint", assignee_id=desk.ids["user"])
    data = {"version": "1", "assignee_id": str(desk.ids["user"])}
    assert boss.post(f"/tickets/{number}/steps/assign", data=data).status_code == 303
    steps = re.findall(r'data-testid="step-(\w+)"', boss.get(f"/tickets/{number}").text)
    assert steps == ["respond", "assign", "cancel"]
