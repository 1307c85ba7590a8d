"""Who commits, and who reads the clock (architecture: house rules 3, 4 and 9)."""

import ast

from tests.house.source import calls, modules, tree_of

#: The only `commit()` of the house.
COMMITS = {"app/core/unit_of_work.py"}
#: Edges, which give `now` to the rest; benches and supervisors measure real time.
CLOCKS = {"app/core/unit_of_work.py", "app/doctor.py"}
WALL = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "func.now")


def test_only_the_unit_of_work_commits():
    found = [
        f"{path}:{line}"
        for path in modules()
        for line, name in calls(path)
        if name.endswith((".commit", "session.begin")) and str(path) not in COMMITS
    ]
    assert found == []


def test_only_edges_read_the_clock():
    found = [
        f"{path}:{line} {name}"
        for path in modules()
        for line, name in calls(path)
        if name.endswith(WALL) and str(path) not in CLOCKS and not str(path).startswith("app/bench/")
    ]
    assert found == []


def test_nothing_is_swallowed():
    """A broad `except` records what it caught or raises again; it never goes on in silence."""
    silent = [
        f"{path}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and all(isinstance(step, ast.Pass | ast.Continue | ast.Return) for step in node.body)
    ]
    assert silent == []
