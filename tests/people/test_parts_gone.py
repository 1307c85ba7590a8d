"""What goes away is recorded with what it was, at every door, and the history of its whole still tells it."""

import csv
import io
from types import SimpleNamespace

import pytest
from sqlalchemy import event, func, inspect, select
from sqlalchemy.exc import IntegrityError

from app.assets.records import INSTALLED_PRODUCT
from app.core.audit import AuditEvent, Recorded, wholes_of
from app.core.db import Base
from app.core.errors import DomainError, NotAllowedError
from app.core.i18n import spoken
from app.core.permissions import SYSTEM, Actor, Scope
from app.core.records import service
from app.core.records.showing import form_values
from app.core.work import Work
from app.people import history
from app.people.called import called
from app.people.queries import AuditQuery, audit_page
from app.people.records import CONTACT, CUSTOMER, OUTLET, PHONE, SITE, SKILL, STAFF, TAG
from app.people.tokens.scopes import granted
from tests.clients import CAUSE, make_account
from tests.factories import people as make
from tests.factories import tickets
from tests.people.test_meanwhile import opened
from views.audit import _RECORDS


@pytest.fixture
def whole(work):
    """A customer with two contacts, three phones (the first of them the first contact's), two sites and a tag."""
    row = make.customer(
        work, "甲公司", tags=[make.tag(work, "老客户").id],
        contacts=[{"name": "乙", "position": "经理"}, {"name": "丙"}],
        phones=[{"raw": "13800135678", "contact_id": "contacts-0"}, {"raw": "13800131111"}, {"raw": "13800132222"}],
        sites=[{"name": "家", "address_line": "科技园路1号"}, {"name": "店"}],
    )  # fmt: skip
    key = row.id
    work.session.expire_all()
    return service.get(work, CUSTOMER, key)


def since(work, last):
    """Return the events after ``last``: what was done to which row."""
    work.session.flush()
    rows = work.session.scalars(select(AuditEvent).where(AuditEvent.id > last).order_by(AuditEvent.id))
    return [(one.action, one.table_name, one.changes) for one in rows]


def newest(work):
    work.session.flush()
    return work.session.scalar(select(func.max(AuditEvent.id)))


def told(work, record, row):
    """Return the history of ``row`` as its page tells it."""
    return [
        (one.action, spoken(one.record, "en"), [(spoken(label, "en"), *both) for label, *both in one.changes])
        for one in history.events(work, record, row)
        if one.part
    ]


def without(work, record, row, **lines):
    """Save the form of a record without some of its lines: their places, by the name of the lines."""
    values = form_values(work.actor, record, row)
    for name, places in lines.items():
        values[name] = [one for place, one in enumerate(values[name]) if place not in places]
    return service.change(work, record, row.id, values)


class TestRecorded:
    """In the audit record, whichever door was used."""

    def test_a_line_taken_out_of_the_form(self, work, whole):
        last = newest(work)
        without(work, CUSTOMER, whole, phones=[1], contacts=[1], sites=[0])
        assert sorted(since(work, last), key=lambda one: one[1]) == [
            ("deleted", "contact", {"customer_id": [whole.id, None], "name": ["丙", None], "is_primary": [False, None],
                                    "id": [whole.contacts[0].id + 1, None]}),
            ("deleted", "phone", {"customer_id": [whole.id, None], "raw": ["•••", None], "number": ["•••", None],
                                  "tail": ["1111", None], "id": [whole.phones[0].id + 1, None]}),
            ("deleted", "site", {"customer_id": [whole.id, None], "name": ["家", None], "address_line": ["•••", None],
                                 "id": [whole.sites[0].id - 1, None]}),
        ]  # fmt: skip

    def test_the_whole_goes_last_and_each_part_once(self, work, whole):
        last = newest(work)
        service.delete(work, CUSTOMER, whole.id)
        gone = since(work, last)
        assert {action for action, _table, _changes in gone} == {"deleted"}
        assert sorted(table for _action, table, _changes in gone[:-1]) == (
            ["contact"] * 2 + ["phone"] * 3 + ["site"] * 2
        )
        _action, table, changes = gone[-1]
        assert (table, changes["name"], changes["tags"]) == ("customer", ["甲公司", None], [["老客户"], []])

    @pytest.mark.parametrize(("record", "table"), [(PHONE, "phone"), (SITE, "site")])
    def test_a_part_at_its_own_door(self, work, whole, record, table):
        last = newest(work)
        service.delete(work, record, getattr(whole, f"{table}s")[1].id)
        ((action, found, changes),) = since(work, last)
        assert (action, found, changes["customer_id"]) == ("deleted", table, [whole.id, None])

    def test_a_contact_goes_with_its_numbers(self, work, whole):
        last = newest(work)
        service.delete(work, CONTACT, whole.contacts[0].id)
        assert [(action, table) for action, table, _ in since(work, last)] == [
            ("deleted", "phone"), ("deleted", "contact"),
        ]  # fmt: skip

    def test_what_was_changed_as_it_went_is_told_as_it_was_stored(self, work, whole):
        last = newest(work)
        whole.sites[0].name = "改了"
        whole.sites.pop(0)
        ((action, _table, changes),) = since(work, last)
        assert (action, changes["name"]) == ("deleted", ["家", None])

    def test_what_moves_to_another_whole_is_changed(self, work, whole):
        other = make.customer(work, "丁公司")
        last = newest(work)
        service.change(work, CONTACT, whole.contacts[0].id, {"customer_id": other.id})
        assert since(work, last) == [
            ("changed", "contact", {"customer_id": [whole.id, other.id]}),
            ("changed", "phone", {"customer_id": [whole.id, other.id]}),
        ]

    def test_what_could_not_go_is_not_gone(self, work, whole):
        last = newest(work)

        def refuse(_session, _context):
            raise IntegrityError("refused", None, Exception())

        event.listen(work.session, "after_flush", refuse, insert=True)
        with pytest.raises(IntegrityError), work.session.begin_nested():
            whole.sites.pop(0)
            work.session.flush()
        event.remove(work.session, "after_flush", refuse)
        whole.remark = "仍在"
        assert [(action, table) for action, table, _ in since(work, last)] == [("changed", "customer")]


class TestTold:
    """On the page of the whole."""

    def test_what_was_added_changed_and_removed(self, work, whole):
        phone = whole.phones[1]
        service.change(work, PHONE, phone.id, {"raw": "13900133333"})
        work.session.expire_all()
        without(work, CUSTOMER, whole, phones=[1], sites=[0])
        work.session.expire_all()
        lines = told(work, CUSTOMER, whole)
        assert sorted(lines[:2]) == [
            ("delete", "Phone", [("Phone", "•••• 3333", None)]),
            ("delete", "Site", [("Address", "•••", None), ("Name of the site", "家", None)]),
        ]
        assert lines[2] == ("update", "Phone", [("Phone", "•••• 1111", "•••• 3333")])
        added = [one for one in lines if one[0] == "create"]
        assert [one[2][0] for one in added if one[1] == "Phone"] == [
            ("Phone", None, f"•••• {tail}") for tail in ("2222", "1111", "5678")
        ]
        assert len(added) == 7

    def test_a_contact_tells_of_its_numbers_and_the_customer_too(self, work, whole):
        contact = whole.contacts[0]
        service.change(work, CONTACT, contact.id, {"phones": []})
        work.session.expire_all()
        removed = ("delete", "Phone", [("Phone", "•••• 5678", None)])
        assert told(work, CONTACT, contact) == [removed, ("create", "Phone", [("Phone", None, "•••• 5678")])]
        action, record, changes = told(work, CUSTOMER, service.get(work, CUSTOMER, whole.id))[0]
        assert (action, record, changes) == ("delete", "Phone", [("Phone", "•••• 5678", None), ("Contact", "乙", None)])

    def test_a_contact_and_its_number_gone_at_once_are_told_by_name(self, work, whole):
        without(work, CUSTOMER, whole, phones=[0], contacts=[0])
        work.session.expire_all()
        lines = told(work, CUSTOMER, whole)[:2]
        assert ("delete", "Phone", [("Phone", "•••• 5678", None), ("Contact", "乙", None)]) in lines

    def test_what_changed_of_a_part_says_of_which_though_it_is_gone(self, work, whole):
        first, second = (one.id for one in whole.contacts)
        for key in (first, second):
            service.change(work, CONTACT, key, {"position": "主管"})
        work.session.expire_all()
        without(work, CUSTOMER, whole, contacts=[1])
        work.session.expire_all()
        events = history.events(work, CUSTOMER, service.get(work, CUSTOMER, whole.id))
        assert [one.name for one in events if one.part and one.action == "update"] == ["丙", "乙"]
        assert not any(one.name for one in events if one.action != "update")

    def test_both_wholes_tell_of_a_move(self, work, whole):
        other = make.customer(work, "丁公司")
        service.change(work, CONTACT, whole.contacts[1].id, {"customer_id": other.id})
        work.session.expire_all()
        moved = ("update", "Contact", [("Customer", "甲公司", "丁公司")])
        assert told(work, CUSTOMER, service.get(work, CUSTOMER, whole.id))[0] == moved
        assert told(work, CUSTOMER, service.get(work, CUSTOMER, other.id)) == [moved]

    def test_a_skill_with_its_certificate(self, work):
        skill = service.create(work, SKILL, {"key": "gas", "labels": {"en": "Gas", "zh_Hans": "燃气"}})
        profile = make.profile_of(work, make.account(work))
        lines = [{"skill_id": skill.id, "level": 3, "certificate_no": "Z-1", "valid_until_on": "2027-01-02"}]
        service.change(work, STAFF, profile.id, {"skills": lines})
        work.session.expire_all()
        without(work, STAFF, service.get(work, STAFF, profile.id), skills=[0])
        work.session.expire_all()
        removed, added = told(work, STAFF, service.get(work, STAFF, profile.id))
        facts = [("Level", 3), ("Certificate number", "Z-1"), ("Certificate valid until", "2027-01-02")]
        assert removed[2][1:] == [(label, value, None) for label, value in facts]
        assert added[2][1:] == [(label, None, value) for label, value in facts]
        assert (removed[:2], added[:2]) == (("delete", "Skill"), ("create", "Skill"))

    def test_the_audit_says_whose_it_was(self, work, whole):
        unit = make.installed_product(work, whole)
        service.change(work, INSTALLED_PRODUCT, unit.id, {"customer_id": None})
        without(work, CUSTOMER, whole, phones=[1])
        page = audit_page(work, AuditQuery(), size=2)
        lines = [
            [(spoken(label, "en"), *both) for label, *both in one.changes]
            for one in history.worded(work, page.changes, _RECORDS)
        ]
        assert lines == [
            [("Customer", "甲公司", None), ("Phone", "•••• 1111", None)],
            [("Customer", "甲公司", None)],
        ]
        assert called(work, page.changes[:1]) == {}


class TestOnScreen:
    """On the customer's page and in the audit."""

    WORDS = (("en", "removed Phone"), ("zh_Hans", "移除了电话"), ("zh_Hant", "移除了電話"))

    def test_a_phone_taken_out_of_the_form_is_told_below_it_and_in_the_files(self, client_as, scene):
        clerk, auditor = client_as("clerk"), client_as("auditor")
        url = f"/customers/edit/{scene.mine}"
        data = {name: value for name, value in opened(clerk, url).items() if not name.startswith("phones-")}
        assert clerk.post(url, data=data).status_code == 302
        for locale, words in self.WORDS:
            clerk.get(f"/lang/{locale}")
            newest = clerk.get(f"/customers/show/{scene.mine}").text.split('data-testid="history"')[1].split("</li>")[0]
            assert f"{words} ·" in newest
            assert '<del class="gd-was">•••• 8000</del></dd>' in newest
            assert "→" not in newest
        auditor.get("/lang/en")
        asked = f"?table=phone&action=deleted&q={scene.mine}"
        row = auditor.get(f"/audit/{asked}").text.split("<tbody>")[1].split("</tr>")[0]
        assert f'Customer</span> <del class="gd-was">{scene.mine_name}</del></span>' in row
        assert 'Phone</span> <del class="gd-was">•••• 8000</del></span>' in row
        lines = [one for one in csv.reader(io.StringIO(auditor.get(f"/audit/export/csv{asked}").text)) if one]
        assert lines[1][-2:] == ["deleted", f"Customer: {scene.mine_name}; Phone: •••• 8000"]
        # Where it was made it leads nowhere any more.
        page = auditor.get(f"/audit/?table=phone&action=created&q={scene.mine}").text
        made = [one for one in page.split("<tbody>")[1].split("</tr>") if f"{scene.mine_name}<" in one]
        assert made
        assert not any("<a " in one for one in made)
        new = clerk.post("/api/v1/contact/", json={"name": "周", "customer_id": scene.mine}).json
        assert clerk.put(f"/api/v1/contact/{new['id']}", json={"position": "主管"}).status_code == 200
        for locale, words in (("en", "changed Contact “周”"), ("zh_Hans", "修改了联系人“周”")):
            clerk.get(f"/lang/{locale}")
            assert f"{words} ·" in clerk.get(f"/customers/show/{scene.mine}").text

    def test_a_place_among_templates_is_no_job(self, work):
        tickets.template(work)
        change = next(one for one in audit_page(work, AuditQuery(), size=20).changes if "position" in one.changes)
        (told,) = history.worded(work, [change], _RECORDS)
        labels = [spoken(label, "zh_Hans") for label, *_values in told.changes]
        assert (change.table_name, "列表中的位置" in labels, "职位" in labels) == ("ticket_template", True, False)


class TestWhoMay:
    """Who may change a customer removes its lines at every door alike; where something holds them, nobody does."""

    @pytest.fixture
    def held(self, web):
        with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
            row = make.customer(
                work, contacts=[{"name": "乙"}], sites=[{"name": "家"}, {"name": "店"}],
                phones=[{"raw": "13800135678", "contact_id": "contacts-0"}, {"raw": "13800131111"}],
            )  # fmt: skip
            unit = make.installed_product(work, row, site_id=row.sites[1].id)
            return SimpleNamespace(
                id=row.id, contact=row.contacts[0].id, phone=row.phones[1].id, site=row.sites[0].id,
                used=row.sites[1].id, unit=unit.id,
            )  # fmt: skip

    def test_a_clerk_by_the_form(self, client_as, held):
        clerk = client_as("clerk")
        answer = clerk.put(f"/api/v1/customer/{held.id}", json={"phones": [], "contacts": []})
        assert (answer.status_code, answer.json["result"]["phones"]) == (200, [])
        answer = clerk.put(f"/api/v1/customer/{held.id}", json={"sites": [{"id": str(held.site)}]})
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "in_use")

    def test_a_clerk_by_each_ones_own_address(self, client_as, held):
        clerk = client_as("clerk")
        for thing, key in (("phone", held.phone), ("contact", held.contact), ("site", held.site)):
            assert clerk.delete(f"/api/v1/{thing}/{key}").status_code == 200
        assert clerk.delete(f"/api/v1/site/{held.used}").status_code == 422
        assert clerk.delete(f"/api/v1/customer/{held.id}").status_code == 403

    def test_a_clerk_on_screen(self, client_as, held):
        clerk = client_as("clerk")
        for base, key in (("phones", held.phone), ("contacts", held.contact), ("sites", held.site)):
            assert 'data-testid="delete"' in clerk.get(f"/{base}/show/{key}").text
            assert clerk.post(f"/{base}/delete/{key}").status_code == 302
            assert clerk.get(f"/{base}/show/{key}").status_code == 404
        assert 'data-testid="delete"' not in clerk.get(f"/customers/show/{held.id}").text

    def test_roles_that_were_written_before_carry_it_and_show_it(self, web, client_as, held):
        boss = client_as("administrator")
        rights = ["customer.read", "customer.change", "contact.read"]
        boss.post("/roles/new", data={"name": f"desk{held.id}", "scope": "all", "permissions": rights})
        page = boss.get(f"/roles/desk{held.id}").text
        for name, checked in (("contact.delete", True), ("site.create", True), ("customer.delete", False)):
            box = page.split(f'value="{name}"')[1].split(">")[0]
            assert ("checked" in box) == checked, name
        make_account(web, f"one.{held.id}", f"desk{held.id}")
        one = web.test_client()
        one.enter(f"one.{held.id}")
        assert one.delete(f"/api/v1/phone/{held.phone}").status_code == 200
        # What was carried is kept with the right that was given for itself.
        boss.post(f"/roles/desk{held.id}", data={"scope": "all", "permissions": ["contact.read", "contact.delete"]})
        assert one.delete(f"/api/v1/contact/{held.contact}").status_code == 200
        assert one.delete(f"/api/v1/site/{held.site}").status_code == 403

    def test_a_token_for_customers_does_what_their_form_does(self, work):
        held = make.role_actor("clerk").permissions
        assert granted(["customer.change"], held) >= {"contact.delete", "site.delete"}
        assert "contact.delete" not in granted(["read"], held)

    def test_who_may_change_contacts_alone_adds_and_removes_no_number(self, work, whole):
        permissions = frozenset({"contact.read", "contact.change"})
        actor = Actor(user_id=make.account(work).user_id, permissions=permissions, scope=Scope.ALL)
        mine = Work(work.session, actor, work.now, work.cause, work.company)
        contact, phone = whole.contacts[0].id, whole.phones[0].id
        more = {"raw": "13900139000"}
        for phones in ([], [{"id": phone}, more]):
            with pytest.raises(DomainError) as refused, work.session.begin_nested():
                service.change(mine, CONTACT, contact, {"phones": phones})
            assert [(one.field, one.code) for one in refused.value.refusals] == [("phones", "not_allowed")]
        with pytest.raises(NotAllowedError):
            service.delete(mine, PHONE, phone)
        with pytest.raises(NotAllowedError):
            service.create(mine, PHONE, {"customer_id": whole.id, "contact_id": contact, **more})
        assert service.change(mine, CONTACT, contact, {"phones": [{"id": phone, **more}]}).phones[0].tail == "9000"


def recorded():
    # In the same order in each process of the tests.
    found = (one.class_ for one in Base.registry.mappers if issubclass(one.class_, Recorded))
    return sorted(found, key=lambda one: one.__name__)


@pytest.mark.parametrize("model", recorded(), ids=lambda one: one.__name__)
def test_nothing_recorded_goes_unseen(model):
    """The database deletes no such row by itself, and every whole shows the parts whose events it is told."""
    table = inspect(model).local_table
    assert not [one for one in table.foreign_keys if one.ondelete], "its rows would go unrecorded"
    for relation in inspect(model).relationships:
        if issubclass(relation.mapper.class_, Recorded) and relation.cascade.delete:
            assert not relation.passive_deletes, relation
            assert table.name in wholes_of(relation.mapper.class_).values(), relation
    shown = {
        (record.model.__tablename__, line.model.__tablename__)
        for record in (CUSTOMER, CONTACT, STAFF)
        for line in record.lines.values()
    }
    assert {(whole, table.name) for whole in wholes_of(model).values()} == {
        one for one in shown if one[1] == table.name
    }


@pytest.mark.parametrize(("record", "made"), [(CUSTOMER, make.customer), (TAG, make.tag), (OUTLET, make.outlet)])
def test_no_key_is_given_twice(work, record, made):
    """What still names who is gone, a history, an answer, an open form, would be told of the next one."""
    former = made(work).id
    service.delete(work, record, former)
    assert made(work).id > former


def test_nor_is_one_of_a_part(work):
    row = make.customer(work, contacts=[{"name": "乙"}], phones=[{"raw": "13800135678"}], sites=[{"name": "一号"}])
    before = [[one.id for one in lines] for lines in (row.contacts, row.phones, row.sites)]
    lines = {"contacts": [{"name": "丁"}], "phones": [{"raw": "13800135679"}], "sites": [{"name": "二号"}]}
    service.change(work, CUSTOMER, row.id, {one: [] for one in lines})
    row = service.change(work, CUSTOMER, row.id, lines)
    after = [[one.id for one in lines] for lines in (row.contacts, row.phones, row.sites)]
    assert [new > old for (new,), (old,) in zip(after, before, strict=True)] == [True] * 3
