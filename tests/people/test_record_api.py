"""REST of every reference table: a life over HTTP, problems instead of crashes, rights and reach."""

import json
import re
from itertools import count
from pathlib import Path

import pytest

from app.core.permissions import SYSTEM
from tests.clients import CAUSE
from tests.factories import people as make
from views.api.records import RECORD_APIS

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-api.md"
_numbers = count(1)
#: By resource: what makes a row (``@``: a number of its own), what changes it, what finds and orders it.
TABLES = {
    "customer": ({"name": "客户@"}, {"remark": "改"}, "name"),
    "contact": ({"customer_id": "CUSTOMER", "name": "联系人@"}, {"position": "经理"}, "name"),
    "phone": (
        {"customer_id": "CUSTOMER", "raw": "13800138000", "sure": True},
        {"raw": "13900139000", "sure": True},
        "id",
    ),
    "site": ({"customer_id": "CUSTOMER", "name": "地点@"}, {"name": "新地点@"}, "name"),
    "customer_level": ({"key": "level@", "labels": {"en": "L"}, "rank": 1, "color": "blue"}, {"rank": 2}, "key"),
    "tag": ({"name": "标签@"}, {"name": "新标签@"}, "name"),
    "outlet": ({"code": "o@", "name": "网点@", "active": True}, {"name": "新网点@"}, "code"),
    "team": ({"code": "t@", "name": "班组@", "active": True}, {"active": False}, "code"),
    "skill": ({"key": "skill@", "labels": {"zh_Hans": "技能"}}, {"labels": {"en": "Skill"}}, "key"),
    "staff": ({"user_id": "PERSON"}, {"capacity_per_day": 5}, "capacity_per_day"),
    "region": ({"code": "R@", "name": "新区@"}, {"name": "更新区@"}, "code"),
    "product_category": ({"code": "c@", "name": "分类@"}, {"name": "新分类@"}, "code"),
    "product": ({"code": "p@", "name": "产品@"}, {"brand": "海信"}, "code"),
    "installed_product": ({"product_id": "PRODUCT", "serial": "SN@"}, {"invoice_no": "1"}, "serial"),
}
BAD = [7, True, None, {"x": 1}, "x" * 5000, "\x00", "10" * 30, float("nan"), "2024-02-31", "\u202e\u200b", [{"id": {}}]]


def filled(web, values):
    number = str(next(_numbers))
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        made = {"CUSTOMER": lambda: make.customer(work).id, "PERSON": lambda: make.person(work),
                "PRODUCT": lambda: make.product(work).id}  # fmt: skip
        return {
            name: made[value]() if value in ("CUSTOMER", "PERSON", "PRODUCT") else _numbered(value, number)
            for name, value in values.items()
        }


def _numbered(value, number):
    return value.replace("@", number) if isinstance(value, str) else value


@pytest.mark.parametrize("thing", TABLES)
def test_a_life(web, client_as, scene, thing):
    admin = client_as("administrator")
    values, change, column = TABLES[thing]
    made = admin.post(f"/api/v1/{thing}/", json=filled(web, values))
    assert made.status_code == 201, made.text
    key = made.json["id"]
    url = f"/api/v1/{thing}/{key}"
    row = admin.get(url).json["result"]
    wanted = row[column]
    asked = f"(filters:!((col:{column},opr:eq,value:{json.dumps(wanted, ensure_ascii=False)})))".replace('"', "'")
    if wanted is not None:
        found = admin.get(f"/api/v1/{thing}/", query_string={"q": asked})
        assert found.status_code == 200, found.text
        assert found.json["count"] >= 1
    changed = admin.put(url, json={name: _numbered(value, str(key)) for name, value in change.items()})
    assert changed.status_code == 200, changed.text
    assert admin.delete(url).status_code == 200
    gone = admin.get(url)
    assert (gone.status_code, gone.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("thing", TABLES)
def test_bad_input_is_a_problem_never_a_crash(web, client_as, scene, thing):
    admin = client_as("administrator")
    values = filled(web, TABLES[thing][0])
    for name in values:
        for bad in BAD:
            body = json.dumps({**values, name: bad})
            answer = admin.post(f"/api/v1/{thing}/", data=body, content_type="application/json")
            # What is no JSON, NaN say, is no request at all.
            assert answer.status_code in ({400} if bad != bad else {201, 422, 409}), (name, bad, answer.text)  # noqa: PLR0124
            if answer.status_code == 201:
                admin.delete(f"/api/v1/{thing}/{answer.json['id']}")
            else:
                assert answer.mimetype == "application/problem+json"
                assert answer.json["errors"][0]["message"], (name, bad)


@pytest.mark.parametrize("thing", TABLES)
def test_lists_are_ordered_and_paged_without_repeating(web, client_as, scene, thing):
    admin = client_as("administrator")
    values, _change, column = TABLES[thing]
    for _time in range(3):
        assert admin.post(f"/api/v1/{thing}/", json=filled(web, values)).status_code == 201
    key = "code" if thing == "region" else "id"
    for direction in ("asc", "desc"):
        seen = []
        for page in (0, 1, 2):
            asked = f"(order_column:{column},order_direction:{direction},page:{page},page_size:1)"
            rows = admin.get(f"/api/v1/{thing}/?q={asked}").json["result"]
            seen += [row[key] for row in rows]
        assert len(set(seen)) == 3


@pytest.mark.parametrize("thing", TABLES)
def test_rights_are_asked_before_anything_else(web, client_as, scene, thing):
    auditor, technician = client_as("auditor"), client_as("technician")
    assert auditor.get(f"/api/v1/{thing}/").status_code == 200
    for client in (auditor, technician):
        for verb, url in (("post", ""), ("put", "1"), ("delete", "1")):
            answer = getattr(client, verb)(f"/api/v1/{thing}/{url}", json={})
            assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")


def test_reach_is_the_same_as_on_the_screens(scene):
    """An outlet's manager: rows of other outlets are not listed, counted, found, changed or referred to."""
    manager = scene.manager
    for thing, alien in (("customer", scene.other), ("contact", scene.alien_contact), ("outlet", scene.there),
                         ("installed_product", scene.alien)):  # fmt: skip
        listed = manager.get(f"/api/v1/{thing}/?q=(page_size:100)").json["result"]
        assert alien not in [row["id"] for row in listed], thing
        asked = f"(filters:!((col:id,opr:eq,value:{alien})))"
        assert manager.get(f"/api/v1/{thing}/?q={asked}").json["count"] == 0
        assert manager.get(f"/api/v1/{thing}/{alien}").status_code == 404
    refused = manager.post("/api/v1/contact/", json={"customer_id": scene.other, "name": "x"})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "customer_id"


@pytest.mark.parametrize("thing", TABLES)
def test_a_record_is_added_once_for_a_key(web, client_as, scene, thing):
    admin = client_as("administrator")
    values, wish = filled(web, TABLES[thing][0]), {"Idempotency-Key": f"once {thing} {next(_numbers)}"}
    made, again = (admin.post(f"/api/v1/{thing}/", json=values, headers=wish) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 201), made.text + again.text
    assert made.json == again.json
    assert made.headers["ETag"] == again.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    other = admin.post(f"/api/v1/{thing}/", json={**values, "sure": True, "x": 1}, headers=wish)
    assert (other.status_code, other.json["errors"][0]["code"]) == (422, "key_reused")
    admin.delete(f"/api/v1/{thing}/{made.json['id']}")
    assert admin.post(f"/api/v1/{thing}/", json=values, headers=wish).status_code == 404


@pytest.mark.parametrize("thing", TABLES)
def test_nothing_is_written_over_what_changed_meanwhile(web, client_as, scene, thing):
    admin = client_as("administrator")
    values, change, _column = TABLES[thing]
    made = admin.post(f"/api/v1/{thing}/", json=filled(web, values))
    url, key = f"/api/v1/{thing}/{made.json['id']}", str(made.json["id"])
    read = admin.get(url)
    assert read.headers["ETag"] == made.headers["ETag"]
    body = {name: _numbered(value, key) for name, value in change.items()}
    changed = admin.put(url, json=body, headers={"If-Match": read.headers["ETag"]})
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] not in (read.headers["ETag"], "")
    late = admin.put(url, json=body, headers={"If-Match": read.headers["ETag"]})
    assert (late.status_code, late.mimetype) == (412, "application/problem+json")
    assert admin.delete(url, headers={"If-Match": read.headers["ETag"]}).status_code == 412
    assert admin.put(url, json=body, headers={"If-Match": "*"}).status_code == 200
    assert admin.delete(url, headers={"If-Match": admin.get(url).headers["ETag"]}).status_code == 200


def test_a_line_that_changed_is_another_record(web, client_as, scene):
    admin = client_as("administrator")
    made = admin.post("/api/v1/customer/", json={"name": "有电话的", "sites": [{"name": "家"}]}).json
    url = f"/api/v1/customer/{made['id']}"
    seen = admin.get(url).headers["ETag"]
    site = made["result"]["sites"][0]["id"]
    assert admin.put(f"/api/v1/site/{site}", json={"name": "新家"}).status_code == 200
    assert admin.put(url, json={"remark": "x"}, headers={"If-Match": seen}).status_code == 412


def test_lists_are_asked_as_the_page_about_the_api_says(web, client_as, scene):
    admin, page = client_as("administrator"), PAGE.read_text("utf-8").partition("## Read the reference tables")[2]
    names = ["Hotel Adler", "Post Hotel", "Adler"]
    for name in names:
        assert admin.post("/api/v1/customer/", json={"name": name}).status_code == 201
    asked = re.search(r'"q=(\(.+\))"', page)[1]
    found = admin.get("/api/v1/customer/", query_string={"q": asked})
    assert [row["name"] for row in found.json["result"]] == ["Post Hotel", "Hotel Adler"], found.text
    later = admin.get("/api/v1/customer/", query_string={"q": asked.replace("page:0", "page:1")})
    assert later.json == {"count": 2, "result": []}
    told = {
        row[1]: {*re.findall(r"`(\w+)`", row[2])} for row in re.finditer(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)
    }
    operators = {*re.findall(r"`(\w+)`", page.partition("| `opr` |")[2].partition("\n\n")[0])}
    offered = {one.resource_name: one for one in web.appbuilder.baseviews if type(one) in RECORD_APIS}
    assert told == {name: {*one._filters.get_search_filters()} - {"id"} for name, one in offered.items()}
    assert operators == {
        kind.arg_name
        for one in offered.values()
        for kinds in one._filters.get_search_filters().values()
        for kind in kinds
    }


def test_with_contacts_go_their_numbers_unless_they_are_kept(web, client_as):
    phones = [{"raw": "13800135678", "contact_id": "contacts-0"}, {"raw": "13800131111"}]
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        going, keeping = (make.customer(work, contacts=[{"name": "乙"}], phones=phones).id for _time in range(2))
    clerk = client_as("clerk")
    clerk.post("/language/en")
    answer = clerk.put(f"/api/v1/customer/{going}", json={"contacts": []})
    assert (answer.status_code, answer.json["result"]["contacts"]) == (200, [])
    assert [one["contact_id"] for one in answer.json["result"]["phones"]] == [None]
    address = f"/api/v1/customer/{keeping}"
    there = clerk.get(address).json["result"]["phones"]
    kept = [{"id": one["id"], "contact_id": one["contact_id"]} for one in there]
    # Kept with whom it belongs to, or without a word of that: it is not lost with the contact.
    for phones in (kept, [{"id": one["id"]} for one in there]):
        answer = clerk.put(address, json={"contacts": [], "phones": phones})
        assert (answer.status_code, answer.json["errors"][0]["field"][:7]) == (422, "phones-")
    answer = clerk.put(address, json={"contacts": [], "phones": [one | {"contact_id": None} for one in kept]})
    assert (answer.status_code, answer.json["result"]["contacts"]) == (200, [])
    assert [one["contact_id"] for one in answer.json["result"]["phones"]] == [None, None]
