"""What is waived: an amount of its own beside the discount, nowhere still to be collected, and charged again."""

import pytest

from app.tickets import queries
from app.tickets.orders import NoteOrder
from tests.factories import tickets
from tests.packs.acting import WHY, amounts, change, state_of, step_of, take
from tests.packs.test_fees import ASKED, FEE, HOW, REPAIR

#: What a template says is judged in Python: one database is enough.
pytestmark = [pytest.mark.packs, pytest.mark.parametrize("dialect", ["sqlite"])]

BALANCE = {"appliance_repair": "balance_due", "installation": "install_balance", "inspection": "inspection_balance",
           "vehicle_service": "vehicle_balance"}  # fmt: skip
TOTAL = {"appliance_repair": "total_fee", "installation": "install_total", "inspection": "inspection_total",
         "vehicle_service": "vehicle_total"}  # fmt: skip
#: What the balance says of itself.
SAID = (("zh_Hans", "减去已收和免收"), ("zh_Hant", "減去已收和免收"), ("en", "less what was received and waived"))
DONE = {"appliance_repair": {"repair_outcome": "fixed"}, "inspection": {"conclusion": "passed"},
        "installation": {"test_result": "normal", "installed_serials": "A1"}}  # fmt: skip
CASH = {"payment_method": "cash"}


def test_what_is_waived_is_closed_by_who_may_and_says_why(work, make_work, opened):
    ticket_id = opened("appliance_repair", "completed", REPAIR | {"discount": "10"})
    clerk = make_work(tickets.actor(work, "clerk"))
    assert "roles" in step_of(clerk, ticket_id, "close_unpaid").reasons[0].in_("en")
    finance = make_work(tickets.actor(work, "finance"))
    assert take(finance, ticket_id, "close_unpaid") == {"note": "Fill in: Why it is waived."}
    assert take(finance, ticket_id, "close_unpaid", note=NoteOrder("老客户，经理同意")) == {}
    # The discount stays what was granted, and nothing is left to collect.
    kept = amounts(work, ticket_id, "discount", "total_fee", "amount_received", "waived_amount", "balance_due")
    assert kept == (1000, 25100, None, 25100, 0)
    told = next(one for one in queries.timeline(finance, ticket_id) if one.kind == "transitioned")
    assert {one.field: (one.old, one.new) for one in told.changes}["values.waived_amount"] == ("", "¥251.00")


@pytest.mark.parametrize("pack", ASKED)
def test_what_was_waived_is_charged_again_once_and_exactly(work, hired, opened, pack):
    """Only what is waived now: a ticket that was paid since has nothing to charge again."""
    fees = {FEE[pack]: "200", "discount": "60", "amount_received": "30", "payment_method": "cash"}
    ended = "delivered" if pack == "vehicle_service" else "completed"
    ticket_id = opened(pack, ended, ASKED[pack] | DONE.get(pack, {}) | fees)
    clerk, finance = hired("clerk"), hired("finance")
    assert take(finance, ticket_id, "close_unpaid", note=WHY) == {}
    # What was due is what was received and what is waived: nothing is left.
    due = amounts(work, ticket_id, TOTAL[pack], "amount_received", "waived_amount", BALANCE[pack])
    assert due == (14000, 3000, 11000, 0)
    help_of = queries.ticket(work, ticket_id).version.types[BALANCE[pack]].spec.help
    assert [word in help_of[locale] for locale, word in SAID] == [True] * len(SAID)
    assert "roles" in take(clerk, ticket_id, "charge_again", note=WHY)["transition"]
    assert take(finance, ticket_id, "charge_again") == {"note": "Fill in: Why it is charged again."}
    assert take(finance, ticket_id, "charge_again", note=WHY, discount="0").keys() == {"discount"}
    assert take(finance, ticket_id, "charge_again", note=WHY) == {}
    assert amounts(work, ticket_id, "discount", "waived_amount", BALANCE[pack]) == (6000, None, 11000)
    assert take(clerk, ticket_id, "collect", amount_received="110", **CASH) == {}
    rating = {"satisfaction": "5"} if pack == "vehicle_service" else {}
    assert take(clerk, ticket_id, "close", **rating) == {}
    told = take(finance, ticket_id, "charge_again", note=WHY, discount="0")["transition"]
    assert told.startswith("Nothing is waived. What was waived as “Discount” is changed there after “")
    assert step_of(finance, ticket_id, "charge_again").blocked
    assert (state_of(work, ticket_id), *amounts(work, ticket_id, "discount", BALANCE[pack])) == ("closed", 6000, 0)


def test_nobody_types_what_is_waived_and_the_steps_that_answer_it_are_named(work, hired, opened):
    ticket_id = opened("appliance_repair", "in_progress", REPAIR)
    told = take(hired("finance"), ticket_id, "collect", waived_amount="261", amount_received="1", **CASH)
    assert told == {
        "waived_amount": "“Waived” is not typed here; these steps change it: “Close, rest waived”, “Charge again”."
    }
    assert change(hired("finance"), ticket_id, waived_amount="261") == {"waived_amount": "read_only"}


def test_a_ticket_of_the_past_brings_along_what_was_waived(work, hired, opened):
    ticket_id = opened("appliance_repair", "closed", REPAIR | {"waived_amount": "261", "satisfaction": "5"})
    assert amounts(work, ticket_id, "waived_amount", "balance_due") == (26100, 0)
    assert take(hired("finance"), ticket_id, "charge_again", note=WHY) == {}
    assert amounts(work, ticket_id, "waived_amount", "balance_due") == (None, 26100)


def test_what_is_waived_is_never_given_back_and_what_comes_on_top_is_owed(work, hired, opened):
    """Half is paid, half waived; then the work comes back, and its fee is another."""
    ticket_id = opened("appliance_repair", "completed", REPAIR | {"amount_received": "161", **CASH})
    clerk, finance = hired("clerk"), hired("finance")
    assert take(finance, ticket_id, "close_unpaid", note=WHY) == {}
    assert take(clerk, ticket_id, "reopen", note=WHY) == {}
    for fee, owed in (("150", 0), ("100", 0), ("50", -5000), ("230", 3000)):
        assert change(clerk, ticket_id, labour_fee=fee) == {}
        assert amounts(work, ticket_id, "waived_amount", "balance_due") == (10000, owed)


def test_goodwill_beside_what_is_waived(work, hired, opened):
    ticket_id = opened("appliance_repair", "completed", REPAIR | {"amount_received": "161", **CASH})
    clerk, finance = hired("clerk"), hired("finance")
    assert take(finance, ticket_id, "close_unpaid", note=WHY) == {}
    assert take(clerk, ticket_id, "give_back", note=WHY) == {}
    assert take(finance, ticket_id, "given_back", note=HOW, amount_received="61", discount="61") == {}
    assert amounts(work, ticket_id, "total_fee", "amount_received", "waived_amount", "balance_due") == (
        20000, 10000, 10000, 0,
    )  # fmt: skip
    assert take(clerk, ticket_id, "close") == {}
