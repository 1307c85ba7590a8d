"""However somebody asks for a list, and whoever asks, the page is read in twelve statements; a ticket's in twenty."""

import json
from itertools import chain, product
from types import SimpleNamespace

import pytest

from app.desk.models import SavedView
from tests.clients import statements
from tests.desk.conftest import english
from tests.factories import people
from ticket_templates.exchange import shipped_packs

MOST = 12
MOST_OF_A_TICKET = 20
#: One of each reach and set of rights; the technician's list has cards as well.
ROLES = ("administrator", "clerk", "technician", "outlet_manager")
COLUMNS = (
    "cols=number,subject,customer,installed_product,assignee,creator,outlet,team,"
    "values.fault_description,values.brand,values.fault"
)
PLACES = "customer={customer}&assignee={user}&outlet={outlet}&team={team}"
#: What is searched and filtered by, in the orders that cost most.
QUERIES = (
    "",
    f"q=空调&sort=due&{COLUMNS}",
    f"q=13800138001&sort=-due&{COLUMNS}",
    f"q=WX-20&{PLACES}",
    f"q={{number}}&sort=due&{PLACES}&{COLUMNS}",
    f"{PLACES}&sort=due&{COLUMNS}",
    f"sort=due&{COLUMNS}",
    "sort=-changed&team=mine",
    f"category=active&sort=due&{COLUMNS}",
    "assignee=me&overdue=1",
    f"where={{where}}&sort=-changed&{COLUMNS}",
    "view={view}&q={number}&sort=due",
)
#: How it is laid out. Groups are asked for open, with their tickets, by what every ticket here has.
LAYOUTS = (
    "group=state&state=pending_assignment", "group=assignee&assignee={user}", "group=outlet&outlet={outlet}",
    "group=template&template=appliance_repair", "layout=board", "layout=board&template=appliance_repair",
)  # fmt: skip
#: Every question as a table, and the dearest of them in every layout.
SHAPES = tuple(chain(((one, "") for one in QUERIES), product(QUERIES[1:9:2], LAYOUTS)))


@pytest.fixture
def filled(desk, boss):
    """Tickets of somebody in a team and an outlet, a view to begin with, and people of each role beside him."""
    with desk.work() as work:
        outlet, team = people.outlet(work), people.team(work)
        one, other = (people.account(work, "", [role], outlet, [team]) for role in ("technician", "clerk"))
        readers = {role: people.account(work, "", [role], outlet, [team]) for role in ROLES}
        readers["technician"] = one
        names = {role: actor.name for role, actor in readers.items()}
        places = {"outlet": outlet.id, "team": team.id, "user": one.user_id}
    held = {f"{kind}_id": desk.ids[kind] for kind in ("customer", "site", "installed_product")}
    held |= {"outlet_id": places["outlet"], "team_id": places["team"]}
    tickets = [
        desk.opened(boss, key, assignee_id=who.user_id, **held)
        for key in ("appliance_repair", desk.small)
        for who in (one, other)
    ]
    where = json.dumps({"field": "customer_id", "op": "is_any_of", "value": [desk.ids["customer"]]})
    with desk.work() as work:
        kept = {"category": "active", "where": where, "cols": COLUMNS.removeprefix("cols=")}
        view = SavedView(
            name="看单", owner_id=places["user"], audience="all", query=kept, position=1, default_roles=[], version=1
        )
        work.session.add(view)
        work.session.flush()
        view_id = view.id
    known = places | {"customer": desk.ids["customer"], "number": tickets[0], "where": where, "view": view_id}
    yield SimpleNamespace(names=names, known=known)
    with desk.work() as work:
        work.session.delete(work.session.get(SavedView, view_id))


@pytest.mark.parametrize("role", ROLES)
def test_every_list(desk, filled, role):
    client = desk.app.test_client()
    client.enter(filled.names[role])
    english(client)
    engine = desk.app.extensions["gongdan"].engine
    # What a process learns once is learned.
    assert client.get("/tickets/").status_code == 200
    dear = []
    for query, layout in SHAPES:
        asked = "&".join(one for one in (query, layout) if one)
        for name, value in filled.known.items():
            asked = asked.replace(f"{{{name}}}", str(value))
        with statements(engine) as seen:
            page = client.get(f"/tickets/?{asked}")
        assert page.status_code == 200, asked
        assert 'data-testid="condition-broken"' not in page.text, asked
        if len(seen) > MOST:
            dear.append("\n".join([f"{len(seen)}: {asked}", *seen]))
    assert not dear, "\n\n".join(dear)


@pytest.mark.parametrize("key", sorted(one.stem for one in shipped_packs()))
def test_every_ticket(desk, boss, key):
    ids = {f"{kind}_id": desk.ids[kind] for kind in ("customer", "outlet", "team", "installed_product")}
    number = desk.opened(boss, key, assignee_id=desk.ids["user"], **ids)
    boss.post(f"/tickets/{number}/notes", data={"body": "看过了"})
    boss.get(f"/tickets/{number}")
    with statements(desk.app.extensions["gongdan"].engine) as seen:
        assert boss.get(f"/tickets/{number}").status_code == 200
    assert len(seen) <= MOST_OF_A_TICKET, "\n".join(seen)
