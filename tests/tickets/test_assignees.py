"""Who may be given a ticket: people who are there and may take it further; asked once a batch, at every door."""

import pytest
from sqlalchemy import delete, update

from app.core.errors import DomainError
from app.exchange.mapping import mapping_from_json
from app.exchange.reader import SourceRow
from app.exchange.ticket_import import import_rows, planned
from app.exchange.vocabulary import vocabularies
from app.people.access_tables import ACCOUNT, ACCOUNT_ROLE
from app.people.models import Account
from app.tickets import service
from app.tickets.models import Ticket
from app.tickets.orders import ChangeTicket, OpenTicket
from app.tickets.queries import candidates
from tests.clients import statements
from tests.factories import people, tickets
from ticket_templates import queries


@pytest.fixture
def auditor(work):
    return people.account(work, roles=["auditor"], name="周审计").user_id


def _loses_his_role(work, user_id):
    work.session.execute(delete(ACCOUNT_ROLE).where(ACCOUNT_ROLE.c.user_id == user_id))


def _leaves(work, user_id):
    work.session.execute(update(ACCOUNT).where(ACCOUNT.c.id == user_id).values(active=False))


def test_who_may_take_no_step_gets_no_ticket(work, key, auditor):
    ticket = tickets.ticket(work, key)
    wish = {"assignee_id": auditor}
    for ask in (
        lambda: service.open_ticket(work, OpenTicket(key, wish, {"fault": "x"})),
        lambda: service.change_ticket(work, ChangeTicket(ticket, fields=wish)),
        lambda: service.change_ticket(work, ChangeTicket(ticket, fields=wish, transition="start")),
    ):
        with pytest.raises(DomainError) as caught:
            ask()
        (refusal,) = caught.value.refusals
        assert (refusal.field, refusal.code) == ("assignee_id", "takes_no_step")
        assert refusal.message.in_("en").startswith("周审计 may not move tickets")
    assert work.session.get(Ticket, ticket).assignee_id is None


def test_who_has_left_gets_no_ticket(work, key):
    gone = people.account(work, roles=["technician"], name="老王").user_id
    _leaves(work, gone)
    with pytest.raises(DomainError) as caught:
        service.change_ticket(work, ChangeTicket(tickets.ticket(work, key), fields={"assignee_id": gone}))
    (refusal,) = caught.value.refusals
    assert (refusal.field, refusal.code) == ("assignee_id", "inactive")
    assert "老王" in refusal.message.in_("en")


@pytest.mark.parametrize("lose", [_loses_his_role, _leaves])
def test_who_has_a_ticket_keeps_it_whatever_he_loses(work, key, lose):
    user_id = tickets.assignee(work)
    ticket = tickets.ticket(work, key, assignee_id=user_id)
    lose(work, user_id)
    change = ChangeTicket(ticket, fields={"assignee_id": user_id, "priority": 1}, answers={"quantity": 2})
    assert service.change_ticket(work, change).status == "changed"
    assert service.change_ticket(work, ChangeTicket(ticket, transition="start")).status == "changed"
    with pytest.raises(DomainError):
        service.change_ticket(work, ChangeTicket(tickets.ticket(work, key), fields={"assignee_id": user_id}))


def test_of_a_batch_only_those_orders_are_refused(work, key, auditor):
    good = tickets.assignee(work)
    ids = tickets.tickets(work, key, 4)
    orders = [ChangeTicket(one, fields={"assignee_id": who}) for one, who in zip(ids, [good, auditor] * 2, strict=True)]
    outcomes = service.change_tickets(work, orders).outcomes
    assert [one.status for one in outcomes] == ["changed", "refused", "changed", "refused"]


def test_the_people_of_a_batch_are_read_once_and_only_when_a_ticket_changes_hands(work, key):
    def accounts_read(orders):
        with statements(work.session.get_bind()) as seen:
            assert {one.status for one in service.change_tickets(work, orders).outcomes} == {"changed"}
        return len([one for one in seen if "FROM ab_user" in one])

    staff = [tickets.assignee(work) for _ in range(3)]
    ids = tickets.tickets(work, key, 6)
    assert accounts_read([ChangeTicket(one, fields={"assignee_id": staff[one % 3]}) for one in ids]) == 1
    same = [ChangeTicket(one, fields={"assignee_id": staff[one % 3], "priority": 1}) for one in ids]
    assert accounts_read(same) == 0
    assert accounts_read([ChangeTicket(one, fields={"priority": 2}) for one in ids]) == 0


def test_an_import_says_so_at_its_cell(work, key, auditor):
    good = work.session.get_one(Account, tickets.assignee(work)).username
    mapping = mapping_from_json({"columns": {"answers.fault": "what", "assignee": "who"}})
    plan = planned(work, key, mapping, ("what", "who"), "s")
    taken, refused = import_rows(work, plan, [SourceRow(2, ("不制冷", good)), SourceRow(3, ("漏水", "周审计"))])
    assert (taken.status, refused.status) == ("imported", "refused")
    assert [(one.column, "周审计 may not move" in str(one.message)) for one in refused.reasons] == [("who", True)]


def test_an_import_offers_only_who_may_have_a_ticket(work, key, auditor):
    good = work.session.get_one(Account, tickets.assignee(work)).username
    mapping = mapping_from_json({"columns": {"answers.fault": "what", "assignee": "who"}})
    offered = vocabularies(work, queries.published_version(work, key), mapping)["assignee"]
    assert [code for code, _name in offered.choices] == [good]


def test_a_ticket_of_no_outlet_is_offered_to_technicians_before_headquarters(work, key):
    outlet = people.outlet(work)
    chief = people.account(work, roles=["administrator"], name="安总").user_id
    technician = people.account(work, roles=["technician"], outlet=outlet, name="钟师傅").user_id
    version = queries.published_version(work, key)
    for columns in ({}, {"outlet_id": None, "team_id": None}, {"outlet_id": people.outlet(work).id}):
        found = [one.user_id for one in candidates(work, "", version, columns)]
        assert found.index(technician) < found.index(chief)
