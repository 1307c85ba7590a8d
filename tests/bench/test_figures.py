"""Benches still run: on few rows each gives the figures that are named, and every figure is one."""

import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from app.bench import BENCHES, change_path, list_page, pdf, search, startup, ticket_edit, web
from app.cli.bench import bench
from app.core.permissions import SYSTEM
from app.demo import company as demo
from app.people import regions
from tests.clients import CAUSE
from ticket_templates import service

pytestmark = pytest.mark.long
FEW = 40


@pytest.fixture
def house(fresh_web, monkeypatch):
    """A house as a bench is given one; few customers are made, and each thing is measured once."""
    monkeypatch.setattr(demo, "CUSTOMERS", 20)
    monkeypatch.setattr(ticket_edit, "EDITS", 3)
    monkeypatch.setattr(change_path, "BATCH", 3)
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
    assert unmeasured(found.values()) == []
    return found


def unmeasured(figures):
    return [one.metric for one in figures if not (one.ours > 0 and one.limit > 0)]


def test_the_benches_of_the_database_give_their_figures(house):
    BENCHES.scan()
    # Two that count on a database without tickets, and without levels of customers.
    assert set(figures(house, "change_path", 6)) == {"change_path", "change_path_create"}
    assert set(figures(house, "conditions", FEW)) == {"conditions", "conditions_sql"}
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
    shown = figures(house, "ticket_page", FEW)
    assert set(shown) == {"ticket_page", "ticket_page_statements"}
    assert shown["ticket_page_statements"].ours <= shown["ticket_page_statements"].limit
    drawn = figures(house, "board", FEW)
    assert {"board", "board_statements", "board_flatness", "groups_state"} <= set(drawn)
    assert set(figures(house, "excel_import", 3)) == {"excel_import", "excel_import_again"}


def test_the_benches_of_files_and_of_the_start_give_their_figures(company, monkeypatch):
    BENCHES.scan()
    house = SimpleNamespace(company=company)
    monkeypatch.setattr(pdf, "LARGE", 30)
    # Ours starts once, with the byte code there is; the bare one takes nothing.
    once = cache(lambda body, real=startup._ready: real(body, "") if body == startup.OURS else (1.0, 1.0))
    monkeypatch.setattr(startup, "_ready", lambda body, _folder: once(body))
    found = {
        name: {one.metric: one for one in BENCHES[name]().run(house, rows)}
        for name, rows in (("excel_export", 20), ("pdf", 1), ("startup", 1))
    }
    assert {name: set(several) for name, several in found.items()} == {
        "excel_export": {"excel_export", "excel_export_memory"},
        "pdf": {"pdf", "pdf_large_table"},
        "startup": {"startup", "web_memory"},
    }
    assert [one for several in found.values() for one in unmeasured(several.values())] == []
    memory = found["startup"]["web_memory"]
    assert (memory.unit, memory.limit) == ("MB", startup.MOST_MEMORY)
    # A process with Python and the house in it has some tens.
    assert memory.ours > 30


def test_the_bench_of_the_server_asks_pages_that_are_there(monkeypatch):
    monkeypatch.setattr(web, "SECONDS", 0.2)
    monkeypatch.setattr(demo, "CUSTOMERS", 20)
    done = CliRunner().invoke(bench, ["web", "--rows", "5", "--json"])
    assert done.exception is None
    found = {row["metric"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert set(found) == {"web", "web_ticket", "web_create"}
    assert all(row["ours"] > 0 and row["limit"] > 0 and row["rows"] == 5 for row in found.values())


def test_no_bench_is_left_out():
    BENCHES.scan()
    told = Path(__file__).read_text("utf-8")
    assert [name for name in BENCHES.names() if f'"{name}"' not in told] == []
