"""The audit record in words: what really changed, by names and labels, secrets kept and told to have changed."""

import pytest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.core.i18n import spoken
from app.core.permissions import SYSTEM
from app.core.records import service
from app.core.records.showing import form_values
from app.people import history, said
from app.people.called import called
from app.people.queries import AuditQuery, audit_page
from app.people.records import CONTACT, CUSTOMER, SKILL, STAFF
from tests.clients import CAUSE
from tests.factories import people as make
from tests.factories import tickets
from ticket_templates.models import FieldDefinition
from views.audit import _RECORDS


def forms_send(work, record, row):
    """Return what a form sends that was opened and saved: every value as text."""
    return form_values(work.actor, record, row)


def test_saving_a_name_records_a_name(make_work):
    work = make_work()
    row = make.customer(
        work, "甲", phone="13800138000", tags=[make.tag(work).id, make.tag(work).id],
        sites=[{"name": "家", "latitude": "22.5", "longitude": "113.9"}], contacts=[{"name": "乙"}],
    )  # fmt: skip
    key = row.id
    work.session.expire_all()
    last = max(work.session.scalars(select(AuditEvent.id)), default=0)
    row = service.get(work, CUSTOMER, key)
    service.change(work, CUSTOMER, key, forms_send(work, CUSTOMER, row) | {"name": "丙"})
    made = work.session.execute(select(AuditEvent.table_name, AuditEvent.changes).where(AuditEvent.id > last)).all()
    assert [(table, set(changes)) for table, changes in made] == [("customer", {"name", "name_folded"})]


def test_a_place_that_moved_is_recorded_as_people_write_it(make_work):
    work = make_work()
    row = make.customer(work, "甲", sites=[{"name": "家", "latitude": "22.5", "longitude": "113.9"}])
    work.session.expire_all()
    values = forms_send(work, CUSTOMER, service.get(work, CUSTOMER, row.id))
    values["sites"][0] |= {"longitude": "113.91"}
    service.change(work, CUSTOMER, row.id, values)
    event = work.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event.changes == {"longitude": [113.9, "113.91"]}


def test_a_number_added_to_a_contact_is_said_without_its_column(work):
    row = make.customer(work, "甲", contacts=[{"name": "乙"}])
    contact = row.contacts[0]
    service.change(work, CONTACT, contact.id, {"phones": [{"raw": "139 1234 5678"}]})
    work.session.expire_all()
    event, *_before = history.events(work, CONTACT, contact)
    assert (event.part, event.action, spoken(event.record, "en")) == (True, "create", "Phone")
    assert [(spoken(label, "en"), *values) for label, *values in event.changes] == [("Phone", None, "•••• 5678")]
    service.change(work, CONTACT, contact.id, {"phones": [{"id": str(contact.phones[0].id), "raw": "13912340000"}]})
    event, *_before = history.events(work, CONTACT, contact)
    assert [values for _label, *values in event.changes] == [["•••• 5678", "•••• 0000"]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([{"key": "c", "labels": {"en": "Part"}}, {"key": "d", "labels": {"en": "Price"}}], "Part, Price"),
        ({"several": True, "max_length": 60}, "several: Yes, max_length: 60"),
        ({"en": "Fault"}, "Fault"),
        (["a", "b"], "a, b"),
        (True, "Yes"),
        ([{"n": 1}], "n: 1"),
        (list(range(30)), ", ".join(str(one) for one in range(20)) + ", …"),
        ({}, "None"),
    ],
)  # fmt: skip
def test_nothing_is_said_as_the_program_writes_it(value, text):
    assert spoken(said.say(value), "en") == text


def test_of_a_secret_it_is_said_that_it_changed():
    assert said.pair("•••", "•••")[0] is None
    assert "changed" in spoken(said.pair("•••", "•••")[1], "en")
    assert said.pair(None, "•••") == (None, "•••")


def test_every_record_has_its_name(work):
    key = tickets.template(work)
    work.session.add(FieldDefinition(key="f1", type="text", labels=tickets.named("故障", "Fault"), settings={}))
    skill = service.create(work, SKILL, {"key": "s1", "labels": {"en": "Gas"}})
    person = make.account(make.as_system(work), name="Wang Wei")
    profile = make.profile_of(work, person)
    service.change(work, STAFF, profile.id, {"skills": [{"skill_id": str(skill.id), "level": "3"}]})
    page = audit_page(work, AuditQuery(), size=100)
    names = called(work, page.changes)
    said_of = {change.table_name: names.get((change.table_name, change.row_id)) for change in page.changes}
    assert said_of["ticket_template"] in {"Repair", "维修"}
    assert said_of["field_definition"] in {"Fault", "故障"}
    assert said_of["staff_skill"].split() == ["Wang", "Wei", "Gas"]
    assert key
    lines = history.worded(work, page.changes, _RECORDS)
    labels = {spoken(label, "en") for event in lines for label, *_values in event.changes}
    assert "staff_id" not in labels
    assert "Type" in labels
    assert not [label for label in labels if "_" in label]


def test_the_page_says_no_python(web, client_as):
    transactions = web.extensions["gongdan"].transactions
    columns = [{"key": "c_text", "labels": {"en": "Part", "zh_Hans": "配件名"}, "type": "text"}]
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.add(
            FieldDefinition(
                key="words_table", type="table", labels=tickets.named("配件表", "Parts"), settings={"columns": columns}
            )
        )
    administrator = client_as("administrator")
    administrator.get("/lang/zh_Hans")
    page = administrator.get("/audit/?table=field_definition&q=words_table").text
    assert "配件表" in page
    assert "配件名" in page
    assert "{&#39;" not in page
    assert "c_text" not in page
