"""What waits for a role: as the states of the templates say it, under their conditions, by the newest version."""

from dataclasses import replace

from sqlalchemy import select

from app.tickets import queries, service
from app.tickets.orders import ChangeTicket
from app.tickets.queries import TicketQuery
from app.tickets.queries.awaiting import awaiting
from tests.factories import tickets
from tests.tickets.test_standing import DEPOSIT, spec
from ticket_templates.models import TemplateVersion, TicketTemplate

PAID = {"field": "values.deposit", "op": "is_at_least", "value": "100"}


def told(small, **of_states):
    """The spec with what its states say of whom they wait for."""
    states = tuple(replace(one, **of_states.get(one.key, {})) for one in small.workflow.states)
    return replace(small, workflow=replace(small.workflow, states=states))


def found(work):
    """The ids of what waits for this person."""
    tree = awaiting(work)
    return tree and {row.id for row in queries.ticket_page(work, TicketQuery(where=tree)).rows}


def test_a_ticket_waits_where_its_state_says_so(work, make_work):
    qa, finance, clerk = (make_work(tickets.actor(work, role)) for role in ("qa", "finance", "clerk"))
    small = told(spec(), waiting={"awaits": frozenset({"qa"})},
                 working={"awaits": frozenset({"finance", "qa"}), "awaits_when": PAID,
                          "awaits_always": frozenset({"clerk"})})  # fmt: skip
    key = tickets.template(work, spec=small)
    new, cheap, dear = (tickets.ticket(work, key, {"deposit": amount}) for amount in ("500", "99.99", "100"))
    for one in (cheap, dear):
        service.change_ticket(work, ChangeTicket(one, transition="start"))
    assert found(qa) == {new, dear}
    assert found(finance) == {dear}
    assert found(clerk) == {cheap, dear}
    assert found(make_work(tickets.actor(work, "dispatcher"))) is None


def test_the_newest_version_is_right_for_all(work, make_work):
    finance = tickets.actor(work, "finance")
    key = tickets.template(work, spec=told(spec(), waiting={"awaits": frozenset({"finance"})}))
    ticket = tickets.ticket(work, key)
    assert found(make_work(finance)) == {ticket}
    new = told(spec(), waiting={"awaits": frozenset({"qa"})})
    template_id = work.session.scalar(select(TicketTemplate.id).where(TicketTemplate.key == key))
    work.session.add(
        TemplateVersion(template_id=template_id, number=2, spec=new.as_json(), checksum=new.checksum(),
                        published_at=work.now, created_at=work.now)
    )  # fmt: skip
    work.session.flush()
    assert found(make_work(finance)) is None
    assert found(make_work(tickets.actor(work, "qa"))) == {ticket}


def test_nothing_is_asked_of_what_one_may_not_read(work, make_work):
    secret = replace(DEPOSIT, visible_when=None, read_roles=frozenset({"qa"}))
    small = told(spec(), waiting={"awaits": frozenset({"finance", "qa"}), "awaits_when": PAID})
    small = replace(small, sections=(small.sections[0], replace(small.sections[1], fields=(secret,))))
    steps = tuple(replace(one, required=()) for one in small.workflow.transitions)
    key = tickets.template(work, spec=replace(small, workflow=replace(small.workflow, transitions=steps)))
    cheap = tickets.ticket(work, key, {"deposit": "1"})
    assert found(make_work(tickets.actor(work, "finance"))) == {cheap}
    assert found(make_work(tickets.actor(work, "qa"))) == set()
