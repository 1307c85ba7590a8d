"""Rooms, sizes and names (architecture: house rules 11 and 1)."""

import ast
import statistics

import pytest

from tests.house.source import ROOT, modules, tree_of

DRAWERS = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py", "manager.py"}
EMPTY = ["app/__init__.py", "views/__init__.py", "forms/__init__.py"]
PRESCRIBED = {"pyproject.toml", "app", "views", "forms", "ticket_templates", "tests", "babel", "docs", "migrations",
              "Makefile", "README.md", "CHANGELOG.md"}  # fmt: skip


def test_the_top_level_is_as_prescribed():
    assert {path.name for path in ROOT.iterdir()} >= PRESCRIBED


def test_babel_holds_no_python():
    assert not list((ROOT / "babel").rglob("*.py"))


def test_there_are_no_drawers():
    assert [str(path) for path in modules() if path.name in DRAWERS] == []


def test_there_are_no_giants():
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {str(path): lines for path, lines in lengths.items() if lines > 400} == {}
    assert statistics.median(lengths.values()) < 100
    assert sum(lines > 250 for lines in lengths.values()) <= len(lengths) * 0.05


def test_no_function_is_two_functions():
    long = [
        f"{path}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno + 1 > 45
    ]
    assert long == []


@pytest.mark.parametrize("name", EMPTY)
def test_the_great_packages_hold_a_docstring_and_nothing_else(name):
    body = ast.parse((ROOT / name).read_text(encoding="utf-8")).body
    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)


def test_templates_and_static_hold_no_python():
    strays = [
        path for folder in ("templates", "static", "translations") for path in (ROOT / "app" / folder).rglob("*.py")
    ]
    assert strays == []
