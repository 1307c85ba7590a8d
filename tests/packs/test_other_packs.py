"""What else the packs keep people from: complaints, maintenance, faults."""

import pytest

from app.tickets.orders import NoteOrder
from tests.packs.acting import WHY, amounts, change, state_of, step_of, take

#: What a template says is judged in Python: one database is enough.
pytestmark = [pytest.mark.packs, pytest.mark.parametrize("dialect", ["sqlite"])]

COMPLAINT = {"complaint_source": "hotline", "severity": "minor", "complaint_category": "service/late",
             "complaint_content": "迟到", "finding": "属实", "is_justified": "yes", "solution": "致歉",
             "compensation_type": "money", "compensation_amount": "50"}  # fmt: skip
DEALT_WITH = ("customer_called", "evidence_kept")


def test_a_complaint_with_a_customer_goes_to_review_by_the_customers_answer(work, opened):
    theirs = opened("complaint", "investigating", COMPLAINT)
    told = take(work, theirs, "submit_internal")["transition"]
    assert told.startswith("With a customer, propose the solution first")
    assert take(work, theirs, "propose") == {}
    assert take(work, opened("complaint", "investigating", COMPLAINT, customer_id=None), "submit_internal") == {}


def test_a_compensation_is_what_was_submitted_and_approved_by_another(work, hired, opened):
    ticket_id = opened("complaint", "awaiting_customer", COMPLAINT)
    qa, manager = hired("qa"), hired("outlet_manager")
    assert take(qa, ticket_id, "submit", customer_accepts=True) == {}
    assert change(manager, ticket_id, compensation_amount="5000") == {"compensation_amount": "settled"}
    done = {"ticks": DEALT_WITH, "prevention": "培训"}
    assert take(qa, ticket_id, "approve", **done)["transition"].startswith("You took “Submit for review”")
    assert take(manager, ticket_id, "approve", **done) == {}
    more = {"compensation_amount": "5000", "compensation_type": "gift", "is_justified": "no"}
    assert change(work, ticket_id, **more) == dict.fromkeys(more, "settled")


def test_what_is_proposed_says_the_compensation_and_who_approves_sees_it(work, hired, opened):
    begun = {key: one for key, one in COMPLAINT.items() if not key.startswith("compensation")}
    ticket_id = opened("complaint", "investigating", begun)
    clerk = hired("clerk")
    assert take(clerk, ticket_id, "propose", compensation_type="money") == {
        "compensation_amount": "Fill in: Amount of compensation."
    }
    assert take(clerk, ticket_id, "propose", compensation_type="money", compensation_amount="50") == {}
    assert take(clerk, ticket_id, "submit", customer_accepts=True, compensation_amount="80") == {}
    shown = step_of(hired("qa"), ticket_id, "approve").transition.shows
    assert {"compensation_type", "compensation_amount"} <= {*shown}
    assert change(hired("finance"), ticket_id, finding="财务改的") == {"finding": "not_allowed"}


def test_a_compensation_is_paid_after_it_is_approved_and_said_by_finance(work, hired, opened):
    ticket_id = opened("complaint", "in_review", COMPLAINT)
    manager, finance, clerk = hired("outlet_manager"), hired("finance"), hired("clerk")
    assert take(manager, ticket_id, "approve", ticks=DEALT_WITH, prevention="培训") == {}
    assert "recorded by finance first" in take(clerk, ticket_id, "close")["transition"]
    for one in (clerk, finance):
        assert change(one, ticket_id, compensation_paid="50") == {"compensation_paid": "read_only"}
    assert take(finance, ticket_id, "compensate", note=WHY, compensation_paid="900").keys() == {"compensation_paid"}
    for paid in ("20", "35"):
        told = take(finance, ticket_id, "compensate", note=NoteOrder("微信转账 WX1"), compensation_paid=paid)
        assert told.keys() == ({"compensation_paid"} if paid == "35" else set())
    assert take(finance, ticket_id, "compensate", note=NoteOrder("微信转账 WX2"), compensation_paid="30") == {}
    none = take(finance, ticket_id, "compensate", note=NoteOrder("WX9"), compensation_paid="1")
    assert none["transition"] == "No compensation is due."
    # What was typed wrongly is put right with a reason, and paid then on what another approved.
    wrong = {"note": NoteOrder("银行退回"), "compensation_paid": "30"}
    assert take(finance, ticket_id, "correct_compensation", **wrong) == {}
    again = {"note": NoteOrder("微信转账 WX3"), "compensation_paid": "30"}
    assert take(manager, ticket_id, "compensate", **again)["transition"].startswith("You took “")
    assert state_of(work, ticket_id) == "completed"
    assert take(finance, ticket_id, "compensate", **again) == {}
    assert take(clerk, ticket_id, "close") == {}
    # What was paid before stays, and counts when they complain again.
    assert take(clerk, ticket_id, "reopen", note=WHY) == {}
    assert change(clerk, ticket_id, compensation_amount="30") == {"compensation_paid": "check"}
    assert change(clerk, ticket_id, compensation_amount="950") == {}
    assert amounts(work, ticket_id, "compensation_paid", "compensation_due") == (5000, 90000)
    told = take(clerk, ticket_id, "cancel", note=WHY)["transition"]
    assert told.startswith("CN¥900.00 is still promised")
    assert take(clerk, ticket_id, "cancel", note=WHY, compensation_amount="50") == {}


def test_what_is_no_money_is_ticked_when_it_was_delivered_not_before(work, hired, opened):
    ticket_id = opened("complaint", "in_review", COMPLAINT | {"compensation_type": "free_service"})
    manager, clerk = hired("outlet_manager"), hired("clerk")
    assert take(manager, ticket_id, "approve", ticks=DEALT_WITH, prevention="培训") == {}
    assert take(clerk, ticket_id, "close") == {"checklist": "Tick the checklist: Compensation delivered."}
    assert take(clerk, ticket_id, "close", ticks=("compensation_done",)) == {}


def test_a_defect_found_is_not_unfound_in_review(work, hired, opened):
    found = {"product_category_text": "空调", "maintenance_items": ["clean_filter"], "defects_found": True,
             "defect_description": "电源线老化"}  # fmt: skip
    ticket_id = opened("maintenance", "in_review", found)
    assert change(hired("finance"), ticket_id, defects_found=False) in (
        {"defects_found": "settled"},
        {"defects_found": "not_allowed"},
    )
    assert change(work, ticket_id, defects_found=False) == {"defects_found": "settled"}
    assert take(work, ticket_id, "complete_record", note=WHY) == {}
    assert change(work, ticket_id, defects_found=False) == {}


def test_a_fault_in_work_can_be_cancelled(work, opened):
    fault = {"it_category": "network/wifi", "impact": "one_person", "fault_description": "断网"}
    ticket_id = opened("it_fault", "in_progress", fault)
    assert take(work, ticket_id, "cancel") == {"note": "Fill in: Why it is cancelled."}
    assert take(work, ticket_id, "cancel", note=WHY) == {}
