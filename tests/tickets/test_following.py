"""A ticket that gets another customer or product: answers that came from the former go along, asked about first."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.core.permissions import Scope
from app.tickets import queries, service
from app.tickets.models import TicketEvent
from app.tickets.orders import ChangeTicket, MergeTickets, OpenTicket
from tests.clients import statements
from tests.conftest import NOW
from tests.factories import people, tickets
from tests.tickets.records_known import FROM, household, spec
from ticket_templates.spec import FieldUse


@pytest.fixture
def key(work):
    return tickets.template(work, spec=spec())


@pytest.fixture
def first(work):
    return household(work, "海天", "SN-1", NOW.date() - timedelta(days=300))


@pytest.fixture
def second(work):
    return household(work, "山地", "SN-2", date(2020, 1, 1))


@pytest.fixture
def own(work, key, first):
    return tickets.ticket(work, key, **first.named)


def change(work, ticket_id, fields, **more):
    more = {"confirmed": True} | more
    return service.change_tickets(work, [ChangeTicket(ticket_id, fields=fields, **more)]).outcomes[0]


def values(work, ticket_id):
    return {name: one for name, one in queries.ticket(work, ticket_id).values.items() if name in FROM}


def told(outcome):
    return [(one.field, one.code, one.message.in_("en")) for one in outcome.refusals]


def test_what_came_from_the_former_becomes_what_the_new_one_gives(work, clerk, own, second):
    assert values(work, own)["warranty"] == "in_warranty"
    assert change(clerk, own, second.named).status == "changed"
    assert values(work, own) == {
        "serial": "SN-2", "brand": "山地牌", "sold": "2020-01-01", "warranty": "out_of_warranty",
        "who": "山地", "person": "山地联系人", "place": {"line": "山地路 1 号"},
    }  # fmt: skip
    latest = select(TicketEvent.changes).where(TicketEvent.ticket_id == own).order_by(TicketEvent.id.desc()).limit(1)
    changes = work.session.scalar(latest)
    assert changes["values.serial"] == ["SN-1", "SN-2"]
    assert changes["installed_product_id"][1] == second.unit.id


def test_what_nothing_is_known_of_is_emptied_or_what_the_template_says(work, clerk, own):
    assert change(clerk, own, {"installed_product_id": None}).status == "changed"
    now = values(work, own)
    assert (now.keys() & {"serial", "brand", "sold"}, now["warranty"], now["who"]) == (set(), "unknown", "海天")


def test_what_somebody_typed_stays(work, clerk, own, second):
    service.change_ticket(clerk, ChangeTicket(own, answers={"serial": "PLATE-77", "sold": None}))
    change(clerk, own, second.named)
    now = values(work, own)
    # What was emptied is answered again; what was typed is not.
    assert (now["serial"], now["sold"], now["brand"]) == ("PLATE-77", "2020-01-01", "山地牌")


def test_what_the_order_says_itself_holds(work, clerk, own, second):
    change(clerk, own, second.named, answers={"serial": "SN-1", "brand": None})
    now = values(work, own)
    assert (now["serial"], "brand" in now, now["warranty"]) == ("SN-1", False, "out_of_warranty")


def test_a_form_that_sends_what_it_showed_says_nothing_by_it(work, clerk, own, second):
    change(clerk, own, second.named, answers={"serial": "SN-1", "brand": "别的"}, careful=True)
    now = values(work, own)
    assert (now["serial"], now["brand"]) == ("SN-2", "别的")


def test_it_is_asked_first_with_both_values(work, clerk, own, second):
    asked = change(clerk, own, {"installed_product_id": None}, confirmed=False)
    ((field, code, said),) = told(asked)
    assert (field, code) == ("installed_product_id", "needs_confirmation")
    assert said.startswith("Saving this also changes: Serial: SN-1 → –, Brand: 海天牌 → –")
    assert "Warranty: in_warranty → unknown" in said
    assert values(work, own)["serial"] == "SN-1"
    several = change(clerk, own, second.named, confirmed=False)
    assert {field for field, code, _said in told(several)} == second.named.keys()


def test_nobody_is_asked_where_only_what_was_empty_is_filled_in(work, clerk, key, first):
    bare = tickets.ticket(work, key, {"warranty": None})
    assert change(clerk, bare, first.named, confirmed=False).status == "changed"
    assert (values(work, bare)["serial"], values(work, bare)["warranty"]) == ("SN-1", "in_warranty")


def test_what_one_may_not_read_is_counted(work, clerk, first, second):
    hidden = FieldUse("serial", default_from="installed_product.serial", read_roles=frozenset({"qa"}))
    own = tickets.ticket(work, tickets.template(work, spec=spec(serial=hidden)), **first.named)
    asked = change(clerk, own, {"installed_product_id": None}, confirmed=False)
    assert "SN-1" not in told(asked)[0][2]
    assert "one answer you may not read" in told(asked)[0][2]


@pytest.mark.parametrize("careful", [True, False])
def test_an_answer_it_hides_is_asked_about_at_the_column(work, clerk, first, second, careful):
    small = spec()
    charged = {"field": "values.warranty", "op": "is", "value": "in_warranty"}
    (main, *others) = small.sections
    uses = tuple(replace(use, visible_when=charged) if use.field == "detail" else use for use in main.fields)
    key = tickets.template(work, spec=replace(small, sections=(replace(main, fields=uses), *others)))
    own = tickets.ticket(work, key, {"detail": "压缩机"}, **first.named)
    asked = change(clerk, own, second.named, confirmed=False, careful=careful)
    assert ("installed_product_id", "needs_confirmation", "Saving this empties: Detail 压缩机.") in told(asked)


def test_where_it_is_settled_the_former_stays(work, clerk, first, second):
    fixed = FieldUse("warranty", default="unknown", default_from=FROM["warranty"][1], editable_in=("waiting",))
    own = tickets.ticket(work, tickets.template(work, spec=spec(warranty=fixed)), **first.named)
    service.change_ticket(clerk, ChangeTicket(own, transition="start"))
    refused = change(clerk, own, second.named)
    ((field, code, said),) = told(refused)
    assert (field, code) == ("installed_product_id", "settled")
    assert "Working" in said
    assert "in_warranty → out_of_warranty" in said
    assert values(work, own)["serial"] == "SN-1"


def test_what_nobody_knew_better_stays_where_it_is_settled(work, clerk, key, first):
    fixed = FieldUse("warranty", default="unknown", default_from=FROM["warranty"][1], editable_in=("waiting",))
    own = tickets.ticket(work, tickets.template(work, spec=spec(warranty=fixed)))
    service.change_ticket(clerk, ChangeTicket(own, transition="start"))
    assert change(clerk, own, first.named).status == "changed"
    assert (values(work, own)["warranty"], values(work, own)["serial"]) == ("unknown", "SN-1")


def test_a_step_that_names_another_takes_its_answers_along_and_empties_what_it_empties(work, clerk, first, second):
    small = spec()
    start = replace(small.workflow.transitions[0], clears=("brand",))
    flow = replace(small.workflow, transitions=(start, *small.workflow.transitions[1:]))
    own = tickets.ticket(work, tickets.template(work, spec=replace(small, workflow=flow)), **first.named)
    asked = change(clerk, own, second.named, transition="start", confirmed=False)
    assert not any("海天牌" in said for _field, _code, said in told(asked))
    assert change(clerk, own, second.named, transition="start").status == "changed"
    now = values(work, own)
    assert (now["serial"], "brand" in now) == ("SN-2", False)


def test_a_unit_s_warranty_is_that_of_the_day_the_ticket_was_made(work, make_work, key, first, second):
    own = tickets.ticket(work, key, **first.named)
    later = make_work(tickets.actor(work, "clerk"), now=NOW + timedelta(days=200))
    # The former is over by then, as the ticket is not older than its answers: it goes along nevertheless, and back.
    change(later, own, second.named)
    assert values(work, own)["warranty"] == "out_of_warranty"
    change(later, own, first.named)
    assert values(work, own)["warranty"] == "in_warranty"


def test_the_former_may_be_out_of_reach(work, make_work, key, first):
    near = people.outlet(work)
    mine = household(work, "近处", "SN-3", date(2020, 1, 1), outlet_id=near.id)
    own = tickets.ticket(work, key, outlet_id=near.id, **first.named)
    # The unit was sold on to somebody this clerk does not know.
    first.unit.customer_id = people.customer(work).id
    work.session.flush()
    clerk = make_work(tickets.actor(work, "clerk", scope=Scope.OUTLET, outlets=[near.id]))
    assert change(clerk, own, mine.named).status == "changed"
    assert values(work, own)["serial"] == "SN-3"


def test_merging_and_undoing_it_take_the_answers_along(work, make_work, key, first):
    boss = make_work(tickets.actor(work, "administrator"))
    source, target = tickets.ticket(work, key, **first.named), tickets.ticket(work, key)
    service.merge_ticket(boss, MergeTickets(source, target, fill=tuple(first.named)))
    assert (values(work, target)["serial"], values(work, target)["warranty"]) == ("SN-1", "in_warranty")
    service.unmerge_ticket(boss, source)
    assert values(work, target) == {"warranty": "unknown"}


def test_the_outlet_that_looks_after_the_customer_goes_along_while_nobody_has_the_ticket(work, clerk, key):
    here, there = people.outlet(work, name="城东"), people.outlet(work, name="城西")
    one = household(work, "甲", "S1", None, outlet_id=here.id)
    other = household(work, "乙", "S2", None, outlet_id=there.id)
    own = tickets.ticket(work, key, **one.named)
    asked = change(clerk, own, other.named, confirmed=False)
    assert any(field == "customer_id" and "城东" in said and "城西" in said for field, _code, said in told(asked))
    assert change(clerk, own, other.named).status == "changed"
    assert queries.ticket(work, own).columns["outlet_id"] == there.id
    # One that somebody chose stays, and so does one somebody works on.
    chosen = tickets.ticket(work, key, **one.named | {"outlet_id": there.id})
    change(clerk, chosen, household(work, "丙", "S3", None, outlet_id=here.id).named)
    assert queries.ticket(work, chosen).columns["outlet_id"] == there.id
    held = tickets.ticket(work, key, **one.named | {"assignee_id": tickets.assignee(work)})
    change(clerk, held, other.named)
    assert queries.ticket(work, held).columns["outlet_id"] == here.id


def test_a_batch_reads_each_kind_once(work, clerk, key, first, second):
    made = [tickets.ticket(work, key, **first.named) for _ in range(6)]
    third = household(work, "第三", "SN-3", None)
    with statements(work.session.get_bind()) as few:
        service.change_tickets(clerk, [ChangeTicket(made[0], fields=second.named)])
    wishes = [ChangeTicket(one, fields=(second, third)[at % 2].named) for at, one in enumerate(made[1:])]
    with statements(work.session.get_bind()) as many:
        outcomes = service.change_tickets(clerk, wishes).outcomes
    assert [one.status for one in outcomes] == ["changed"] * 5
    # Each was told what went along, as a bulk change is.
    assert all(one.doubts for one in outcomes)
    assert len(many) <= len(few) + 2
    assert [values(work, one)["serial"] for one in made[1:3]] == ["SN-2", "SN-3"]


def test_a_ticket_of_the_past_begins_with_what_was_true_then(work, make_work, key, first):
    boss = make_work(tickets.actor(work, "administrator"))
    first.unit.sold_on = NOW.date() - timedelta(days=400)
    work.session.flush()
    order = OpenTicket(
        key, first.named, {"fault": "漏水"}, created_at=NOW - timedelta(days=100), external_id="7", external_source="x"
    )
    made = service.open_ticket(boss, order)
    assert values(work, made.ticket_id)["warranty"] == "in_warranty"


@pytest.mark.parametrize("uses", [{"required": True}, {"required_when": {"field": "priority", "op": "is", "value": 3}}])
def test_what_has_to_be_answered_stays_where_nobody_knows_it_better(work, clerk, first, second, uses):
    brand = FieldUse("brand", default_from="installed_product.brand", **uses)
    own = tickets.ticket(work, tickets.template(work, spec=spec(brand=brand)), **first.named)
    asked = change(clerk, own, {"installed_product_id": None}, confirmed=False)
    changes, stays = told(asked)
    assert "Serial: SN-1 → –" in changes[2]
    assert "Brand" not in changes[2]
    assert stays == (
        "installed_product_id", "needs_confirmation",
        "This has to be answered and stays as it is, please check: Brand: 海天牌.",
    )  # fmt: skip
    assert change(clerk, own, {"installed_product_id": None}).status == "changed"
    assert (values(work, own)["brand"], "serial" in values(work, own)) == ("海天牌", False)
    # Where it is known better it goes along.
    other = tickets.ticket(work, tickets.template(work, spec=spec(brand=brand)), **first.named)
    change(clerk, other, second.named)
    assert values(work, other)["brand"] == "山地牌"
