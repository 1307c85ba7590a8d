"""Payments as they come: recorded wherever a ticket is, each with its way, and never lost by what is charged."""

import pytest

from app.tickets import queries
from app.tickets.links.filling import carried_over
from app.tickets.orders import NoteOrder
from tests.packs.acting import WHY, amounts, change, state_of, take
from tests.packs.test_fees import ASKED, EARLY, FEE, HOW, PAID, REPAIR

#: What a template says is judged in Python: one database is enough.
pytestmark = [pytest.mark.packs, pytest.mark.parametrize("dialect", ["sqlite"])]


@pytest.mark.parametrize("pack", ASKED)
def test_a_deposit_is_recorded_before_there_is_any_fee(work, hired, opened, pack):
    ticket_id = opened(pack, EARLY[pack], ASKED[pack])
    assert take(hired("clerk"), ticket_id, "collect", amount_received="100") == {"payment_method": "Fill in: Payment."}
    paid = {"amount_received": "100", "payment_method": "cash"}
    assert take(hired("technician"), ticket_id, "collect", **paid) == {}
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "amount_received")) == (EARLY[pack], 10000)


def test_several_payments_in_several_ways_are_read_in_the_history(work, hired, opened):
    clerk, finance = hired("clerk"), hired("finance")
    ticket_id = opened("appliance_repair", "completed", REPAIR)
    for who, amount, way in ((clerk, "100", "cash"), (finance, "61", "cash"), (clerk, "40", "wechat_pay")):
        assert take(who, ticket_id, "collect", amount_received=amount, payment_method=way) == {}
    assert take(finance, ticket_id, "close_unpaid", note=NoteOrder("老客户，经理同意")) == {}
    # What comes in after all is recorded once it is charged again, and nothing else changes with it.
    assert take(finance, ticket_id, "charge_again", note=NoteOrder("客户补交"), discount=None) == {}
    late = {"amount_received": "60", "payment_method": "transfer"}
    assert take(finance, ticket_id, "collect", labour_fee="0", **late).keys() == {"labour_fee"}
    assert take(finance, ticket_id, "collect", **late) == {}
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "balance_due")) == ("completed", 0)
    told = []
    for entry in queries.timeline(clerk, ticket_id):
        said = {one.field: one for one in entry.changes}
        if "values.payment_method" in said and entry.kind == "transitioned":
            told.append((said["values.amount_received"].moved, said["values.payment_method"].new))
    ways = ["对公转账", "微信", "现金", "现金"]
    assert told == list(zip(["+¥60.00", "+¥40.00", "+¥61.00", "+¥100.00"], ways, strict=True))


def test_in_warranty_nothing_is_collected(hired, opened):
    ticket_id = opened("appliance_repair", "in_review", REPAIR | {"warranty_status": "in_warranty"})
    told = take(hired("clerk"), ticket_id, "collect", amount_received="10", payment_method="cash")
    assert told["transition"].startswith("All is paid, or it is in warranty")


@pytest.mark.parametrize("pack", ASKED)
def test_what_is_paid_is_collected_no_second_time_while_a_deposit_may_come_before_any_fee(hired, opened, pack):
    clerk, paid = hired("clerk"), {"amount_received": "100", "payment_method": "cash"}
    ticket_id = opened(pack, EARLY[pack], ASKED[pack])
    for _each in range(2):
        assert take(clerk, ticket_id, "collect", **paid) == {}
    assert change(clerk, ticket_id, **{FEE[pack]: "250"}) == {}
    assert take(clerk, ticket_id, "collect", **paid | {"amount_received": "50"}) == {}
    assert "nothing is left to collect" in take(clerk, ticket_id, "collect", **paid)["transition"].lower()
    free = opened(pack, "in_review", ASKED[pack] | ({"repair_outcome": "fixed"} if pack == "appliance_repair" else {}))
    assert "nothing is left to collect" in take(clerk, free, "collect", **paid)["transition"].lower()


def test_who_opened_it_again_does_not_give_it_up_alone(hired, opened):
    """What was approved and is owed is not waived by emptying the fees of a ticket that is opened again."""
    clerk, other = hired("clerk"), hired("clerk")
    ticket_id = opened("appliance_repair", "completed", REPAIR)
    assert take(clerk, ticket_id, "reopen", note=WHY) == {}
    assert change(clerk, ticket_id, labour_fee="0", travel_fee="0") == {}
    assert take(clerk, ticket_id, "cancel", note=WHY)["transition"].startswith("You took “Reopen”")
    assert take(other, ticket_id, "cancel", note=WHY) == {}


def test_finance_rewrites_no_findings(hired, opened):
    for state in ("in_review", "completed", "followed_up"):
        ticket_id = opened("appliance_repair", state, PAID)
        finance = hired("finance")
        for key, value in (("repair_outcome", "unknown"), ("work_summary", "财务改的")):
            assert change(finance, ticket_id, **{key: value}) == {"": "not_allowed"}


@pytest.mark.parametrize("pack", ASKED)
def test_with_money_on_it_a_ticket_is_cancelled_by_settling_whatever_the_fees_say(work, hired, opened, pack):
    """Who lowers the fees is not who lets money go: it is another who gives it back, or says what is kept."""
    clerk, finance = hired("clerk"), hired("finance")
    paid = {FEE[pack]: "100", "amount_received": "100", "payment_method": "cash"}
    ticket_id = opened(pack, EARLY[pack], ASKED[pack] | paid)
    told = {"transition": "Money was received or is due: use “Cancel and settle”."}
    for fee in ("100", "0", None):
        if fee != "100":
            assert change(clerk, ticket_id, **{FEE[pack]: fee}) == {}
        assert take(clerk, ticket_id, "cancel", note=WHY) == told
        assert take(clerk, ticket_id, "cancel", note=WHY, **{FEE[pack]: "0"}).keys() >= {"transition"}
    if pack == "appliance_repair":
        assert change(clerk, ticket_id, warranty_status="in_warranty") == {}
        assert take(clerk, ticket_id, "cancel", note=WHY) == told
    assert take(clerk, ticket_id, "cancel_refund", note=WHY) == {}
    assert take(finance, ticket_id, "cancel_refunded", note=HOW).keys() == {"transition"}
    assert take(finance, ticket_id, "cancel_refunded", note=HOW, amount_received="100") == {}
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "amount_received")) == ("cancelled", 0)


def test_lowered_fees_do_not_let_a_paid_ticket_close(work, hired, opened):
    clerk = hired("clerk")
    ticket_id = opened("appliance_repair", "in_progress", PAID)
    assert change(clerk, ticket_id, labour_fee="0", travel_fee="0") == {}
    assert amounts(work, ticket_id, "total_fee", "balance_due") == (0, -26100)
    back = opened("appliance_repair", "completed", PAID | {"labour_fee": "0", "travel_fee": "0"})
    assert take(clerk, back, "close")["transition"].startswith("Still to collect: -CN¥261.00.")


def test_what_is_split_off_charges_nothing_a_second_time(work, opened):
    parts = {"parts_used": [{"part_name": "泵", "quantity": "1", "unit_price": "9"}], "discount": "1"}
    source = queries.ticket(work, opened("appliance_repair", "in_progress", PAID | parts | {"amount_received": "1"}))
    begins = carried_over(work.actor, source.columns, source.version, source.version)
    assert {"values.product_category_text", "values.fault_description"} <= begins.keys()
    charged = {"labour_fee", "travel_fee", "discount", "parts_used", "amount_received", "payment_method"}
    assert charged <= source.values.keys()
    assert not {f"values.{key}" for key in charged} & begins.keys()


@pytest.mark.parametrize("pack", ASKED)
def test_the_way_of_a_payment_is_told_with_the_payment_and_typed_over_by_nobody(work, hired, opened, pack):
    clerk = hired("clerk")
    ticket_id = opened(pack, EARLY[pack], ASKED[pack])
    assert change(clerk, ticket_id, payment_method="card") == {}
    paid = {"amount_received": "100", "payment_method": "cash"}
    assert take(clerk, ticket_id, "collect", **paid) == {}
    for other in ("wechat_pay", None):
        assert change(clerk, ticket_id, payment_method=other) == {"payment_method": "booked"}
    assert take(clerk, ticket_id, "collect", **paid | {"payment_method": "alipay"}) == {}
    assert amounts(work, ticket_id, "amount_received", "payment_method") == (20000, "alipay")
