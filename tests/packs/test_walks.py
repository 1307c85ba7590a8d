"""Each pack from its first state to its last, by the people whose work it is, with the ways back: nobody gets stuck."""

from typing import Any

import pytest

from app.core.errors import Refusal
from app.core.work import Work
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from tests.factories import people
from tests.packs.acting import ordered
from tests.tickets.test_attachments import picture, upload

#: What a template says is judged in Python: one database is enough.
pytestmark = [pytest.mark.packs, pytest.mark.parametrize("dialect", ["sqlite"])]

#: Stands for a file that is uploaded with the step.
PHOTO, SIGNED = object(), object()
#: Who takes a step, the step, and what is answered with it; a step that asks why is told so.
Step = tuple[str, str, dict[str, Any]]

VISIT: list[Step] = [
    ("dispatcher", "assign", {}),
    ("technician", "accept", {}),
    ("clerk", "schedule", {"appointment_at": "2026-12-01T09:00"}),
    ("clerk", "reschedule", {"appointment_at": "2026-12-02T09:00"}),
    ("technician", "start", {"arrived_at": "2026-11-21T07:00"}),
]
REPAIRED = {"fault_cause": "mechanical/seal", "repair_measures": ["clean"], "repair_outcome": "fixed",
            "work_summary": "更换密封圈", "labour_fee": "200", "customer_signature": SIGNED}  # fmt: skip
CASH = {"amount_received": "200", "payment_method": "cash"}
MEASURED = {"measurements": [{"item": "绝缘", "passed": True}], "conclusion": "passed", "photos_before": PHOTO,
            "inspection_fee": "100", "customer_signature": SIGNED}  # fmt: skip
MAINTAINED = {"maintenance_items": ["clean_filter"], "defects_found": False, "next_due_on": "2027-05-01",
              "customer_signature": SIGNED}  # fmt: skip
BACK = {"refunded_amount": "1999", "refund_method": "original", "refund_reference": "TK1"}
SENT_BACK = {"return_tracking_no": "SF1", "received_on": "2026-11-20"}
GOODS = [{"item_name": "冰箱", "quantity": "1", "unit_price": "1999"}]
ASKED: dict[str, dict[str, Any]] = {
    "appliance_repair": {"product_category_text": "洗衣机", "fault_description": "漏水",
                         "warranty_status": "out_of_warranty"},
    "installation": {"product_category_text": "空调", "delivered": True},
    "maintenance": {"product_category_text": "空调"},
    "inspection": {"product_category_text": "热水器", "inspection_kind": "annual"},
    "return_exchange": {"return_type": "return", "goods_name": "冰箱", "order_no": "1", "return_reason": "seven_days",
                        "items_returned": GOODS},
    "complaint": {"complaint_category": "service/late", "complaint_content": "迟到"},
    "it_fault": {"it_category": "network/wifi", "fault_description": "断网"},
    "vehicle_service": {"plate_no": "粤B12345", "customer_request": "异响"},
}  # fmt: skip
DEALT_WITH = {"finding": "属实", "is_justified": "yes", "solution": "致歉"}
STOPPED = {"resolution": "configured", "restored_at": "2026-11-21T08:00"}

#: A story: the pack, its steps, and where it ends.
STORIES: dict[str, tuple[str, list[Step], str]] = {
    "repair, done again, reopened for a second fee, overpaid": ("appliance_repair", [
        *VISIT, ("technician", "wait_for_parts", {}), ("clerk", "parts_arrived", {}),
        ("technician", "submit", REPAIRED), ("technician", "collect", CASH), ("qa", "rework", {}),
        ("technician", "submit", {"customer_signature": SIGNED}), ("qa", "complete_record", {}),
        ("technician", "submit", {}), ("qa", "approve", {}), ("clerk", "follow_up", {"satisfaction": "5"}),
        ("clerk", "close", {}), ("clerk", "reopen", {}),
        ("technician", "submit", {"repair_outcome": "fixed", "labour_fee": "280", "customer_signature": SIGNED}),
        ("qa", "approve", {}), ("clerk", "collect", {"amount_received": "100"}), ("clerk", "give_back", {}),
        ("finance", "given_back", {"amount_received": "20"}), ("clerk", "close", {}), ("clerk", "give_back", {}),
        ("clerk", "withdraw", {}), ("clerk", "close", {}),
    ], "closed"),
    "repair, settled and cancelled after a second thought": ("appliance_repair", [
        *VISIT, ("clerk", "collect", CASH), ("clerk", "cancel_refund", {}), ("dispatcher", "resume", {}), *VISIT,
        ("outlet_manager", "cancel_refund", {}),
        ("finance", "cancel_refunded", {"amount_received": "170", "travel_fee": "30"}),
    ], "cancelled"),
    "repair, handed back and waived": ("appliance_repair", [
        ("dispatcher", "assign", {}), ("technician", "decline", {}), *VISIT, ("technician", "submit", REPAIRED),
        ("qa", "approve", {}), ("finance", "close_unpaid", {}),
    ], "closed"),
    "installation": ("installation", [
        *VISIT, ("technician", "submit", {"test_result": "normal", "installed_serials": "A1", "installation_fee": "100",
                                          "customer_signature": SIGNED}),
        ("qa", "rework", {}), ("technician", "submit_unsigned", {}), ("qa", "approve", {}),
        ("clerk", "collect", {"amount_received": "100", "payment_method": "cash"}), ("clerk", "close", {}),
    ], "closed"),
    "maintenance, reopened": ("maintenance", [
        *VISIT, ("technician", "visit_again", {"appointment_at": "2026-12-02T09:00"}),
        ("technician", "start", {"arrived_at": "2026-11-21T07:00"}), ("technician", "submit", MAINTAINED),
        ("qa", "approve", {}), ("clerk", "close", {}), ("clerk", "reopen", {}),
        ("technician", "submit", {"customer_signature": SIGNED}), ("qa", "approve", {}),
        ("clerk", "follow_up", {"satisfaction": "5"}), ("clerk", "close", {}),
    ], "closed"),
    "inspection, found otherwise the second time": ("inspection", [
        *VISIT, ("technician", "submit", MEASURED), ("qa", "rework", {}),
        ("technician", "submit", {"measurements": [{"item": "绝缘", "passed": False}], "conclusion": "failed",
                                  "customer_signature": SIGNED}),
        ("technician", "collect", {"amount_received": "100", "payment_method": "cash"}), ("qa", "approve", {}),
        ("clerk", "close", {}), ("clerk", "reopen", {}),
        ("technician", "submit", {"conclusion": "failed", "customer_signature": SIGNED}), ("qa", "approve", {}),
        ("clerk", "close", {}),
    ], "closed"),
    "return, inspected twice, compensated afterwards": ("return_exchange", [
        ("clerk", "approve_return", {}), ("clerk", "receive", SENT_BACK),
        ("technician", "submit", {"inspection_grade": "intact"}), ("qa", "rework", {}),
        ("technician", "submit", {"inspection_grade": "used"}), ("outlet_manager", "approve_refund", {}),
        ("finance", "review_again", {}), ("outlet_manager", "approve_refund", {}),
        ("finance", "refund_part", BACK | {"refunded_amount": "999"}),
        ("finance", "refunded", BACK | {"refunded_amount": "1000"}),
        ("clerk", "close", {}), ("clerk", "reopen", {}), ("clerk", "", {"shipping_compensation": "20"}),
        ("outlet_manager", "approve_refund", {}),
        ("finance", "refunded", {"refunded_amount": "20", "refund_reference": "TK2"}),
        ("clerk", "close", {}), ("clerk", "reopen", {}), ("clerk", "", {"deduction": "119"}), ("clerk", "recover", {}),
        ("finance", "recovered", {"refunded_amount": "119", "refund_reference": "ZH1"}), ("qa", "settle", {}),
        ("clerk", "close", {}),
        ("clerk", "recover", {}), ("clerk", "review_again", {}), ("qa", "settle", {}), ("clerk", "close", {}),
    ], "closed"),
    "exchange, reopened": ("return_exchange", [
        ("clerk", "", {"return_type": "exchange"}), ("clerk", "approve_return", {}), ("clerk", "reconsider", {}),
        ("clerk", "approve_return", {}), ("clerk", "receive", SENT_BACK),
        ("technician", "submit", {"inspection_grade": "intact"}), ("qa", "approve_exchange", {}),
        ("clerk", "shipped", {"new_tracking_no": "JD1"}), ("clerk", "close", {}), ("clerk", "reopen_exchanged", {}),
        ("clerk", "approve_return", {}), ("clerk", "receive", SENT_BACK),
        ("technician", "submit", {"inspection_grade": "intact"}), ("qa", "approve_exchange", {}),
        ("dispatcher", "review_again", {}), ("qa", "approve_exchange", {}),
        ("clerk", "shipped", {"new_tracking_no": "JD2"}), ("clerk", "close", {}),
    ], "closed"),
    "refund only, rejected and considered again": ("return_exchange", [
        ("clerk", "reject", {}), ("clerk", "reconsider", {}), ("clerk", "", {"return_type": "refund_only"}),
        ("clerk", "approve_refund_only", {}), ("qa", "approve_refund", {}), ("finance", "refunded", BACK),
        ("clerk", "close", {}),
    ], "closed"),
    "complaint, compensated": ("complaint", [
        ("dispatcher", "assign", {}), ("clerk", "respond", {"first_response_at": "2026-11-21T08:00"}),
        ("clerk", "propose", DEALT_WITH | {"compensation_type": "money", "compensation_amount": "50"}),
        ("clerk", "renegotiate", {}), ("clerk", "propose", {}), ("clerk", "submit", {"customer_accepts": True}),
        ("qa", "rework", {}), ("clerk", "propose", {}), ("clerk", "submit", {"customer_accepts": True}),
        ("qa", "approve", {"prevention": "培训"}), ("finance", "compensate", {"compensation_paid": "50"}),
        ("clerk", "close", {}), ("clerk", "reopen", {}),
        ("clerk", "propose", {"compensation_amount": "80"}), ("clerk", "submit", {"customer_accepts": True}),
        ("qa", "approve", {}), ("clerk", "follow_up", {"satisfaction": "4"}),
        ("finance", "compensate", {"compensation_paid": "30"}), ("clerk", "close", {}),
    ], "closed"),
    "fault": ("it_fault", [
        ("dispatcher", "assign", {}), ("technician", "start", {}), ("technician", "ask_user", {}),
        ("technician", "user_replied", {}), ("technician", "resolve", STOPPED), ("technician", "close", {}),
        ("clerk", "reopen", {}), ("technician", "escalate", {}), ("technician", "vendor_done", {}),
        ("technician", "", {"impact": "company"}), ("technician", "submit", STOPPED | {"root_cause": "交换机"}),
        ("qa", "rework", {}), ("technician", "submit", {}), ("qa", "approve", {}), ("clerk", "close", {}),
    ], "closed"),
    "vehicle, quoted twice": ("vehicle_service", [
        ("clerk", "receive", {"received_at": "2026-11-21T07:00", "mileage": "1000"}), ("clerk", "assign", {}),
        ("technician", "quote", {"diagnosis": "磨损", "quoted_amount": "800"}), ("technician", "requote", {}),
        ("technician", "quote", {"quoted_amount": "700"}), ("technician", "start", {"quote_accepted": True}),
        ("technician", "submit", {"work_summary": "更换"}), ("qa", "rework", {}), ("technician", "submit", {}),
        ("qa", "approve", {}),
        ("technician", "deliver", {"amount_received": "700", "payment_method": "cash", "customer_signature": SIGNED}),
        ("clerk", "give_back", {}), ("finance", "given_back", {"amount_received": "50", "discount": "50"}),
        ("clerk", "close", {"satisfaction": "5"}), ("clerk", "reopen", {}), ("technician", "requote", {}),
        ("technician", "quote", {"quoted_amount": "900"}), ("technician", "start", {"quote_accepted": True}),
        ("technician", "submit", {"difference_reason": "返修减免"}), ("qa", "approve", {}),
        ("outlet_manager", "deliver_unpaid", {}), ("outlet_manager", "close_unpaid", {}),
    ], "closed"),
    "vehicle, nothing to quote": ("vehicle_service", [
        ("clerk", "receive", {"received_at": "2026-11-21T07:00", "mileage": "1000"}), ("clerk", "assign", {}),
        ("technician", "start_unquoted", {}), ("technician", "submit", {"work_summary": "换机油", "labour_fee": "300"}),
        ("qa", "approve", {}),
        ("technician", "deliver_unsigned", {"amount_received": "300", "payment_method": "cash"}),
        ("clerk", "close", {"satisfaction": "5"}),
    ], "closed"),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_from_the_first_state_to_the_last_by_whose_work_it_is(work, hired, story):
    pack, steps, end = STORIES[story]
    hands: dict[str, Work] = {}
    customer = people.customer(work, sites=[{"name": "家", "address_line": "科技园路 12 号"}])
    columns = {"customer_id": customer.id, "site_id": customer.sites[0].id}
    (opened,) = service.open_tickets(hired("clerk"), [OpenTicket(pack, columns, ASKED[pack])]).outcomes
    for place, (role, step, answers) in enumerate(steps):
        hand = hands.setdefault(role, hired(role))
        told = taken(hand, opened.ticket_id, step, answers, hands.setdefault("technician", hired("technician")))
        assert not told, (place, role, step, [(one.field, str(one.message)) for one in told])
    assert queries.ticket(work, opened.ticket_id).state == end


def taken(hand: Work, ticket_id: int, step: str, answers: dict[str, Any], technician: Work) -> tuple[Refusal, ...]:
    """Take a step as somebody does who has read what it asks for: the reason, the ticks, whom it goes to."""
    detail = queries.ticket(hand, ticket_id)
    transition = detail.version.transitions.get(step)
    given = {key: filed(hand, one) for key, one in answers.items()}
    if transition is None:
        return ordered(hand, ChangeTicket(ticket_id, answers=given))
    fields = {"assignee_id": technician.actor.user_id} if "assignee" in transition.required else {}
    ticks = {one.key: True for one in detail.version.spec.checklist} if transition.checklist else {}
    note = NoteOrder("按流程处理") if transition.note_required else None
    order = ChangeTicket(ticket_id, fields=fields, answers=given, transition=step, note=note, checklist=ticks)
    return ordered(hand, order)


def filed(hand: Work, answer: Any) -> Any:
    if answer is PHOTO:
        return [upload(hand, picture(), "photo.jpg").id]
    return upload(hand, picture(kind="PNG"), "sign.png").id if answer is SIGNED else answer
