"""Vehicles: no work without the customer's word, and another amount than was agreed says why."""

import pytest

from app.tickets.orders import NoteOrder
from tests.packs.acting import WHY, amounts, change, state_of, take

#: What a template says is judged in Python: one database is enough.
pytestmark = [pytest.mark.packs, pytest.mark.parametrize("dialect", ["sqlite"])]

ASKED = {"plate_no": "粤B12345", "customer_request": "异响", "vehicle_services": ["battery"]}
CAR = ASKED | {"diagnosis": "刹车片磨损", "quoted_amount": "800", "quote_accepted": True, "work_summary": "更换刹车片"}
TICKS = ("lights", "fault_codes")


def test_an_accepted_quote_is_what_is_owed_and_another_amount_says_why(work, opened):
    ticket_id = opened("vehicle_service", "in_progress", CAR)
    assert amounts(work, ticket_id, "vehicle_total", "vehicle_balance", "quote_difference") == (80000, 80000, 0)
    assert take(work, ticket_id, "submit", ticks=TICKS, labour_fee="950") == {
        "difference_reason": "Fill in: Why it differs."
    }
    assert take(work, ticket_id, "submit", ticks=TICKS) == {}
    assert take(work, ticket_id, "approve") == {}
    assert take(work, ticket_id, "deliver_unsigned", note=WHY)["transition"].startswith("Still to collect: CN¥800.00.")
    paid = {"amount_received": "800", "payment_method": "cash"}
    assert take(work, ticket_id, "deliver_unsigned", note=WHY, **paid) == {}


def test_the_customer_agrees_to_the_quote_that_was_sent(work, hired, opened):
    ticket_id = opened("vehicle_service", "diagnosing", ASKED)
    technician = hired("technician")
    assert change(technician, ticket_id, quoted_amount="800", quote_accepted=True) == {"quote_accepted": "settled"}
    assert take(technician, ticket_id, "quote", diagnosis="刹车片磨损", quoted_amount="800") == {}
    assert take(technician, ticket_id, "start").keys() == {"quote_accepted", "transition"}
    told = take(technician, ticket_id, "start", quote_accepted=False)["transition"]
    assert told.startswith("Work starts once the customer accepts the quote")
    assert take(technician, ticket_id, "start", quote_accepted=True) == {}
    # Not even by hand is it agreed to, or not, afterwards.
    assert change(work, ticket_id, quote_accepted=False) == {"quote_accepted": "settled"}


def test_no_answer_of_before_agrees_to_a_quote(work, opened):
    """However it came there: sending the quote empties it."""
    ticket_id = opened("vehicle_service", "diagnosing", ASKED | {"quote_accepted": True, "quoted_amount": "800"})
    assert take(work, ticket_id, "quote", diagnosis="刹车片磨损", quoted_amount="1300") == {}
    assert amounts(work, ticket_id, "quote_accepted") == (None,)


def test_an_accepted_quote_is_only_raised_by_quoting_again(work, hired, opened):
    ticket_id = opened("vehicle_service", "in_progress", CAR)
    technician = hired("technician")
    assert change(work, ticket_id, quoted_amount="1200") == {"quoted_amount": "settled"}
    assert take(work, ticket_id, "submit", ticks=TICKS, quoted_amount="1200") == {
        "quoted_amount": "“Quoted” cannot be changed in the state “In progress”, only in:"
        " “Awaiting vehicle”, “Received”, “Diagnosing”, “Quoting again”."
    }
    assert take(technician, ticket_id, "requote", note=WHY) == {}
    # Taking the quote away makes nobody begin: the only way on is another one.
    assert change(technician, ticket_id, quoted_amount=None) == {}
    for step in ("start", "start_unquoted"):
        assert take(technician, ticket_id, step, note=WHY, quote_accepted=True).keys() >= {"transition"}
    assert take(technician, ticket_id, "quote").keys() == {"quoted_amount"}
    assert take(technician, ticket_id, "quote", quoted_amount="1200") == {}
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "quote_accepted")) == ("awaiting_quote", None)


def test_a_quote_that_was_sent_is_not_taken_away(work, opened):
    ticket_id = opened("vehicle_service", "awaiting_quote", CAR | {"quote_accepted": None})
    assert change(work, ticket_id, quoted_amount=None) == {"quoted_amount": "settled"}


def test_work_without_a_quote_says_why_and_its_fee_is_asked(work, hired, opened):
    ticket_id = opened("vehicle_service", "diagnosing", ASKED)
    technician = hired("technician")
    assert take(technician, ticket_id, "start_unquoted") == {"note": "Fill in: Why no quote is needed."}
    assert take(technician, ticket_id, "start_unquoted", note=WHY) == {}
    told = take(technician, ticket_id, "submit", ticks=TICKS, work_summary="更换机油")
    assert told == {"labour_fee": "Fill in: Labour fee."}
    quoted = opened("vehicle_service", "diagnosing", ASKED | {"quoted_amount": "800"})
    told = take(technician, quoted, "start_unquoted", note=WHY)
    assert told == {"transition": "CN¥800.00 is quoted: use “Send quote”."}


def test_too_much_taken_at_the_hand_over_goes_back_before_it_is_closed(work, hired, opened):
    ticket_id = opened("vehicle_service", "completed", CAR)
    technician, finance, clerk = hired("technician"), hired("finance"), hired("clerk")
    typed = {"amount_received": "900", "payment_method": "cash"}
    assert take(technician, ticket_id, "deliver_unsigned", note=WHY, **typed) == {}
    told = take(clerk, ticket_id, "close", satisfaction="5")["transition"]
    assert told.startswith("Still to collect: -CN¥100.00.")
    assert take(technician, ticket_id, "give_back", note=WHY) == {}
    assert take(finance, ticket_id, "given_back", note=WHY, amount_received="100") == {}
    # The vehicle is with the customer all the while.
    assert state_of(work, ticket_id) == "delivered"
    assert take(clerk, ticket_id, "close", satisfaction="5") == {}


def test_a_vehicle_that_left_unpaid_is_paid_later_or_waived_by_who_may(work, hired, opened):
    clerk, manager = hired("clerk"), hired("outlet_manager")
    for ending in ("paid", "waived"):
        ticket_id = opened("vehicle_service", "completed", CAR)
        assert take(clerk, ticket_id, "deliver_unsigned", note=WHY)["transition"].startswith("Still to collect")
        assert take(clerk, ticket_id, "deliver_unpaid", note=WHY)["transition"].startswith("Only these roles")
        assert take(manager, ticket_id, "deliver_unpaid", note=NoteOrder("月结客户")) == {}
        assert "Still to collect: CN¥800.00." in take(clerk, ticket_id, "close", satisfaction="5")["transition"]
        if ending == "paid":
            later = {"amount_received": "800", "payment_method": "transfer"}
            assert take(clerk, ticket_id, "collect", **later) == {}
            assert take(clerk, ticket_id, "close", satisfaction="5") == {}
        else:
            assert "roles" in take(clerk, ticket_id, "close_unpaid", note=WHY)["transition"]
            assert take(manager, ticket_id, "close_unpaid", note=WHY) == {}


def test_a_reason_for_one_difference_is_none_for_another(work, hired, opened):
    ticket_id = opened("vehicle_service", "in_review", CAR | {"labour_fee": "950", "difference_reason": "加件"})
    clerk, technician = hired("clerk"), hired("technician")
    assert change(clerk, ticket_id, labour_fee="2900") == {"labour_fee": "settled"}
    assert take(hired("qa"), ticket_id, "rework", note=WHY) == {}
    told = take(technician, ticket_id, "submit", ticks=TICKS, labour_fee="2900")
    assert told == {"difference_reason": "Fill in: Why it differs."}
