"""Fees and payments: what was received is never forgotten, and no one pair of hands gives it back."""

import pytest

from app.core.errors import DomainError
from app.core.permissions import Scope
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder
from tests.factories import tickets
from tests.packs.acting import WHY, amounts, change, ordered, state_of, step_of, take
from tests.packs.conftest import PACKS
from ticket_templates import queries as templates

#: What a template says is judged in Python: one database is enough.
pytestmark = [pytest.mark.packs, pytest.mark.parametrize("dialect", ["sqlite"])]

REPAIR = {
    "product_category_text": "洗衣机", "fault_description": "漏水", "warranty_status": "out_of_warranty",
    "service_mode": "in_shop", "fault_cause": "mechanical/seal", "repair_measures": ["clean"],
    "repair_outcome": "fixed", "work_summary": "更换密封圈", "labour_fee": "200", "travel_fee": "61",
}  # fmt: skip
PAID = REPAIR | {"amount_received": "261", "payment_method": "cash"}
HOW = NoteOrder("微信退回，流水号 WX88")


def test_a_paid_repair_that_comes_back_owes_the_difference_only(work, opened):
    ticket_id = opened("appliance_repair", "completed", REPAIR)
    assert take(work, ticket_id, "close") == {
        "transition": "Still to collect: CN¥261.00. It closes at 0: record what comes in, close it waived, or give back"
        " what is too much."
    }
    assert step_of(work, ticket_id, "close").blocked
    assert take(work, ticket_id, "collect", amount_received="261") == {"payment_method": "Fill in: Payment."}
    assert take(work, ticket_id, "collect", amount_received="261", payment_method="cash") == {}
    # Paid and done: it closes by one press, and nothing is left to collect.
    step = step_of(work, ticket_id, "close")
    assert (step.open, step.transition.asks) == (True, False)
    assert step_of(work, ticket_id, "collect").blocked
    assert take(work, ticket_id, "close") == {}
    assert take(work, ticket_id, "reopen", note=WHY) == {}
    assert amounts(work, ticket_id, "amount_received", "payment_method", "balance_due") == (26100, "cash", 0)
    service.change_ticket(work, ChangeTicket(ticket_id, answers={"labour_fee": "250"}))
    assert amounts(work, ticket_id, "total_fee", "amount_received", "balance_due") == (31100, 26100, 5000)


def test_each_payment_is_typed_as_what_came_in(work, hired, opened):
    ticket_id = opened("appliance_repair", "in_review", REPAIR | {"amount_received": "150", "payment_method": "cash"})
    for _each in range(2):
        assert take(hired("technician"), ticket_id, "collect", amount_received="50", payment_method="cash") == {}
    assert amounts(work, ticket_id, "amount_received", "balance_due") == (25000, 1100)
    # Without an amount nothing is recorded, though money is there.
    none = take(hired("clerk"), ticket_id, "collect")
    assert none == {"amount_received": "Enter the amount of this time; it is more than 0."}
    # Where the sum is typed over, it is told as such.
    with pytest.raises(DomainError) as error:
        service.change_ticket(hired("clerk"), ChangeTicket(ticket_id, answers={"amount_received": "50"}))
    assert str(error.value.refusals[0].message) == (
        "“Received” is not typed here; these steps change it: “Record a payment”, “Correct a payment”, “Give back the"
        " excess”, “Give back”, “Cancel and settle”."
    )
    for typed in ("500", "50", None):
        assert change(hired("clerk"), ticket_id, amount_received=typed) == {"amount_received": "read_only"}


def test_a_warranty_found_later_is_said_where_the_money_goes_back(work, hired, opened):
    ticket_id = opened("appliance_repair", "completed", PAID)
    clerk, finance = hired("clerk"), hired("finance")
    assert change(clerk, ticket_id, warranty_status="in_warranty") == {"warranty_status": "settled"}
    assert take(clerk, ticket_id, "give_back", note=NoteOrder("客户找到发票，保内")) == {}
    early = take(finance, ticket_id, "given_back", note=HOW, warranty_status="in_warranty", amount_received="161")
    assert early["transition"].startswith("Still to collect: -CN¥100.00.")
    back = {"warranty_status": "in_warranty", "amount_received": "261"}
    assert take(finance, ticket_id, "given_back", **back) == {
        "note": "Fill in: What is given back, with its reference."
    }
    assert take(finance, ticket_id, "given_back", note=HOW, **back) == {}
    assert amounts(work, ticket_id, "total_fee", "amount_received", "balance_due") == (None, 0, 0)
    assert take(work, ticket_id, "close") == {}


@pytest.mark.parametrize("state", ["in_progress", "in_review", "completed", "closed"])
def test_a_slip_of_the_pen_is_put_right_by_one_with_a_reason(work, hired, opened, state):
    """The customer paid 50, the technician typed 150; or a transfer came back. Nothing goes out, nobody is sent on."""
    ticket_id = opened("appliance_repair", state, PAID | {"amount_received": "150"})
    clerk, finance = hired("clerk"), hired("finance")
    wrong = {"amount_received": "100", "note": NoteOrder("师傅记错，实收 50")}
    assert "roles" in take(clerk, ticket_id, "correct", **wrong)["transition"]
    assert take(finance, ticket_id, "correct", amount_received="100") == {"note": "Fill in: What was wrong."}
    assert take(finance, ticket_id, "correct", **wrong) == {}
    assert state_of(work, ticket_id) == state
    assert amounts(work, ticket_id, "amount_received", "balance_due") == (5000, 21100)
    told = next(one for one in queries.timeline(finance, ticket_id) if one.kind == "transitioned")
    assert (told.transition, told.moved) == ("更正收款", "已收金额 \u2212¥100.00")
    # Who put it right neither waives what is owed now nor cancels.
    if state == "completed":
        assert take(finance, ticket_id, "close_unpaid", note=WHY)["transition"].startswith("You took “Correct")
    assert take(clerk, ticket_id, "collect", amount_received="211", payment_method="transfer") == {}
    assert take(finance, ticket_id, "correct", **(wrong | {"amount_received": "261"})) == {}
    nothing = take(finance, ticket_id, "correct", **wrong)["transition"]
    assert nothing == "No payment is recorded that could be corrected."


@pytest.mark.parametrize("pack", ["appliance_repair", "vehicle_service"])
def test_what_was_taken_too_much_goes_back_in_review_by_another_than_who_took_it(work, hired, opened, pack):
    fee = {"labour_fee": "130"} | ({} if pack == "vehicle_service" else {"warranty_status": "out_of_warranty"})
    done = {key: REPAIR[key] for key in ("repair_outcome",)} if pack == "appliance_repair" else {}
    ticket_id = opened(pack, "in_review", ASKED[pack] | done | fee)
    finance, other = hired("finance"), hired("finance")
    back = {"amount_received": "70", "payment_method": "wechat_pay", "note": HOW}
    assert take(finance, ticket_id, "give_back_excess", **back)["transition"] == "Nothing was received in excess."
    assert take(finance, ticket_id, "collect", amount_received="200", payment_method="cash") == {}
    assert take(finance, ticket_id, "give_back_excess", **back)["transition"].startswith("You took “Record a payment”")
    assert take(hired("technician"), ticket_id, "give_back_excess", **back).keys() >= {"transition"}
    # More than is due back is asked about, as more than is owed is.
    much = ChangeTicket(
        ticket_id, answers={"amount_received": "80", "payment_method": "cash"}, transition="give_back_excess", note=HOW,
        confirmed=False,
    )  # fmt: skip
    assert [(one.field, str(one.message)) for one in ordered(other, much)] == [
        ("amount_received", "CN¥10.00 more than is due back; please check.")
    ]
    assert take(other, ticket_id, "give_back_excess", **back) == {}
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "payment_method")) == ("in_review", "wechat_pay")
    assert amounts(work, ticket_id, "amount_received") == (13000,)


def test_goodwill_on_a_closed_ticket_takes_three_steps_and_two_people(work, hired, opened):
    ticket_id = opened("appliance_repair", "closed", PAID | {"satisfaction": "5"})
    clerk, finance = hired("clerk"), hired("finance")
    # What is offered first of a closed ticket is no money.
    steps = queries.steps(clerk, queries.ticket(clerk, ticket_id))
    assert [one.transition.key for one in steps] == ["reopen", "give_back", "collect", "correct", "charge_again"]
    assert take(clerk, ticket_id, "give_back", note=NoteOrder("客户嫌贵，经理同意退 50")) == {}
    # Without the discount it would be owed again.
    slip = {"amount_received": "50", "payment_method": "cash"}
    forgotten = ChangeTicket(ticket_id, answers=slip, transition="given_back", note=HOW, confirmed=False)
    assert [(one.field, str(one.message)) for one in ordered(finance, forgotten)] == [
        ("amount_received", "CN¥50.00 more than is due back; please check.")
    ]
    assert take(finance, ticket_id, "given_back", note=HOW, discount="50", amount_received="50") == {}
    assert take(clerk, ticket_id, "close") == {}
    kept = amounts(work, ticket_id, "repair_outcome", "satisfaction", "total_fee", "balance_due")
    assert kept == ("fixed", 5, 21100, 0)


@pytest.mark.parametrize("state", ["in_review", "completed", "followed_up"])
def test_what_the_customer_signed_for_stands_under_the_signature(work, hired, opened, state):
    ticket_id = opened("appliance_repair", state, PAID)
    clerk = hired("clerk")
    more = {
        "labour_fee": "500",
        "travel_fee": "0",
        "parts_used": [{"part_name": "泵", "quantity": "1", "unit_price": "9"}],
    }
    assert change(clerk, ticket_id, **more) == dict.fromkeys(more, "settled")


def test_a_clerk_alone_waives_nothing_once_it_is_approved(work, hired, opened):
    ticket_id = opened("appliance_repair", "completed", REPAIR)
    clerk = hired("clerk")
    for waived in ({"discount": "261"}, {"labour_fee": "0", "travel_fee": "0"}, {"warranty_status": "in_warranty"}):
        assert change(clerk, ticket_id, **waived) == dict.fromkeys(waived, "settled")
        assert take(clerk, ticket_id, "close", **waived).keys() >= waived.keys()
    # Nor by taking it up again and giving it up: another one settles what is owed.
    assert take(clerk, ticket_id, "reopen", note=WHY) == {}
    told = {"transition": "Money was received or is due: use “Cancel and settle”."}
    assert take(clerk, ticket_id, "cancel", note=WHY) == told
    assert take(clerk, ticket_id, "cancel_refund", note=WHY) == {}
    assert step_of(clerk, ticket_id, "cancel_refunded").blocked


def test_in_review_the_office_may_still_lower_what_is_due(work, hired, opened):
    ticket_id = opened("appliance_repair", "in_review", REPAIR)
    clerk = hired("clerk")
    assert change(clerk, ticket_id, discount="11") == {}
    assert change(clerk, ticket_id, warranty_status="in_warranty") == {}
    assert amounts(work, ticket_id, "total_fee") == (None,)


def test_one_alone_gives_nothing_back_nor_keeps_what_is_too_much(work, hired, opened):
    ticket_id = opened("appliance_repair", "completed", PAID)
    alone, other = hired("finance"), hired("finance")
    assert take(alone, ticket_id, "give_back", note=WHY) == {}
    back = {"discount": "1", "amount_received": "1"}
    own = take(alone, ticket_id, "given_back", note=HOW, **back)
    assert own["transition"].startswith("You took “Give back” on this ticket yourself")
    # Nor by hand, nor with another step.
    assert change(alone, ticket_id, amount_received="0") == {"": "not_allowed"}
    for step in ("withdraw", "reopen"):
        assert take(hired("outlet_manager"), ticket_id, step, note=WHY, amount_received="0").keys() == {""}
    kept = take(other, ticket_id, "given_back", note=HOW, discount="1")
    assert kept["amount_received"] == "Enter the amount of this time; it is more than 0."
    assert kept["transition"].startswith("Still to collect: -CN¥1.00.")
    assert take(other, ticket_id, "given_back", note=HOW, **back) == {}


def test_what_was_received_is_not_lowered_beside_giving_it_back(work, hired, opened):
    ticket_id = opened("appliance_repair", "completed", PAID)
    clerk = hired("clerk")
    assert change(clerk, ticket_id, amount_received="0") == {"amount_received": "read_only"}
    assert take(clerk, ticket_id, "close", amount_received="-261").keys() == {"amount_received"}
    assert take(clerk, ticket_id, "close") == {}
    assert take(clerk, ticket_id, "reopen", note=WHY, amount_received="100").keys() == {"amount_received"}
    assert take(clerk, ticket_id, "reopen", note=WHY) == {}
    assert amounts(work, ticket_id, "amount_received") == (26100,)


def test_too_much_is_recorded_and_then_given_back_as_the_refusal_says(work, hired, opened):
    ticket_id = opened("appliance_repair", "completed", REPAIR)
    clerk, typed = hired("clerk"), {"amount_received": "2610", "payment_method": "transfer"}
    nothing = "No payment is recorded that could be given back."
    assert take(clerk, ticket_id, "give_back", note=WHY) == {"transition": nothing}
    assert take(clerk, ticket_id, "collect", **typed) == {}
    assert take(clerk, ticket_id, "close")["transition"].startswith("Still to collect: -CN¥2,349.00.")
    assert take(clerk, ticket_id, "give_back", note=WHY) == {}
    assert take(hired("finance"), ticket_id, "given_back", note=HOW, amount_received="2349") == {}
    assert amounts(work, ticket_id, "amount_received", "balance_due") == (26100, 0)


EARLY = {"appliance_repair": "scheduled", "installation": "waiting_parts", "inspection": "assigned",
         "vehicle_service": "awaiting_quote"}  # fmt: skip
ASKED = {
    "appliance_repair": {"product_category_text": "洗衣机", "fault_description": "漏水"},
    "installation": {"product_category_text": "空调"},
    "inspection": {"product_category_text": "空调", "inspection_kind": "annual"},
    "vehicle_service": {"plate_no": "粤B12345", "customer_request": "异响"},
}


FEE = {"appliance_repair": "travel_fee", "installation": "installation_fee", "inspection": "travel_fee",
       "vehicle_service": "labour_fee"}  # fmt: skip


@pytest.mark.parametrize("pack", ASKED)
def test_a_deposit_is_settled_in_two_steps_by_two_people_and_the_ticket_cancelled(work, hired, opened, pack):
    """All of it goes back, or the fee of a visit is kept of it."""
    clerk, finance = hired("clerk"), hired("finance")
    deposit = ASKED[pack] | {"amount_received": "100", "payment_method": "cash"}
    for kept, back in (("0", "100"), ("30", "70")):
        ticket_id = opened(pack, EARLY[pack], deposit)
        told = {"transition": "Money was received or is due: use “Cancel and settle”."}
        assert take(clerk, ticket_id, "cancel", note=WHY) == told
        assert take(clerk, ticket_id, "cancel", note=WHY, amount_received="0").keys() & {"amount_received", ""}
        assert take(clerk, ticket_id, "cancel_refund") == {"note": "Fill in: Why it is cancelled."}
        assert take(clerk, ticket_id, "cancel_refund", note=NoteOrder("客户不修了")) == {}
        assert change(finance, ticket_id, amount_received="0") == {"": "not_allowed"}
        part = take(finance, ticket_id, "cancel_refunded", note=HOW, amount_received="60")
        assert part["transition"].startswith("Still to collect: -CN¥40.00. It is cancelled at 0")
        assert take(finance, ticket_id, "cancel_refunded", note=HOW, amount_received=back, **{FEE[pack]: kept}) == {}
        assert state_of(work, ticket_id) == "cancelled"


def test_who_cancels_a_paid_ticket_does_not_pay_back_and_may_think_again(work, hired, opened):
    ticket_id = opened("appliance_repair", "scheduled", ASKED["appliance_repair"] | {
        "amount_received": "100", "payment_method": "cash"})  # fmt: skip
    manager = hired("outlet_manager")
    assert take(manager, ticket_id, "cancel_refund", note=WHY) == {}
    own = take(manager, ticket_id, "cancel_refunded", note=HOW, amount_received="100")
    assert own["transition"].startswith("You took “Cancel and settle” on this ticket yourself")
    assert take(manager, ticket_id, "resume", note=NoteOrder("客户又要修了")) == {}
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "amount_received")) == ("pending_assignment", 10000)


@pytest.mark.parametrize("pack", ASKED)
def test_money_on_a_cancelled_ticket_is_put_right_by_taking_it_up_again(work, hired, opened, pack):
    """The bank sent the refund back, or less went out than was typed."""
    paid = {"amount_received": "100", "payment_method": "transfer"}
    ticket_id = opened(pack, "pending_assignment", ASKED[pack] | paid)
    clerk, finance = hired("clerk"), hired("finance")
    assert take(clerk, ticket_id, "cancel_refund", note=WHY) == {}
    assert take(finance, ticket_id, "cancel_refunded", note=HOW, amount_received="100") == {}
    assert take(clerk, ticket_id, "resume", note=NoteOrder("银行退回了 100 元")) == {}
    assert state_of(work, ticket_id) == "pending_assignment"
    assert take(clerk, ticket_id, "collect", amount_received="100", payment_method="transfer") == {}
    assert take(clerk, ticket_id, "cancel_refund", note=WHY) == {}
    assert take(finance, ticket_id, "cancel_refunded", note=HOW, amount_received="100") == {}
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "amount_received")) == ("cancelled", 0)


def test_parts_that_were_not_fitted_are_charged_to_nobody_when_a_ticket_is_settled(work, hired, opened):
    parts = {"parts_used": [{"part_name": "泵", "quantity": "1", "unit_price": "66.66"}]}
    ticket_id = opened("appliance_repair", "scheduled", ASKED["appliance_repair"] | parts)
    finance = hired("finance")
    assert take(hired("clerk"), ticket_id, "cancel_refund", note=WHY) == {}
    assert "CN¥66.66" in take(finance, ticket_id, "cancel_refunded", note=HOW)["transition"]
    assert take(finance, ticket_id, "cancel_refunded", note=HOW, parts_used=None) == {}


def test_an_unpaid_ticket_is_cancelled_at_once(work, hired, opened):
    ticket_id = opened("appliance_repair", "scheduled", ASKED["appliance_repair"])
    clerk = hired("clerk")
    told = take(clerk, ticket_id, "cancel_refund", note=WHY)
    assert told == {"transition": "Nothing was received and nothing is due: use “Cancel ticket”."}
    assert take(clerk, ticket_id, "cancel", note=WHY) == {}


def test_a_ticket_that_began_where_money_goes_back_finds_a_way_out(work, hired, opened):
    """An import can put a ticket there; nobody of the house asked for the money then."""
    there = opened("appliance_repair", "refund_due", PAID | {"discount": "1"})
    finance, clerk = hired("finance"), hired("clerk")
    told = take(finance, there, "given_back", note=HOW, amount_received="1")["transition"]
    assert told.startswith("“Give back” was not taken on this ticket yet")
    assert take(clerk, there, "withdraw", note=WHY) == {}
    assert take(clerk, there, "give_back", note=WHY) == {}
    assert take(finance, there, "given_back", note=HOW, amount_received="1") == {}
    leaving = opened("appliance_repair", "cancelling", PAID)
    told = take(finance, leaving, "cancel_refunded", note=HOW)["transition"]
    assert told.startswith("“Cancel and settle” was not taken on this ticket yet")
    assert take(clerk, leaving, "resume", note=WHY) == {}
    assert take(clerk, leaving, "cancel_refund", note=WHY) == {}
    # All of it is kept, so nothing goes back.
    assert take(finance, leaving, "cancel_refunded", note=HOW) == {}


def test_a_fee_that_is_kept_is_paid_before_the_ticket_is_cancelled(work, hired, opened):
    fees = {"warranty_status": "out_of_warranty", "travel_fee": "30"}
    ticket_id = opened("appliance_repair", "scheduled", ASKED["appliance_repair"] | fees)
    clerk, finance = hired("clerk"), hired("finance")
    assert take(clerk, ticket_id, "cancel_refund", note=WHY) == {}
    assert "Still to collect: CN¥30.00." in take(finance, ticket_id, "cancel_refunded", note=HOW)["transition"]
    assert take(clerk, ticket_id, "collect", travel_fee="0").keys() == {""}
    assert take(clerk, ticket_id, "collect", amount_received="30", payment_method="cash") == {}
    assert take(finance, ticket_id, "cancel_refunded", note=HOW) == {}
    assert amounts(work, ticket_id, "amount_received", "balance_due") == (3000, 0)


@pytest.mark.parametrize(
    ("pack", "fee"),
    [("installation", "installation_fee"), ("inspection", "inspection_fee"), ("vehicle_service", "labour_fee")],
)
def test_money_received_in_excess_is_given_back_on_every_pack(work, hired, opened, pack, fee):
    done = {
        "installation": {"test_result": "normal", "installed_serials": "A1"},
        "inspection": {"conclusion": "passed"},
    }.get(pack, {})
    paid = {fee: "100", "amount_received": "150", "payment_method": "cash"}
    ended = "delivered" if pack == "vehicle_service" else "completed"
    ticket_id = opened(pack, ended, ASKED[pack] | done | paid)
    assert change(work, ticket_id, amount_received="100") == {"amount_received": "lowered"}
    assert change(work, ticket_id, discount="1", **{fee: "120"}) == {"discount": "settled", fee: "settled"}
    clerk, finance = hired("clerk"), hired("finance")
    assert take(clerk, ticket_id, "give_back", note=WHY) == {}
    assert take(finance, ticket_id, "given_back", note=HOW, amount_received="40").keys() == {"transition"}
    assert take(finance, ticket_id, "given_back", note=HOW, amount_received="50") == {}
    # A fee typed too low is as good a reason; nothing is in excess then, and nothing goes back.
    assert take(clerk, ticket_id, "give_back", note=WHY) == {}
    assert take(clerk, ticket_id, "withdraw", note=WHY) == {}
    assert state_of(work, ticket_id) == ended


def test_in_review_the_technician_records_what_he_took_and_nothing_else(work, make_work, opened):
    ticket_id = opened("appliance_repair", "in_review", REPAIR)
    his = make_work(tickets.actor(work, "technician", scope=Scope.ALL))
    paid = {"amount_received": "261", "payment_method": "wechat_pay"}
    assert take(his, ticket_id, "collect", labour_fee="1", **paid).keys() == {"labour_fee"}
    assert take(his, ticket_id, "collect", discount="1", **paid).keys() == {""}
    assert take(his, ticket_id, "collect", **paid) == {}
    assert amounts(work, ticket_id, "amount_received", "balance_due") == (26100, 0)
    assert queries.ticket(work, ticket_id).state == "in_review"


def test_fees_are_explained_before_the_customer_signs(work, opened):
    done = ("power_off", "test_run", "safety_check")
    ticket_id = opened("appliance_repair", "in_progress", REPAIR)
    assert take(work, ticket_id, "submit", ticks=done) == {
        "checklist": "Tick the checklist: Fees explained, receipt given."
    }
    assert take(work, ticket_id, "submit", ticks=done, labour_fee="0", travel_fee=None) == {}


@pytest.mark.parametrize(("pack", "fee"), [("installation", "installation_fee"), ("inspection", "inspection_fee")])
def test_a_fee_of_nothing_is_an_answer_and_none_is_not(work, opened, pack, fee):
    done = {"test_result": "normal", "installed_serials": "A1"} if pack == "installation" else {}
    ticket_id = opened(pack, "in_progress", ASKED[pack] | done)
    assert fee in take(work, ticket_id, "submit_unsigned", note=WHY)
    assert fee not in take(work, ticket_id, "submit_unsigned", note=WHY, **{fee: "0"})


def test_no_step_of_any_pack_empties_money_or_what_proves_it(work):
    for pack in PACKS:
        version = templates.published_version(work, pack)
        kept = {key for key, one in version.types.items() if one.kind == "money"}
        kept |= {"payment_method", "refund_method", "refund_reference"}
        for one in version.transitions.values():
            assert kept.isdisjoint(one.clears), (pack, one.key)
