"""What a clerk meets many times a day: numbers where one looks for them, regions near first, the new record seen."""

import csv
import io
import re

import pytest

from app.core.permissions import SYSTEM
from app.core.records import service
from app.core.records.lookups import LOOKUPS
from app.people import regions
from app.people.models import Phone
from app.people.records import CONTACT, CUSTOMER, SKILL, STAFF
from tests.clients import CAUSE, statements
from tests.factories import people as make


@pytest.fixture
def transactions(web):
    return web.extensions["gongdan"].transactions


class TestNumbersOfContacts:
    """A contact is somebody one calls."""

    def test_they_are_typed_changed_and_removed_with_the_contact(self, work):
        customer = make.customer(work, phone="13800138000")
        row = service.create(
            work, CONTACT, {"customer_id": customer.id, "name": "甲", "phones": [{"raw": "139 0013 9000"}]}
        )
        (phone,) = row.phones
        assert (phone.customer_id, phone.contact_id, phone.tail) == (customer.id, row.id, "9000")
        work.session.expire_all()
        service.change(work, CONTACT, row.id, {"phones": [{"id": str(phone.id), "raw": "13700137000"}]})
        assert (phone.tail, phone.customer_id) == ("7000", customer.id)
        service.change(work, CONTACT, row.id, {"phones": []})
        work.session.expire_all()
        assert [one.tail for one in service.get(work, CUSTOMER, customer.id).phones] == ["8000"]
        service.delete(work, CONTACT, row.id)

    def test_they_move_with_the_contact(self, work):
        here, there = make.customer(work), make.customer(work)
        row = service.create(work, CONTACT, {"customer_id": here.id, "name": "甲", "phones": [{"raw": "13900139000"}]})
        service.change(work, CONTACT, row.id, {"customer_id": there.id})
        assert work.session.get(Phone, row.phones[0].id).customer_id == there.id

    def test_a_customer_and_all_of_it_is_still_deleted(self, work):
        customer = make.customer(
            work, contacts=[{"name": "甲"}], phones=[{"raw": "13800138000", "contact_id": "contacts-0"}]
        )
        work.session.expire_all()
        service.delete(work, CUSTOMER, customer.id)

    def test_lists_forms_and_files_have_them(self, web, transactions, client_as, scene):
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            row = make.customer(
                work, f"有电话{scene.mark}", contacts=[{"name": f"丁{scene.mark}"}], sites=[{"name": "家"}],
                phones=[{"raw": "13600136001"}, {"raw": "13600136002", "contact_id": "contacts-0"}],
            )  # fmt: skip
            contact = row.contacts[0].id
        clerk, finance = client_as("clerk"), client_as("finance")
        assert "136 0013 6002" in clerk.get(f"/contacts/list/?q={row.name}").text
        assert "136 0013 6001" in clerk.get(f"/sites/list/?q={row.name}").text
        assert "6002" in clerk.get(f"/contacts/edit/{contact}").text
        rows = list(csv.reader(io.StringIO(clerk.get(f"/contacts/export/csv?q={row.name}").text)))
        assert "136 0013 6002" in rows[1]
        shown, mask = (client.get(f"/contacts/show/{contact}").text for client in (clerk, finance))
        assert 'href="tel:13600136002"' in shown
        assert "13600136002" not in mask.replace(" ", "")
        assert "•••• 6002" in mask
        masked = finance.get(f"/contacts/list/?q={row.name}").text
        assert "136 0013 6002" not in masked
        assert "•••• 6002" in masked
        assert "•••• 6001" in finance.get(f"/sites/list/?q={row.name}").text
        with statements(web.extensions["gongdan"].engine) as seen:
            clerk.get("/sites/list/")
        assert len(seen) <= 12, seen


def test_regions_near_the_outlets_come_first(work):
    regions.load(work)
    assert LOOKUPS["region"].search(work, "南山区")[0].text == "黑龙江省鹤岗市南山区"
    make.outlet(work, region_code="440305")
    assert LOOKUPS["region"].search(work, "南山区")[0].text == "广东省深圳市南山区"
    make.outlet(work, region_code="440106")
    near = [one.text for one in LOOKUPS["region"].search(work, "新")]
    assert near[0].startswith("广东省")


@pytest.mark.parametrize(
    ("path", "typed"),
    [("/tags", {"name": "新标签"}), ("/outlets", {"code": "NEW", "name": "新网点"}),
     ("/products", {"code": "NEW", "name": "新产品"}), ("/skills", {"key": "new", "labels-en": "New"})],
)  # fmt: skip
def test_after_adding_one_sees_what_one_added(client_as, scene, path, typed):
    admin = client_as("administrator")
    typed = {name: value + scene.mark for name, value in typed.items()}
    url = admin.post(f"{path}/add", data=typed).headers["Location"]
    assert re.fullmatch(rf"{path}/show/\d+", url)
    assert list(typed.values())[-1] in admin.get(url).text


def test_the_api_lists_staff_with_skills_and_certificates(transactions, client_as, scene):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        skill = service.create(work, SKILL, {"key": f"k{scene.mark}", "labels": {"en": "Gas"}})
        profile = make.profile_of(work, make.account(work))
        service.change(
            work, STAFF, profile.id,
            {"skills": [
                {"skill_id": str(skill.id), "level": "3", "certificate_no": "GZ1", "valid_until_on": "2028-06-30"},
            ]},
        )  # fmt: skip
        key, skill_id = profile.id, skill.id
    admin = client_as("administrator")
    listed = admin.get("/api/v1/staff/?q=(page_size:100,order_column:id,order_direction:desc)").json["result"]
    row = next(one for one in listed if one["id"] == key)
    (line,) = row["skills"]
    assert (line["skill_id"], line["level"], line["certificate_no"], line["valid_until_on"]) == (
        skill_id, 3, "GZ1", "2028-06-30",
    )  # fmt: skip
    changed = admin.put(f"/api/v1/staff/{key}", json={"skills": [{"id": line["id"], "skill_id": skill_id, "level": 5}]})
    assert changed.json["result"]["skills"][0]["level"] == 5
