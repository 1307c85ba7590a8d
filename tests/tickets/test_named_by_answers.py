"""A record that a ticket names as an answer is in use: nobody deletes it, at whatever door."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.assets.records import INSTALLED_PRODUCT, PRODUCT
from app.core.permissions import SYSTEM
from app.core.records import service
from app.core.records.uses import InUseError
from app.core.sql import holds
from app.people.models import Customer
from app.people.records import CUSTOMER, REGION, TEAM
from app.tickets.models import Ticket
from app.tickets.orders import ChangeTicket, OpenTicket
from app.tickets.service import change_ticket, open_tickets
from tests.clients import CAUSE
from tests.factories import people as make
from tests.factories import tickets
from tests.people.test_at_once import await_waiting
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.pointing import Pointing
from ticket_templates.models import TemplateVersion
from ticket_templates.spec import FieldUse, Section
from ticket_templates.usages import NAMED

_COLUMNS = [
    {"key": "owner", "type": "customer", "labels": tickets.named("业主")},
    {"key": "place", "type": "address", "labels": tickets.named("地点")},
    {"key": "number", "type": "integer", "labels": tickets.named("件数")},
]
_FIELDS = (
    tickets.field_spec("dealer", "customer", "经销商"),
    tickets.field_spec("old_unit", "installed_product", "旧机"),
    tickets.field_spec("model", "product", "型号"),
    tickets.field_spec("helpers", "team", "协助班组"),
    tickets.field_spec("place", "address", "地址"),
    tickets.field_spec("owners", "table", "业主表", settings={"columns": _COLUMNS}),
)


def naming_spec(**uses):
    """Return the small template with fields that name records; ``uses``: how some are used."""
    spec = tickets.repair_spec()
    named = tuple(FieldUse(one.key, **uses.get(one.key, {})) for one in _FIELDS)
    section = Section("named", tickets.named("涉及", "Named"), named)
    return replace(
        spec, fields={**spec.fields, **{one.key: one for one in _FIELDS}}, sections=(*spec.sections, section)
    )


@pytest.fixture
def named(work):
    """A template with such fields."""
    return tickets.template(work, spec=naming_spec())


def refused(work, record, key):
    with pytest.raises(InUseError) as told:
        service.delete(work, record, key)
    return {one.by: one.count for one in told.value.uses}, str(told.value)


def region(work, code="9701"):
    if work.session.get(REGION.model, "97") is None:
        service.create(work, REGION, {"code": "97", "name": "某省"})
    return service.create(work, REGION, {"code": code, "name": f"某市{code}", "parent_code": "97"}).code


class TestRefused:
    """At the one write door, on both databases."""

    @pytest.mark.parametrize(("field", "record", "made"), [
        ("dealer", CUSTOMER, lambda work: make.customer(work).id),
        ("old_unit", INSTALLED_PRODUCT, lambda work: make.installed_product(work).id),
        ("model", PRODUCT, lambda work: make.installed_product(work).product_id),
        ("helpers", TEAM, lambda work: make.team(work).id),
    ])  # fmt: skip
    def test_what_a_field_names(self, work, named, field, record, made):
        key, others = made(work), made(work)
        tickets.ticket(work, named, {field: key})
        tickets.ticket(work, named, {field: key})
        tickets.ticket(work, named, {field: others})
        uses, said = refused(work, record, key)
        assert uses["answers"] == 2
        assert "Answers of tickets (2)" in said

    def test_the_region_of_an_address(self, work, named):
        code, free = region(work), region(work, "9702")
        tickets.ticket(work, named, {"place": {"region": code, "line": "一号"}})
        assert refused(work, REGION, code)[0] == {"answers": 1}
        service.delete(work, REGION, free)

    def test_a_column_of_a_table(self, work, named):
        customer, free, code = make.customer(work).id, make.customer(work).id, region(work)
        rows = [{"number": free}, {"owner": customer, "place": {"region": code, "line": "二号"}}]
        tickets.ticket(work, named, {"owners": rows})
        assert refused(work, CUSTOMER, customer)[0] == {"answers": 1}
        assert refused(work, REGION, code)[0] == {"answers": 1}
        service.delete(work, CUSTOMER, free)

    def test_a_number_that_is_no_key_and_a_key_of_another_kind_are_no_use(self, work, named):
        customer = make.customer(work).id
        tickets.ticket(work, named, {"quantity": customer, "fault": f"{customer}"})
        service.delete(work, CUSTOMER, customer)

    def test_tickets_of_every_version_and_of_withdrawn_templates(self, work, named):
        customer = make.customer(work).id
        tickets.ticket(work, named, {"dealer": customer})
        newest = select(TemplateVersion).order_by(TemplateVersion.id.desc()).limit(1)
        template = work.session.scalar(newest).template
        spec = tickets.repair_spec()
        template.versions.append(
            TemplateVersion(number=2, spec=spec.as_json(), checksum=spec.checksum(), published_at=work.now)
        )
        template.withdrawn = True
        work.session.flush()
        assert refused(work, CUSTOMER, customer)[0] == {"answers": 1}

    def test_once_nothing_names_it_it_goes(self, work, named):
        customer = make.customer(work).id
        ticket = tickets.ticket(work, named, {"dealer": customer})
        change_ticket(work, ChangeTicket(ticket, answers={"dealer": None}))
        service.delete(work, CUSTOMER, customer)
        assert work.session.get(Customer, customer) is None

    def test_the_default_of_a_template_until_it_has_another(self, work):
        customer, code = make.customer(work).id, region(work)
        spec = naming_spec(dealer={"default": str(customer)}, place={"default": {"region": code}})
        tickets.template(work, spec=spec)
        uses, said = refused(work, CUSTOMER, customer)
        assert uses == {"template_defaults": 1}
        assert "Defaults of templates (1)" in said
        assert refused(work, REGION, code)[0] == {"template_defaults": 1}
        template = work.session.scalar(select(TemplateVersion).order_by(TemplateVersion.id.desc()).limit(1)).template
        spec = naming_spec(dealer={"default": str(make.customer(work).id)})
        template.versions.append(
            TemplateVersion(number=2, spec=spec.as_json(), checksum=spec.checksum(), published_at=work.now)
        )
        work.session.flush()
        service.delete(work, CUSTOMER, customer)

    def test_who_reaches_few_tickets_is_told_of_all(self, work, make_work, named):
        customer = make.customer(work).id
        tickets.ticket(work, named, {"dealer": customer})
        clerk = make.role_actor("clerk")
        manager = replace(clerk, permissions=clerk.permissions | {"customer.delete"})
        assert refused(make_work(manager), CUSTOMER, customer)[0] == {"answers": 1}


class TestDoors:
    """By its page, by the list, by REST."""

    def test_all_refuse_and_say_why_in_the_readers_language(self, web, client_as):
        with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
            key = tickets.template(work, spec=naming_spec())
            customer = make.customer(work, "经销商甲").id
            tickets.ticket(work, key, {"dealer": customer})
        admin = client_as("administrator")
        said = {"en": "Answers of tickets (1)", "zh_Hans": "工单所填字段（1）", "zh_Hant": "工單所填欄位（1）"}
        for locale, words in said.items():
            admin.get(f"/lang/{locale}")
            admin.post(f"/customers/delete/{customer}")
            assert words in admin.get("/customers/list/").text
            admin.post("/customers/action_post", data={"action": "delete_many", "rowid": [customer]})
            assert words in admin.get("/customers/list/").text
            answer = admin.delete(f"/api/v1/customer/{customer}")
            assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "in_use")
            assert words in answer.json["errors"][0]["message"]
        assert admin.get(f"/customers/show/{customer}").status_code == 200


class TestAtOnce:
    """Whoever comes second is told: nobody names what goes, and nothing goes that is being named."""

    @pytest.fixture
    def scene(self, fresh_transactions):
        with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
            return tickets.template(work, spec=naming_spec()), make.customer(work).id

    @staticmethod
    def opened(work, scene):
        key, customer = scene
        return open_tickets(work, [OpenTicket(key, {}, {"fault": "漏水", "dealer": customer})]).outcomes[0]

    def test_a_ticket_that_names_it_came_first(self, fresh_transactions, scene):
        def delete():
            with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
                service.delete(work, CUSTOMER, scene[1])

        with ThreadPoolExecutor(1) as pool:
            with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
                assert not self.opened(work, scene).refusals
                second = pool.submit(delete)
                await_waiting(work)
            with pytest.raises(InUseError):
                second.result()

    def test_it_went_first(self, fresh_transactions, scene):
        def name():
            with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
                return self.opened(work, scene)

        with ThreadPoolExecutor(1) as pool:
            with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
                service.delete(work, CUSTOMER, scene[1])
                work.session.flush()
                second = pool.submit(name)
                await_waiting(work)
            outcome = second.result()
        assert [(one.field, one.code) for one in outcome.refusals] == [("dealer", "not_found")]


@pytest.mark.parametrize(("part", "found"), [
    ({"a": 1}, True), ({"a": 11}, False), ({"a": "1"}, False), ({"b": {"c": "97"}}, True), ({"b": {"c": 97}}, False),
    ({"rows": [{"a": 2}]}, True), ({"rows": [{"a": 3, "b": {"c": 4}}]}, True), ({"rows": [{"a": 2, "b": {}}]}, False),
    ({"rows": [{"a": 1}]}, False), ({"words": ["x"]}, True), ({"words": ["y"]}, False), ({"none": 1}, False),
])  # fmt: skip
def test_what_a_document_holds_is_the_same_on_both(work, part, found):
    document = {"a": 1, "b": {"c": "97"}, "rows": [{"a": 2}, {"a": 3, "b": {"c": 4}}, "{", 1], "words": ["x", "{"]}
    ticket = tickets.ticket(work, tickets.template(work))
    row = work.session.get(Ticket, ticket)
    row.values = document
    work.session.flush()
    asked = select(func.count()).where(Ticket.id == ticket, holds(work.dialect, Ticket.values, part))
    assert work.session.scalar(asked) == int(found)


def test_every_type_that_names_records_is_asked():
    pointing = {one.name for one in FIELD_TYPES if issubclass(one, Pointing)}
    assert pointing | {"region"} == NAMED | {"user"}
    for one in FIELD_TYPES:
        for case in one.cases if one.name in pointing else ():
            if isinstance(case.value, int):
                assert one(tickets.field_spec("one", one.name, "一")).naming(one.name, case.value) == (case.value,)
