"""Migrations are history: numbered, one after the other, and untouched by what the program becomes."""

import ast

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from app import installed, migrate
from app.core import columns
from app.core.audit import Recorded
from app.core.db import Base
from migrations import known
from tests.house.source import ROOT

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py"))
#: Our column types; what they are in a database is written down below.
FROZEN = "app.core"


def assigned(path, name):
    found = [
        ast.literal_eval(node.value)
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    ]
    assert len(found) == 1, f"{path.name}: {name}"
    return found[0]


def test_each_follows_the_one_before_and_is_named_by_its_number():
    before = None
    for path in VERSIONS:
        assert assigned(path, "revision") == path.name[:4]
        assert assigned(path, "down_revision") == before
        before = path.name[:4]
    assert before == migrate.head() == installed.newest_revision()


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_none_imports_what_may_change(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            ours = node.module == FROZEN and [alias.name for alias in node.names] == ["columns"]
            assert ours or (node.module or "").split(".")[0] in {"alembic", "sqlalchemy"}, ast.unparse(node)
        elif isinstance(node, ast.Import):
            # 0006 asks Python how it folds, so that the database folds alike.
            allowed = {"sqlalchemy", "sys", "unicodedata"}
            assert all(alias.name.split(".")[0] in allowed for alias in node.names), ast.unparse(node)


@pytest.mark.parametrize(
    ("column", "on_sqlite", "on_postgresql"),
    [
        (columns.UtcDateTime, "VARCHAR(27)", "TIMESTAMP WITH TIME ZONE"),
        (columns.Json, "TEXT", "JSONB"),
        (columns.Encrypted, "TEXT", "TEXT"),
    ],
)
def test_the_types_they_name_stay_what_they_are(column, on_sqlite, on_postgresql):
    assert column().compile(sqlite.dialect()) == on_sqlite
    assert column().compile(postgresql.dialect()) == on_postgresql


def test_no_other_type_of_ours_is_named():
    named = {
        node.attr
        for path in VERSIONS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "columns"
    }
    assert named <= {"UtcDateTime", "Json", "Encrypted"}


def test_no_key_of_what_goes_away_is_given_again():
    """Whatever is recorded, uploaded or run in the background: other rows name it, and no foreign key says so."""
    marked = {table.name for table in known.tables().sorted_tables if table.dialect_options["sqlite"]["autoincrement"]}
    recorded = [one.local_table for one in Base.registry.mappers if issubclass(one.class_, Recorded)]
    numbered = {table.name for table in recorded if [column.type.python_type for column in table.primary_key] == [int]}
    assert numbered <= marked
    made_anew = assigned(next(path for path in VERSIONS if path.stem == "0023_keys_once"), "_TABLES")
    assert set(made_anew) == marked | {"ab_user"}
