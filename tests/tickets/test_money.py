"""What was received or refunded is never forgotten: after reopening only the difference is owed, on every pack."""

import pytest

from app.core.errors import DomainError
from app.core.permissions import Scope
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from tests.factories import people, tickets
from ticket_templates import exchange
from ticket_templates import queries as templates

PACKS = {path.stem: path for path in exchange.shipped_packs()}
WHY = NoteOrder("客户说还有一处没修好")
REPAIR = {
    "product_category_text": "洗衣机", "fault_description": "漏水", "warranty_status": "out_of_warranty",
    "service_mode": "in_shop", "fault_cause": "mechanical/seal", "repair_measures": ["clean"],
    "repair_outcome": "fixed", "work_summary": "更换密封圈", "labour_fee": "200", "travel_fee": "61",
}  # fmt: skip


@pytest.fixture
def opened(work):
    """Open a ticket of a shipped pack in one of its states."""

    def made(pack, state, answers, **fields):
        exchange.import_pack(work, PACKS[pack].read_text("utf-8"), pack)
        order = OpenTicket(pack, fields, answers, state=state)
        (outcome,) = service.open_tickets(work, [order]).outcomes
        assert not outcome.refusals, [str(one.message) for one in outcome.refusals]
        return outcome.ticket_id

    return made


def take(work, ticket_id, step, *, ticks=(), note=None, **answers):
    """Take a step; the words it is refused with, by field."""
    order = ChangeTicket(ticket_id, answers=answers, transition=step, note=note, checklist=dict.fromkeys(ticks, True))
    try:
        service.change_ticket(work, order)
    except DomainError as error:
        return {one.field: str(one.message) for one in error.refusals}
    return {}


def amounts(work, ticket_id, *keys):
    values = queries.ticket(work, ticket_id).values
    return tuple(values.get(key) for key in keys)


def step_of(work, ticket_id, key):
    return next(one for one in queries.steps(work, queries.ticket(work, ticket_id)) if one.transition.key == key)


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


def test_what_is_waived_is_closed_by_who_may_and_says_why(work, make_work, opened):
    ticket_id = opened("appliance_repair", "completed", REPAIR)
    clerk = make_work(tickets.actor(work, "clerk"))
    assert "roles" in step_of(clerk, ticket_id, "close_unpaid").reasons[0].in_("en")
    finance = make_work(tickets.actor(work, "finance"))
    assert take(finance, ticket_id, "close_unpaid") == {"note": "Fill in: Why it is waived."}
    assert take(finance, ticket_id, "close_unpaid", note=NoteOrder("老客户，经理同意")) == {}
    assert amounts(work, ticket_id, "balance_due") == (26100,)


def test_what_was_received_outlives_a_warranty_found_later_and_is_given_back(work, make_work, opened):
    paid = REPAIR | {"amount_received": "261", "payment_method": "cash"}
    ticket_id = opened("appliance_repair", "completed", paid)
    service.change_ticket(work, ChangeTicket(ticket_id, answers={"warranty_status": "in_warranty"}))
    assert amounts(work, ticket_id, "total_fee", "amount_received", "balance_due") == (None, 26100, -26100)
    assert "Still to collect: -CN¥261.00" in take(work, ticket_id, "close")["transition"]
    assert "Give the excess back" in take(work, ticket_id, "close_unpaid", note=WHY)["transition"]
    clerk, finance = (make_work(tickets.actor(work, role, scope=Scope.ALL)) for role in ("clerk", "finance"))
    assert take(clerk, ticket_id, "give_back") == {}
    how = NoteOrder("微信退回，流水号 WX88")
    early = take(finance, ticket_id, "given_back", note=how, amount_received="100")
    assert early["transition"].startswith("Still to collect: -CN¥100.00.")
    assert take(finance, ticket_id, "given_back", amount_received="0") == {"note": "Fill in: How it was given back."}
    assert take(finance, ticket_id, "given_back", note=how, amount_received="0") == {}
    assert take(work, ticket_id, "close") == {}


def test_a_paid_ticket_is_not_cancelled_with_the_money(work, opened):
    paid = REPAIR | {"amount_received": "100", "payment_method": "cash"}
    ticket_id = opened("appliance_repair", "in_progress", paid)
    told = take(work, ticket_id, "cancel", note=WHY)["transition"]
    assert told.startswith("CN¥100.00 was received: give it back, set “Received” to 0 here")
    assert take(work, ticket_id, "cancel", note=NoteOrder("现金退还，客户签收"), amount_received="0") == {}
    assert queries.ticket(work, ticket_id).state == "cancelled"


@pytest.mark.parametrize(
    ("pack", "fee"),
    [("installation", "installation_fee"), ("inspection", "inspection_fee"), ("vehicle_service", "labour_fee")],
)
def test_money_received_in_excess_is_given_back_on_every_pack(work, opened, pack, fee):
    said = {
        "installation": {"product_category_text": "空调", "test_result": "normal", "installed_serials": "A1"},
        "inspection": {"product_category_text": "空调", "inspection_kind": "annual", "conclusion": "passed"},
        "vehicle_service": {"plate_no": "粤B12345", "customer_request": "异响"},
    }[pack]
    paid = {fee: "100", "amount_received": "150", "payment_method": "cash"}
    ticket_id = opened(pack, "completed", said | paid, customer_id=people.customer(work).id)
    assert take(work, ticket_id, "give_back") == {}
    assert take(work, ticket_id, "given_back", note=WHY, amount_received="100") == {}
    assert "Nothing was received in excess" in take(work, ticket_id, "give_back")["transition"]


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
    ticket_id = opened(pack, "in_progress", {
        "installation": {"product_category_text": "空调", "test_result": "normal", "installed_serials": "A1"},
        "inspection": {"product_category_text": "空调", "inspection_kind": "annual"},
    }[pack], customer_id=people.customer(work).id)  # fmt: skip
    assert fee in take(work, ticket_id, "submit_unsigned", note=WHY)
    assert fee not in take(work, ticket_id, "submit_unsigned", note=WHY, **{fee: "0"})


RETURN = {
    "return_type": "return", "goods_name": "空调", "order_no": "1", "return_reason": "seven_days",
    "items_returned": [{"item_name": "空调", "quantity": "1", "unit_price": "1999"}],
    "received_on": "2026-11-20", "inspection_grade": "intact",
}  # fmt: skip
PAID_OUT = {"refund_method": "original", "refund_reference": "TK001"}
CHECKED = ("identity", "accessories", "invoice")


def test_a_refund_is_paid_once_and_by_another_than_who_approved_it(work, make_work, opened):
    ticket_id = opened("return_exchange", "in_review", RETURN, customer_id=people.customer(work).id)
    approver, payer = (make_work(tickets.actor(work, "finance")) for _who in range(2))
    assert take(approver, ticket_id, "approve_refund") == {}
    own = take(approver, ticket_id, "refunded", ticks=CHECKED, refunded_amount="1999", **PAID_OUT)
    assert own == {"transition": "You took “Approve refund” on this ticket yourself; somebody else takes this step."}
    assert step_of(approver, ticket_id, "refunded").blocked
    assert step_of(payer, ticket_id, "refunded").answerable
    less = take(payer, ticket_id, "refunded", ticks=CHECKED, refunded_amount="1000", **PAID_OUT)
    assert less == {"transition": "Still to refund: CN¥999.00. It is complete once that is 0."}
    assert take(payer, ticket_id, "refunded", ticks=CHECKED, refunded_amount="1999", **PAID_OUT) == {}
    assert take(work, ticket_id, "close") == {}
    assert take(work, ticket_id, "reopen", note=WHY) == {}
    assert amounts(work, ticket_id, "refund_amount", "refunded_amount", "refund_balance", "refund_reference") == (
        199900, 199900, 0, "TK001",
    )  # fmt: skip
    assert "Still to refund: CN¥0.00" in take(approver, ticket_id, "approve_refund")["transition"]
    assert step_of(work, ticket_id, "approve_refund").blocked
    assert "CN¥1,999.00 was refunded already" in take(work, ticket_id, "reject", note=WHY)["transition"]
    assert take(work, ticket_id, "settle", ticks=CHECKED, note=NoteOrder("只是补开发票")) == {}


def change(work, ticket_id, **answers):
    """Change answers; the code each is refused with, by field."""
    try:
        service.change_ticket(work, ChangeTicket(ticket_id, answers=answers))
    except DomainError as error:
        return {one.field: one.code for one in error.refusals}
    return {}


def test_what_was_approved_is_what_is_paid(work, make_work, opened):
    ticket_id = opened("return_exchange", "in_review", RETURN, customer_id=people.customer(work).id)
    manager, payer = (make_work(tickets.actor(work, "finance", scope=Scope.ALL)) for _who in range(2))
    assert take(manager, ticket_id, "approve_refund") == {}
    more = [RETURN["items_returned"][0] | {"quantity": "3"}]
    grown = {"items_returned": more, "shipping_compensation": "500", "deduction": "1", "return_type": "refund_only"}
    assert change(work, ticket_id, **grown) == dict.fromkeys(grown, "settled")
    assert change(payer, ticket_id, shipping_compensation="500") == {"shipping_compensation": "settled"}
    paid = {"refunded_amount": "2499", "shipping_compensation": "500"}
    assert take(payer, ticket_id, "refunded", ticks=CHECKED, **paid, **PAID_OUT).keys() == {"shipping_compensation"}
    # What is wrong goes back to review, and is approved anew.
    assert take(payer, ticket_id, "review_again", note=WHY) == {}
    assert change(payer, ticket_id, shipping_compensation="500") == {}
    assert take(payer, ticket_id, "approve_refund") == {}
    paid = {"refunded_amount": "2499"} | PAID_OUT
    assert take(payer, ticket_id, "refunded", ticks=CHECKED, **paid).keys() == {"transition"}
    assert take(manager, ticket_id, "refunded", ticks=CHECKED, **paid) == {}
    # Nor are more goods paid for once it is complete.
    assert change(work, ticket_id, items_returned=more) == {"items_returned": "settled"}


def test_nobody_pays_out_what_nobody_approved(work, make_work, opened):
    ticket_id = opened("return_exchange", "in_review", RETURN, customer_id=people.customer(work).id)
    finance = make_work(tickets.actor(work, "finance", scope=Scope.ALL))
    paid = {"refunded_amount": "1999", "refund_reference": "TK001"}
    assert change(finance, ticket_id, **paid) == dict.fromkeys(paid, "settled")
    told = take(finance, ticket_id, "settle", ticks=CHECKED, note=WHY, **paid)
    assert told.keys() == {*paid}
    assert told["refunded_amount"] == (
        "“Refunded” cannot be changed in the state “In review”, only in: “Refunding”, “Recovering”."
    )
    told = take(finance, ticket_id, "settle", ticks=CHECKED, note=WHY)
    assert told["transition"].startswith("Still to refund: CN¥1,999.00.")
    order = OpenTicket("return_exchange", {"customer_id": people.customer(work).id}, RETURN | paid)
    (outcome,) = service.open_tickets(work, [order]).outcomes
    assert {one.field: one.code for one in outcome.refusals} == dict.fromkeys(paid, "settled")


def test_what_was_refunded_in_excess_is_got_back(work, make_work, opened):
    paid = RETURN | {"refunded_amount": "1999"} | PAID_OUT
    ticket_id = opened("return_exchange", "in_review", paid, customer_id=people.customer(work).id)
    finance = make_work(tickets.actor(work, "finance", scope=Scope.ALL))
    assert take(finance, ticket_id, "recover")["transition"] == "Nothing was refunded in excess."
    assert change(finance, ticket_id, deduction="100") == {}
    told = take(finance, ticket_id, "settle", ticks=CHECKED, note=WHY)["transition"]
    assert told.startswith("Still to refund: -CN¥100.00.")
    assert take(finance, ticket_id, "recover") == {}
    how = NoteOrder("客户转回，流水号 ZH9")
    assert take(finance, ticket_id, "recovered", note=how, refunded_amount="2099").keys() == {"transition"}
    assert take(finance, ticket_id, "recovered", note=how, refunded_amount="1899") == {}
    assert take(finance, ticket_id, "settle", ticks=CHECKED, note=WHY) == {}
    assert take(work, ticket_id, "close") == {}


def test_no_step_of_any_pack_empties_money_or_what_proves_it(work):
    for pack, path in PACKS.items():
        exchange.import_pack(work, path.read_text("utf-8"), pack)
        version = templates.published_version(work, pack)
        kept = {key for key, one in version.types.items() if one.kind == "money"}
        kept |= {"payment_method", "refund_method", "refund_reference"}
        for one in version.transitions.values():
            assert kept.isdisjoint(one.clears), (pack, one.key)


CAR = {"plate_no": "粤B12345", "customer_request": "异响", "quoted_amount": "800", "quote_accepted": True,
       "work_summary": "更换刹车片", "vehicle_services": ["battery"]}  # fmt: skip


def test_an_accepted_quote_is_what_is_owed_and_another_amount_says_why(work, opened):
    ticket_id = opened("vehicle_service", "in_progress", CAR)
    assert amounts(work, ticket_id, "vehicle_total", "vehicle_balance", "quote_difference") == (80000, 80000, 0)
    ticks = ("lights", "fault_codes")
    assert take(work, ticket_id, "submit", ticks=ticks, labour_fee="950") == {
        "difference_reason": "Fill in: Why it differs."
    }
    assert take(work, ticket_id, "submit", ticks=ticks) == {}
    assert take(work, ticket_id, "approve") == {}
    assert take(work, ticket_id, "deliver_unsigned", note=WHY)["transition"].startswith("Still to collect: CN¥800.00.")
    paid = {"amount_received": "800", "payment_method": "cash"}
    assert take(work, ticket_id, "deliver_unsigned", note=WHY, **paid) == {}


def test_an_accepted_quote_is_only_raised_by_quoting_again(work, opened):
    ticket_id = opened("vehicle_service", "in_progress", CAR)
    assert change(work, ticket_id, quoted_amount="1200") == {"quoted_amount": "settled"}
    assert take(work, ticket_id, "submit", ticks=("lights", "fault_codes"), quoted_amount="1200") == {
        "quoted_amount": "“Quoted” cannot be changed in the state “In progress”, only in:"
        " “Awaiting vehicle”, “Received”, “Diagnosing”."
    }
    assert take(work, ticket_id, "requote", note=WHY) == {}
    assert change(work, ticket_id, quoted_amount="1200") == {}
    assert take(work, ticket_id, "start") == {"transition": "Work starts once the customer accepts the quote."}


def test_without_a_quote_the_fee_is_asked_before_the_vehicle_is_checked(work, opened):
    bare = {key: one for key, one in CAR.items() if not key.startswith("quote")}
    ticket_id = opened("vehicle_service", "in_progress", bare)
    assert take(work, ticket_id, "submit", ticks=("lights", "fault_codes")) == {"labour_fee": "Fill in: Labour fee."}


def test_a_failed_item_and_a_passed_conclusion_do_not_go_together(work, opened):
    rows = [{"item": "绝缘电阻", "limit_value": "≥2MΩ", "measured": "0.3", "passed": False}]
    asked = {"product_category_text": "热水器", "inspection_kind": "safety", "measurements": rows}
    ticket_id = opened("inspection", "in_progress", asked, customer_id=people.customer(work).id)
    assert amounts(work, ticket_id, "failed_items") == (1,)
    told = take(work, ticket_id, "submit_unsigned", note=WHY, conclusion="passed", inspection_fee="0")
    assert told["conclusion"].startswith("An item failed")
    assert "photos_before" in told
    service.change_ticket(work, ChangeTicket(ticket_id, answers={"conclusion": "failed"}))
    with pytest.raises(DomainError) as refused:
        service.change_ticket(work, ChangeTicket(ticket_id, answers={"conclusion": "passed"}))
    assert [one.field for one in refused.value.refusals] == ["conclusion"]
    untold = [rows[0], {"item": "外观"}]
    assert set(change(work, ticket_id, measurements=untold).values()) == {"required"}
    assert change(work, ticket_id, conclusion="conditional", rectification="更换").keys() == {"rectify_by_on"}
    good = [rows[0] | {"passed": True}]
    service.change_ticket(work, ChangeTicket(ticket_id, answers={"measurements": good, "conclusion": "passed"}))


def test_a_complaint_with_a_customer_goes_to_review_by_the_customers_answer(work, opened):
    said = {"complaint_source": "hotline", "severity": "minor", "complaint_category": "service/late",
            "complaint_content": "迟到", "finding": "属实", "is_justified": "yes", "solution": "致歉"}  # fmt: skip
    theirs = opened("complaint", "investigating", said, customer_id=people.customer(work).id)
    told = take(work, theirs, "submit_internal")["transition"]
    assert told.startswith("With a customer, propose the solution first")
    assert take(work, theirs, "propose") == {}
    assert take(work, opened("complaint", "investigating", said), "submit_internal") == {}


def test_a_fault_in_work_can_be_cancelled(work, opened):
    fault = {"it_category": "network/wifi", "impact": "one_person", "fault_description": "断网"}
    ticket_id = opened("it_fault", "in_progress", fault)
    assert take(work, ticket_id, "cancel") == {"note": "Fill in: Why it is cancelled."}
    assert take(work, ticket_id, "cancel", note=WHY) == {}
