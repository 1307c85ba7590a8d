"""Review and reopening on the desk: what is reviewed is not changed, what was confirmed is confirmed anew."""

from sqlalchemy import select

from app.tickets import service
from app.tickets.models import TicketEvent
from app.tickets.orders import ChangeTicket
from tests.desk.filling import hidden_inputs

ANSWERS = {
    "finding": "查实", "is_justified": "yes", "solution": "致歉并返修", "customer_accepts": True,
    "satisfaction": 5, "prevention": "培训",
}  # fmt: skip


def in_review(desk, boss):
    """A complaint that waits for review."""
    number = desk.opened(boss, "complaint", assignee_id=str(desk.ids["user"]), severity="minor")
    ticket_id = desk.ticket(number)["id"]
    with desk.work() as work:
        answers = ANSWERS | {"first_response_at": work.now.isoformat()}
        service.change_ticket(work, ChangeTicket(ticket_id, answers=answers, checklist={"evidence_kept": True}))
        for step in ("assign", "respond", "propose", "submit"):
            service.change_ticket(work, ChangeTicket(ticket_id, transition=step))
    return number


def test_who_is_not_to_change_it_is_not_offered_to_and_told_why(desk, boss, clerk):
    number = in_review(desk, boss)
    page = clerk.get(f"/tickets/{number}").text
    why = "In the state “In review” only these roles may change the ticket: Administrator"
    assert why in page
    for closed in ("edit-complaint", "edit-solution", "edit-about"):
        assert f'data-testid="{closed}"' not in page
    assert 'data-testid="transfer"' in page
    for part in ("sections/solution/edit", "about"):
        assert clerk.get(f"/tickets/{number}/{part}").headers["Location"] == f"/tickets/{number}"
    assert clerk.get(f"/tickets/{number}/transfer").status_code == 200
    typed = hidden_inputs(boss.get(f"/tickets/{number}/sections/solution/edit").text) | {"values.solution": "改"}
    answer = clerk.post(f"/tickets/{number}/sections/solution/edit", data=typed)
    assert answer.status_code == 403
    assert why in answer.text
    ticked = clerk.post(
        f"/tickets/{number}/checklist", data={"item": "training", "done": "1"}, headers={"HX-Request": "true"}
    )
    assert (ticked.status_code, why in ticked.text) == (422, True)
    assert desk.ticket(number)["values"]["solution"] == ANSWERS["solution"]
    page = boss.get(f"/tickets/{number}").text
    assert why not in page
    assert 'data-testid="edit-solution"' in page


def test_a_step_says_what_it_empties_and_the_history_keeps_it(desk, boss):
    number = in_review(desk, boss)
    ticket_id = desk.ticket(number)["id"]
    with desk.work() as work:
        ticks = dict.fromkeys(["customer_called", "evidence_kept", "compensation_done"], True)
        service.change_ticket(work, ChangeTicket(ticket_id, transition="approve", checklist=ticks))
    url = f"/tickets/{number}/steps/reopen"
    dialog = boss.get(url).text
    assert "This will be emptied: Customer agrees, Satisfaction, Checklist. The history keeps what was there." in dialog
    answer = boss.post(url, data=hidden_inputs(dialog) | {"note": "客户再次来电"})
    assert answer.status_code == 303
    ticket = desk.ticket(number)
    assert not {"customer_accepts", "satisfaction"} & ticket["values"].keys()
    assert (ticket["state"], ticket["checklist"], ticket["values"]["solution"]) == (
        "investigating", {}, ANSWERS["solution"],
    )  # fmt: skip
    with desk.work() as work:
        query = select(TicketEvent.changes).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id.desc())
        assert work.session.scalars(query).first()["values.satisfaction"] == [5, None]
    # There is nothing left to be emptied, and so nothing to be told.
    with desk.work() as work:
        service.change_ticket(work, ChangeTicket(ticket_id, answers={"customer_accepts": True}))
        for step in ("propose", "submit"):
            service.change_ticket(work, ChangeTicket(ticket_id, transition=step))
        service.change_ticket(work, ChangeTicket(ticket_id, answers={"customer_accepts": None}))
    assert 'data-testid="emptied"' not in boss.get(f"/tickets/{number}/steps/rework").text


def test_handed_back_it_waits_for_whoever_gives_it_out(desk, boss):
    whose = {f"{name}_id": str(desk.ids[name]) for name in ("customer", "site")}
    whose |= {"assignee_id": str(desk.ids["user"])}
    number = desk.opened(boss, "appliance_repair", **whose)
    url = f"/tickets/{number}/steps/decline"
    dialog = boss.get(url).text
    assert "This will be emptied: Assignee. The history keeps what was there." in dialog
    assert boss.post(url, data=hidden_inputs(dialog) | {"note": "今天排不开"}).status_code == 303
    ticket = desk.ticket(number)
    assert (ticket["state"], ticket["assignee_id"]) == ("pending_assignment", None)
    assert number in boss.get("/tickets/?assignee=none").text
