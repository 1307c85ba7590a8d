"""The screens and REST of the reference records, through the browser's own door."""

import html
import io
import re

import openpyxl
import pytest

from tests.clients import statements
from views.assets import ASSET_VIEWS
from views.people import PEOPLE_VIEWS

VIEWS = [*PEOPLE_VIEWS, *ASSET_VIEWS]
APIS = [
    "customer",
    "contact",
    "phone",
    "site",
    "customer_level",
    "tag",
    "outlet",
    "team",
    "skill",
    "staff",
    "region",
    "product_category",
    "product",
    "installed_product",
]


def field_errors(page):
    return set(re.findall(r'href="#([\w-]+)"', page.split('data-testid="errors"')[1].split("</ul>")[0]))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_list_form_and_file_opens(client_as, scene, view):
    admin = client_as("administrator")
    for path in ("/list/", "/list/?q=1", "/add", "/export/csv", "/export/xlsx"):
        with admin.get(view.route_base + path) as answer:
            assert answer.status_code == 200, path
    answer = admin.get(view.route_base + "/list/")
    # What is typed into a filter is sent by the name its list knows it by.
    if 'id="filter_form"' in answer.text:
        form = answer.text.split('id="filter_form"')[1].split("</form>")[0]
        for column in re.findall(r'data-filter="(\w+)"', form):
            typed = form.split(f'data-filter="{column}"')[1].split("data-filter=")[0]
            assert re.findall(r'<(?:input|select)[^>]*? name="([^"]*)"', typed)[0].endswith(f"_{column}"), typed
            assert re.search(rf' name="_flt_\d+_{column}"', typed), typed
            # One input takes one value.
            assert not re.search("is one of|是以下之一", typed)
    found = re.search(rf"{view.route_base}/show/([\w]+)", answer.text)
    if found:
        assert admin.get(f"{view.route_base}/show/{found[1]}").status_code == 200
        assert admin.get(f"{view.route_base}/edit/{found[1]}").status_code == 200


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_odd_keys_are_not_found(client_as, view):
    admin = client_as("administrator")
    for pk in ("0", "-1", "abc", "9" * 30, "%00", "1e3", "1 or 1=1"):
        for verb in ("show", "edit"):
            assert admin.get(f"{view.route_base}/{verb}/{pk}").status_code == 404, (verb, pk)
        assert admin.post(f"{view.route_base}/delete/{pk}").status_code == 404, pk


def test_a_customer_is_made_changed_shown_and_deleted(client_as, scene):
    admin = client_as("administrator")
    answer = admin.post(
        "/customers/add",
        data={
            "name": f"<script>alert(1)</script>{scene.mark}", "kind": "person", "active": "y",
            "phones-0-raw": "136 2107 0001", "phones-2-raw": "0755-26210701转801",
            "contacts-0-name": "李四", "contacts-0-is_primary": "y", "sites-0-name": "家",
            "sites-0-address_line": "科技园路1号",
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.text[-3000:]
    url = answer.headers["Location"]
    page = admin.get(url).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "136 2107 0001" in page
    assert "ext. 801" in page
    form = admin.get(url.replace("/show/", "/edit/")).text
    lines = re.findall(r'name="phones-(\d)-id"[^>]*value="(\d+)"', form)
    assert len(lines) == 2
    seen = html.unescape(re.search(r'name="seen"[^>]*value="([^"]+)"', form)[1])
    data = {"name": f"改名{scene.mark}", "active": "y", "kind": "person", "seen": seen,
            "phones-0-id": lines[0][1], "phones-0-raw": "13921070002"}  # fmt: skip
    assert admin.post(url.replace("/show/", "/edit/"), data=data).status_code == 302
    page = admin.get(url).text
    assert "139 2107 0002" in page
    assert "ext. 801" not in page
    assert admin.post(url.replace("/show/", "/delete/")).status_code == 302
    assert admin.get(url).status_code == 404


def test_what_is_wrong_is_marked_and_nothing_typed_is_lost(client_as, scene):
    admin = client_as("administrator")
    answer = admin.post(
        "/customers/add",
        data={"name": "", "phones-0-raw": "12", "sites-0-name": "家", "sites-0-latitude": "91",
        "remark": "kept as typed",
              "level_id": "10" * 20, "outlet_id": "1\x00x"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert field_errors(answer.text) == {"name", "phones-0-raw", "sites-0-latitude", "level_id", "outlet_id"}
    assert "kept as typed" in answer.text
    assert 'value="12"' in answer.text


@pytest.mark.parametrize(
    ("path", "data", "fields"),
    [
        ("/products/add", {"code": "a b", "name": "x", "warranty_months": "10" * 15}, {"code", "warranty_months"}),
        ("/tags/add", {"name": "x" * 61}, {"name"}),
        ("/skills/add", {"key": "k", "labels-en": ""}, {"labels"}),
        ("/outlets/add", {"code": "X", "name": "x", "phone": "12"}, {"phone"}),
        ("/installed-products/add", {"serial": "", "sold_on": "0001-01-01"}, {"product_id", "serial", "sold_on"}),
        ("/customer-levels/add", {"key": "x", "labels-en": "x", "rank": "-1", "color": "mauve"}, {"rank", "color"}),
        ("/staff/add", {"user_id": "", "skills-0-level": "9"}, {"user_id", "skills-0-skill_id", "skills-0-level"}),
        ("/regions/add", {"code": "1", "name": "x"}, {"code"}),
        ("/product-categories/add", {"code": "a/b", "name": "x"}, {"code"}),
    ],
)
def test_bad_input_of_every_screen_is_marked(client_as, path, data, fields):
    answer = client_as("administrator").post(path, data=data)
    assert answer.status_code == 422, answer.text[:500]
    assert field_errors(answer.text) == fields


def test_a_label_is_asked_in_each_language(client_as, scene):
    admin = client_as("administrator")
    admin.get("/lang/zh_Hans")
    data = {"key": f"k-{scene.mark}", "labels-zh_Hans": "空调", "labels-zh_Hant": "空調", "labels-en": "Air"}
    assert admin.post("/skills/add", data=data).status_code == 302
    assert "空调" in admin.get(f"/skills/list/?_flt_0_key=k-{scene.mark}").text


def test_an_outlet_manager_reaches_own_rows_by_no_door_but_own(scene):
    manager = scene.manager
    for path in ("/customers/list/", "/customers/export/csv", "/api/v1/customer/", "/lookup/customer?q=" + scene.mark):
        page = manager.get(path)
        assert page.status_code == 200, path
        text = page.get_json() if page.is_json else page.text
        assert scene.mine_name in str(text), path
        assert scene.other_name not in str(text), path
    book = openpyxl.load_workbook(io.BytesIO(manager.get("/customers/export/xlsx").data))
    cells = str([[cell.value for cell in row] for row in book.worksheets[0].iter_rows()])
    assert scene.mine_name in cells
    assert scene.other_name not in cells
    closed = [
        ("get", f"/customers/show/{scene.other}"), ("get", f"/customers/edit/{scene.other}"),
        ("post", f"/customers/edit/{scene.other}"), ("post", f"/customers/delete/{scene.other}"),
        ("get", f"/api/v1/customer/{scene.other}"), ("put", f"/api/v1/customer/{scene.other}"),
        ("delete", f"/api/v1/customer/{scene.other}"), ("get", f"/contacts/show/{scene.alien_contact}"),
        ("get", f"/installed-products/show/{scene.alien}"), ("delete", f"/api/v1/installed_product/{scene.alien}"),
        ("post", f"/installed-products/delete/{scene.alien}"),
    ]  # fmt: skip
    for verb, path in closed:
        answer = getattr(manager, verb)(path, **({"json": {"name": "x"}} if verb == "put" else {}))
        assert answer.status_code == 404, (verb, path)
    answer = manager.post("/customers/action_post", data={"action": "delete_many", "rowid": [scene.other]})
    assert answer.status_code in {302, 404}
    assert manager.get(f"/customers/show/{scene.mine}").status_code == 200
    assert manager.put(f"/api/v1/customer/{scene.mine}", json={"outlet_id": scene.there}).status_code in {400, 422}


def test_nobody_without_the_right_changes_anything(client_as, scene):
    auditor = client_as("auditor")
    assert auditor.get(f"/customers/show/{scene.mine}").status_code == 200
    assert auditor.get("/audit/").status_code == 200
    for verb, path in [
        ("get", "/customers/add"), ("post", "/customers/add"), ("post", f"/customers/edit/{scene.mine}"),
        ("post", f"/customers/delete/{scene.mine}"), ("post", "/api/v1/tag/"), ("delete",
        f"/api/v1/customer/{scene.mine}"),
    ]:  # fmt: skip
        answer = getattr(auditor, verb)(path, **({"json": {}} if "/api/" in path else {}))
        assert answer.status_code == 403, (verb, path)
    for path in ("/audit/", "/staff/list/"):
        assert client_as("technician").get(path).status_code == 403


def test_personal_data_is_masked_at_every_door(client_as, scene):
    finance, clerk = client_as("finance"), client_as("clerk")
    doors = [f"/customers/show/{scene.mine}", "/customers/list/", "/customers/export/csv",
    f"/api/v1/customer/{scene.mine}",
             "/api/v1/phone/", f"/lookup/customer?q={scene.mark}"]  # fmt: skip
    for path in doors:
        text = finance.get(path).get_data(as_text=True)
        for secret in ("13800138000", "138 0013 8000", "mine@example.com", "科技园路"):
            assert secret not in text, (path, secret)
    assert "138 0013 8000" in clerk.get(f"/customers/show/{scene.mine}").text
    assert 'href="tel:13800138000"' in clerk.get(f"/customers/show/{scene.mine}").text
    assert clerk.get(f"/api/v1/customer/{scene.mine}").get_json()["result"]["phones"][0]["raw"] == "13800138000"


@pytest.mark.parametrize("thing", APIS)
def test_rest_lists_are_bounded_and_ordered_by_known_columns_only(client_as, scene, thing):
    admin = client_as("administrator")
    answer = admin.get(f"/api/v1/{thing}/?q=(page_size:100)")
    assert answer.status_code == 200
    assert {"count", "result"} <= answer.get_json().keys()
    for asked in (
        "(page_size:20000)",
        "(order_column:created_by_id,order_direction:asc)",
        "(filters:!((col:password,opr:eq,value:x)))",
        "(((",
    ):
        assert admin.get(f"/api/v1/{thing}/?q={asked}").status_code in {400, 422}, asked
    assert admin.get(f"/api/v1/{thing}/zzzzzzzz").status_code == 404


def test_rest_writes_through_the_same_door(client_as, scene):
    admin = client_as("administrator")
    made = admin.post("/api/v1/customer/", json={"name": f"REST{scene.mark}", "phones": [{"raw": "13721070003"}]})
    assert made.status_code == 201
    key = made.get_json()["id"]
    assert admin.get(f"/api/v1/customer/{key}").get_json()["result"]["phones"][0]["raw"] == "13721070003"
    for body, field in (
        ({"name": ""}, "name"),
        ({"created_by_id": 1}, "created_by_id"),
        ({"phones": [{"raw": 1}]}, "phones-0-raw"),
    ):
        answer = admin.put(f"/api/v1/customer/{key}", json=body)
        assert answer.status_code in {400, 422}
        assert answer.get_json()["errors"][0]["field"] == field
    assert admin.put(f"/api/v1/customer/{key}", json=[1]).status_code in {400, 422}
    assert admin.put(f"/api/v1/customer/{key}", data="{", content_type="application/json").status_code in {400, 422}
    assert admin.delete(f"/api/v1/customer/{key}").status_code == 200
    assert admin.get(f"/api/v1/customer/{key}").status_code == 404


def test_lookups_answer_in_one_shape(client_as, scene):
    admin = client_as("administrator")
    found = admin.get(f"/lookup/installed_product?q=MINE-{scene.mark}").get_json()["results"]
    assert [one["id"] for one in found] == [scene.unit]
    assert set(found[0]) == {"id", "text", "hint"}
    for kind in (
        "customer",
        "product",
        "user",
        "team",
        "outlet",
        "region",
        "product_category",
        "skill",
        "tag",
        "customer_level",
    ):
        assert admin.get(f"/lookup/{kind}").status_code == 200
        assert len(admin.get(f"/lookup/{kind}?q=%00%25_").get_json()["results"]) <= 20
    assert admin.get("/lookup/password").status_code == 404
    assert client_as("technician").get("/lookup/customer_level").status_code == 403


def test_files_hold_no_formulas(client_as, scene):
    admin = client_as("administrator")
    name = f"=cmd|'/c calc'!A{scene.mark}"
    assert admin.post("/tags/add", data={"name": name}).status_code == 302
    assert f"'{name}" in admin.get("/tags/export/csv").text.replace('""', '"')
    book = openpyxl.load_workbook(io.BytesIO(admin.get("/tags/export/xlsx").data))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)


@pytest.mark.parametrize(
    "path",
    [
        "/customers/list/",
        "/installed-products/list/",
        "/staff/list/",
        "/product-categories/list/",
        "/api/v1/customer/",
        "/customers/export/csv",
    ],
)
def test_a_list_costs_the_same_whatever_its_length(client_as, scene, web, path):
    admin = client_as("administrator")
    admin.get(path)
    with statements(web.extensions["gongdan"].engine) as seen:
        assert admin.get(path).status_code == 200
    assert len(seen) <= 12, "\n".join(seen)


def test_the_history_says_who_and_what(client_as, scene):
    admin = client_as("administrator")
    assert admin.put(f"/api/v1/customer/{scene.mine}", json={"remark": "新备注", "kind": "company"}).status_code == 200
    page = admin.get(f"/customers/show/{scene.mine}").text
    assert "the.administrator" in page
    assert "新备注" in page
    assert "the.administrator" in admin.get("/audit/?table=customer").text


def test_the_audit_names_what_changed(client_as, scene, web):
    admin = client_as("administrator")
    lines = {"phones": [{"raw": "13722223333"}], "sites": [{"name": "后厨"}]}
    sent = {"kind": "company", "name": "审计酒店", "active": True, **lines}
    made = admin.post("/api/v1/customer/", json=sent)
    assert made.status_code == 201
    key = made.json["id"]
    page = admin.get("/audit/?table=customer").text
    assert re.search(rf'href="/customers/show/{key}"[^>]*>审计酒店</a>', page)
    assert "审计酒店 •••• 3333</a>" in admin.get("/audit/?table=phone").text
    assert "审计酒店 后厨</a>" in admin.get("/audit/?table=site").text
    admin.get("/audit/")
    with statements(web.extensions["gongdan"].engine) as seen:
        admin.get("/audit/")
    assert len(seen) <= 30, "\n".join(seen)
