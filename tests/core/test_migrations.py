"""Migrations: up and down on both databases, and equal to what the models say."""

import json
import warnings

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, literal, select, text, union_all

from app import migrate
from app.core.db import open_engine
from app.tickets import search
from migrations import known
from tests.conftest import NOW


@pytest.fixture
def empty(fresh_database):
    engine = open_engine(fresh_database)
    migrate.downgrade(engine, "base")
    yield engine
    engine.dispose()


def tables(engine):
    return {name for name in inspect(engine).get_table_names() if not name.startswith("ticket_search_")}


def test_down_leaves_nothing_and_up_brings_all_back(fresh_database, empty):
    assert tables(empty) <= {"alembic_version"}
    migrate.upgrade(empty)
    assert {"ticket", "ab_user", "ticket_search"} <= tables(empty)
    with empty.connect() as connection:
        assert migrate.current(connection) == migrate.head()
    migrate.upgrade(empty)


def test_the_migrated_schema_is_what_the_models_say(empty):
    migrate.upgrade(empty)
    with empty.connect() as connection, warnings.catch_warnings():
        # SQLite cannot reflect the expressions of an index; PostgreSQL's run compares them.
        warnings.simplefilter("ignore")
        context = MigrationContext.configure(
            connection, opts={"compare_type": False, "include_object": known.include, "target_metadata": known.tables()}
        )
        differences = compare_metadata(context, known.tables())
    if empty.dialect.name == "sqlite":
        differences = [one for one in differences if "index" not in str(one[0])]
    assert differences == []


def indexes(engine):
    sqlite = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    postgresql = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    with engine.connect() as connection:
        return set(connection.execute(text(sqlite if engine.dialect.name == "sqlite" else postgresql)))


def test_keys_of_rows_that_are_gone_stay_theirs(empty):
    """Also of those that went before the tables learnt it; rows and indexes stay, both ways."""
    migrate.upgrade(empty, "0022")
    at = NOW.isoformat()
    skill = text("INSERT INTO skill (key, labels, created_at, changed_at) VALUES (:key, '{}', :at, :at)")
    told = "INSERT INTO audit_event (at, cause, action, table_name, row_id, changes)"
    with empty.begin() as connection:
        connection.execute(skill, {"key": "welding", "at": at})
        connection.execute(text(f"{told} VALUES (:at, '{{}}', 'deleted', 'skill', '7', '{{}}')"), {"at": at})
    before = indexes(empty)
    for revision, moved in (("0023", migrate.upgrade), ("0022", migrate.downgrade), ("0023", migrate.upgrade)):
        moved(empty, revision)
        assert indexes(empty) == before
        with empty.connect() as connection:
            assert connection.execute(text("SELECT id, key FROM skill")).all() == [(1, "welding")]
    with empty.begin() as connection:
        connection.execute(skill, {"key": "wiring", "at": at})
        # PostgreSQL's sequences never knew of this one, which no row ever had there.
        assert connection.scalar(text("SELECT max(id) FROM skill")) == (8 if empty.dialect.name == "sqlite" else 2)


def test_a_migration_that_loses_rows_changes_nothing(empty):
    if empty.dialect.name == "postgresql":
        return
    migrate.upgrade(empty, "0022")
    with empty.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        columns = "staff_id, skill_id, level, created_at, changed_at"
        driver.execute(f"INSERT INTO staff_skill ({columns}) VALUES (5, 6, 1, '', '')")  # noqa: S608 - ours
        driver.execute("PRAGMA foreign_keys=ON")
    with pytest.raises(migrate.LostRowsError, match="staff_skill"):
        migrate.upgrade(empty, "0023")
    with empty.connect() as connection:
        assert migrate.current(connection) == "0022"


def test_what_was_found_by_words_is_found_by_their_beginnings_and_by_words_again(empty):
    migrate.upgrade(empty, "0008")
    with empty.begin() as connection:
        search.write(connection, [(7, ["wx", "20261121", "漏水"]), (9, ["az"])], fresh=True)
    for revision in ("0009", "0008"):
        (migrate.upgrade if revision == "0009" else migrate.downgrade)(empty, revision)
        with empty.connect() as connection:
            assert found(connection, "2026 漏") == [7]
            assert connection.scalar(text("SELECT count(*) FROM ticket_search")) == 2
            if empty.dialect.name == "sqlite":
                made = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'ticket_search'"))
                assert ("prefix" in made) == (revision == "0009")


def test_jobs_that_had_ended_are_no_news(empty):
    migrate.upgrade(empty, "0019")
    told = {"parameters": "{}", "cause": "{}", "result": "{}", "total": 0, "done": 0, "unchanged": 0, "refused": 0}
    rows = [("ended", 1, "done", NOW), ("runs", 1, "running", None), ("clock", None, "waiting", None)]
    with empty.begin() as connection:
        names = "first_name, last_name, username, email"
        connection.execute(text(f"INSERT INTO ab_user (id, {names}) VALUES (1, 'a', 'b', 'c', 'd')"))  # noqa: S608 - ours
        for key, owner, state, ended in rows:
            one = told | {"idempotency_key": key, "kind": key, "owner_id": owner, "state": state}
            one |= {"created_at": NOW.isoformat(), "ended_at": ended and ended.isoformat()}
            marks = ", ".join(f":{name}" for name in one)
            connection.execute(text(f"INSERT INTO job ({', '.join(one)}) VALUES ({marks})"), one)  # noqa: S608 - ours
    migrate.upgrade(empty, "0020")
    with empty.connect() as connection:
        news = connection.scalars(text("SELECT kind FROM job WHERE seen_at IS NULL")).all()
    assert news == ["runs"]


def test_what_was_recorded_of_parts_is_told_of_what_they_belonged_to(empty):
    migrate.upgrade(empty, "0020")
    told = [
        ("phone", "5", {"customer_id": [None, 1], "contact_id": [None, 3], "tail": [None, "5678"]}),
        ("phone", "5", {"tail": ["5678", "1111"]}),
        ("contact", "3", {"customer_id": [None, 1], "name": [None, "x"]}),
        ("contact", "3", {"customer_id": [1, 2]}),
        ("phone", "5", {"contact_id": [3, None]}),
        ("phone", "5", {"customer_id": [1, None], "tail": ["1111", None]}),
        ("staff_skill", "7", {"staff_id": [None, 9]}),
        ("customer", "1", {"name": [None, "y"]}),
        ("site", "8", {"name": ["a", "b"]}),
    ]
    columns = "id, at, cause, action, table_name, row_id, changes"
    insert = f"INSERT INTO audit_event ({columns}) VALUES (:id, :at, '{{}}', 'changed', :table, :row, :changes)"  # noqa: S608 - ours
    with empty.begin() as connection:
        for number, (table, row, changes) in enumerate(told, 1):
            values = {"id": number, "at": NOW.isoformat(), "table": table, "row": row, "changes": json.dumps(changes)}
            connection.execute(text(insert), values)
    migrate.upgrade(empty, "0021")
    with empty.connect() as connection:
        rows = connection.execute(text("SELECT table_name, row_id, event_id FROM audit_event_whole ORDER BY 1, 2, 3"))
        found = [tuple(row) for row in rows]
    assert found == [
        ("contact", "3", 1), ("contact", "3", 2), ("contact", "3", 5),
        ("customer", "1", 1), ("customer", "1", 2), ("customer", "1", 3), ("customer", "1", 4), ("customer", "1", 5),
        ("customer", "1", 6), ("customer", "2", 4), ("staff_profile", "9", 7),
    ]  # fmt: skip
    migrate.downgrade(empty, "0020")
    assert "audit_event_whole" not in tables(empty)


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_numbers_stand_in_the_order_of_their_characters(empty):
    migrate.upgrade(empty)
    with empty.connect() as connection:
        (number,) = [one for one in inspect(connection).get_columns("ticket") if one["name"] == "number"]
    assert number["type"].collation == "C"


def found(connection, query):
    ids = union_all(*(select(literal(one).label("id")) for one in (7, 9))).subquery()
    narrowed, _own = search.narrowed(connection.dialect.name, select(ids.c.id), ids.c.id, query)
    return connection.scalars(narrowed).all()
