"""Returns: a refund is approved by one and paid by another, once, and what was paid in excess comes back."""

import pytest

from app.tickets import queries, service
from app.tickets.links.filling import carried_over
from app.tickets.orders import MergeTickets, NoteOrder, OpenTicket
from tests.factories import people, tickets
from tests.packs.acting import WHY, amounts, change, state_of, step_of, take

#: What a template says is judged in Python: one database is enough.
pytestmark = [pytest.mark.packs, pytest.mark.parametrize("dialect", ["sqlite"])]

RETURN = {
    "return_type": "return", "goods_name": "空调", "order_no": "1", "return_reason": "seven_days",
    "items_returned": [{"item_name": "空调", "quantity": "1", "unit_price": "1999"}],
    "return_tracking_no": "SF1", "received_on": "2026-11-20", "inspection_grade": "intact",
}  # fmt: skip
PAID_OUT = {"refund_method": "original", "refund_reference": "TK001"}
REFUNDED = RETURN | {"refunded_amount": "1999"} | PAID_OUT
CHECKED = ("identity", "accessories", "invoice")
BACK = NoteOrder("客户转回")
CAME = {"refund_method": "transfer", "refund_reference": "ZH9"}


def test_a_refund_is_paid_once_and_by_another_than_who_approved_it(work, make_work, opened):
    ticket_id = opened("return_exchange", "in_review", RETURN)
    approver, payer = (make_work(tickets.actor(work, "finance")) for _who in range(2))
    assert take(approver, ticket_id, "approve_refund") == {}
    own = take(approver, ticket_id, "refunded", ticks=CHECKED, refunded_amount="1999", **PAID_OUT)
    assert own == {"transition": "You took “Approve refund” on this ticket yourself; somebody else takes this step."}
    assert step_of(approver, ticket_id, "refunded").blocked
    assert step_of(payer, ticket_id, "refunded").answerable
    less = take(payer, ticket_id, "refunded", ticks=CHECKED, refunded_amount="1000", **PAID_OUT)
    assert less["transition"].startswith("Still to refund: CN¥999.00. It is complete once that is 0; record a part")
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


def test_what_was_approved_is_what_is_paid(work, hired, opened):
    ticket_id = opened("return_exchange", "in_review", RETURN)
    manager, payer = hired("finance"), hired("finance")
    assert take(manager, ticket_id, "approve_refund") == {}
    more = [RETURN["items_returned"][0] | {"quantity": "3"}]
    grown = {"items_returned": more, "shipping_compensation": "500", "deduction": "1"}
    assert change(work, ticket_id, **grown) == dict.fromkeys(grown, "settled")
    assert change(work, ticket_id, return_type="exchange") == {"return_type": "settled"}
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


def test_nobody_pays_out_what_nobody_approved(work, hired, opened):
    ticket_id = opened("return_exchange", "in_review", RETURN)
    finance = hired("finance")
    paid = {"refunded_amount": "1999", "refund_reference": "TK001"}
    assert change(finance, ticket_id, **paid) == {"refunded_amount": "read_only", "refund_reference": "settled"}
    told = take(finance, ticket_id, "settle", ticks=CHECKED, note=WHY, **paid)
    assert told.keys() == {*paid, "transition"}
    assert told["refunded_amount"] == (
        "“Refunded” is not typed here; these steps change it: “Record part of the refund”, “Correct a refund”, “Refund"
        " the rest”, “Get back”."
    )
    told = take(finance, ticket_id, "settle", ticks=CHECKED, note=WHY)
    assert told["transition"].startswith("Still to refund: CN¥1,999.00.")
    seen_later = {"return_tracking_no", "received_on", "inspection_grade"}
    asked = {key: one for key, one in RETURN.items() if key not in seen_later}
    order = OpenTicket("return_exchange", {"customer_id": people.customer(work).id}, asked | paid)
    (outcome,) = service.open_tickets(work, [order]).outcomes
    assert {one.field: one.code for one in outcome.refusals} == dict.fromkeys(paid, "settled")


def test_a_refund_that_came_in_by_import_was_approved_by_nobody(work, hired, opened):
    ticket_id = opened("return_exchange", "refunding", RETURN)
    payer, paid = hired("finance"), {"refunded_amount": "1999"} | PAID_OUT
    told = take(payer, ticket_id, "refunded", ticks=CHECKED, **paid)
    assert told == {"transition": "“Approve refund” was not taken on this ticket yet; take that step first."}
    assert step_of(payer, ticket_id, "refunded").blocked
    assert take(payer, ticket_id, "review_again", note=WHY) == {}
    assert take(hired("outlet_manager"), ticket_id, "approve_refund") == {}
    assert take(payer, ticket_id, "refunded", ticks=CHECKED, **paid) == {}


def test_what_was_refunded_in_excess_is_got_back_by_two(work, hired, opened):
    ticket_id = opened("return_exchange", "in_review", REFUNDED)
    clerk, finance = hired("clerk"), hired("finance")
    assert take(clerk, ticket_id, "recover") == {"note": "Fill in: Why it is got back."}
    assert change(finance, ticket_id, deduction="100") == {}
    told = take(finance, ticket_id, "settle", ticks=CHECKED, note=WHY)["transition"]
    assert told.startswith("Still to refund: -CN¥100.00.")
    assert take(clerk, ticket_id, "recover", note=WHY) == {}
    # Only the step says that it came back, and not before somebody asked for it.
    assert change(finance, ticket_id, refunded_amount="1899") == {"": "not_allowed"}
    assert take(finance, ticket_id, "recovered", note=BACK, **CAME, refunded_amount="99").keys() == {"transition"}
    assert take(finance, ticket_id, "recovered", note=BACK, **CAME, refunded_amount="100") == {}
    assert take(finance, ticket_id, "settle", ticks=CHECKED, note=WHY) == {}
    assert take(work, ticket_id, "close") == {}


def test_who_asks_for_money_back_does_not_say_that_it_came(work, hired, opened):
    finance = hired("finance")
    ticket_id = opened("return_exchange", "in_review", REFUNDED | {"deduction": "100"})
    assert take(finance, ticket_id, "recover", note=WHY) == {}
    own = take(finance, ticket_id, "recovered", note=BACK, **CAME, refunded_amount="100")
    assert own["transition"].startswith("You took “Get back” on this ticket yourself")
    there = opened("return_exchange", "recovering", REFUNDED | {"deduction": "100"})
    told = take(finance, there, "recovered", note=BACK, **CAME, refunded_amount="100")["transition"]
    assert told.startswith("“Get back” was not taken on this ticket yet")


def test_what_is_paid_after_a_refund_is_added_to_it(work, hired, opened):
    ticket_id = opened("return_exchange", "in_review", REFUNDED | {"shipping_compensation": "50"})
    approver, payer = hired("outlet_manager"), hired("finance")
    assert take(approver, ticket_id, "approve_refund") == {}
    assert change(work, ticket_id, refunded_amount="0") == {"refunded_amount": "lowered"}
    assert take(payer, ticket_id, "refunded", ticks=CHECKED, refunded_amount="50", **PAID_OUT) == {}
    assert amounts(work, ticket_id, "refunded_amount", "refund_balance") == (204900, 0)


def test_a_replacement_is_not_sent_while_the_refund_is_out(work, hired, opened):
    ticket_id = opened("return_exchange", "in_review", REFUNDED | {"shipping_compensation": "0"})
    manager, finance = hired("outlet_manager"), hired("finance")
    assert change(manager, ticket_id, return_type="exchange") == {}
    assert amounts(work, ticket_id, "refund_balance", "shipping_compensation") == (-199900, 0)
    told = take(manager, ticket_id, "approve_exchange")["transition"]
    assert told.endswith("what was refunded already is got back first.")
    assert take(manager, ticket_id, "recover", note=WHY) == {}
    assert take(finance, ticket_id, "recovered", note=BACK, **CAME, refunded_amount="1999") == {}
    assert take(manager, ticket_id, "approve_exchange") == {}
    assert take(manager, ticket_id, "shipped", ticks=CHECKED, new_tracking_no="JD1") == {}
    assert take(manager, ticket_id, "close") == {}


EXCHANGED = RETURN | {"return_type": "exchange", "new_tracking_no": "JD1", "inspection_note": "外壳开裂"}


def test_after_an_exchange_the_second_article_is_waited_for_and_inspected(work, hired, opened):
    """What the first article was found to be says nothing of the one that replaced it."""
    ticket_id = opened("return_exchange", "closed", EXCHANGED)
    manager, clerk = hired("outlet_manager"), hired("clerk")
    assert take(clerk, ticket_id, "reopen", note=WHY)["transition"].startswith("A replacement is out")
    assert take(clerk, ticket_id, "reopen_exchanged", note=WHY) == {}
    assert change(clerk, ticket_id, return_type="return") == {}
    gone = ("return_tracking_no", "received_on", "inspection_grade", "inspection_note", "new_tracking_no")
    assert amounts(work, ticket_id, *gone) == (None,) * 5
    assert take(clerk, ticket_id, "approve_return") == {}
    assert take(clerk, ticket_id, "receive").keys() == {"return_tracking_no", "received_on"}
    assert take(clerk, ticket_id, "receive", return_tracking_no="SF2", received_on="2026-11-20") == {}
    assert take(clerk, ticket_id, "submit", inspection_grade="used") == {}
    assert take(manager, ticket_id, "approve_refund") == {}
    plain = opened("return_exchange", "closed", REFUNDED)
    told = take(clerk, plain, "reopen_exchanged", note=WHY)
    assert told == {"transition": "No replacement was sent: use “Reopen”."}


def test_an_exchange_that_cannot_be_sent_goes_back_to_review(work, hired, opened):
    ticket_id = opened("return_exchange", "reshipping", RETURN | {"return_type": "exchange"})
    clerk, manager, finance = hired("clerk"), hired("outlet_manager"), hired("finance")
    assert take(clerk, ticket_id, "review_again") == {"note": "Fill in: What has to be reviewed again."}
    assert take(clerk, ticket_id, "review_again", note=NoteOrder("没有库存，客户要退款")) == {}
    assert change(clerk, ticket_id, return_type="return") == {}
    assert take(manager, ticket_id, "approve_refund") == {}
    assert take(finance, ticket_id, "refunded", ticks=CHECKED, refunded_amount="1999", **PAID_OUT) == {}


def test_a_refund_that_the_bank_sent_back_is_approved_and_paid_again(work, hired, opened):
    ticket_id = opened("return_exchange", "closed", REFUNDED | {"satisfaction": "4"})
    clerk, finance, manager, payer = hired("clerk"), hired("finance"), hired("outlet_manager"), hired("finance")
    assert take(clerk, ticket_id, "recover", note=NoteOrder("银行退票，卡号错")) == {}
    assert take(finance, ticket_id, "recovered", note=BACK, **CAME, refunded_amount="1999") == {}
    assert amounts(work, ticket_id, "refunded_amount", "refund_balance") == (0, 199900)
    own = take(finance, ticket_id, "approve_refund")["transition"]
    assert own.startswith("You took “Got back” on this ticket yourself")
    assert take(manager, ticket_id, "approve_refund") == {}
    again = {"refunded_amount": "1999"} | PAID_OUT | {"refund_reference": "TK002"}
    assert take(payer, ticket_id, "refunded", ticks=CHECKED, **again) == {}
    assert amounts(work, ticket_id, "refund_reference") == ("TK001; ZH9; TK002",)
    untouched = opened("return_exchange", "completed", RETURN)
    nothing = "No refund is recorded that could be got back."
    assert take(clerk, untouched, "recover", note=WHY) == {"transition": nothing}


def test_a_refund_in_parts_is_recorded_as_it_is_paid(work, hired, opened):
    ticket_id = opened("return_exchange", "in_review", RETURN)
    manager, finance = hired("outlet_manager"), hired("finance")
    part = {"refunded_amount": "1000"} | PAID_OUT
    assert take(manager, ticket_id, "approve_refund") == {}
    assert take(manager, ticket_id, "refund_part", **part)["transition"].startswith("You took “Approve refund”")
    assert take(finance, ticket_id, "refund_part", **part) == {}
    assert amounts(work, ticket_id, "refunded_amount", "refund_balance") == (100000, 99900)
    whole = take(finance, ticket_id, "refund_part", refunded_amount="1999")["transition"]
    assert whole.endswith("all of it is “Refund paid”.")
    rest = {"refunded_amount": "999"}
    # Each part has its own number, and none is typed over another.
    assert take(finance, ticket_id, "refunded", ticks=CHECKED, **rest) == {
        "refund_reference": "Fill in: Refund reference."
    }
    assert take(finance, ticket_id, "refunded", ticks=CHECKED, refund_reference="TK002", **rest) == {}
    assert amounts(work, ticket_id, "refund_reference") == ("TK001; TK002",)
    told = [one.moved for one in queries.timeline(finance, ticket_id) if one.moved]
    assert told == ["已退金额 +¥999.00 · TK002", "已退金额 +¥1,000.00 · TK001 · 原路退回"]
    assert change(finance, ticket_id, refund_reference="TK9") == {"refund_reference": "read_only"}
    assert change(finance, ticket_id, refund_method="cash") == {"refund_method": "booked"}


def test_who_puts_a_refund_right_pays_the_rest_but_approves_no_other(work, hired, opened):
    """In a company with one finance person nobody else would: what goes out was approved by another."""
    ticket_id = opened("return_exchange", "in_review", RETURN)
    manager, finance, other = hired("outlet_manager"), hired("finance"), hired("finance")
    assert take(manager, ticket_id, "approve_refund") == {}
    assert take(finance, ticket_id, "refunded", ticks=CHECKED, refunded_amount="1999", **PAID_OUT) == {}
    wrong = {"refunded_amount": "100", "note": NoteOrder("实退 1899")}
    rest = PAID_OUT | {"refunded_amount": "100", "refund_reference": "TK002"}
    assert take(other, ticket_id, "refund_rest", **rest)["transition"] == "Nothing is left to refund."
    assert take(finance, ticket_id, "correct_refund", refunded_amount="100") == {"note": "Fill in: What was wrong."}
    assert take(finance, ticket_id, "correct_refund", **wrong) == {}
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "refund_balance")) == ("completed", 10000)
    assert "refund the rest" in take(work, ticket_id, "close")["transition"]
    assert take(manager, ticket_id, "refund_rest", **rest)["transition"].startswith("You took “Approve refund”")
    assert take(finance, ticket_id, "refund_rest", **rest) == {}
    assert take(work, ticket_id, "reopen", note=WHY) == {}
    assert take(finance, ticket_id, "correct_refund", **wrong) == {}
    assert take(finance, ticket_id, "approve_refund")["transition"].startswith("You took “Correct a refund”")
    assert take(other, ticket_id, "approve_refund") == {}


def test_with_money_refunded_nothing_is_cancelled_before_it_came_back(work, hired, opened):
    again = {key: one for key, one in REFUNDED.items() if key not in {"received_on", "inspection_grade"}}
    clerk, finance = hired("clerk"), hired("finance")
    for state in ("pending_review", "awaiting_goods"):
        ticket_id = opened("return_exchange", state, again)
        assert take(clerk, ticket_id, "cancel", note=WHY)["transition"].startswith("CN¥1,999.00 was refunded already")
        assert take(clerk, ticket_id, "recover", note=WHY) == {}
        assert take(finance, ticket_id, "recovered", note=BACK, **CAME, refunded_amount="1999") == {}


def test_an_exchange_has_no_compensation_that_nobody_would_pay(work, opened):
    """Neither is one that was promised dropped without a word, nor one that is typed."""
    ticket_id = opened("return_exchange", "in_review", RETURN | {"shipping_compensation": "50"})
    assert change(work, ticket_id, return_type="exchange") == {"return_type": "check"}
    assert change(work, ticket_id, return_type="exchange", shipping_compensation=None) == {}
    assert change(work, ticket_id, deduction="80") == {"return_type": "check"}
    assert change(work, ticket_id, shipping_compensation="80") == {"return_type": "check"}


def test_what_came_back_is_not_forgotten_nor_refunded_as_if_it_had_not(work, hired, opened):
    ticket_id = opened("return_exchange", "in_review", RETURN)
    finance = hired("finance")
    assert change(finance, ticket_id, return_type="refund_only") == {"return_type": "check"}
    unseen = {"received_on": None, "inspection_grade": None}
    assert change(finance, ticket_id, **unseen) == dict.fromkeys(unseen, "settled")
    assert change(finance, ticket_id, return_type="exchange") == {}
    assert change(finance, ticket_id, return_type="return") == {}
    kept = ("SF1", "2026-11-20", "intact")
    assert amounts(work, ticket_id, "return_tracking_no", "received_on", "inspection_grade") == kept


def test_goods_nobody_inspected_are_inspected_before_the_refund(work, hired, opened):
    """A refund without return turns out to need the goods: they go through the hands of those who see them."""
    asked = {key: one for key, one in RETURN.items() if key not in {"received_on", "inspection_grade"}}
    ticket_id = opened("return_exchange", "in_review", asked | {"return_type": "refund_only"})
    manager, clerk = hired("outlet_manager"), hired("clerk")
    for kind, step in (("return", "approve_refund"), ("exchange", "approve_exchange")):
        assert change(manager, ticket_id, return_type=kind) == {}
        assert "inspected" in take(manager, ticket_id, step)["transition"]
    assert take(manager, ticket_id, "rework", note=WHY) == {}
    assert take(clerk, ticket_id, "submit").keys() == {"received_on", "inspection_grade"}
    assert take(clerk, ticket_id, "submit", received_on="2026-11-20", inspection_grade="intact") == {}
    assert take(manager, ticket_id, "approve_exchange") == {}


def test_goods_that_were_not_sent_are_dealt_with_otherwise(work, hired, opened):
    asked = {key: one for key, one in RETURN.items() if key not in {"received_on", "inspection_grade"}}
    ticket_id = opened("return_exchange", "awaiting_goods", asked)
    clerk = hired("clerk")
    assert change(clerk, ticket_id, return_type="refund_only") == {"return_type": "settled"}
    assert take(clerk, ticket_id, "reconsider", note=NoteOrder("运费太贵，改为仅退款")) == {}
    assert change(clerk, ticket_id, return_type="refund_only") == {}
    assert amounts(work, ticket_id, "return_tracking_no") == ("SF1",)
    assert take(clerk, ticket_id, "approve_refund_only") == {}
    assert state_of(work, ticket_id) == "in_review"


def test_a_refund_that_was_paid_is_not_merged_away_and_paid_again(work, hired, opened):
    customer = people.customer(work).id
    paid = opened("return_exchange", "completed", REFUNDED, customer_id=customer)
    double = opened("return_exchange", "in_review", RETURN, customer_id=customer)
    clerk = hired("clerk")
    (outcome,) = service.merge_tickets(clerk, [MergeTickets(paid, double)]).outcomes
    assert [one.code for one in outcome.refusals] == ["booked"]
    assert "CN¥1,999.00" in str(outcome.refusals[0].message)
    (outcome,) = service.merge_tickets(clerk, [MergeTickets(double, paid)]).outcomes
    assert not outcome.refusals
    assert amounts(work, paid, "refunded_amount", "refund_balance") == (199900, 0)


def test_what_is_split_off_returns_no_goods_a_second_time(work, opened):
    source = queries.ticket(work, opened("return_exchange", "completed", REFUNDED))
    begins = carried_over(work.actor, source.columns, source.version, source.version)
    assert {"values.order_no", "values.goods_name", "values.return_type"} <= begins.keys()
    assert not {f"values.{key}" for key in ("items_returned", "refunded_amount", *PAID_OUT)} & begins.keys()
