"""A phone that is somebody's already is asked about, within reach; the contacts of a form are offered to its phones."""

import re

import pytest

from app.core.permissions import SYSTEM, Scope
from app.core.records import service
from app.core.records.doubts import DoubtedError
from app.people import phones, queries
from app.people.models import Region
from app.people.records import CUSTOMER, PHONE
from tests.clients import CAUSE, statements
from tests.factories import people as make


def new_customer(name, phone, **more):
    return {"name": name, "kind": "person", "active": "y", "phones-0-raw": phone, **more}


@pytest.fixture
def scene(web, scene):
    """A customer of here has a number nobody else has: of a number of many only the first are named."""
    scene.phone = f"139{int(re.sub('[^0-9]', '', scene.mark)):08d}"
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        service.create(work, PHONE, {"customer_id": scene.mine, "raw": scene.phone})
    return scene


def district(web):
    """The code of a region an address may be in."""
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        return work.session.merge(Region(code="99KP", name="南山区", level=1, full_name="深圳市南山区")).code


def test_a_known_phone_is_asked_about_and_saving_again_goes_on(client_as, scene):
    admin = client_as("administrator")
    asked = admin.post("/customers/add", data=new_customer(f"新{scene.mark}", scene.phone))
    assert asked.status_code == 409
    assert scene.mine_name in asked.text
    assert f'href="/customers/show/{scene.mine}"' in asked.text
    assert f'value="新{scene.mark}"' in asked.text
    sure = re.findall(r'name="sure" value="([^"]+)"', asked.text)
    saved = admin.post("/customers/add", data=new_customer(f"新{scene.mark}", scene.phone, sure=sure))
    assert saved.status_code == 302
    # The number is this customer's own now, so that changing something else asks nothing.
    url = saved.headers["Location"].replace("/show/", "/edit/")
    line = re.search(r'name="phones-0-id"[^>]*value="([0-9]+)"', admin.get(url).text)[1]
    again = admin.post(url, data=new_customer(f"新{scene.mark}", scene.phone, **{"phones-0-id": line}))
    assert again.status_code == 302


def test_nobody_out_of_reach_is_named(scene):
    answer = scene.manager.post("/customers/add", data=new_customer(f"内{scene.mark}", "13800138001"))
    assert answer.status_code == 302


def test_the_box_beside_a_ticket_asks_too_and_takes_an_address(client_as, scene, web):
    admin = client_as("administrator")
    typed = {"name": f"旁{scene.mark}", "phone": scene.phone, "address": "科苑路 8 号 3 栋", "region": district(web)}
    asked = admin.post("/tickets/new-customer", data=typed)
    assert asked.status_code == 422
    assert f'data-choose-customer="{scene.mine}"' in asked.text
    assert 'value="科苑路 8 号 3 栋"' in asked.text
    made = admin.post(
        "/tickets/new-customer", data=typed | {"sure": re.findall('name="sure" value="([^"]+)"', asked.text)}
    )
    assert made.status_code == 200
    assert "科苑路 8 号 3 栋" in made.text


def test_a_street_without_its_region_is_asked_for_it_beside_all_else(client_as, scene, web):
    admin = client_as("administrator")
    admin.get("/lang/en")
    typed = {"name": f"街{scene.mark}", "phone": "12", "address": "科苑路 8 号 3 栋"}
    asked = admin.post("/tickets/new-customer", data=typed)
    assert asked.status_code == 422
    assert re.findall(r'id="new-customer-(\w+)-note" role="alert"', asked.text) == ["phone", "region"]
    assert re.search(r'<select[^>]*id="new-customer-region"[^>]*aria-invalid="true"', asked.text)
    assert "Choose the region this address is in." in asked.text
    again = admin.post("/tickets/new-customer", data=typed | {"phone": ""})
    assert re.findall(r'id="new-customer-(\w+)-note" role="alert"', again.text) == ["region"]
    made = admin.post("/tickets/new-customer", data=typed | {"phone": "", "region": district(web)})
    assert made.status_code == 200
    assert typed["name"] in made.text


def test_whose_phones_are_is_one_statement(work):
    row = make.customer(work, phone="13800138000")
    work.session.flush()
    with statements(work.session.get_bind().engine) as seen:
        found = queries.known_phones(work, {phones.index_of("138 0013 8000")})
    assert [one.customer_id for one in found] == [row.id]
    assert len(seen) == 1
    assert queries.known_phones(work, {row.phones[0].number_index}, customer_id=row.id) == []


@pytest.fixture
def clerk(make_work):
    """Work of somebody who reaches everything, and is asked."""
    return make_work(make.role_actor("clerk", user_id=1, scope=Scope.ALL))


def doubted(wish):
    with pytest.raises(DoubtedError) as caught:
        wish()
    return [(one.field, one.row_id) for one in caught.value.doubts]


def test_the_write_door_asks_whoever_comes_through_it(work, clerk):
    known = make.customer(work, "张三", phone="13800138000")
    wish = {"name": "李四", "phones": [{"raw": "138 0013 8000"}]}
    assert doubted(lambda: service.create(clerk, CUSTOMER, wish)) == [("phones", known.id)]
    row = service.create(clerk, CUSTOMER, wish, sure=True)
    assert service.create(work, CUSTOMER, wish | {"name": "导入"}).id, "the system has nobody to ask"
    line = {"id": str(row.phones[0].id), "raw": "138-0013-8000"}
    service.change(clerk, CUSTOMER, row.id, {"phones": [line]})
    # Its own number on a new line, its line with another's: only what is new here is asked about.
    third = make.customer(work, "王五", phone="13800138009")
    lines = [line | {"raw": "13800138009"}, {"raw": "13800138000"}]
    assert doubted(lambda: service.change(clerk, CUSTOMER, row.id, {"phones": lines})) == [("phones", third.id)]


def test_a_phone_added_alone_or_moved_is_asked_about(work, clerk):
    known, other = make.customer(work, "张三", phone="13800138000"), make.customer(work, "李四", phone="13800138009")
    wish = {"customer_id": other.id, "raw": "13800138000"}
    assert doubted(lambda: service.create(clerk, PHONE, wish)) == [("raw", known.id)]
    phone = other.phones[0].id
    assert doubted(lambda: service.change(clerk, PHONE, phone, {"raw": "13800138000"})) == [("raw", known.id)]
    work.session.expire_all()
    with statements(work.session.get_bind().engine) as seen:
        service.change(clerk, PHONE, phone, {"raw": "138 0013 8009"})
    assert not [one for one in seen if "number_index IN" in one], "nothing new, nothing asked"
    service.change(clerk, PHONE, phone, {"customer_id": known.id})
    assert service.create(clerk, PHONE, wish, sure=["phone-0", f"phone-{known.phones[0].id}"]).id


def test_a_customer_whose_phones_are_not_sent_costs_no_question(work, clerk):
    row = make.customer(work, "张三", phone="13800138000")
    work.session.expire_all()
    with statements(work.session.get_bind().engine) as seen:
        service.change(clerk, CUSTOMER, row.id, {"remark": "常客"})
    assert not [one for one in seen if "phone" in one]


def test_the_screen_of_phones_asks_and_takes_the_answer(client_as, scene):
    admin = client_as("administrator")
    typed = {"customer_id": str(scene.other), "raw": scene.phone}
    asked = admin.post("/phones/add", data=typed)
    assert asked.status_code == 409
    assert f'href="/customers/show/{scene.mine}"' in asked.text
    assert 'data-testid="save-anyway"' in asked.text
    sure = re.findall(r'name="sure" value="([^"]+)"', asked.text)
    assert admin.post("/phones/add", data=typed | {"sure": sure}).status_code == 302


def test_rest_answers_with_the_doubts_and_takes_sure(client_as, scene):
    admin = client_as("administrator")
    for url, body in (("/api/v1/customer/", {"name": f"新{scene.mark}", "phones": [{"raw": scene.phone}]}),
                      ("/api/v1/phone/", {"customer_id": scene.other, "raw": scene.phone})):  # fmt: skip
        asked = admin.post(url, json=body)
        assert (asked.status_code, asked.content_type) == (409, "application/problem+json")
        mine = [one for one in asked.json["doubts"] if one["id"] == scene.mine]
        assert [(one["kind"], one["name"].startswith(scene.mine_name)) for one in mine] == [("customer", True)]
        assert {one["code"] for one in asked.json["errors"]} == {"doubted"}
        assert "sure" in asked.json["detail"]
        wrong = admin.post(url, json=body | {"sure": "certainly"})
        assert [one["field"] for one in wrong.json["errors"]] == ["sure"]
        made = admin.post(url, json=body | {"sure": True})
        assert made.status_code == 201
        # Changing something else asks nothing.
        assert admin.put(f"{url}{made.json['id']}", json={}).status_code == 200
    # A number of somebody out of reach is nobody's.
    body = {"name": f"内{scene.mark}", "phones": [{"raw": "13800138001"}]}
    assert scene.manager.post("/api/v1/customer/", json=body).status_code == 201


@pytest.mark.parametrize("order", [("contacts", "phones"), ("phones", "contacts")])
def test_a_phone_is_linked_to_a_contact_typed_with_it(work, order):
    lines = {"contacts": [{"name": ""}, {"name": "张园长"}],
             "phones": [{"raw": "13800138000", "contact_id": "contacts-1"}, {"raw": "13800138009"}]}  # fmt: skip
    row = service.create(work, CUSTOMER, {"name": "幼儿园", **{name: lines[name] for name in order}})
    work.session.expire_all()
    assert [one.contact.name if one.contact else "" for one in row.phones] == ["张园长", ""]
    contact = row.contacts[0]
    service.change(work, CUSTOMER, row.id, {"phones": [{"raw": "13800138001", "contact_id": str(contact.id)}]})
    assert row.phones[0].contact_id == contact.id


@pytest.mark.parametrize("contact", ["contacts-0", "contacts-7", "999999", "甲"])
def test_a_contact_that_is_not_among_the_lines_is_refused(work, contact):
    values = {"name": "甲", "contacts": [{"name": ""}], "phones": [{"raw": "13800138000", "contact_id": contact}]}
    with pytest.raises(service.DomainError) as error:
        service.create(work, CUSTOMER, values)
    assert [one.field for one in error.value.refusals] == ["phones-0-contact_id"]


def test_the_form_begins_with_what_a_caller_says(client_as):
    page = client_as("administrator").get("/customers/add").text
    order = ("kind", "name", "phones-0-raw", "sites-0-region_code", "sites-0-address_line", "code", "outlet_id")
    places = [page.index(f'name="{name}"') for name in order]
    assert places == sorted(places)
    assert '<option value="person" selected>' in page
