"""What a room may use of another, of the database and of the network (which way imports point; house rules 5 and 7).

Import-linter (`make lint`) keeps the direction; here is what it cannot say.
"""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.source import ROOT, modules, tree_of

#: What stands in no layer: it puts the rooms together, and is imported from above and below.
WIRING = {
    "arrivals", "config", "extensions", "house", "icons", "installed", "instance_keys", "logging", "messages",
    "migrate", "routing", "schema", "switchboard", "vendoring",
}  # fmt: skip
#: Folders that hold no Python.
NO_ROOMS = {"static", "templates", "translations", "__pycache__"}

#: Conditions of views that Flask-AppBuilder's own statements of its lists are narrowed and sorted by.
SELECTING_VIEWS = {"views/base/interface.py", "views/base/tree_filters.py"}
READING = {"select", "text", "insert", "update", "delete"}

NETWORK = {
    "aiohttp", "asyncio", "ftplib", "http.client", "http.server", "httpx", "imaplib", "paramiko", "poplib", "requests",
    "smtplib", "socket", "socketserver", "ssl", "urllib.error", "urllib.request", "urllib3", "websockets", "xmlrpc",
}  # fmt: skip
#: None of them reaches beyond this machine; what will is a channel's delivery, and stands there.
CONNECTING = {
    "app/arrivals.py": {"socket"},  # takes the connections browsers make
    "app/bench/web.py": {"http.client", "socket"},  # measures our own server
    "app/core/jobs/processes.py": {"socket"},  # asks what this machine is called
    "app/supervisor.py": {"socket", "urllib.error", "urllib.request"},  # asks its own child whether it is healthy
}

FEATURES = (
    "app.exchange", "app.reports", "app.desk", "app.tickets", "app.assets", "app.people", "app.company",
)  # fmt: skip
#: What any feature offers those above it.
FACE = {"service", "queries", "events", "models"}
#: What one offers besides, by who asks for it: what nobody asks for any more is taken out.
OFFERED = {
    ("app.assets", "app.people"): {
        "neighbours",  # the tables of others that a join of either needs
        "scope",  # a unit is in the reach of its customer
    },
    ("app.desk", "app.people"): {
        "phones",  # whether what a view is to keep is a number of somebody
        "role_service",
    },
    ("app.desk", "app.tickets"): {"conditions"},
    ("app.exchange", "app.company"): {"profile"},
    ("app.exchange", "app.people"): {
        "assignees", "phones", "scope",  # who and what a cell names, as far as the importer reaches
        "records", "tags",
    },
    ("app.exchange", "app.tickets"): {
        "columns",  # what the list shows, the file holds
        "orders",  # what an import gives to the change path
        "priorities", "references", "rows",
    },
    ("app.reports", "app.company"): {"profile"},
    ("app.reports", "app.tickets"): {"attachments", "columns"},
    ("app.tickets", "app.assets"): {"scope", "warranty"},
    ("app.tickets", "app.people"): {
        "assignees", "colleagues", "dispatchers", "identity", "scope",  # who a ticket may be given to, and is told
        "access_tables", "phones", "privacy", "records", "tags",
    },
}  # fmt: skip


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names a module imports, wherever in it: ``from a import b`` is a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{one.name}" for one in node.names)


def test_every_room_stands_in_a_layer():
    """A room in none could be imported by all, and import all."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (rooms,) = [one for one in contracts if one["id"] == "rooms"]
    layered = {name.strip() for layer in rooms["layers"] for name in layer.split(":")}
    there = {path.stem for path in (ROOT / "app").iterdir() if path.suffix == ".py" or path.is_dir()}
    there -= {"__init__", *NO_ROOMS}
    assert {f"app.{name}" for name in there - WIRING} | {"views", "forms", "ticket_templates"} == layered
    assert there >= WIRING


def selects_in(tree: ast.AST) -> list[str]:
    """Return the statements a module makes itself."""
    named = {name.rpartition(".")[2] for name in imported(tree) if name.startswith("sqlalchemy.")}
    whole = {"sqlalchemy", "sa"}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            owner, _, last = called.rpartition(".")
            if last in READING and ((not owner and last in named) or owner in whole):
                found.append(f"line {node.lineno}: {called}")
    return found


def test_a_view_holds_no_select():
    found = {str(path): selects_in(tree_of(path)) for path in modules() if path.parts[0] in {"views", "forms"}}
    assert {path: lines for path, lines in found.items() if lines and path not in SELECTING_VIEWS} == {}
    assert {path for path, lines in found.items() if lines} >= SELECTING_VIEWS


def networks_in(tree: ast.AST) -> set[str]:
    """Return what of the network a module imports."""
    return {known for name in imported(tree) for known in NETWORK if f"{name}.".startswith(f"{known}.")}


def test_only_channels_talk_to_others():
    found = {str(path): networks_in(tree_of(path)) for path in modules()}
    assert {path: names for path, names in found.items() if names} == CONNECTING


def feature_of(module: str) -> str | None:
    return next((one for one in FEATURES if f"{module}.".startswith(f"{one}.")), None)


def test_a_feature_is_used_by_its_face():
    asked: dict[tuple[str, str], set[str]] = {}
    for path in modules():
        mine = feature_of(".".join(path.with_suffix("").parts))
        for name in imported(tree_of(path)) if mine else ():
            theirs = feature_of(name)
            if theirs and theirs != mine:
                asked.setdefault((str(mine), theirs), set()).add(name[len(theirs) + 1 :].split(".")[0])
    assert {pair: names - FACE for pair, names in asked.items() if names - FACE} == OFFERED


@pytest.mark.parametrize(
    ("look", "source"),
    [
        (selects_in, "from sqlalchemy import select\ndef f(w): return w.session.scalar(select(A.id))"),
        (selects_in, "import sqlalchemy as sa\nx = sa.text('SELECT 1')"),
        (networks_in, "import urllib.request"),
        (networks_in, "def f():\n    from urllib import request"),
        (networks_in, "from http.client import HTTPConnection"),
        (networks_in, "import requests.sessions"),
    ],
)
def test_what_is_not_allowed_would_be_seen(look, source):
    assert look(ast.parse(source))


@pytest.mark.parametrize(
    ("look", "source"),
    [
        (selects_in, "from sqlalchemy import or_\nx = or_(text('a'), session.select(1))"),
        (networks_in, "from urllib.parse import urlsplit\nfrom http import HTTPStatus"),
    ],
)
def test_what_is_allowed_is_free(look, source):
    assert not look(ast.parse(source))


def test_the_rooms_are_there():
    assert all((ROOT / Path(*one.split("."))).is_dir() for one in FEATURES)
