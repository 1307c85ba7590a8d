"""Benches still run: on few rows each gives the figures that are named, and every figure is one."""

import pytest

from app.bench import BENCHES, list_page, search, ticket_edit
from app.core.permissions import SYSTEM
from app.demo import company
from app.people import regions
from tests.clients import CAUSE
from ticket_templates import service

pytestmark = pytest.mark.long
FEW = 40


@pytest.fixture
def house(fresh_web, monkeypatch):
    """A house as a bench is given one; few customers are made, and each thing is measured once."""
    monkeypatch.setattr(company, "CUSTOMERS", 20)
    monkeypatch.setattr(ticket_edit, "EDITS", 3)
    monkeypatch.setattr(list_page.fastest, "__defaults__", (1,))
    house = fresh_web.extensions["gongdan"]
    with house.transactions.unit_of_work(SYSTEM, CAUSE) as work:
        regions.load(work)
        service.install_packs(work)
    return house


def figures(house, name, rows):
    """Return the figures of a bench by their names; the last of each, at the most rows."""
    found = {one.metric: one for one in BENCHES[name]().run(house, rows)}
    assert {one.rows for one in found.values()} == {rows}
    assert [one.metric for one in found.values() if not (one.ours > 0 and one.limit > 0)] == []
    return found


def test_the_benches_of_lists_finding_and_edits_give_their_figures(house):
    BENCHES.scan()
    assert set(figures(house, "ticket_edit", 2)) == {"ticket_edit"}
    listed = figures(house, "list_page", FEW)
    pages = {"list_page", "list_page_deep", "list_page_own", "list_page_outlet"} | {
        f"list_page_{name}" for name in list_page.QUERIES if name != "first"
    }
    assert set(listed) >= {page + figure for page in pages for figure in ("", "_statements", "_flatness")}
    assert all(one.ours <= one.limit for name, one in listed.items() if name.endswith("_statements"))
    found = figures(house, "search", FEW)
    pages = {"search", "search_indexed", "search_deep", *(f"search_{name}" for name in search.QUERIES)}
    assert set(found) == pages | {f"{page}_flatness" for page in pages}
