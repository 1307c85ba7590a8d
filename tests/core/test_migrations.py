"""Migrations: up and down on both databases, and equal to what the models say."""

import warnings

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from app import migrate
from app.core.db import open_engine
from migrations import known


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
