"""Merging loses no money: what has an amount on record goes on, and what holds none is merged into it."""

from dataclasses import replace

import pytest

from app.core.errors import DomainError
from app.tickets import queries, service
from app.tickets.links.filling import fillable
from app.tickets.orders import ChangeTicket, MergeTickets
from tests.factories import tickets
from tests.tickets.test_standing import DEPOSIT, spec


@pytest.fixture
def desk(work, make_work):
    """Somebody who may merge, the template of tickets with a deposit, and tickets of it by their deposits."""
    key = tickets.template(work, spec=spec())

    def opened(amount=None):
        return tickets.ticket(work, key, {"fault_code": "E1"} | ({} if amount is None else {"deposit": amount}))

    return make_work(tickets.actor(work)), opened


def refused(work, source, target, fill=()):
    with pytest.raises(DomainError) as error:
        service.merge_ticket(work, MergeTickets(source, target, fill))
    (told,) = error.value.refusals
    assert (told.field, told.code) == ("", "booked")
    return told.message


def test_what_was_received_is_not_merged_away(desk):
    clerk, opened = desk
    paid, other = opened("1999"), opened()
    here, there = (queries.ticket(clerk, one).number for one in (paid, other))
    told = refused(clerk, paid, other, ("values.deposit",))
    assert str(told) == (
        f"{here} has Deposit CN¥1,999.00 on record, which a merge would lose."
        f" Merge the other way round: {there} into it."
    )
    assert "已收金额 ¥1,999.00" in told.in_("zh_Hans")
    service.merge_ticket(clerk, MergeTickets(other, paid))
    assert queries.ticket(clerk, paid).values["deposit"] == 199900
    service.unmerge_ticket(clerk, other)


def test_two_with_amounts_are_linked_not_merged(desk):
    clerk, opened = desk
    told = str(refused(clerk, opened("10"), opened("20")))
    assert "Deposit CN¥10.00" in told
    assert "Deposit CN¥20.00" in told
    assert "duplicates" in told


def test_an_amount_of_nothing_loses_nothing_and_none_is_handed_over(desk):
    clerk, opened = desk
    nothing, other = opened("0"), opened()
    source, target = (queries.ticket(clerk, one) for one in (nothing, other))
    assert "values.deposit" not in fillable(clerk.actor, source.columns, source.version, target.columns, target.version)
    service.merge_ticket(clerk, MergeTickets(nothing, other, ("values.deposit",)))
    assert "deposit" not in queries.ticket(clerk, other).values


def test_an_amount_somebody_may_not_see_is_not_told(work, make_work):
    small = spec()
    hidden = replace(DEPOSIT, visible_when=None, read_roles=frozenset({"finance"}))
    sections = (small.sections[0], replace(small.sections[1], fields=(hidden,)))
    flow = replace(small.workflow, transitions=tuple(replace(one, required=()) for one in small.workflow.transitions))
    key = tickets.template(work, spec=replace(small, sections=sections, workflow=flow))
    paid, other = tickets.ticket(work, key, {"deposit": "77"}), tickets.ticket(work, key)
    told = str(refused(make_work(tickets.actor(work)), paid, other))
    assert "Deposit" in told
    assert "77" not in told


def test_what_a_merge_brought_and_the_state_needs_stays_when_it_is_undone(work, desk, key):
    clerk, _opened = desk
    source, target = tickets.ticket(work, key, {"result": "好", "quantity": 3}), tickets.ticket(work, key)
    service.merge_ticket(clerk, MergeTickets(source, target, ("values.result", "values.quantity")))
    for step in ("start", "finish"):
        service.change_ticket(work, ChangeTicket(target, transition=step))
    service.unmerge_ticket(clerk, source)
    values = queries.ticket(work, target).values
    assert (values.get("result"), values.get("quantity")) == ("好", None)
    assert queries.ticket(work, source).state == "waiting"
