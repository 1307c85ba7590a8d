"""A step an old page still offers says at once that it is not open any more, before anything is typed for it."""

import re

import pytest

from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from tests.desk.filling import hidden_inputs
from tests.factories.tickets import template, ticket
from tests.tickets.test_moving import spec

HTMX = {"HX-Request": "true"}


@pytest.fixture
def moved_on(desk):
    """The address of a ticket that is waiting for parts by now."""
    with desk.work() as work:
        own = ticket(work, template(work, spec=spec()), {"fee": "300"})
        service.change_ticket(work, ChangeTicket(own, transition="overpaid"))
        return f"/tickets/{queries.ticket(work, own).number}"


def test_the_dialog_says_so_and_leads_to_the_ticket_as_it_is(boss, moved_on):
    told = boss.get(f"{moved_on}/steps/collect", headers=HTMX)
    assert (told.status_code, 'data-testid="passed"' in told.text) == (200, True)
    assert f'href="{moved_on}"' in told.text
    assert f'data-behind-is-old="{moved_on.rpartition("/")[2]}"' in told.text
    assert re.search(r'data-testid="moved-by">[^<]+ · <time.*?</time> · [^<]+<', told.text, re.DOTALL)
    assert 'data-testid="dialog-form"' not in told.text
    page = boss.get(f"{moved_on}/steps/collect")
    assert (page.status_code, 'data-testid="passed"' in page.text) == (200, True)
    assert ('data-testid="dialog-form"' in page.text, "data-bs-dismiss" in page.text.split("passed")[-1][:400]) == (
        False,
        False,
    )
    still_open = boss.get(f"{moved_on}/steps/pay_back", headers=HTMX)
    assert ('data-testid="passed"' in still_open.text, 'data-testid="dialog-form"' in still_open.text) == (False, True)


def test_one_that_was_open_says_who_moved_the_ticket_and_that_what_lies_behind_is_old(desk, boss):
    with desk.work() as work:
        key = template(work, spec=spec())
        own = ticket(work, key, {"fee": "300"})
        url = f"/tickets/{queries.ticket(work, own).number}/steps/collect"
    dialog = boss.get(url, headers=HTMX).text
    assert "data-behind-is-old" not in dialog
    with desk.work() as work:
        service.change_ticket(work, ChangeTicket(own, transition="overpaid"))
    late = boss.post(url, data=hidden_inputs(dialog) | {"note": "说明"}, headers=HTMX)
    assert late.status_code in (409, 422)
    assert re.search(r'data-testid="moved-by">[^<]+ · <time', late.text)
    assert "data-behind-is-old" in late.text
    # Nothing can be sent from here any more, and it is not said to lead anywhere.
    assert 'data-testid="dialog-submit"' not in late.text
    assert "From “" not in late.text


def test_a_section_sent_after_the_ticket_was_moved_on_says_by_whom_and_draws_its_head_anew(desk, clerk, boss):
    number = desk.opened(clerk)
    url, at = f"/tickets/{number}/sections/main/edit", desk.ticket(number)["id"]
    before, opened = clerk.get(f"/tickets/{number}").text, clerk.get(url, headers=HTMX).text
    typed = hidden_inputs(opened) | {"values.fault": "客户补充：漏水"}
    with desk.work() as work:
        for step in ("start", "finish", "close"):
            work_on = {"result": "好了"} if step == "finish" else {}
            order = ChangeTicket(at, answers=work_on, transition=step, checklist={"tested": True})
            service.change_ticket(work, order)
    late = clerk.post(url, data=typed, headers=HTMX)
    assert late.status_code == 422
    assert "The ticket was moved on meanwhile; it is in “Closed” now." in late.text
    assert re.search(r'data-testid="moved-by">[^<]+ · <time.*?</time> · [^<]+<', late.text, re.DOTALL)
    # What was typed is kept, cannot be sent any more, and the head behind says how it is by now.
    assert "客户补充：漏水" in late.text
    assert ('data-testid="save-main"' in late.text, 'data-testid="show-as-it-is"' in late.text) == (False, True)
    head = late.text.split('id="ticket-header"', 1)[1]
    assert 'hx-swap-oob="true"' in head[:200]
    assert ("Closed" in head.split("ticket-assignee")[0], 'data-testid="step-start"' in head) == (True, False)
    assert late.headers["HX-Trigger"] == "timeline-changed, ticket-moved"
    # The sections behind it that are read draw themselves anew, and are not open to a change any more.
    address = f"/tickets/{number}/sections/main"
    assert f'hx-get="{address}" hx-trigger="ticket-moved from:body"' in before
    assert ('data-testid="edit-main"' in before, 'data-testid="edit-main"' in clerk.get(address).text) == (True, False)
    page = clerk.post(url, data=typed)
    assert (page.status_code, 'data-testid="moved-by"' in page.text, "hx-swap-oob" in page.text) == (422, True, False)


def test_a_section_refused_for_what_was_typed_says_nothing_of_others(desk, clerk):
    number = desk.opened(clerk)
    at = desk.ticket(number)["id"]
    with desk.work() as work:
        service.change_ticket(work, ChangeTicket(at, transition="start"))
    url = f"/tickets/{number}/sections/main/edit"
    wrong = hidden_inputs(clerk.get(url, headers=HTMX).text) | {"values.fault": ""}
    refused = clerk.post(url, data=wrong, headers=HTMX)
    assert refused.status_code == 422
    assert ('data-testid="passed"' in refused.text, 'id="ticket-header"' in refused.text) == (False, False)
    assert 'data-testid="save-main"' in refused.text


def kept(html: str, key: str) -> str:
    """What stands in the input of a field."""
    (tag,) = re.findall(rf'<input[^>]*name="values\.{key}"[^>]*>', html)
    return tag.split('value="', 1)[1].split('"', 1)[0]


REPAIR = {
    "product_category_text": "洗衣机", "fault_description": "漏水", "warranty_status": "out_of_warranty",
    "service_mode": "in_shop", "fault_cause": "mechanical/seal", "repair_measures": ["clean"],
    "repair_outcome": "fixed", "work_summary": "更换密封圈",
}  # fmt: skip
#: How a repair is taken on by another.
ON = {
    "submit": {
        "answers": {"labour_fee": "0"},
        "checklist": dict.fromkeys(("power_off", "test_run", "safety_check"), True),
    },
    "cancel": {"note": NoteOrder("客户不修了")},
}
BEGUN = {"submit": "in_progress", "cancel": "scheduled"}


@pytest.mark.parametrize(("step", "told"), [("submit", "cannot be changed in the state"), ("cancel", "is closed")])
def test_what_was_typed_for_a_field_that_is_settled_by_now_is_refused_and_kept(desk, boss, step, told):
    """A fee typed while another sent the work to be reviewed: it is not saved as if nothing had been typed."""
    with desk.work() as work:
        order = OpenTicket("appliance_repair", {"customer_id": desk.ids["customer"]}, REPAIR, state=BEGUN[step])
        (made,) = service.open_tickets(work, [order]).outcomes
    url = f"/tickets/{made.number}/sections/fees/edit"
    form = hidden_inputs(boss.get(url, headers=HTMX).text)
    typed = form | {
        "values.travel_fee": "88",
        "values.discount": "5",
        "values.labour_fee": "",
        "values.payment_method": "",
    }
    with desk.work() as work:
        service.change_ticket(work, ChangeTicket(made.ticket_id, transition=step, **ON[step]))
    late = boss.post(url, data=typed, headers=HTMX)
    assert (late.status_code, told in late.text) == (422, True)
    assert 'data-testid="moved-by"' in late.text
    assert [kept(late.text, key) for key in ("travel_fee", "discount")] == ["88", "5"]
    assert desk.ticket(made.number)["values"].keys().isdisjoint({"travel_fee", "discount"})
    if step == "submit":
        # What is put back as it stands hinders nothing.
        version = str(desk.ticket(made.number)["version"])
        back = {"values.travel_fee": "", "values.labour_fee": "0", "values.discount": "", "version": version}
        assert boss.post(url, data=typed | back, headers=HTMX).status_code == 200
