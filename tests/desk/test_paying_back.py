"""Money goes back over the screens: the clerk asks for it, another says that it went, and each finds the way."""

import re

import pytest

from app.tickets import service
from app.tickets.orders import OpenTicket
from tests.desk.conftest import english
from tests.desk.filling import asked, hidden_inputs

DEPOSIT = {"product_category_text": "洗衣机", "fault_description": "漏水", "amount_received": "100",
           "payment_method": "cash"}  # fmt: skip


@pytest.fixture
def paid(desk):
    with desk.work() as work:
        order = OpenTicket("appliance_repair", {"customer_id": desk.ids["customer"]}, DEPOSIT, state="scheduled")
        (outcome,) = service.open_tickets(work, [order]).outcomes
        return outcome.number


def moves(client, number):
    return [(one["key"], one["open"], one["leaves"]) for one in client.get(f"/tickets/{number}/moves").json["moves"]]


def test_a_deposit_goes_back_in_two_dialogs(desk, clerk, client_as, paid):
    assert ("cancel", False, True) in moves(clerk, paid)
    url = f"/tickets/{paid}/steps/cancel_refund"
    # Whoever hands the money over sees how much it is.
    html = clerk.get(url).text
    assert asked(html) == ["total_fee", "balance_due"]
    assert "-CN¥100.00" in html
    # The list of what is wrong calls the reason as its input does.
    refused = clerk.post(url, data=hidden_inputs(html) | {"note": " "})
    assert refused.status_code == 422
    assert re.search(r'<a href="#dialog-note"[^>]*>Fill in: Why it is cancelled.</a>', refused.text)
    assert clerk.post(url, data=hidden_inputs(html) | {"note": "客户不修了"}).status_code == 303
    finance = english(client_as("finance"))
    # What is to be done comes first, and is no giving up; who asked does not do it.
    assert moves(finance, paid)[0] == ("cancel_refunded", True, False)
    assert ("cancel_refunded", False, False) in moves(clerk, paid)
    url = f"/tickets/{paid}/steps/cancel_refunded"
    html = finance.get(url).text
    assert "amount_received" in asked(html)
    sent = hidden_inputs(html) | {"note": "现金退还，客户签收", "values.payment_method": "cash"}
    # What is due follows from what is typed beside the amount, and not from the amount.
    live = f"/tickets/{paid}/compute?step=cancel_refunded"
    for fee, due in (("", "100.00"), ("30", "70.00")):
        typed = {"values.travel_fee": fee, "values.amount_received": "50"}
        assert due in finance.post(live, data=typed).json["called"]["amount_received"]
    assert finance.post(url, data=sent | {"values.amount_received": "90"}).status_code == 422
    assert finance.post(url, data=sent | {"values.amount_received": "100"}).status_code == 303
    assert desk.ticket(paid)["state"] == "cancelled"


@pytest.mark.parametrize("role", ["clerk", "outlet_manager"])
def test_nothing_but_the_step_takes_money_off_a_ticket_that_waits_for_it(desk, clerk, client_as, paid, role):
    url = f"/tickets/{paid}/steps/cancel_refund"
    clerk.post(url, data=hidden_inputs(clerk.get(url).text) | {"note": "客户不修了"})
    answer = english(client_as(role)).post(f"/tickets/{paid}/sections/fees/edit", data={"values.amount_received": "0"})
    assert answer.status_code in (403, 404, 405, 409, 422)
    assert desk.ticket(paid)["values"]["amount_received"] == 10000


def test_the_quote_stands_in_the_dialog_that_asks_whether_the_customer_agrees(desk, boss):
    car = {"plate_no": "粤B12345", "customer_request": "异响", "diagnosis": "磨损", "quoted_amount": "800"}
    with desk.work() as work:
        order = OpenTicket("vehicle_service", {"customer_id": desk.ids["customer"]}, car, state="awaiting_quote")
        (outcome,) = service.open_tickets(work, [order]).outcomes
    url = f"/tickets/{outcome.number}/steps/start"
    html = boss.get(url).text
    assert asked(html) == ["quote_accepted"]
    assert '<dt>Quoted</dt><dd><span class="ticket-text">CN¥800.00</span></dd>' in html
    assert boss.post(url, data=hidden_inputs(html) | {"values.quote_accepted": "yes"}).status_code == 303


def test_a_payment_that_comes_after_all_is_recorded_on_the_closed_ticket(desk, clerk):
    owed = {"product_category_text": "洗衣机", "fault_description": "漏水", "warranty_status": "out_of_warranty",
            "labour_fee": "300"}  # fmt: skip
    with desk.work() as work:
        order = OpenTicket("appliance_repair", {"customer_id": desk.ids["customer"]}, owed, state="closed")
        (outcome,) = service.open_tickets(work, [order]).outcomes
    # Taking it up again is offered first, and a card on the board is dropped nowhere by a step that stays.
    offered = clerk.get(f"/tickets/{outcome.number}/moves").json["moves"]
    assert [one["key"] for one in offered if one["open"]] == ["reopen", "collect"]
    assert [one["target"] for one in offered if one["key"] == "collect"] == [""]
    url = f"/tickets/{outcome.number}/steps/collect"
    html = clerk.get(url).text
    assert "It stays in “Closed”." in html
    assert {"amount_received", "payment_method"} <= set(asked(html))
    sent = hidden_inputs(html) | {"values.amount_received": "１００", "values.payment_method": "cash"}
    assert clerk.post(url, data=sent).status_code == 303
    ticket = desk.ticket(outcome.number)
    assert (ticket["state"], ticket["values"]["amount_received"]) == ("closed", 10000)
    assert "“Record a payment” is done." in clerk.get(f"/tickets/{outcome.number}").text


def test_what_is_waived_is_said_before_and_no_longer_to_be_collected(desk, boss):
    done = {key: DEPOSIT[key] for key in ("product_category_text", "fault_description")}
    done |= {"warranty_status": "out_of_warranty", "labour_fee": "100", "discount": "10", "repair_outcome": "fixed"}
    with desk.work() as work:
        order = OpenTicket("appliance_repair", {"customer_id": desk.ids["customer"]}, done, state="completed")
        (outcome,) = service.open_tickets(work, [order]).outcomes
    url = f"/tickets/{outcome.number}/steps/close_unpaid"
    dialog = boss.get(url).text
    assert "With this step: “Waived” will be CN¥90.00." in dialog
    assert boss.post(url, data=hidden_inputs(dialog) | {"note": "老客户"}).status_code == 303
    ticket = desk.ticket(outcome.number)
    kept = [ticket["values"][key] for key in ("discount", "waived_amount", "balance_due")]
    assert (ticket["state"], kept) == ("closed", [1000, 9000, 0])
    told = boss.get("/api/v1/templates/appliance_repair").json["transitions"]
    sets = {key: ["waived_amount"] for key in ("close_unpaid", "charge_again")}
    assert {one["key"]: one["sets"] for one in told if one["sets"]} == sets
    # To charge it again asks for the reason and no amount, and says what is there to charge.
    url = f"/tickets/{outcome.number}/steps/charge_again"
    dialog = boss.get(url).text
    assert ("values.discount" in dialog, "values.waived_amount" in dialog) == (False, False)
    assert "With this step: “Waived” will be CN¥0.00 instead of CN¥90.00." in dialog
    assert boss.post(url, data=hidden_inputs(dialog) | {"note": "客户补交"}).status_code == 303
    ticket = desk.ticket(outcome.number)
    assert ("waived_amount" in ticket["values"], ticket["values"]["balance_due"]) == (False, 9000)
    steps = boss.get(f"/api/v1/tickets/{outcome.number}/transitions").json["items"]
    assert {one["key"]: one["sets"] for one in steps if one["sets"]} == {"close_unpaid": ["waived_amount"]}


def test_a_ticket_that_is_done_and_paid_closes_by_one_press_and_the_way_of_its_payment_is_no_input(desk, clerk, paid):
    done = DEPOSIT | {"warranty_status": "out_of_warranty", "labour_fee": "100", "repair_outcome": "fixed"}
    with desk.work() as work:
        order = OpenTicket("appliance_repair", {"customer_id": desk.ids["customer"]}, done, state="completed")
        (outcome,) = service.open_tickets(work, [order]).outcomes
    page = clerk.get(f"/tickets/{outcome.number}").text
    assert f'<form method="post" action="/tickets/{outcome.number}/steps/close"' in page
    version = {"version": str(desk.ticket(outcome.number)["version"])}
    assert clerk.post(f"/tickets/{outcome.number}/steps/close", data=version).status_code == 303
    assert desk.ticket(outcome.number)["state"] == "closed"
    section = clerk.get(f"/tickets/{paid}/sections/fees/edit", headers={"HX-Request": "true"}).text
    assert "values.labour_fee" in section
    assert "values.payment_method" not in section
