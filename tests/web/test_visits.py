"""Somebody in the field sees at once when, where and whom: today first, without a statement a ticket."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from app.core.permissions import Actor, Scope
from app.people.models import Region
from app.tickets.queries import customer_360
from app.tickets.queries.visits import in_his_hands, visits
from tests.clients import make_account, statements
from tests.factories import people as make


def ticket(customer, at=None, *, readable=True):
    site = customer.sites[0].id if customer.sites else None
    columns = {"customer_id": customer.id, "site_id": site, "contact_id": None,
               "values": {"appointment_at": at.isoformat()} if at else {}}  # fmt: skip
    return SimpleNamespace(columns=columns, readable={"appointment_at"} if readable else set())


def test_today_comes_first_with_customer_address_and_phone(work):
    row = make.customer(work, "王芳", phone="13800138000", sites=[{"name": "家", "address_line": "科技园路1号"}])
    work.session.flush()
    rows = [
        ticket(row),
        ticket(row, work.now + timedelta(days=2)),
        ticket(row, work.now),
        ticket(row, work.now, readable=False),
    ]
    with statements(work.session.get_bind().engine) as seen:
        found = visits(work, rows)
    assert [one.row for one in found] == [rows[2], rows[1], rows[0], rows[3]]
    assert [one.is_today for one in found] == [True, False, False, False]
    past, coming = (visits(work, [ticket(row, work.now + timedelta(days=days))])[0] for days in (-1, 1))
    assert (past.is_missed, found[0].is_missed, coming.is_missed) == (True, False, False)
    assert (found[0].customer, found[0].phone, found[0].address) == ("王芳", "138 0013 8000", "科技园路1号")
    assert len(seen) == 1
    masked = replace(work, actor=Actor(user_id=7, scope=Scope.OWN))
    assert visits(masked, rows[:1])[0].phone == "•••• 8000"
    assert "科技园" not in visits(masked, rows[:1])[0].address


def test_an_address_that_begins_with_its_region_says_it_once(work):
    work.session.add(Region(code="440306", name="宝安区", full_name="广东省深圳市宝安区", level=3))
    work.session.flush()
    line = "广东省深圳市宝安区南海大道1号"
    sites = [{"name": "家", "region_code": "440306", "address_line": one} for one in (line, "南海大道1号")]
    row = make.customer(work, "王芳", phone="0755-26001234 转 801", sites=sites)
    work.session.flush()
    [visit] = visits(work, [ticket(row)])
    card = customer_360(work, row.id)
    assert [visit.address, *(one.address for one in card.places)] == [line] * 3
    assert "801" in visit.phone
    assert card.people[0].phones == (visit.phone,)


def test_the_password_page_says_whose_it_is(client_as, web):
    user_id = make_account(web, "whose.password", "clerk")
    page = client_as("administrator").get(f"/users/password/{user_id}").text
    assert "whose.password" in page.split("<form")[0] + page.split("<main")[1]
    assert page.count(f'href="/users/show/{user_id}"') == 2


def test_what_waits_for_somebody_else_is_no_visit():
    def row(*roles):
        steps = [SimpleNamespace(roles=frozenset(roles))]
        rules = SimpleNamespace(leading_from=lambda _state: steps)
        return SimpleNamespace(columns={"state": "x"}, version=SimpleNamespace(rules=rules))

    mine, theirs = row("technician", "dispatcher"), row("dispatcher")
    actor = Actor(user_id=7, scope=Scope.OWN, roles=frozenset({"technician"}))
    assert in_his_hands(SimpleNamespace(actor=actor), [mine, theirs]) == [mine]
