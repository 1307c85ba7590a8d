"""Links between tickets: both ends, reach, families, and closing children first through the change path."""

from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from app.core.errors import ConflictError, DomainError, NotFoundError
from app.core.permissions import Scope
from app.tickets import queries, service
from app.tickets.events import TicketsChanged
from app.tickets.links import reading
from app.tickets.links.kinds import ENDS, MOST_LEVELS
from app.tickets.links.models import TicketLink
from app.tickets.models import TicketEvent
from app.tickets.orders import ChangeTicket, LinkTickets, OpenTicket
from tests.clients import statements
from tests.factories import tickets


@pytest.fixture
def two(clerk, key):
    return [tickets.ticket(clerk, key) for _ in range(2)]


def link(work, this, kind, that, **more):
    return service.link_ticket(work, LinkTickets(this, kind, that, **more))


def refused(work, this, kind, that, **more):
    (outcome,) = service.link_tickets(work, [LinkTickets(this, kind, that, **more)]).outcomes
    return [(one.field, one.code) for one in outcome.refusals]


def ends(work, ticket):
    return [(one.end.name, one.ticket.id) for one in reading.linked(work, queries.ticket(work, ticket))]


def finished(work, key):
    """Return a ticket that only waits for being closed."""
    ticket = tickets.ticket(work, key)
    service.change_ticket(work, ChangeTicket(ticket, transition="start"))
    ticks = ChangeTicket(ticket, answers={"result": "已修"}, checklist={"tested": True}, transition="finish")
    service.change_ticket(work, ticks)
    return ticket


def close(ticket):
    return ChangeTicket(ticket, transition="close")


@pytest.mark.parametrize("kind", ENDS)
def test_a_link_is_seen_from_both_ends_and_taken_away_from_either(clerk, two, kind):
    this, that = two
    assert link(clerk, this, kind, that).status == "changed"
    assert (ends(clerk, this), ends(clerk, that)) == ([(kind, that)], [(ENDS[kind].other, this)])
    assert link(clerk, that, ENDS[kind].other, this).status == "unchanged"
    assert link(clerk, that, ENDS[kind].other, this, on=False).status == "changed"
    assert ends(clerk, this) == ends(clerk, that) == []
    assert link(clerk, this, kind, that, on=False).status == "unchanged"


def test_both_journals_tell_of_it_and_no_version_is_used_up(clerk, two):
    this, that = two
    link(clerk, this, "blocks", that)
    link(clerk, this, "blocks", that, on=False)
    told = clerk.session.execute(
        select(TicketEvent.ticket_id, TicketEvent.kind, TicketEvent.changes)
        .where(TicketEvent.kind.in_(("linked", "unlinked")))
        .order_by(TicketEvent.id)
    ).all()
    assert [tuple(one) for one in told] == [
        (this, "linked", {"link.blocks": [None, that]}),
        (that, "linked", {"link.blocked_by": [None, this]}),
        (this, "unlinked", {"link.blocks": [that, None]}),
        (that, "unlinked", {"link.blocked_by": [this, None]}),
    ]
    assert [queries.ticket(clerk, one).lock_version for one in two] == [1, 1]
    assert isinstance(clerk.events[-1], TicketsChanged)
    number = queries.ticket(clerk, that).number
    entry = queries.timeline(clerk, this)[1]
    assert [(one.label.in_("en"), one.old, one.new) for one in entry.changes] == [("Blocks", "", number)]


def test_what_cannot_be_linked_is_refused_at_its_place(clerk, two):
    this, that = two
    assert refused(clerk, this, "loves", that) == [("kind", "unknown_kind")]
    assert refused(clerk, this, "blocks", this) == [("other_id", "itself")]
    assert refused(clerk, this, "blocks", 10**30) == [("other_id", "not_found")]
    assert refused(clerk, -1, "blocks", that) == [("", "not_found")]
    assert refused(clerk, this, "blocks", that, version=7) == [("", "conflict")]
    with pytest.raises(ConflictError):
        link(clerk, this, "blocks", that, version=7)


def test_a_ticket_out_of_reach_is_not_there(work, make_work, key, two):
    this, that = two
    mine = tickets.actor(work, "technician", scope=Scope.OWN)
    service.change_ticket(work, ChangeTicket(this, fields={"assignee_id": tickets.assignee(work, mine.user_id)}))
    own = make_work(mine)
    link(work, this, "relates", that)
    assert ends(own, this) == []
    assert [one.kind for one in queries.timeline(own, this)].count("linked") == 0
    assert [one.kind for one in queries.timeline(work, this)].count("linked") == 1
    assert refused(own, this, "blocks", that) == [("other_id", "not_found")]
    assert refused(own, this, "relates", that, on=False) == [("other_id", "not_found")]
    assert reading.candidates(own, queries.ticket(own, this), "WX") == []
    # Who watches it reads of it, and still may not link it.
    service.watch(work, that, user_id=mine.user_id)
    assert ends(own, this) == [("relates", that)]
    assert refused(own, this, "blocks", that) == [("other_id", "not_allowed")]
    assert not reading.linked(own, queries.ticket(own, this))[0].removable


def test_who_may_not_change_tickets_links_none(work, make_work, two):
    auditor = make_work(tickets.actor(work, "auditor"))
    assert refused(auditor, two[0], "blocks", two[1]) == [("", "not_allowed")]
    with pytest.raises(NotFoundError):
        link(make_work(tickets.actor(work, scope=Scope.OWN)), two[0], "blocks", two[1])


def test_a_family_is_a_tree_of_few_levels(clerk, key):
    row = [tickets.ticket(clerk, key) for _ in range(MOST_LEVELS + 1)]
    whole = [LinkTickets(parent, "parent_of", child) for parent, child in pairwise(row)]
    outcomes = service.link_tickets(clerk, whole).outcomes
    assert [one.status for one in outcomes] == ["changed"] * (MOST_LEVELS - 1) + ["refused"]
    assert outcomes[-1].refusals[0].code == "too_deep"
    for above, below in ((row[0], row[0]), (row[1], row[0]), (row[3], row[0])):
        assert refused(clerk, above, "parent_of", below)[0][1] in {"itself", "circle"}
    assert refused(clerk, row[2], "child_of", row[0]) == [("other_id", "has_parent")]
    both = [LinkTickets(row[0], "parent_of", row[1], on=False), LinkTickets(row[1], "parent_of", row[0])]
    assert [one.status for one in service.link_tickets(clerk, both).outcomes] == ["changed", "changed"]


def test_links_cost_the_same_statements_however_many(clerk, key):
    parent, *children = [tickets.ticket(clerk, key) for _ in range(12)]
    with statements(clerk.session.get_bind()) as few:
        service.link_tickets(clerk, [LinkTickets(parent, "parent_of", children[0])])
    with statements(clerk.session.get_bind()) as many:
        service.link_tickets(clerk, [LinkTickets(parent, "parent_of", one) for one in children[1:]])
    assert len(many) <= len(few) + 2


def test_a_parent_is_closed_after_its_children(clerk, key):
    parent, child = finished(clerk, key), tickets.ticket(clerk, key)
    link(clerk, parent, "parent_of", child)
    with pytest.raises(DomainError) as told:
        service.change_ticket(clerk, close(parent))
    (refusal,) = told.value.refusals
    assert (refusal.field, refusal.code) == ("transition", "children")
    number = queries.ticket(clerk, child).number
    assert number in refusal.message.in_("en")
    (step,) = [one for one in queries.steps(clerk, queries.ticket(clerk, parent)) if one.transition.key == "close"]
    assert (step.open, step.blocked, number in step.reasons[-1].in_("en")) == (False, True, True)
    link(clerk, parent, "parent_of", child, on=False)
    assert service.change_ticket(clerk, close(parent)).status == "changed"
    assert refused(clerk, parent, "parent_of", child) == [("other_id", "closed")]


def test_children_out_of_reach_are_counted_and_not_named(work, make_work, key):
    parent, seen, hidden = finished(work, key), tickets.ticket(work, key), tickets.ticket(work, key)
    mine = tickets.actor(work, "clerk", scope=Scope.OWN)
    tickets.assignee(work, mine.user_id, "clerk")
    for one in (parent, seen):
        service.change_ticket(work, ChangeTicket(one, fields={"assignee_id": mine.user_id}))
    service.link_tickets(work, [LinkTickets(parent, "parent_of", one) for one in (seen, hidden)])
    own = make_work(mine)
    (outcome,) = service.change_tickets(own, [close(parent)]).outcomes
    words = outcome.refusals[0].message.in_("en")
    assert queries.ticket(work, seen).number in words
    assert queries.ticket(work, hidden).number not in words
    assert "1 others" in words


def test_a_batch_may_close_a_whole_family(clerk, key):
    parent, child, grandchild = (finished(clerk, key) for _ in range(3))
    waiting = tickets.ticket(clerk, key)
    pairs = ((parent, child), (child, grandchild), (child, waiting))
    service.link_tickets(clerk, [LinkTickets(above, "parent_of", below) for above, below in pairs])
    # A finished child keeps nobody; the waiting one keeps its parent alone.
    outcomes = service.change_tickets(clerk, [close(parent), close(child), close(grandchild)]).outcomes
    assert [one.status for one in outcomes] == ["changed", "refused", "changed"]
    link(clerk, child, "parent_of", waiting, on=False)
    assert service.change_ticket(clerk, close(child)).status == "changed"


def test_a_parent_refused_in_a_batch_keeps_its_own_parent(work):
    """The child would be cancelled from being open, so it is finished only if it may be closed."""
    spec = tickets.repair_spec()
    steps = (*spec.workflow.transitions, tickets.Transition("drop", tickets.named("取消"), ("waiting",), "closed"))
    workflow = tickets.Workflow(spec.workflow.initial, spec.workflow.states, steps)
    short = tickets.template(work, spec=replace(spec, workflow=workflow))
    top, middle, bottom = (tickets.ticket(work, short) for _ in range(3))
    pairs = ((top, middle), (middle, bottom))
    service.link_tickets(work, [LinkTickets(above, "parent_of", below) for above, below in pairs])
    drop = [ChangeTicket(one, transition="drop") for one in (top, middle)]
    assert [one.status for one in service.change_tickets(work, drop).outcomes] == ["refused", "refused"]
    drop += [ChangeTicket(bottom, transition="drop")]
    assert [one.status for one in service.change_tickets(work, drop).outcomes] == ["changed"] * 3


def test_an_import_cannot_close_a_parent_either(work, key):
    order = OpenTicket(key, {}, {"fault": "x"}, external_source="old", external_id="1", state="done")
    parent = service.open_ticket(work, order).ticket_id
    link(work, parent, "parent_of", tickets.ticket(work, key))
    service.change_ticket(work, ChangeTicket(parent, checklist={"tested": True}))
    (outcome,) = service.change_tickets(work, [close(parent)]).outcomes
    assert [one.code for one in outcome.refusals] == ["children"]
    assert work.session.scalar(select(func.count()).select_from(TicketLink)) == 1
