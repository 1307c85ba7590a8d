"""What a list and a ticket's page cost, in what no machine changes: bytes, calls, statements, transactions.

Each bound stands a tenth to a quarter above what was measured when it was set. Whoever comes to one makes every page
of every desk dearer: look for what is done anew for each row, or at each request, that could be done once.
"""

import re
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from app.core.permissions import SYSTEM
from app.tickets import service
from app.tickets.orders import OpenTicket
from tests.clients import CAUSE, statements
from tests.factories import people, tickets

#: Letters of the ten usual columns, without what they say: measured 1,263; once 1,490.
MARKUP_A_ROW = 1_400
#: Python's and C's together, from the database's record to the text of its row, which names what no other names:
#: measured 318; once 560, where all named the same.
CALLS_A_ROW = 350
#: Measured 27,700 and 32,400; once 50,300 and 45,600.
CALLS_OF_A_LIST = 34_000
CALLS_OF_A_TICKET = 39_000
#: Who asks; his saved views, the templates, the page, what its rows point at, his notices.
STATEMENTS = 6
STATEMENTS_OF_A_TICKET = 16
#: One to know who asks, one for all he is shown.
TRANSACTIONS = 2
ROW = re.compile(r'<tr role="row"[^>]*data-testid="ticket-row".*?</tr>', re.DOTALL)


@contextmanager
def transactions(engine):
    """Yield the list of transactions begun meanwhile."""
    seen = []

    def note(connection):
        seen.append(connection)

    event.listen(engine, "begin", note)
    try:
        yield seen
    finally:
        event.remove(engine, "begin", note)


def calls(act):
    """Return how many functions ``act`` calls, when what is learned once has been learned."""
    act()
    seen = 0

    def note(_frame, what, _argument):
        nonlocal seen
        seen += what in {"call", "c_call"}

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return seen


def markup(row):
    """Return how much of a row is not what it says."""
    return len(row) - sum(len(said.strip()) for said in re.split("<[^>]+>", row))


@pytest.fixture
def crowded(fresh_web):
    """A desk of its own with a hundred tickets, and its administrator."""
    house = fresh_web.extensions["gongdan"]
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key, answers = tickets.template(work), {"fault": "空调不制冷，开机十分钟后停机"}
        # What one row named is known for the next: each names others, so that rows read one by one would show.
        named = [
            {
                "customer_id": people.customer(work, f"王小明{i}", phone=f"138001380{i}").id,
                "outlet_id": people.outlet(work).id,
                "team_id": people.team(work).id,
                "assignee_id": tickets.assignee(work),
            }
            for i in range(10, 60)
        ]
        outcomes = service.open_tickets(work, [OpenTicket(key, one, answers) for one in named]).outcomes
        numbers = [one.number for one in outcomes]
    boss = fresh_web.test_client()
    boss.enter("boss")
    return SimpleNamespace(boss=boss, engine=house.engine, number=numbers[0])


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_page_costs_no_more_than_it_must(crowded):
    boss = crowded.boss

    def reads(path):
        assert boss.get(path).status_code == 200

    rows = ROW.findall(boss.get("/tickets/?size=50").text)
    assert len(rows) == 50
    assert max(map(markup, rows)) <= MARKUP_A_ROW
    least, most = (calls(lambda path=path: reads(path)) for path in ("/tickets/", "/tickets/?size=50"))
    assert (most - least) / 25 <= CALLS_A_ROW
    assert least <= CALLS_OF_A_LIST
    assert calls(lambda: reads(f"/tickets/{crowded.number}")) <= CALLS_OF_A_TICKET
    for path, few in (("/tickets/", STATEMENTS), (f"/tickets/{crowded.number}", STATEMENTS_OF_A_TICKET)):
        with statements(crowded.engine) as asked, transactions(crowded.engine) as begun:
            reads(path)
        assert len(begun) <= TRANSACTIONS
        assert len(asked) <= few, asked
