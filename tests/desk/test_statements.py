"""However somebody asks for a list, and whoever asks, the page is read in twelve statements; a ticket's in twenty."""

import json
import re
from dataclasses import replace
from itertools import chain, product
from types import SimpleNamespace

import pytest
from sqlalchemy import literal, select

from app.core.deadline import TooLongError
from app.desk.models import SavedView
from app.tickets import service
from app.tickets.orders import OpenTicket
from app.tickets.queries import board, counting, ways
from tests.clients import statements
from tests.desk.conftest import english
from tests.factories import people, tickets
from ticket_templates.exchange import shipped_packs
from ticket_templates.models import TemplateVersion, TicketTemplate

MOST = 12
MOST_OF_A_TICKET = 20
#: One of each reach and set of rights; the technician's list has cards as well.
ROLES = ("administrator", "clerk", "technician", "outlet_manager")
#: PostgreSQL is asked more: how long it may take, and how rare its words are.
READERS = (*(("postgresql", role) for role in ROLES), ("sqlite", "technician"))
COLUMNS = (
    "cols=number,subject,customer,installed_product,assignee,creator,outlet,team,tags,"
    "values.fault_description,values.brand,values.fault"
)
PLACES = "customer={customer}&assignee={user}&outlet={outlet}&team={team}"
#: What is searched and filtered by, in the orders that cost most.
QUERIES = (
    "",
    f"q=空调&sort=due&{COLUMNS}",
    f"q=13800138001&sort=-due&{PLACES}&tag={{tag}}&{COLUMNS}",
    f"q={{number}}&sort=customer&{PLACES}&tag={{tag}}&{COLUMNS}",
    f"{PLACES}&tag={{tag}}&sort=due&{COLUMNS}",
    f"sort=-values.brand&{COLUMNS}",
    f"q=WX-20&{COLUMNS}",
    f"team=mine&sort=-age&{COLUMNS}",
    f"category=active&sort=assignee&{COLUMNS}",
    "assignee=me&overdue=1",
    f"where={{where}}&sort=installed_product&{COLUMNS}",
    "view={view}&q={number}&tag={tag}&sort=subject",
)
#: How it is laid out. Groups are asked for open, with their tickets, by what every ticket here has.
LAYOUTS = (
    "group=state&state=pending_assignment", "group=assignee&assignee={user}", "group=outlet&outlet={outlet}",
    "group=template&template={old}", "layout=board", "layout=board&template={old}",
)  # fmt: skip
#: Every question as a table, and the dearest of them in every layout.
SHAPES = tuple(chain(((one, "") for one in QUERIES), product(QUERIES[2:4], LAYOUTS)))
#: What is asked in another way where there are many tickets: as a table, divided, on a board.
MANY = tuple(chain(((one, "") for one in QUERIES[1:4]), product(QUERIES[1:8:2], LAYOUTS)))
_FILLED = {}


def fill(desk, boss):
    """Open tickets of somebody in a team and an outlet, and make people of each role beside him."""
    with desk.work() as work:
        outlet, team = people.outlet(work), people.team(work)
        one, other = (people.account(work, "", [role], outlet, [team]) for role in ("technician", "clerk"))
        readers = {role: people.account(work, "", [role], outlet, [team]) for role in ROLES}
        readers["technician"] = one
        names = {role: actor.name for role, actor in readers.items()}
        tag = people.tag(work)
        known = {"outlet": outlet.id, "team": team.id, "user": one.user_id, "tag": tag.id}
        name = tag.name
        held = {f"{kind}_id": desk.ids[kind] for kind in ("customer", "site", "installed_product")}
        held |= {"outlet_id": outlet.id, "team_id": team.id}
        # More than a page shows, of a version that is not the newest any more.
        old = known["old"] = tickets.template(work)
        order = OpenTicket(old, held | {"assignee_id": one.user_id}, {"fault": "空调不制冷 13800138001"})
        # Of as many again each names others: what one row named is known for the next.
        others = [
            replace(order, fields=held | {"customer_id": (customer := people.customer(work, sites=[{"name": "家"}])).id,
                                          "site_id": customer.sites[0].id, "assignee_id": tickets.assignee(work),
                                          "installed_product_id": people.installed_product(work, customer).id})
            for _one in range(26)
        ]  # fmt: skip
        outcomes = service.open_tickets(work, [order] * 26 + others).outcomes
        assert {one.status for one in outcomes} == {"changed"}
        template_id = work.session.scalars(select(TicketTemplate.id).where(TicketTemplate.key == old)).one()
        spec = tickets.repair_spec("OW-{yyyy}-{seq:4}")
        work.session.add(
            TemplateVersion(
                template_id=template_id, number=2, spec=spec.as_json(), checksum=spec.checksum(),
                published_at=work.now, created_at=work.now,
            )
        )  # fmt: skip
    known["customer"] = desk.ids["customer"]
    for key, who in product(("appliance_repair", desk.small), (one, other)):
        number = known["number"] = desk.opened(boss, key, assignee_id=who.user_id, **held)
        tagged = boss.post(f"/tickets/{number}/tags", data={"tags": [name]}, headers={"HX-Request": "true"})
        assert tagged.status_code == 200
    known["where"] = json.dumps({"field": "customer_id", "op": "is_any_of", "value": [desk.ids["customer"]]})
    return SimpleNamespace(names=names, known=known)


@pytest.fixture
def filled(desk, boss):
    """What `fill` makes, once for all; and a view to begin with, gone again for the tests of others."""
    kept = _FILLED.get(id(desk)) or _FILLED.setdefault(id(desk), fill(desk, boss))
    query = {"category": "active", "where": kept.known["where"], "cols": COLUMNS.removeprefix("cols=")}
    with desk.work() as work:
        view = SavedView(
            name="看单",
            owner_id=kept.known["user"],
            audience="all",
            query=query,
            position=1,
            default_roles=[],
            version=1,
        )
        work.session.add(view)
        work.session.flush()
        view_id = kept.known["view"] = view.id
    yield kept
    with desk.work() as work:
        work.session.delete(work.session.get(SavedView, view_id))


def too_dear(desk, filled, role, shapes, most):
    """Return what was asked with more statements than there may be, each with its statements."""
    client = desk.app.test_client()
    client.enter(filled.names[role])
    english(client)
    engine = desk.app.extensions["gongdan"].engine
    # What a process learns once is learned.
    assert client.get("/tickets/").status_code == 200
    dear = []
    for query, layout in shapes:
        asked = "&".join(one for one in (query, layout) if one)
        for name, value in filled.known.items():
            asked = asked.replace(f"{{{name}}}", str(value))
        further = ""
        for _page in range(2):
            with statements(engine) as seen:
                page = client.get(f"/tickets/?{asked}{further}")
            assert page.status_code == 200, asked
            assert 'data-testid="condition-broken"' not in page.text, asked
            if len(seen) > most:
                dear.append("\n".join([f"{len(seen)}: {asked}{further}", *seen]))
            following = re.search(r'rel="next" href="[^"]*cursor=([\w-]+)', page.text)
            if following is None:
                break
            further = f"&cursor={following[1]}"
    return "\n\n".join(dear)


@pytest.mark.parametrize(("dialect", "role"), READERS)
def test_every_list(desk, filled, role):
    dear = too_dear(desk, filled, role, SHAPES, MOST)
    assert not dear, dear


@pytest.mark.parametrize(("dialect", "role"), [("postgresql", "administrator"), ("postgresql", "technician")])
def test_lists_of_many_tickets_and_boards_without_time(desk, filled, role, monkeypatch):
    monkeypatch.setattr(counting, "DIVIDED", 1)
    monkeypatch.setattr(ways, "_MANY", 1)
    firsts = board._firsts

    def late(work, query, *rest):
        if query.sort is None:
            return firsts(work, query, *rest)
        work.session.execute(select(literal(1)))
        raise TooLongError("late")

    monkeypatch.setattr(board, "_firsts", late)
    dear = too_dear(desk, filled, role, MANY, MOST)
    assert not dear, dear


@pytest.mark.parametrize("key", sorted(one.stem for one in shipped_packs()))
def test_every_ticket(desk, boss, key):
    ids = {f"{kind}_id": desk.ids[kind] for kind in ("customer", "site", "outlet", "team", "installed_product")}
    number = desk.opened(boss, key, assignee_id=desk.ids["user"], **ids)
    boss.post(f"/tickets/{number}/notes", data={"body": "看过了"})
    boss.get(f"/tickets/{number}")
    with statements(desk.app.extensions["gongdan"].engine) as seen:
        assert boss.get(f"/tickets/{number}").status_code == 200
    assert len(seen) <= MOST_OF_A_TICKET, "\n".join(seen)
