"""Every list of the menu keeps the promise of lists: search, filters, sort, files, and who changed what."""

import csv
import html
import io
import re
from urllib.parse import quote

import openpyxl
import pytest

from app.assets.records import PRODUCT_CATEGORY
from app.core.permissions import SYSTEM
from app.core.records import service
from app.people import role_service
from app.people.models import Region, Skill
from app.people.records import CUSTOMER_LEVEL, REGION, SKILL, STAFF
from tests.clients import CAUSE, make_account
from tests.factories import people as make
from ticket_templates.models import FieldDefinition
from views.menu import MENU

#: Lists of work with a life of their own, and pages that are no lists; they have tests of their own.
ELSEWHERE = {"TicketView", "ImportView", "JobsView", "TemplateView", "CompanyView", "TokenView"}
#: By view: the list's address, what is typed to find the row (folded: full width), what its cell reads, a filter
#: that keeps it and one that does not, and the columns it is sorted by. ``@`` is the mark of this run.
LISTS = {
    "CustomerView": ("/customers/", "ａ客户@", "A客户@", "_flt_0_kind=company", "_flt_0_kind=person",
                     "name code kind level outlet active"),
    "ContactView": ("/contacts/", "ｂ先生@", "B先生@", "_flt_0_is_primary=True", "_flt_0_is_primary=False",
                    "name customer position is_primary"),
    "SiteView": ("/sites/", "ｃ座@", "C座@", "_flt_2_name=C", "_flt_2_name=nowhere", "name customer region"),
    "InstalledProductView": ("/installed-products/", "ｓｎ-@", "SN-@", "_flt_0_installed_on=2025-05-01",
                             "_flt_0_installed_on=2001-01-01",
                             "serial product customer sold_on installed_on invoice_no"),
    "ProductView": ("/products/", "ｄ空调@", "D空调@", "_flt_2_brand=海信", "_flt_2_brand=nobody",
                    "name code brand model category warranty_months active"),
    "ProductCategoryView": ("/product-categories/", "ｅ分类@", "E分类@", "_flt_2_code=cat", "_flt_2_code=nowhere",
                            "name code parent trail"),
    "CustomerLevelView": ("/customer-levels/", "ｆ级@", "F级@", "_flt_0_rank=7", "_flt_0_rank=8",
                          "labels key rank color"),
    "TagView": ("/tags/", "ｇ标签@", "G标签@", "_flt_2_name=标签", "_flt_2_name=nowhere", "name changed_at"),
    "OutletView": ("/outlets/", "ｈ网点@", "H网点@", "_flt_0_active=True", "_flt_0_active=False",
                   "name code region active"),
    "TeamView": ("/teams/", "ｉ班@", "I班@", "_flt_0_active=True", "_flt_0_active=False", "name code outlet active"),
    "StaffView": ("/staff/", "ｊ师傅@", "J师傅@", "_flt_0_known_skills=SKILL", "_flt_0_capacity_per_day=3",
                  "user outlet capacity_per_day"),
    "SkillView": ("/skills/", "ｋ技能@", "K技能@", "_flt_2_key=k-@", "_flt_2_key=nowhere", "labels key"),
    "RegionView": ("/regions/", "ｌ新区@", "L新区@", "_flt_0_level=1", "_flt_0_level=2", "full_name name code level"),
    "AccountView": ("/users/", "ｊ师傅@", "J师傅@", "_flt_0_active=True", "_flt_0_active=False",
                    "username first_name active last_login"),
    "RoleView": ("/roles/", "ｍ_@", "m_@", "reach=team", "reach=all", "role name scope rights users"),
    "FieldView": ("/fields/", "ｎ字段@", "N字段@", "type=text", "type=date", "field type key options used"),
}  # fmt: skip
PLAIN = {"RoleView", "FieldView"}


@pytest.fixture(scope="module")
def marks():
    return {}


@pytest.fixture
def mark(web, dialect, marks):
    """One row of each list, made once, and a technician's reach that holds none of them."""
    if dialect not in marks:
        with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
            marks[dialect] = _rows(web, work)
    return marks[dialect]


def _rows(web, work):
    outlet = make.outlet(work)
    mark = outlet.code.lower()
    service.change(work, service_record("outlet"), outlet.id, {"name": f"H网点{mark}"})
    make.team(work, name=f"I班{mark}", outlet_id=outlet.id)
    make.tag(work, f"G标签{mark}")
    customer = make.customer(
        work, f"A客户{mark}", kind="company", contacts=[{"name": f"B先生{mark}", "is_primary": True}],
        sites=[{"name": f"C座{mark}"}], phones=[{"raw": "13612345678"}],
    )  # fmt: skip
    product = make.product(work, f"D空调{mark}")
    make.installed_product(work, customer, product, serial=f"SN-{mark}")
    service.create(work, service_record("product_category"), {"code": f"cat{mark}", "name": f"E分类{mark}"})
    level = {"key": f"f{mark}", "labels": {"zh_Hans": f"F级{mark}"}, "rank": 7, "color": "blue"}
    service.create(work, CUSTOMER_LEVEL, level)
    skill: Skill = service.create(work, SKILL, {"key": f"k-{mark}", "labels": {"zh_Hans": f"K技能{mark}"}})
    service.create(work, REGION, {"code": f"Z{mark.upper()}", "name": f"L新区{mark}"})
    person = make.person(work, first_name=f"J师傅{mark}")
    service.create(
        work, STAFF, {"user_id": person, "skills": [{"skill_id": skill.id, "level": 3}], "capacity_per_day": 9}
    )
    role_service.create_role(work, f"m_{mark}", {"ticket.read"}, "team")
    work.session.add(FieldDefinition(key=f"n_{mark}", type="text", labels={"zh_Hans": f"N字段{mark}"}, settings={}))
    work.session.add(FieldDefinition(key=f"o_{mark}", type="date", labels={"en": "Other"}, settings={}))
    return mark, skill.id


def service_record(thing):
    from app.assets import records as assets  # noqa: PLC0415 - both rooms by one name
    from app.people import records as people  # noqa: PLC0415

    return getattr(people, thing.upper(), None) or getattr(assets, thing.upper())


def address(view, kind="list"):
    base = LISTS[view][0]
    if kind == "list":
        return base if view in PLAIN else f"{base}list/"
    return f"{base}export/{kind}"


def titles(page):
    """The first cell of each row, in order."""
    cells = re.findall(r"<td[^>]*cell-title[^>]*>(.*?)</td>", page, re.DOTALL)
    return [
        html.unescape(re.sub(r"<span.*", "", re.sub(r"</?a[^>]*>", "", one), flags=re.DOTALL)).strip() for one in cells
    ]


def parts(view, made):
    _base, typed, shown, holds, fails, sorts = LISTS[view]
    mark, skill = made
    holds, fails = (one.replace("@", mark).replace("SKILL", str(skill)) for one in (holds, fails))
    return typed.replace("@", mark), shown.replace("@", mark), holds, fails, sorts.split()


def test_every_list_of_the_menu_is_tried_here():
    listed = {entry.endpoint.partition(".")[0] for group in MENU for entry in group.entries}
    assert listed - ELSEWHERE - {"AuditView"} == set(LISTS)


@pytest.mark.parametrize("view", LISTS)
def test_it_is_searched_and_filtered(client_as, mark, view):
    admin = client_as("administrator")
    admin.get("/lang/zh_Hans")
    typed, shown, holds, fails, _sorts = parts(view, mark)
    page = admin.get(f"{address(view)}?q={quote(typed)}").text
    assert 'data-testid="list-search"' in page
    assert 'data-testid="filters"' in page
    assert shown in page
    assert len(titles(page)) == 1, titles(page)
    assert shown in admin.get(f"{address(view)}?q={quote(typed)}&{holds}").text
    assert titles(admin.get(f"{address(view)}?q={quote(typed)}&{fails}").text) == []
    assert "/list/" in admin.get(f"{address(view)}?q=nothing+is+called+so").text or view in PLAIN


@pytest.mark.parametrize("view", LISTS)
def test_it_is_sorted_both_ways_and_no_row_is_on_two_pages(client_as, mark, view):
    admin = client_as("administrator")
    first = admin.get(address(view)).text
    for place, column in enumerate(parts(view, mark)[4]):
        asked = {}
        for direction in ("asc", "desc"):
            if view in PLAIN:
                query = f"sort={column}&descending={'1' if direction == 'desc' else ''}&size=10"
                page_at = "page"
            else:
                query = f"_oc_{view}={column}&_od_{view}={direction}&psize_{view}=10"
                page_at = f"page_{view}"
            pages = [admin.get(f"{address(view)}?{query}&{page_at}=0")]
            links = [re.findall(r'class="row-link" href="([^"?]+)', pages[0].text)]
            # Beyond a page that is not full there is none: asked for once, and not for every column.
            if len(links[0]) == 10 or place == 0:
                pages.append(admin.get(f"{address(view)}?{query}&{page_at}=1"))
                links.append(re.findall(r'class="row-link" href="([^"?]+)', pages[1].text))
            assert {one.status_code for one in pages} == {200}
            if len(links[0]) == 10 and links[1] != links[0]:
                assert not set(links[0]) & set(links[1]), (column, direction)
            assert "aria-sort=" in pages[0].text or not links[0], column
            asked[direction] = links[0]
        # Rows that share a value, or have none, keep their order among themselves: only all of them are the same.
        if len(asked["asc"]) < 10:
            assert set(asked["asc"]) == set(asked["desc"]), column
        assert f"={column}" in first, f"no header of {view} sorts by {column}"


@pytest.mark.parametrize(("column", "heading"), [("name", "Key"), ("rights", "Rights")])
def test_what_is_read_whole_is_turned_round_like_other_lists(client_as, column, heading):
    admin = client_as("administrator")
    admin.get("/lang/en")

    def sorted_by(descending):
        sent = admin.get(f"/roles/export/csv?sort={column}&descending={descending}").data.decode("utf-8-sig")
        found = [row[heading] for row in csv.DictReader(io.StringIO(sent))]
        return [int(one) for one in found] if column == "rights" else found

    values = sorted_by("")
    assert len(set(values)) > 2
    assert values == sorted(values)
    assert sorted_by("1") == sorted(values, reverse=True)


@pytest.mark.parametrize("view", LISTS)
def test_its_files_hold_exactly_its_rows(client_as, mark, view):
    admin = client_as("administrator")
    typed, shown, holds, _fails, _sorts = parts(view, mark)
    query = f"?q={quote(typed)}&{holds}"
    page = admin.get(address(view) + query).text
    assert all(f'data-testid="export-{kind}"' in page for kind in ("csv", "xlsx"))
    lines = list(csv.reader(io.StringIO(admin.get(address(view, "csv") + query).data.decode("utf-8-sig"))))
    assert len(lines) == 2, lines
    assert shown in lines[1]
    sheet = openpyxl.load_workbook(io.BytesIO(admin.get(address(view, "xlsx") + query).data)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert [str(one or "") for one in rows[0]] == lines[0]
    assert len(rows) == 2
    assert shown in rows[1]
    empty = admin.get(f"{address(view, 'csv')}?q=nothing+is+called+so").data.decode("utf-8-sig")
    assert len(empty.splitlines()) == 1
    designer = client_as("technician")
    assert designer.get(address(view, "csv")).status_code == 403
    assert designer.get(address(view, "xlsx")).status_code == 403
    if (listed := designer.get(address(view))).status_code == 200:
        assert "export-csv" not in listed.text
        assert shown not in listed.text or view in {"ProductView", "ProductCategoryView", "RegionView", "SkillView"}


@pytest.mark.parametrize("view", LISTS)
def test_its_records_say_who_changed_what(client_as, mark, view):
    admin = client_as("administrator")
    typed = parts(view, mark)[0]
    page = admin.get(f"{address(view)}?q={quote(typed)}").text
    link = re.search(r'class="row-link" href="([^"?]+)', page)[1]
    record = admin.get(link)
    assert record.status_code == 200
    assert "变更历史" in record.text or "History" in record.text
    assert view == "AccountView" or 'data-testid="history"' in record.text, "nothing is recorded of it"


def test_the_audit_is_a_list_like_the_others(client_as, mark):
    admin = client_as("administrator")
    marked = mark[0]
    admin.get("/lang/en")
    query = f"?q={quote('G标签' + marked)}&table=tag&action=created"
    page = admin.get("/audit/" + query).text
    assert page.count(f"G标签{marked}") >= 1
    assert 'data-testid="list-search"' in page
    for fails in ("&action=deleted", "&since=2199-01-01", "&until=1999-01-01", "&person=999999"):
        assert "<tbody>" not in admin.get(f"/audit/?q={quote('G标签' + marked)}{fails}").text, fails
    lines = list(csv.reader(io.StringIO(admin.get("/audit/export/csv" + query).data.decode("utf-8-sig"))))
    assert len(lines) == 2
    assert lines[1][2:4] == ["Tag", f"G标签{marked}"]
    assert lines[1][-1] == f"Name: G标签{marked}"
    sheet = openpyxl.load_workbook(io.BytesIO(admin.get("/audit/export/xlsx" + query).data)).worksheets[0]
    assert len(list(sheet.iter_rows())) == 2
    newest = re.findall(r'<time datetime="([^"]+)"', admin.get("/audit/").text)
    oldest = re.findall(r'<time datetime="([^"]+)"', admin.get("/audit/?oldest=1").text)
    assert newest == sorted(newest, reverse=True)
    assert oldest == sorted(oldest)
    for odd in ("?after=99999999999999999999", "?since=x&until=2024-02-31", "?table=%00&q=%00", "?person=1e9"):
        assert admin.get("/audit/" + odd).status_code == 200
    assert client_as("qa").get("/audit/export/csv").status_code == 403


def test_a_field_says_its_type_and_where_it_is_used(client_as, mark):
    admin = client_as("administrator")
    admin.get("/lang/en")
    page = admin.get("/fields/?q=" + quote("N字段" + mark[0])).text
    assert "Unknown field type" not in page
    assert ">Text</td>" in page.replace("\n", "")
    assert admin.get(f"/fields/n_{mark[0]}").status_code == 200
    assert admin.get("/fields/no_such_field").status_code == 404


def test_a_file_of_users_holds_no_formula_and_no_invented_address(web, client_as):
    make_account(web, "formula.one", "clerk", name="=1+1")
    text = client_as("administrator").get("/users/export/csv?q=formula.one").data.decode("utf-8-sig")
    assert "'=1+1" in text
    assert "invalid" not in text


@pytest.mark.parametrize(
    ("view", "asked", "column"),
    [
        ("InstalledProductView", "_flt_0_sold_on=abc", "sold_on"),
        ("InstalledProductView", "_flt_1_installed_on=2025-99-99", "installed_on"),
        ("InstalledProductView", "_flt_0_customer=abc", "customer"),
        ("CustomerLevelView", "_flt_0_rank=abc", "rank"),
        ("CustomerView", "_flt_0_active=maybe", "active"),
    ],
)
def test_a_filter_that_cannot_be_read_says_so_and_nothing_is_listed(client_as, mark, view, asked, column):
    admin = client_as("administrator")
    admin.get("/lang/zh_Hans")
    typed = quote(parts(view, mark)[0])
    assert len(titles(admin.get(f"{address(view)}?q={typed}").text)) == 1
    for query in (f"q={typed}&{asked}", f"q={typed}&{asked}&{parts(view, mark)[2]}"):
        page = admin.get(f"{address(view)}?{query}").text
        value = asked.partition("=")[2]
        assert titles(page) == []
        said = re.search(rf'data-testid="unread-{column}">(.*?)</div>', page)
        assert said[1] == f"无法识别“{value}”。改正之前，列表不显示任何内容。"
        assert re.search(r'<details open\b[^>]*data-testid="filters"', page)
        assert len(admin.get(f"{address(view, 'csv')}?{query}").text.splitlines()) == 1
    # An input that was left empty asks nothing.
    assert len(titles(admin.get(f"{address(view)}?q={typed}&{asked.partition('=')[0]}=").text)) == 1


@pytest.mark.parametrize("name", ["_flt_0_nope", "_flt_99_name"])
def test_a_filter_the_list_does_not_have_is_told_and_nothing_is_listed(client_as, mark, name):
    admin = client_as("administrator")
    admin.get("/lang/en")
    typed = quote(parts("CustomerView", mark)[0])
    page = admin.get(f"{address('CustomerView')}?q={typed}&{name}=1").text
    assert titles(page) == []
    assert f"a filter the list does not have: {name}." in page
    assert len(admin.get(f"{address('CustomerView', 'csv')}?q={typed}&{name}=1").text.splitlines()) == 1
    assert len(titles(admin.get(f"{address('CustomerView')}?q={typed}&{name}=").text)) == 1


def test_a_filter_over_a_tree_finds_what_lies_below(client_as, web):
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        write = make.as_system(work)
        top, other = (
            service.create(write, PRODUCT_CATEGORY, {"code": one, "name": one}) for one in ("tree-a", "tree-b")
        )
        below = service.create(write, PRODUCT_CATEGORY, {"code": "tree-c", "name": "tree-c", "parent_id": top.id})
        inside, beside = (make.product(work, category_id=one.id) for one in (below, other))
        names, node = (inside.name, beside.name), top.id
    admin = client_as("administrator")
    form = admin.get("/products/list/").text.split('data-filter="category"')[1].split("data-filter=")[0]
    name = re.search(r' name="(_flt_\d+_category)"', form)[1]
    listed = admin.get(f"/products/list/?{name}={node}").text
    assert [one in listed for one in names] == [True, False]
    asked = f"(filters:!((col:category,opr:below,value:{node})),page_size:100)"
    found = [one["name"] for one in admin.get(f"/api/v1/product/?q={asked}").json["result"]]
    assert found == [names[0]]
    assert admin.get("/api/v1/product/?q=(filters:!((col:category,opr:below,value:99999999)))").status_code == 422


def test_a_filter_over_places_finds_what_lies_in_them(client_as, web):
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        for code, name in (("81", "某省"), ("8103", "某市"), ("810306", "某区"), ("8203", "他市")):
            if work.session.get(Region, code) is None:
                work.session.add(Region(code=code, name=name, full_name=name, level=len(code) // 2))
        work.session.flush()
        sites = [{"name": f"树{code}", "region_code": code, "address_line": "路1号"} for code in ("810306", "8203")]
        make.customer(work, "树下客户", sites=sites)
    admin = client_as("administrator")
    form = admin.get("/sites/list/").text.split('data-filter="region"')[1].split("data-filter=")[0]
    name = re.search(r' name="(_flt_\d+_region)"', form)[1]
    listed = admin.get(f"/sites/list/?{name}=81").text
    assert ("树810306" in listed, "树8203" in listed) == (True, False)
