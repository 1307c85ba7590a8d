"""Bringing a database to a schema revision. Used by `gongdan init`, `doctor`, `/readyz` and the tests."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from app.core.db import WRITES, open_engine
from app.installed import NEWER

FOLDER = Path(__file__).parent.parent / "migrations"


class NewerDatabaseError(Exception):
    """The database is at a revision this program does not know: a newer one has written it."""

    remedy = NEWER

    def __init__(self, revision: str) -> None:
        super().__init__(f"the database is at revision {revision}, which this version does not know: {self.remedy}")


class LostRowsError(Exception):
    """Rows name others that are not there: the database was damaged before, or a migration is wrong."""

    def __init__(self, tables: list[str]) -> None:
        super().__init__(f"rows of {', '.join(tables)} name rows that are not there; nothing was changed")


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration; everything is said here, there is no ini file."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    if connection is not None:
        made.attributes["connection"] = connection
    return made


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to ``revision``, in one transaction."""
    with _altering(engine) as connection:
        if not is_known(current(connection)):
            raise NewerDatabaseError(current(connection))
        command.upgrade(config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to ``revision`` (``base``: empty)."""
    with _altering(engine) as connection:
        command.downgrade(config(connection), revision)


@contextmanager
def _altering(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that changes the schema.

    On SQLite a table is made anew to change it; meanwhile nothing may follow from that to the rows that name its
    own. Whether all they name is there is asked in the end; https://sqlite.org/lang_altertable.html tells the way.
    """
    with engine.connect().execution_options(**WRITES) as connection:
        sqlite = connection.dialect.name == "sqlite"
        # Within a transaction the switch does nothing, so it is given before one begins.
        driver: Any = connection.connection.driver_connection
        if sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                before = current(connection)
                yield connection
                # It looks at every row: only where something was done.
                if sqlite and current(connection) != before:
                    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                    if lost:
                        raise LostRowsError(sorted({row[0] for row in lost}))
        finally:
            if sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


def head() -> str:
    """Return the newest revision the program knows."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def is_known(revision: str) -> bool:
    """Whether there is a migration of that name; an empty database is at none."""
    script = ScriptDirectory.from_config(config())
    return not revision or any(one.revision == revision for one in script.walk_revisions())


def current(connection: Connection) -> str:
    """Return the database's revision; empty when there is none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def make_revision(message: str) -> None:
    """Write a migration that takes the newest schema to what the models say; read it before you commit it."""
    number = f"{int(head() or 0) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/scratch.db")
        if head():
            upgrade(engine)
        with engine.connect() as connection, connection.begin():
            command.revision(config(connection), message, autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    make_revision(" ".join(sys.argv[1:]) or sys.exit("say what changes: make migration NAME=what_changes"))
