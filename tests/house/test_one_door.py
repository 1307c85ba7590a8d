"""There is one door to a ticket: no module outside `app/tickets` writes the ticket tables."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.tickets import models
from app.tickets.links import models as links

ROOT = Path(__file__).parents[2]
MODELS = {
    name: cls.__tablename__
    for name, cls in (vars(models) | vars(links)).items()
    if isinstance(cls, type) and issubclass(cls, models.Base) and cls is not models.Base
}
TABLES = "|".join([*MODELS.values(), "ticket_search"])
WRITING_SQL = re.compile(
    rf"\b(insert\s+(or\s+\w+\s+)?into|update|delete\s+from|replace\s+into|truncate(\s+table)?|copy|merge\s+into)\s+"
    rf"[\"`]?({TABLES})\b",
    re.IGNORECASE,
)
WRITERS = {"insert", "update", "delete", "add", "add_all", "merge", "bulk_save_objects", "bulk_insert_mappings"}
#: The migration makes the tables; the benches measure the bare way beside ours, in scratch databases.
ALLOWED = ("app/tickets/", "migrations/", "app/bench/")


def modules() -> Iterator[Path]:
    for folder in ("app", "views", "forms", "ticket_templates", "migrations"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def writes_in(source: str) -> list[str]:
    """What in a module writes a ticket table: SQL text, or a writing call that names a model."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (match := WRITING_SQL.search(node.value)):
            found.append(f"line {node.lineno}: {match[0]}")
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in MODELS:
                found.append(f"line {node.lineno}: {name}(…) makes a row")
            named = {part.id for arg in node.args for part in ast.walk(arg) if isinstance(part, ast.Name)}
            named |= {part.attr for arg in node.args for part in ast.walk(arg) if isinstance(part, ast.Attribute)}
            if name in WRITERS and (wrong := named & MODELS.keys()):
                found.append(f"line {node.lineno}: {name}({', '.join(sorted(wrong))})")
    return found


def test_no_other_module_writes_tickets():
    wrong = {
        str(path.relative_to(ROOT)): writes
        for path in modules()
        if not str(path.relative_to(ROOT)).startswith(ALLOWED) and (writes := writes_in(path.read_text()))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "source",
    [
        "session.execute(insert(Ticket).values(number='x'))",
        "session.execute(sa.update(models.Ticket))",
        "session.add(TicketNote(body='x'))",
        "row = Attachment()",
        "session.execute(delete(TicketLink))",
        "session.execute(text('DELETE FROM ticket_event WHERE id = 1'))",
        "session.execute(text('update \"ticket\" set state = 1'))",
        "session.execute(text('INSERT OR IGNORE INTO ticket_watcher VALUES (1, 2)'))",
    ],
)
def test_a_second_door_would_be_seen(source):
    assert writes_in(source)


@pytest.mark.parametrize(
    "source",
    [
        "session.execute(select(Ticket.id))",
        "session.execute(text('SELECT * FROM ticket'))",
        "session.execute(insert(TicketTemplate))",
        "session.execute(text('UPDATE ticket_template SET key = 1'))",
    ],
)
def test_reading_is_free(source):
    assert writes_in(source) == []


def test_the_door_has_no_orm_row():
    """Inside the room too, rows are written set-based: nothing is added to a session."""
    adding = re.compile(r"session\.(add|add_all|merge)\(")
    wrong = [str(path) for path in (ROOT / "app" / "tickets").rglob("*.py") if adding.search(path.read_text())]
    assert wrong == []
