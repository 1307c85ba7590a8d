"""What hangs on a ticket one is only told of is read, and neither changed, added to, taken over nor deleted."""

from types import SimpleNamespace

import pytest
from sqlalchemy import update

from app.assets.records import INSTALLED_PRODUCT
from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.permissions import SYSTEM, Scope
from app.core.records import service
from app.core.records.lookups import LOOKUPS
from app.exchange.customers import CustomersByPhone
from app.people import queries
from app.people.records import CONTACT, CUSTOMER, PHONE, SITE
from app.tickets import service as desk
from app.tickets.models import Ticket
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from tests.clients import CAUSE
from tests.factories import people as make
from tests.factories import tickets

#: How a customer comes to be reached, and the narrowest scope that may work on it then; None: it is only read.
WAYS = {"assigned": Scope.OWN, "made": Scope.OWN, "the team's": Scope.TEAM, "the outlet's ticket": Scope.OUTLET,
        "the outlet's": Scope.OUTLET, "watched": None, "mentioned": None}  # fmt: skip
PHONE_NUMBER = "13812340077"
RECORDS = {"customer": CUSTOMER, "contact": CONTACT, "phone": PHONE, "site": SITE, "unit": INSTALLED_PRODUCT}
CHANGES = {"customer": {"name": "HACKED"}, "contact": {"name": "HACKED"}, "phone": {"raw": "13900000000"},
           "site": {"name": "HACKED"}, "unit": {"remark": "HACKED"}}  # fmt: skip


@pytest.fixture
def place(work):
    """Where the actor works, and an account that works there."""
    outlet = make.outlet(work)
    team = make.team(work, outlet_id=outlet.id)
    account = make.account(work, "luo.bin", ["outlet_manager"], outlet, [team])
    return SimpleNamespace(outlet=outlet, team=team, user_id=account.user_id)


@pytest.fixture
def acting(make_work, place):
    """Work as the account does with a scope, with every right over what is at stake."""

    def as_scope(scope):
        return make_work(
            make.role_actor("outlet_manager", user_id=place.user_id, scope=scope, outlets=[place.outlet.id],
                            teams=[place.team.id])
        )  # fmt: skip

    return as_scope


@pytest.fixture
def held(work, place):
    """Make a customer of another outlet, with all that belongs to it, reached in one way."""

    def reached(way, actor):
        home = place.outlet if way == "the outlet's" else make.outlet(work)
        customer = make.customer(
            work,
            f"客户{way}",
            phone=PHONE_NUMBER,
            outlet_id=home.id,
            contacts=[{"name": "李四"}],
            sites=[{"name": "家"}],
        )
        unit = make.installed_product(work, customer, serial="SN-77")
        rows = {"customer": customer, "contact": customer.contacts[0], "phone": customer.phones[0],
                "site": customer.sites[0], "unit": unit}  # fmt: skip
        if way != "the outlet's":
            _ticket(work, place, actor, way, {"customer_id": customer.id, "installed_product_id": unit.id})
        return {name: row.id for name, row in rows.items()}

    return reached


def _ticket(work, place, actor, way, about):
    fields = {"assigned": {"assignee_id": place.user_id}, "the team's": {"team_id": place.team.id},
              "the outlet's ticket": {"outlet_id": place.outlet.id}}.get(way, {})  # fmt: skip
    ticket = tickets.ticket(work, tickets.template(work), **about)
    if way == "made":
        work.session.execute(update(Ticket).where(Ticket.id == ticket).values(created_by_id=actor.user_id))
    if fields:
        desk.change_ticket(work, ChangeTicket(ticket, fields=fields))
    if way == "watched":
        desk.watch(work, ticket, user_id=actor.user_id)
    if way == "mentioned":
        desk.change_ticket(work, ChangeTicket(ticket, note=NoteOrder("@luo.bin 看看")))


def _children(ids):
    at = {"customer_id": ids["customer"]}
    return (CONTACT, {**at, "name": "王五"}), (PHONE, {**at, "raw": "13700000000"}), (SITE, {**at, "name": "店"})


def _refused(wish):
    with pytest.raises(DomainError) as caught:
        wish()
    return {one.code for one in caught.value.refusals}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("scope", [Scope.OWN, Scope.TEAM, Scope.OUTLET])
def test_reading_goes_with_the_ticket_and_writing_with_the_desk(acting, held, way, scope):
    mine = acting(scope)
    ids = held(way, mine.actor)
    least = WAYS[way]
    reads, writes = least is None or scope >= least, least is not None and scope >= least
    assert bool(LOOKUPS["customer"].rows(mine, [ids["customer"]])) == reads
    assert LOOKUPS["customer"].known(mine, ids["customer"]) == writes
    assert CustomersByPhone(mine).count(PHONE_NUMBER) == writes
    assert len(queries.find_customers(mine, "SN-77")) == writes
    for name, key in ids.items():
        record = RECORDS[name]
        if not reads:
            with pytest.raises(NotFoundError):
                service.to_write(mine, record, key)
            continue
        row = service.get(mine, record, key)
        assert service.is_yours(mine, record, row) == writes, record.label
        if writes:
            service.change(mine, record, key, CHANGES[name])
            continue
        for wish in (lambda r=record, k=key, n=name: service.change(mine, r, k, CHANGES[n]),
                     lambda r=record, k=key: service.delete(mine, r, k)):  # fmt: skip
            with pytest.raises(NotAllowedError):
                wish()
    for record, values in _children(ids):
        if writes:
            assert service.create(mine, record, values).customer_id == ids["customer"]
        else:
            assert _refused(lambda r=record, v=values: service.create(mine, r, v)) == {"unknown"}


@pytest.fixture
def told(work, acting, held):
    """An outlet manager's work, and what hangs on a ticket the manager was mentioned on."""
    manager = acting(Scope.OUTLET)
    return manager, held("mentioned", manager.actor)


def test_nothing_that_is_only_read_is_taken_over(work, told, place):
    manager, ids = told
    for values in ({"outlet_id": place.outlet.id}, {"outlet_id": place.outlet.id, "name": "HACKED", "phones": []}):
        with pytest.raises(NotAllowedError):
            service.change(manager, CUSTOMER, ids["customer"], values)
    own = make.customer(work, "自家", outlet_id=place.outlet.id)
    for name in ("contact", "phone", "site", "unit"):
        with pytest.raises(NotAllowedError):
            service.change(manager, RECORDS[name], ids[name], {"customer_id": own.id})


def test_ones_own_is_not_put_down_at_a_customer_one_only_reads(work, told, place):
    manager, ids = told
    own = make.customer(work, "自家", outlet_id=place.outlet.id, contacts=[{"name": "赵六"}])
    unit = make.installed_product(work, own, serial="OWN-1")
    for record, key in ((CONTACT, own.contacts[0].id), (INSTALLED_PRODUCT, unit.id)):
        assert _refused(lambda r=record, k=key: service.change(manager, r, k, {"customer_id": ids["customer"]})) == {
            "unknown"
        }


def test_naming_it_on_a_ticket_of_ones_own_does_not_bring_it_onto_the_desk(work, told):
    manager, ids = told
    key = tickets.template(work)
    own = tickets.ticket(manager, key)
    for column, name in (("customer_id", "customer"), ("contact_id", "contact"), ("site_id", "site"),
                         ("installed_product_id", "unit")):  # fmt: skip
        fields = {column: ids[name]}
        assert "not_found" in _refused(lambda f=fields: desk.change_ticket(manager, ChangeTicket(own, fields=f)))
        order = OpenTicket(key, fields, {"fault": "空调不制冷"})
        assert "not_found" in _refused(lambda o=order: desk.open_ticket(manager, o))
    with pytest.raises(NotAllowedError):
        service.change(manager, CUSTOMER, ids["customer"], {"name": "HACKED"})


def test_the_screens_and_the_interface_let_it_be_read_alone(web, scene):
    transactions = web.extensions["gongdan"].transactions
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        ticket = tickets.ticket(work, tickets.template(work), customer_id=scene.other, installed_product_id=scene.alien)
        name = f"manager.{scene.mark.lower()}"
        desk.change_ticket(work, ChangeTicket(ticket, note=NoteOrder(f"@{name} 看看")))
    browser = scene.manager
    for base, thing, key in (("customers", "customer", scene.other), ("contacts", "contact", scene.alien_contact),
                             ("installed-products", "installed_product", scene.alien)):  # fmt: skip
        page = browser.get(f"/{base}/show/{key}")
        assert page.status_code == 200
        for control in (
            'data-testid="edit"',
            'data-testid="delete',
            "/installed-products/add",
            'data-testid="new-ticket"',
        ):
            assert control not in page.text, (base, control)
        assert browser.get(f"/{base}/edit/{key}").status_code == 403
        assert browser.post(f"/{base}/edit/{key}", data={"name": "HACKED"}).status_code == 403
        browser.post(f"/{base}/delete/{key}")
        assert browser.post(f"/{base}/action_post", data={"action": "delete_many", "rowid": [key]}).status_code == 403
        url = f"/api/v1/{thing}/{key}"
        assert browser.put(url, json={"remark": "HACKED"}).status_code == 403
        assert browser.delete(url).status_code == 403
        assert browser.get(url).status_code == 200
    assert browser.get(f"/customers/show/{scene.mine}").text.count('data-testid="edit"') == 1


def test_a_customer_on_the_desk_is_not_taken_to_ones_own_outlet(work, acting, held, place):
    manager = acting(Scope.OUTLET)
    ids = held("assigned", manager.actor)
    wish = {"outlet_id": place.outlet.id}
    assert _refused(lambda: service.change(manager, CUSTOMER, ids["customer"], wish)) == {"not_allowed"}
    work.session.expire_all()
    orphan = make.customer(work, "无网点")
    tickets.ticket(work, tickets.template(work), customer_id=orphan.id, assignee_id=place.user_id)
    assert _refused(lambda: service.change(manager, CUSTOMER, orphan.id, wish)) == {"not_allowed"}
    work.session.expire_all()
    # Nor by way of a form that leaves it empty.
    service.change(manager, CUSTOMER, orphan.id, {"outlet_id": "", "remark": "常客"})
    assert orphan.outlet_id is None
    own = make.customer(work, "自家", outlet_id=place.outlet.id)
    assert service.change(manager, CUSTOMER, own.id, {"outlet_id": ""}).outlet_id == place.outlet.id
    service.change(acting(Scope.ALL), CUSTOMER, ids["customer"], wish)


def test_a_manager_of_two_outlets_moves_customers_between_them(work, make_work, place):
    other = make.outlet(work)
    both = make_work(make.role_actor("outlet_manager", user_id=place.user_id, outlets=[place.outlet.id, other.id]))
    own = make.customer(work, "自家", outlet_id=place.outlet.id)
    service.change(both, CUSTOMER, own.id, {"outlet_id": other.id})
    assert own.outlet_id == other.id


def test_a_form_sends_back_what_stands_there_though_nobody_here_could_name_it(work, acting, held):
    manager = acting(Scope.OUTLET)
    ids = held("assigned", manager.actor)
    home = service.get(work, CUSTOMER, ids["customer"]).outlet_id
    row = service.change(manager, CUSTOMER, ids["customer"], {"outlet_id": str(home), "remark": "常客"})
    assert (row.outlet_id, row.remark) == (home, "常客")
    for bad in (True, [home], {"id": home}, f"{home}.0"):
        assert _refused(lambda b=bad: service.change(manager, CUSTOMER, ids["customer"], {"outlet_id": b}))


def test_what_is_only_read_is_offered_to_filters_and_not_to_forms(told):
    manager, ids = told
    for kind, typed in (
        ("customer", "客户mentioned"),
        ("contact", "李四"),
        ("site", "家"),
        ("installed_product", "SN-77"),
    ):
        key = ids["unit" if kind == "installed_product" else kind]
        assert [one.id for one in LOOKUPS[kind].search(manager, typed)] == [key], kind
        assert LOOKUPS[kind].search(manager, typed, naming=True) == [], kind


def test_forms_ask_for_what_they_may_name(scene, client_as):
    manager = scene.manager
    for page in ("/contacts/add", "/installed-products/add"):
        assert 'data-remote="/lookup/customer?for=naming"' in manager.get(page).text
    assert 'data-remote="/lookup/customer"' in manager.get("/tickets/").text, "a filter reads"
    found = manager.get(f"/lookup/customer?for=naming&q={scene.mine_name}").json["results"]
    assert [one["id"] for one in found] == [scene.mine]
