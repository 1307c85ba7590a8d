"""Fees and payments: what was received is never forgotten, and no one pair of hands gives it back."""

import pytest

from app.core.permissions import Scope
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder
from tests.factories import tickets
from tests.packs.acting import WHY, amounts, change, state_of, step_of, take
from tests.packs.conftest import PACKS
from ticket_templates import exchange
from ticket_templates import queries as templates

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
        "transition": "Still to collect: CN¥261.00. It closes at 0: fill in “Received”, or close it waived and say why;"
        " give back what is too much."
    }
    step = step_of(work, ticket_id, "close")
    assert (step.open, step.blocked, step.answerable) == (False, False, True)
    assert take(work, ticket_id, "close", amount_received="261") == {"payment_method": "Fill in: Payment."}
    assert take(work, ticket_id, "close", amount_received="261", payment_method="cash") == {}
    assert take(work, ticket_id, "reopen", note=WHY) == {}
    assert amounts(work, ticket_id, "amount_received", "payment_method", "balance_due") == (26100, "cash", 0)
    service.change_ticket(work, ChangeTicket(ticket_id, answers={"labour_fee": "250"}))
    assert amounts(work, ticket_id, "total_fee", "amount_received", "balance_due") == (31100, 26100, 5000)


def test_a_second_payment_typed_alone_is_no_total(work, hired, opened):
    ticket_id = opened("appliance_repair", "in_review", REPAIR | {"amount_received": "150", "payment_method": "cash"})
    told = take(hired("technician"), ticket_id, "collect", amount_received="50", payment_method="cash")
    assert told == {
        "amount_received": "“Received” counts everything up to now: CN¥150.00 is there already and does not become"
        " less. To say what went back, take the ticket first to: “To be given back”, “To be paid back and cancelled”."
    }
    assert change(hired("clerk"), ticket_id, amount_received=None) == {"amount_received": "lowered"}
    assert take(hired("technician"), ticket_id, "collect", amount_received="200", payment_method="cash") == {}
    assert amounts(work, ticket_id, "amount_received", "balance_due") == (20000, 6100)


def test_what_is_waived_is_closed_by_who_may_and_says_why(work, make_work, opened):
    ticket_id = opened("appliance_repair", "completed", REPAIR)
    clerk = make_work(tickets.actor(work, "clerk"))
    assert "roles" in step_of(clerk, ticket_id, "close_unpaid").reasons[0].in_("en")
    finance = make_work(tickets.actor(work, "finance"))
    assert take(finance, ticket_id, "close_unpaid") == {"note": "Fill in: Why it is waived."}
    assert take(finance, ticket_id, "close_unpaid", note=NoteOrder("老客户，经理同意")) == {}
    assert amounts(work, ticket_id, "balance_due") == (26100,)


def test_what_was_received_outlives_a_warranty_found_later_and_is_given_back(work, hired, opened):
    ticket_id = opened("appliance_repair", "completed", PAID)
    service.change_ticket(work, ChangeTicket(ticket_id, answers={"warranty_status": "in_warranty"}))
    assert amounts(work, ticket_id, "total_fee", "amount_received", "balance_due") == (None, 26100, -26100)
    assert "Still to collect: -CN¥261.00" in take(work, ticket_id, "close")["transition"]
    assert "Give the excess back" in take(work, ticket_id, "close_unpaid", note=WHY)["transition"]
    clerk, finance = hired("clerk"), hired("finance")
    assert take(clerk, ticket_id, "give_back") == {}
    early = take(finance, ticket_id, "given_back", note=HOW, amount_received="100")
    assert early["transition"].startswith("Still to collect: -CN¥100.00.")
    untold = take(finance, ticket_id, "given_back", amount_received="0")
    assert untold == {"note": "Fill in: How it was given back; of a wrong entry, what was wrong."}
    assert take(finance, ticket_id, "given_back", note=HOW, amount_received="0") == {}
    assert take(work, ticket_id, "close") == {}


def test_one_alone_gives_nothing_back_nor_more_than_was_too_much(work, hired, opened):
    ticket_id = opened("appliance_repair", "completed", PAID)
    alone, other = hired("finance"), hired("finance")
    assert change(alone, ticket_id, discount="1") == {}
    assert take(alone, ticket_id, "give_back") == {}
    own = take(alone, ticket_id, "given_back", note=HOW, amount_received="260")
    assert own["transition"].startswith("You took “Give the excess back” on this ticket yourself")
    # Nor by hand, nor with another step.
    assert change(alone, ticket_id, amount_received="0") == {"": "not_allowed"}
    assert take(hired("outlet_manager"), ticket_id, "reopen", note=WHY, amount_received="0").keys() == {""}
    more = take(other, ticket_id, "given_back", note=HOW, amount_received="0")
    assert more["transition"].startswith("Still to collect: CN¥260.00.")
    assert take(other, ticket_id, "given_back", note=HOW, amount_received="260") == {}
    # Who gave back does not waive what is owed then.
    assert change(other, ticket_id, travel_fee="100") == {}
    assert take(other, ticket_id, "close_unpaid", note=WHY)["transition"].startswith("You took “Given back”")
    assert take(alone, ticket_id, "close_unpaid", note=WHY) == {}


def test_what_was_received_is_not_lowered_beside_giving_it_back(work, hired, opened):
    ticket_id = opened("appliance_repair", "completed", PAID)
    clerk = hired("clerk")
    assert change(clerk, ticket_id, amount_received="0", labour_fee="0") == {"amount_received": "lowered"}
    free = {"amount_received": "0", "labour_fee": "0", "travel_fee": "0"}
    assert take(clerk, ticket_id, "close", **free).keys() == {"amount_received"}
    assert take(clerk, ticket_id, "close") == {}
    assert take(clerk, ticket_id, "reopen", note=WHY, amount_received="100").keys() == {"amount_received"}
    assert take(clerk, ticket_id, "reopen", note=WHY) == {}
    assert amounts(work, ticket_id, "amount_received") == (26100,)


def test_too_much_typed_is_said_where_it_is_told_to(work, hired, opened):
    """The refusal of the one step names the other, which takes what was typed; a wrong entry is mended the same way."""
    ticket_id = opened("appliance_repair", "completed", REPAIR)
    clerk, typed = hired("clerk"), {"amount_received": "2610", "payment_method": "cash"}
    told = take(clerk, ticket_id, "close", **typed)["transition"]
    assert told.startswith("Still to collect: -CN¥2,349.00.")
    assert take(clerk, ticket_id, "give_back") == {
        "transition": "Still to collect: CN¥261.00. Nothing was received in excess."
    }
    assert step_of(clerk, ticket_id, "give_back").answerable
    assert take(clerk, ticket_id, "give_back", **typed) == {}
    wrong = NoteOrder("多打一个 0，实收 261 元")
    assert take(hired("finance"), ticket_id, "given_back", note=wrong, amount_received="261") == {}
    assert amounts(work, ticket_id, "amount_received", "balance_due") == (26100, 0)


EARLY = {"appliance_repair": "scheduled", "installation": "waiting_parts", "inspection": "assigned",
         "vehicle_service": "awaiting_quote"}  # fmt: skip
ASKED = {
    "appliance_repair": {"product_category_text": "洗衣机", "fault_description": "漏水"},
    "installation": {"product_category_text": "空调"},
    "inspection": {"product_category_text": "空调", "inspection_kind": "annual"},
    "vehicle_service": {"plate_no": "粤B12345", "customer_request": "异响"},
}


@pytest.mark.parametrize("pack", ASKED)
def test_a_deposit_is_paid_back_in_two_steps_by_two_people_and_the_ticket_cancelled(work, hired, opened, pack):
    ticket_id = opened(pack, EARLY[pack], ASKED[pack] | {"amount_received": "100", "payment_method": "cash"})
    clerk, finance = hired("clerk"), hired("finance")
    assert take(clerk, ticket_id, "cancel", note=WHY) == {
        "transition": "CN¥100.00 was received: use “Cancel and pay back”."
    }
    assert take(clerk, ticket_id, "cancel", note=WHY, amount_received="0").keys() & {"amount_received", ""}
    assert take(clerk, ticket_id, "cancel_refund") == {"note": "Fill in: Why it is cancelled."}
    assert take(clerk, ticket_id, "cancel_refund", note=NoteOrder("客户不修了")) == {}
    assert change(finance, ticket_id, amount_received="0") == {"": "not_allowed"}
    part = take(finance, ticket_id, "cancel_refunded", note=HOW, amount_received="40")
    assert part["transition"].startswith("CN¥40.00 was received: pay all of it back")
    assert take(finance, ticket_id, "cancel_refunded", note=HOW, amount_received="0") == {}
    assert state_of(work, ticket_id) == "cancelled"


def test_who_cancels_a_paid_ticket_does_not_pay_back_and_may_think_again(work, hired, opened):
    ticket_id = opened("appliance_repair", "scheduled", ASKED["appliance_repair"] | {
        "amount_received": "100", "payment_method": "cash"})  # fmt: skip
    manager = hired("outlet_manager")
    assert take(manager, ticket_id, "cancel_refund", note=WHY) == {}
    own = take(manager, ticket_id, "cancel_refunded", note=HOW, amount_received="0")
    assert own["transition"].startswith("You took “Cancel and pay back” on this ticket yourself")
    assert take(manager, ticket_id, "resume", note=NoteOrder("客户又要修了")) == {}
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "amount_received")) == ("pending_assignment", 10000)


def test_an_unpaid_ticket_is_cancelled_at_once(work, hired, opened):
    ticket_id = opened("appliance_repair", "scheduled", ASKED["appliance_repair"])
    clerk = hired("clerk")
    told = take(clerk, ticket_id, "cancel_refund", note=WHY)
    assert told == {"transition": "Nothing was received: use “Cancel ticket”."}
    assert take(clerk, ticket_id, "cancel", note=WHY) == {}


def test_a_ticket_that_began_where_money_goes_back_is_asked_for_first(work, hired, opened):
    """An import can put a ticket there; nobody of the house asked for the money then."""
    there = opened("appliance_repair", "refund_due", PAID | {"discount": "1"})
    finance, clerk = hired("finance"), hired("clerk")
    told = take(finance, there, "given_back", note=HOW, amount_received="260")["transition"]
    assert told.startswith("“Give the excess back” was not taken on this ticket yet")
    assert take(clerk, there, "reopen", note=WHY) == {}
    leaving = opened("appliance_repair", "cancelling", PAID)
    told = take(finance, leaving, "cancel_refunded", note=HOW, amount_received="0")["transition"]
    assert told.startswith("“Cancel and pay back” was not taken on this ticket yet")
    assert take(clerk, leaving, "resume", note=WHY) == {}
    assert take(clerk, leaving, "cancel_refund", note=WHY) == {}
    assert take(finance, leaving, "cancel_refunded", note=HOW, amount_received="0") == {}


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
    ticket_id = opened(pack, "completed", ASKED[pack] | done | paid)
    assert change(work, ticket_id, amount_received="100") == {"amount_received": "lowered"}
    clerk, finance = hired("clerk"), hired("finance")
    assert take(clerk, ticket_id, "give_back") == {}
    assert take(finance, ticket_id, "given_back", note=HOW, amount_received="0").keys() == {"transition"}
    assert take(finance, ticket_id, "given_back", note=HOW, amount_received="100") == {}
    assert "Nothing was received in excess" in take(clerk, ticket_id, "give_back")["transition"]


def test_in_review_the_technician_records_what_he_took_and_nothing_else(work, make_work, opened):
    ticket_id = opened("appliance_repair", "in_review", REPAIR)
    his = make_work(tickets.actor(work, "technician", scope=Scope.ALL))
    paid = {"amount_received": "261", "payment_method": "wechat_pay"}
    assert take(his, ticket_id, "collect", labour_fee="1", **paid).keys() == {""}
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
    for pack, path in PACKS.items():
        exchange.import_pack(work, path.read_text("utf-8"), pack)
        version = templates.published_version(work, pack)
        kept = {key for key, one in version.types.items() if one.kind == "money"}
        kept |= {"payment_method", "refund_method", "refund_reference", "new_tracking_no"}
        for one in version.transitions.values():
            assert kept.isdisjoint(one.clears), (pack, one.key)
