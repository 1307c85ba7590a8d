"""Payments as they come: recorded wherever a ticket is, each with its way, and never lost by what is charged."""

import pytest

from app.tickets import queries
from app.tickets.links.filling import carried_over
from app.tickets.orders import NoteOrder
from tests.packs.acting import WHY, amounts, change, state_of, take
from tests.packs.test_fees import ASKED, EARLY, FEE, HOW, PAID, REPAIR

#: What a template says is judged in Python: one database is enough.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])


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
    # What comes in after all is recorded on the closed ticket, and nothing else changes there.
    late = {"amount_received": "60", "payment_method": "transfer"}
    assert take(finance, ticket_id, "collect", labour_fee="0", **late).keys() == {""}
    assert take(finance, ticket_id, "collect", **late) == {}
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "balance_due")) == ("closed", 0)
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
    assert told["transition"] == "Nothing is charged in warranty."


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
