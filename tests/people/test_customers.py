from dataclasses import replace

import pytest
from sqlalchemy import select, text

from app.core.audit import AuditEvent
from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.records import service
from app.people import queries
from app.people.models import Customer, Phone, Region
from app.people.records import CONTACT, CUSTOMER, PHONE, SITE
from app.tickets.queries import customer_360
from tests.factories import people as make


def refusals(error):
    return {(one.field, one.code) for one in error.value.refusals}


def test_a_customer_with_contacts_phones_and_sites_in_one_order(work):
    work.session.add(Region(code="440305", name="南山区", level=3, full_name="广东省深圳市南山区"))
    work.session.flush()
    row = service.create(
        work,
        CUSTOMER,
        {
            "name": "  张　三 ",
            "kind": "person",
            "active": True,
            "contacts": [{"name": "李四", "is_primary": True}],
            "phones": [{"raw": "138 0013 8000"}, {"raw": "0755-88888888转801"}, {"raw": ""}],
            "sites": [
                {
                    "name": "家",
                    "region_code": "440305",
                    "address_line": "科技园路1号",
                    "latitude": "22.5430961",
                    "longitude": "113.9",
                }
            ],
        },
    )
    card = queries.customer_card(work, row.id)
    assert card.code.startswith("C0")
    assert [phone.shown for phone in card.phones] == ["138 0013 8000", "0755 8888 8888 ext. 801"]
    assert card.sites[0].address == "广东省深圳市南山区科技园路1号"
    assert str(card.sites[0].latitude) == "22.543096"
    assert card.contacts[0].is_primary


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {("name", "required")}),
        ({"name": "\u200b \u202e"}, {("name", "required")}),
        ({"name": "长" * 121}, {("name", "too_long")}),
        ({"name": "甲", "kind": "alien"}, {("kind", "unknown_option")}),
        ({"name": "甲", "level_id": "10" * 15}, {("level_id", "unknown")}),
        ({"name": "甲", "outlet_id": 424242}, {("outlet_id", "unknown")}),
        ({"name": "甲", "outlet_id": "'; drop table"}, {("outlet_id", "unknown")}),
        ({"name": "甲", "email": "no@address"}, {("email", "not_email")}),
        ({"name": "甲", "email": "a@b.c\nBcc: x@y.z"}, {("email", "not_email")}),
        ({"name": "甲", "id_number": "11010519491231002A"}, set()),
        ({"name": "甲", "id_number": "110105194912310021"}, {("id_number", "not_an_id")}),
        ({"name": "甲", "id_number": "11010519491231002X"}, set()),
        ({"name": "甲", "code": "has space"}, {("code", "not_a_code")}),
        ({"name": "甲", "tags": ["1", "x"]}, {("tags", "unknown")}),
        ({"name": "甲", "active": "perhaps"}, {("active", "not_yes_or_no")}),
        ({"name": "甲", "created_by_id": 1}, {("created_by_id", "unknown_field")}),
        ({"name": ["甲"]}, {("name", "not_text")}),
        ({"name": "甲", "phones": [{"raw": "13800138000"}, {"raw": "12"}]}, {("phones-1-raw", "not_phone")}),
        (
            {"name": "甲", "phones": [{"number": "1"}]},
            {("phones-0-number", "unknown_field"), ("phones-0-raw", "required")},
        ),
        ({"name": "甲", "phones": "13800138000"}, {("phones", "not_lines")}),
        ({"name": "甲", "phones": [{"raw": "13800138000"}] * 101}, {("phones", "not_lines")}),
        ({"name": "甲", "phones": [{"id": 99, "raw": "13800138000"}]}, {("phones-0-id", "not_found")}),
        ({"name": "甲", "phones": [{"id": 99}]}, {("phones-0-id", "not_found")}),
        (
            {"name": "甲", "sites": [{"name": "家", "latitude": "91", "longitude": "0"}]},
            {("sites-0-latitude", "out_of_range")},
        ),
        (
            {"name": "甲", "sites": [{"name": "家", "latitude": "NaN", "longitude": "0"}]},
            {("sites-0-latitude", "not_number")},
        ),
        ({"name": "甲", "sites": [{"name": "家", "latitude": "1"}]}, {("sites-0-longitude", "half_a_place")}),
        ({"name": "甲", "sites": [{"name": "家", "region_code": "999999"}]}, {("sites-0-region_code", "unknown")}),
        (
            {"name": "甲", "contacts": [{"name": "乙", "is_primary": 1}, {"name": "丙", "is_primary": 1}]},
            {("contacts", "several_primary")},
        ),
    ],
)
def test_bad_input_is_refused_at_its_field(work, values, expected):
    if not expected:
        assert service.create(work, CUSTOMER, values).id
        return
    with pytest.raises(DomainError) as error:
        service.create(work, CUSTOMER, values)
    assert refusals(error) == expected
    assert work.session.scalars(select(Customer)).all() == []


def test_text_is_stored_as_typed_without_what_nobody_sees(work):
    row = service.create(work, CUSTOMER, {"name": "<b>甲\x00</b>\u202e 🏠\u200b"})
    assert row.name == "<b>甲</b> 🏠"


def test_a_code_is_taken_once(work):
    make.customer(work, "甲", code="KH-1")
    with pytest.raises(DomainError) as error:
        make.customer(work, "乙", code="KH-1")
    assert refusals(error) == {("code", "taken")}
    row = make.customer(work, "丙")
    assert service.change(work, CUSTOMER, row.id, {"code": row.code}).code == row.code


def test_lines_are_kept_changed_added_and_removed(work):
    row = make.customer(work, phones=[{"raw": "13800138000"}, {"raw": "13900139000"}])
    first, second = sorted(row.phones, key=lambda one: one.id)
    service.change(
        work, CUSTOMER, row.id, {"phones": [{"id": second.id, "raw": "13900139001"}, {"raw": "13700137000"}]}
    )
    work.session.expire_all()
    assert {phone.number for phone in row.phones} == {"+8613900139001", "+8613700137000"}
    assert work.session.get(Phone, first.id) is None
    assert work.session.get(Phone, second.id) is not None


def test_a_masked_value_sent_back_changes_nothing(work):
    row = make.customer(work, phone="13800138000", id_number="11010519491231002X", email="zhang@example.com")
    masked = {
        "phones": [{"id": row.phones[0].id, "raw": "•••• 8000"}],
        "id_number": "••••2X",
        "email": "z••••@example.com",
    }
    service.change(work, CUSTOMER, row.id, masked)
    assert (row.phones[0].number, row.id_number, row.email) == (
        "+8613800138000",
        "11010519491231002X",
        "zhang@example.com",
    )
    with pytest.raises(DomainError) as error:
        service.create(work, CUSTOMER, {"name": "乙", "phones": [{"raw": "•••• 8000"}]})
    assert refusals(error) == {("phones-0-raw", "masked")}


def test_personal_data_is_not_readable_in_the_database(work):
    make.customer(work, phone="13800138000", id_number="11010519491231002X")
    stored = str(work.session.execute(text("SELECT raw, number, number_index FROM phone")).all())
    stored += str(work.session.execute(text("SELECT id_number FROM customer")).all())
    assert "13800138000" not in stored
    assert "11010519491231002X" not in stored


def test_who_changed_what_is_on_record_without_personal_data(work, make_work):
    clerk = make.account(work, "wang.fang")
    row = make.customer(work, "甲", id_number="11010519491231002X")
    tag = make.tag(work, "重点")
    work.session.info["work"] = theirs = make_work(clerk)
    service.change(theirs, CUSTOMER, row.id, {"name": "乙", "id_number": "B1234567", "tags": [tag.id]})
    changes = queries.history(work, [("customer", row.id)])
    assert (changes[0].action, changes[0].by) == ("changed", "wang.fang")
    assert changes[0].changes["name"] == ["甲", "乙"]
    assert changes[0].changes["id_number"] == ["•••", "•••"]
    assert changes[0].changes["tags"] == [[], ["重点"]]
    assert "11010519491231002X" not in str(work.session.scalars(select(AuditEvent.changes)).all())


def test_a_row_changed_meanwhile_is_a_conflict(work, make_work):
    row = make.customer(work, "甲")
    seen = row.changed_at
    later = make_work(now=seen.replace(year=2027))
    later.session.info["work"] = later
    service.change(later, CUSTOMER, row.id, {"name": "乙"}, seen=seen)
    with pytest.raises(ConflictError):
        service.change(work, CUSTOMER, row.id, {"name": "丙"}, seen=seen)


def test_what_others_refer_to_is_not_deleted(work):
    row = make.customer(work)
    make.installed_product(work, row)
    with pytest.raises(DomainError) as error:
        service.delete(work, CUSTOMER, row.id)
    assert refusals(error) == {("", "in_use")}
    assert work.session.get(Customer, row.id) is not None
    free = make.customer(work, phone="13800138000")
    service.delete(work, CUSTOMER, free.id)
    assert work.session.get(Customer, free.id) is None


def test_rights_are_asked(work, make_work):
    row = make.customer(work)
    auditor = make_work(make.role_actor("auditor"))
    for wish in (
        lambda: service.create(auditor, CUSTOMER, {"name": "乙"}),
        lambda: service.change(auditor, CUSTOMER, row.id, {"name": "乙"}),
        lambda: service.delete(auditor, CUSTOMER, row.id),
    ):
        with pytest.raises(NotAllowedError):
            wish()
    with pytest.raises(NotFoundError):
        service.get(auditor, CUSTOMER, 10**30)
    with pytest.raises(NotFoundError):
        service.get(auditor, CUSTOMER, -1)


def test_standalone_contacts_phones_and_sites_follow_the_same_laws(work):
    row, other = make.customer(work), make.customer(work)
    contact = service.create(work, CONTACT, {"customer_id": row.id, "name": "李四", "is_primary": True})
    phone = service.create(work, PHONE, {"customer_id": row.id, "raw": "13800138000", "contact_id": contact.id})
    assert phone.tail == "8000"
    with pytest.raises(DomainError) as error:
        service.create(work, PHONE, {"customer_id": other.id, "raw": "13800138000", "contact_id": contact.id})
    assert refusals(error) == {("contact_id", "other_customer")}
    with pytest.raises(DomainError) as error:
        service.create(work, CONTACT, {"customer_id": row.id, "name": "王五", "is_primary": True})
    assert refusals(error) == {("is_primary", "several_primary")}
    with pytest.raises(DomainError) as error:
        service.create(work, SITE, {"name": "家"})
    assert refusals(error) == {("customer_id", "required")}


@pytest.mark.parametrize(
    ("typed", "matched"),
    [
        ("13800138000", "phone"),
        ("+86 138 0013 8000", "phone"),
        ("张三", "name"),
        ("ＺＨＡＮＧ", "name"),
        ("KH-7", "code"),
        ("SN-77", "serial"),
        ("sn-77", "serial"),
        ("ｓｎ-77", "serial"),
    ],
)
def test_a_customer_is_found_by_phone_name_code_and_serial(work, typed, matched):
    row = make.customer(work, "张三 Zhang", phone="13800138000", code="KH-77")
    make.installed_product(work, row, serial="SN-77")
    make.customer(work, "别人", phone="13800138001")
    hits = queries.find_customers(work, typed)
    assert [(hit.id, hit.matched) for hit in hits] == [(row.id, matched)]


@pytest.mark.parametrize("typed", ["", " ", "\x00", "%", "_", "\\", "x" * 5000, "\ud800", "'; --"])
def test_odd_searches_find_nothing_and_break_nothing(work, typed):
    make.customer(work, "张三", phone="13800138000")
    try:
        assert queries.find_customers(work, typed) == []
    except DomainError as error:
        assert error.refusals[0].code == "not_text"  # noqa: PT017 - either way is an answer


def test_a_customer_made_without_saying_so_is_active(work):
    assert service.create(work, CUSTOMER, {"name": "甲"}).active is True
    assert service.create(work, CUSTOMER, {"name": "乙", "active": False}).active is False
    assert service.create(work, CUSTOMER, {"name": "丙", "active": None}).active is False


def test_a_place_known_by_its_coordinates_alone_is_told_by_them(work, make_work):
    point = {"latitude": 31.2304, "longitude": 121.47}
    row = make.customer(work, "工地", sites=[point, {"address_line": "人民路1号"}])
    assert [one.name for one in row.sites] == ["位置", "地址"]
    assert [hit.place for hit in queries.find_customers(work, "工地")] == ["31.2304, 121.47"]
    assert [one.address for one in customer_360(work, row.id).places] == ["31.2304, 121.47", "人民路1号"]
    auditor = make.role_actor("auditor")
    blind = replace(auditor, permissions=auditor.permissions - {"personal_data.read"})
    assert [hit.place for hit in queries.find_customers(make_work(blind), "工地")] == [""]
    assert "31.23" not in str(customer_360(make_work(blind), row.id))


def test_the_form_of_a_ticket_offers_nobody_who_is_no_customer_any_more(work):
    row = make.customer(work, "张三", phone="13800138000", code="KH-77")
    make.installed_product(work, row, serial="SN-77")
    service.change(work, CUSTOMER, row.id, {"active": False})
    for typed in ("13800138000", "张三", "KH-77", "SN-77"):
        assert queries.find_customers(work, typed) == []


def test_whose_number_it_is_comes_before_whose_name_holds_it(work):
    # By their names alone they would stand the other way round.
    named = make.customer(work, "13800138000 转接")
    code = make.customer(work, "丙", code="13800138000A")
    serial = make.customer(work, "乙")
    make.installed_product(work, serial, serial="13800138000")
    phone = make.customer(work, "甲", phone="138 0013 8000")
    hits = queries.find_customers(work, "13800138000")
    assert [(hit.id, hit.matched) for hit in hits] == [
        (phone.id, "phone"), (serial.id, "serial"), (code.id, "code"), (named.id, "name"),
    ]  # fmt: skip


def test_who_is_called_exactly_that_is_among_the_few_that_are_shown(work):
    for number in range(3):
        make.customer(work, f"ABC{number} 海天")
    exactly = make.customer(work, "海天")
    assert [hit.id for hit in queries.find_customers(work, " 海天 ", limit=1)] == [exactly.id]
    assert len(queries.find_customers(work, "海天", limit=3)) == 3
