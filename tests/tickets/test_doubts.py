"""What a template doubts is asked about by whoever can ask, and taken from everybody else."""

from dataclasses import replace

import pytest

from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, OpenTicket
from tests.factories import tickets
from tests.factories.tickets import named
from tests.tickets.test_moving import spec
from ticket_templates.spec import Check, TemplateSpec


def doubting_spec() -> TemplateSpec:
    return replace(
        spec(),
        checks=(
            Check("received", named("多收 {-due}。", "{-due} more than is owed."), warn_when="due < 0"),
            Check("fee", named("费用很高。", "That is a lot."), warn_when="fee > 10000"),
        ),
    )


@pytest.fixture
def key(work):
    return tickets.template(work, spec=doubting_spec())


@pytest.fixture
def clerk(work, make_work):
    return make_work(tickets.actor(work, "administrator"))


def paid(work, ticket_id, amount, *, step="collect", confirmed=False):
    order = ChangeTicket(ticket_id, answers={"received": amount}, transition=step, confirmed=confirmed)
    (outcome,) = service.change_tickets(work, [order]).outcomes
    return outcome


def test_it_is_refused_until_somebody_says_that_it_is_right(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    assert paid(clerk, own, "300").status == "changed"
    asked = paid(clerk, own, "70")
    assert [(one.field, one.code, str(one.message)) for one in asked.refusals] == [
        ("received", "needs_confirmation", "CN¥70.00 more than is owed.")
    ]
    assert asked.refusals[0].message.in_("zh_Hans") == "多收 ¥70.00。"
    assert queries.ticket(work, own).values["received"] == 30000
    taken = paid(clerk, own, "70", confirmed=True)
    assert (taken.status, [one.code for one in taken.doubts]) == ("changed", ["needs_confirmation"])
    assert queries.ticket(work, own).values["due"] == -7000


def test_of_too_much_that_goes_back_nothing_is_asked(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "100"})
    assert paid(clerk, own, "300", confirmed=True).status == "changed"
    service.change_ticket(clerk, ChangeTicket(own, transition="overpaid"))
    back = paid(clerk, own, "50", step="pay_back")
    assert (back.status, back.doubts) == ("changed", ())


def test_what_is_wrong_comes_before_what_is_doubted(work, clerk, key):
    own = tickets.ticket(work, key, {"fee": "300"})
    order = ChangeTicket(own, answers={"received": "400", "visits": "x"}, transition="collect", confirmed=False)
    (outcome,) = service.change_tickets(clerk, [order]).outcomes
    assert [one.field for one in outcome.refusals] == ["visits"]


def test_a_new_ticket_asks_alike_and_one_of_many_never_stops(work, clerk, key):
    dear = OpenTicket(key, {}, {"fault": "E1", "fee": "20000"}, confirmed=False)
    (asked,) = service.open_tickets(clerk, [dear]).outcomes
    assert [(one.field, one.code) for one in asked.refusals] == [("fee", "needs_confirmation")]
    (taken,) = service.open_tickets(clerk, [replace(dear, confirmed=True)]).outcomes
    assert (taken.status, [one.field for one in taken.doubts]) == ("changed", ["fee"])
