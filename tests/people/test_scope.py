import pytest
from sqlalchemy import select

import app.tickets.models as tickets
from app.assets.models import InstalledProduct, Product
from app.assets.records import INSTALLED_PRODUCT
from app.core.errors import DomainError, NotFoundError
from app.core.permissions import Scope
from app.core.records import service
from app.core.records.lookups import LOOKUPS
from app.desk.models import SavedView
from app.people import neighbours, queries
from app.people import scope as people_scope
from app.people.models import Customer
from app.people.records import CONTACT, CUSTOMER, STAFF
from app.tickets import queries as ticket_queries
from app.tickets import service as ticket_service
from app.tickets.orders import ChangeTicket
from tests.factories import people as make
from tests.factories import tickets as desk


@pytest.fixture
def two(work):
    """Two outlets with a customer each."""
    here, there = make.outlet(work), make.outlet(work)
    mine = make.customer(work, "我的客户", phone="13800138000", outlet_id=here.id, contacts=[{"name": "李四"}])
    other = make.customer(work, "别家客户", phone="13800138000", outlet_id=there.id, contacts=[{"name": "王五"}])
    make.installed_product(work, mine, serial="SN-1")
    make.installed_product(work, other, serial="SN-2")
    return here, there, mine, other


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (neighbours.TICKET, tickets.Ticket),
        (neighbours.WATCHER, tickets.TicketWatcher),
        (neighbours.INSTALLED, InstalledProduct),
        (neighbours.PRODUCT, Product),
        (neighbours.SAVED_VIEW, SavedView),
    ],
)
def test_the_named_tables_are_as_their_rooms_have_them(mine, theirs):
    assert mine.name == theirs.__tablename__
    assert {column.name for column in mine.columns} <= {column.name for column in theirs.__table__.columns}


def test_an_outlet_manager_reaches_own_customers_only(work, make_work, two):
    here, _there, mine, other = two
    manager = make_work(make.role_actor("outlet_manager", outlets=[here.id]))
    assert [hit.id for hit in queries.find_customers(manager, "客户")] == [mine.id]
    assert [hit.id for hit in queries.find_customers(manager, "13800138000")] == [mine.id]
    assert queries.find_customers(manager, "SN-2") == []
    assert queries.customer_card(manager, mine.id).name == "我的客户"
    for wish in (
        lambda: queries.customer_card(manager, other.id),
        lambda: service.change(manager, CUSTOMER, other.id, {"name": "抢"}),
        lambda: service.delete(manager, CUSTOMER, other.id),
        lambda: service.change(manager, CONTACT, other.contacts[0].id, {"name": "抢"}),
        lambda: service.delete(
            manager,
            INSTALLED_PRODUCT,
            work.session.scalar(select(InstalledProduct.id).where(InstalledProduct.serial == "SN-2")),
        ),
    ):
        with pytest.raises(NotFoundError):
            wish()


def test_nothing_is_moved_out_of_or_into_the_dark(work, make_work, two):
    here, there, mine, other = two
    manager = make_work(make.role_actor("outlet_manager", outlets=[here.id]))
    with pytest.raises(DomainError):
        service.change(manager, CUSTOMER, mine.id, {"outlet_id": there.id})
    work.session.expire_all()
    assert service.change(manager, CUSTOMER, mine.id, {"outlet_id": None}).outlet_id == here.id
    with pytest.raises(DomainError):
        service.create(manager, CONTACT, {"customer_id": other.id, "name": "赵六"})
    assert service.create(manager, CUSTOMER, {"name": "新客户"}).outlet_id == here.id


@pytest.mark.parametrize(
    ("kind", "typed"), [("customer", "客户"), ("contact", ""), ("installed_product", "SN-"), ("outlet", "")]
)
def test_lookups_stay_within_reach(work, make_work, two, kind, typed):
    here = two[0]
    manager = make_work(make.role_actor("outlet_manager", outlets=[here.id]))
    assert len(LOOKUPS[kind].search(manager, typed)) == 1
    assert len(LOOKUPS[kind].search(work, typed)) >= 2


def test_a_technician_reaches_the_customers_of_own_tickets(work, make_work, two):
    _here, _there, mine, _other = two
    user_id = make.person(work)
    technician = make_work(make.role_actor("technician", user_id=user_id))
    assert queries.find_customers(technician, "客户") == []
    sql = neighbours.TICKET.select()
    assert work.session.execute(sql).all() == []
    actor = make.role_actor("technician", user_id=user_id, scope=Scope.TEAM, teams=[1])
    assert queries.find_customers(make_work(actor), "客户") == []
    with pytest.raises(NotFoundError):
        queries.customer_card(technician, mine.id)


def test_staff_below_the_whole_company(work, make_work, two):
    here, there, *_ = two
    manager = make.account(work, "manager", ["outlet_manager"], here)
    mate = make.account(work, "mate", ["technician"], here)
    stranger = make.account(work, "stranger", ["technician"], there)
    headquarters = make.account(work, "headquarters", ["dispatcher"])
    seen = {found.id for found in LOOKUPS["user"].search(make_work(manager), "")}
    assert seen == {manager.user_id, mate.user_id, headquarters.user_id}
    with pytest.raises(NotFoundError):
        service.change(make_work(manager), STAFF, make.profile_of(work, stranger).id, {"capacity_per_day": 3})
    assert service.change(make_work(manager), STAFF, make.profile_of(work, mate).id, {"capacity_per_day": 3})


def test_personal_data_is_masked_without_the_right(work, make_work):
    row = make.customer(
        work, "张三", phone="0755-88888888转801", id_number="11010519491231002X", email="zhang@example.com",
        contacts=[{"name": "李四", "email": "li@example.com"}],
        sites=[{"name": "家", "address_line": "科技园路1号", "latitude": "22.5", "longitude": "113.9"}],
    )  # fmt: skip
    finance = make_work(make.role_actor("finance"))
    shown = str(queries.customer_card(finance, row.id)) + str(queries.find_customers(finance, "张三"))
    assert "•••• 8888" in shown
    for secret in ("88888888", "801", "11010519491231002X", "zhang@", "li@", "科技园", "22.5"):
        assert secret not in shown
    clerk = make_work(make.role_actor("clerk"))
    assert "0755 8888 8888 ext. 801" in str(queries.customer_card(clerk, row.id))


@pytest.mark.parametrize("scope", [Scope.OWN, Scope.TEAM, Scope.OUTLET])
@pytest.mark.parametrize("by", ["watching", "a mate", "the team", "the outlet", "nothing"])
def test_whoever_may_open_a_ticket_may_see_its_customer(work, make_work, two, scope, by):
    here, _there, mine, other = two
    team = make.team(work)
    user = make.account(work, "", ["technician"], teams=[team])
    mate = make.account(work, "", ["technician"], teams=[team])
    actor = make.role_actor("technician", user_id=user.user_id, scope=scope, teams=[team.id], outlets=[here.id])
    # Of another team, so that nothing but the mate puts it in reach.
    fields = {"a mate": {"assignee_id": mate.user_id, "team_id": make.team(work).id}, "the team": {"team_id": team.id},
              "the outlet": {"outlet_id": here.id}}.get(by, {})  # fmt: skip
    ticket = desk.ticket(work, desk.template(work), customer_id=other.id)
    ticket_service.change_ticket(work, ChangeTicket(ticket, fields=fields))
    if by == "watching":
        ticket_service.watch(work, ticket, user_id=user.user_id)
    reader = make_work(actor)
    page = ticket_queries.ticket_page(reader, ticket_queries.TicketQuery())
    listed = reader.session.scalars(select(Customer.id).where(people_scope.customers(actor))).all()
    seen = other.id in listed
    assert seen == bool(page.rows)
    one_by_one = select(Customer.id).where(people_scope.customer(actor), Customer.id.in_([mine.id, other.id]))
    assert set(reader.session.scalars(one_by_one)) == set(listed)
    assert seen == (by == "watching" or (scope > Scope.OWN and by in ("a mate", "the team"))
                    or (scope is Scope.OUTLET and by == "the outlet"))  # fmt: skip


def test_one_card_looks_through_its_own_tickets(work):
    """Were it through those in reach, the card would wait for every ticket of a large outlet."""
    if work.dialect == "sqlite":  # the planner of PostgreSQL counts rows, and there are none
        actor = make.role_actor("outlet_manager", outlets=[1])
        asked = select(Customer.id).where(Customer.id == 7, people_scope.customer(actor))
        said = str(asked.compile(work.session.connection(), compile_kwargs={"literal_binds": True}))
        plan = [row[-1] for row in work.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {said}")]
        assert any("ticket USING INDEX ix_ticket_customer" in step for step in plan), plan
