"""Pages of records: few statements, ways on to what they name, and nothing to press where one only reads."""

import re

import pytest

from app.assets.records import PRODUCT_CATEGORY
from app.core.permissions import SYSTEM
from app.core.records import service
from app.people.models import Outlet
from app.people.records import CUSTOMER_LEVEL, SKILL, STAFF
from app.tickets import service as desk
from app.tickets.orders import ChangeTicket, NoteOrder
from tests.clients import CAUSE, statements
from tests.factories import people as make
from tests.factories import tickets

#: With the person, the tickets and the history, which asks once for each kind of record it names.
CUSTOMER_PAGE = 17


@pytest.fixture
def transactions(web):
    return web.extensions["gongdan"].transactions


def read(web, client, url):
    client.get(url)
    with statements(web.extensions["gongdan"].engine) as seen:
        page = client.get(url)
    assert page.status_code == 200
    return page.text, len(seen)


def test_a_customer_page_costs_little_however_much_belongs_to_the_customer(web, transactions, client_as, scene):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        level = service.create(
            work, CUSTOMER_LEVEL, {"key": f"l{scene.mark}", "labels": {"en": "Gold"}, "rank": 1, "color": "yellow"}
        )
        many = make.customer(
            work, f"大客户{scene.mark}", outlet_id=scene.here, level_id=level.id,
            contacts=[{"name": f"联系人{place}"} for place in range(5)],
            phones=[{"raw": f"1390013{place:04d}", "contact_id": f"contacts-{place}"} for place in range(5)],
            sites=[{"name": f"地点{place}", "address_line": "路1号"} for place in range(5)],
            tags=[make.tag(work).id for _ in range(3)],
        )  # fmt: skip
        key = tickets.template(work)
        for _ in range(3):
            unit = make.installed_product(work, many)
            tickets.ticket(work, key, customer_id=many.id, installed_product_id=unit.id)
    for client in (client_as("administrator"), scene.manager):
        counts = []
        for key in (scene.mine, many.id):
            _page, count = read(web, client, f"/customers/show/{key}")
            counts.append(count)
        assert max(counts) <= CUSTOMER_PAGE, counts


def test_a_units_page_leads_to_its_customer_and_to_a_new_ticket(transactions, client_as, scene):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        customer = make.customer(work, f"王五{scene.mark}", sites=[{"name": "店"}])
        site = customer.sites[0].id
        unit = make.installed_product(work, customer, site_id=site)
        tickets.template(work)
    admin = client_as("administrator")
    page = admin.get(f"/installed-products/show/{unit.id}").text
    for url in (f"/customers/show/{customer.id}", f"/sites/show/{site}", f"/products/show/{unit.product_id}"):
        assert f'<a href="{url}">' in page, url
        assert admin.get(url).status_code == 200
    (url,) = re.findall(r'href="(/tickets/new\?[^"]+)" data-testid="new-ticket"', page)
    chosen = admin.get(url.replace("&amp;", "&")).text
    form = re.findall(r'href="(/tickets/new/[^"]+)"', chosen)[0]
    asked = admin.get(form.replace("&amp;", "&")).text
    for name, key in (("customer_id", customer.id), ("site_id", site), ("installed_product_id", unit.id)):
        assert re.search(rf'name="{name}" value="{key}"', asked), name


def test_rows_one_only_reads_offer_nothing_to_press(transactions, scene):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        ticket = tickets.ticket(work, tickets.template(work), customer_id=scene.other)
        name = f"manager.{scene.mark.lower()}"
        desk.change_ticket(work, ChangeTicket(ticket, note=NoteOrder(f"@{name} 看看")))
    page = scene.manager.get(f"/customers/list/?q={scene.mark}").text
    assert f'href="/customers/show/{scene.other}' in page
    assert f'href="/customers/edit/{scene.mine}' in page
    assert f'href="/customers/edit/{scene.other}' not in page
    assert f'action="/customers/delete/{scene.other}' not in page


@pytest.fixture
def company(transactions, scene):
    """An outlet, a team, a person, a product, a tag, a skill and a level, with a dozen of what names them."""
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        level = service.create(
            work, CUSTOMER_LEVEL, {"key": f"v{scene.mark}", "labels": {"en": "Gold"}, "rank": 1, "color": "yellow"}
        )
        skill = service.create(work, SKILL, {"key": f"s{scene.mark}", "labels": {"en": "Gas"}})
        tag, team = make.tag(work), make.team(work, outlet_id=scene.here)
        category = service.create(work, PRODUCT_CATEGORY, {"code": f"c{scene.mark}", "name": "空调"})
        product = make.product(work, category_id=category.id)
        key = tickets.template(work)
        for _ in range(12):
            row = make.customer(work, outlet_id=scene.here, level_id=level.id, tags=[tag.id])
            make.installed_product(work, row, product)
            tickets.ticket(work, key, customer_id=row.id, tags=[tag.name], team_id=team.id, outlet_id=scene.here)
            outlet = work.session.get(Outlet, scene.here)
            person = make.profile_of(work, make.account(work, outlet=outlet, teams=[team]))
            service.change(work, STAFF, person.id, {"skills": [{"skill_id": str(skill.id), "level": "3"}]})
        stranger = make.customer(work, f"外人{scene.mark}", outlet_id=scene.there, level_id=level.id)
        return {
            f"/outlets/show/{scene.here}": ("teams", "staff", "customers", "tickets"),
            f"/teams/show/{team.id}": ("staff", "tickets"),
            f"/products/show/{product.id}": ("installed-products",),
            f"/product-categories/show/{category.id}": ("products",),
            f"/skills/show/{skill.id}": ("staff",),
            f"/customer-levels/show/{level.id}": ("customers",),
            f"/tags/show/{tag.id}": ("customers", "tickets"),
        }, (level.id, stranger.id)


def test_below_a_page_stands_what_names_the_record(web, client_as, company):
    for client in (client_as("administrator"),):
        for url, lists in company[0].items():
            page, count = read(web, client, url)
            sections = re.findall(r'data-testid="related">.*?</section>', page, re.DOTALL)
            assert [re.search(r'href="/([\w-]+)/', one)[1] for one in sections] == list(lists), url
            for section in sections:
                assert section.count("<li ") <= 10, url
                (all_of_them,) = re.findall(r'card-actions"><a href="([^"]+)">', section)
                assert client.get(all_of_them.replace("&amp;", "&")).status_code == 200
            assert count <= 20, (url, count)
            assert re.search(r'pretitle"><a href="/[\w-]+/list/">', page), url


def counted(page):
    """Return how many each list below a page says there are, whatever language it is said in."""
    return re.findall(r'card-actions"><a href="[^"]+">\D*(\d+)', page)


def test_below_a_page_stands_only_what_one_reaches(scene, client_as, company):
    level, stranger = company[1]
    url = f"/customer-levels/show/{level}"
    assert counted(client_as("administrator").get(url).text) == ["13"]
    page = scene.manager.get(url).text
    assert f"/customers/show/{stranger}" not in page
    assert counted(page) == ["12"]
    listed = client_as("administrator").get(f"/customers/list/?_flt_0_level={level}").text
    assert f"/customers/show/{stranger}" in listed


def test_saving_leads_back_to_the_list_one_came_from_else_to_the_record(client_as, scene):
    admin = client_as("administrator")
    here = f"/contacts/list/?q={scene.mark}"
    added = {"customer_id": scene.mine, "name": f"己{scene.mark}"}
    page = admin.post("/contacts/add", data=added).headers["Location"]
    key = page.rpartition("/")[2]
    assert page == f"/contacts/show/{key}"
    (edit,) = re.findall(rf'href="(/contacts/edit/{key}[^"]*)"', admin.get(here).text)
    assert f'class="btn" href="{here}"' in admin.get(edit).text
    assert admin.post(edit, data=added | {"position": "店长"}).headers["Location"] == here
    form = admin.get(f"/contacts/edit/{key}").text
    assert f'class="btn" href="{page}"' in form
    assert f'<a href="{page}">己{scene.mark}</a>' in form
    assert admin.post(f"/contacts/edit/{key}", data=added).headers["Location"] == page
    assert f'<a href="{page}">' in admin.get(f"/customers/show/{scene.mine}").text


def test_a_customers_page_says_where_its_tickets_stand_and_leads_to_all_of_them(transactions, client_as, scene):
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        customer = make.customer(work, f"赵六{scene.mark}", sites=[{"name": "店"}])
        make.installed_product(work, customer, make.product(work, name="海信 空调 KFR-1", brand="海信", model="KFR-1"))
        ticket = tickets.ticket(work, tickets.template(work), customer_id=customer.id)
        site = customer.sites[0].id
    admin = client_as("administrator")
    page = admin.get(f"/customers/show/{customer.id}").text
    own = page.split('data-testid="customer-tickets"', 1)[1].split("</section>", 1)[0]
    assert 'class="tag tag-state' in own
    (url,) = re.findall(r'card-actions"><a href="([^"]+)"', own)
    number = re.search(r'ticket-number" href="/tickets/([^"]+)"', own)[1]
    assert number in admin.get(url.replace("&amp;", "&")).text
    assert f'<a href="/sites/show/{site}">店</a>' in page
    assert f"<h1>赵六{scene.mark} · 店</h1>" in admin.get(f"/sites/show/{site}").text
    units = page.split('data-testid="customer-units"', 1)[1].split("</section>", 1)[0]
    assert units.count("KFR-1") == 1, "what the name says is not said again"
    assert ticket
