"""The source as the house tests read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "views", "forms", "ticket_templates")


@cache
def modules() -> tuple[Path, ...]:
    """Return every Python file of the program, relative to the root."""
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return tuple(sorted(path.relative_to(ROOT) for path in found))


@cache
def tree_of(module: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def calls(module: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every call: ``session.commit``, ``datetime.now``."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)
