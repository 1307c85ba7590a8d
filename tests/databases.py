"""Databases for tests: one migrated template a dialect and process, cheap copies of it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from app import migrate
from app.core.db import open_engine

#: Where the test PostgreSQL listens, without a database name; set by tests/postgres.py.
POSTGRES = os.environ.get("GONGDAN_TEST_POSTGRES", "")
#: What seals the data under test, whichever application wrote them.
DATA_KEY = "one secret of all applications under test"


class Sqlite:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.db"
        engine = open_engine(f"sqlite:///{self.template}")
        migrate.upgrade(engine)
        engine.dispose()

    @contextmanager
    def copy(self, source: str = "") -> Iterator[str]:
        """Yield the URL of a copy of the template, or of a database nobody has open."""
        path = self.folder / f"{uuid4().hex}.db"
        shutil.copy(make_url(source).database or "" if source else self.template, path)
        yield f"sqlite:///{path}"
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


class Postgres:
    """Copies of one migrated database, made by the server."""

    def __init__(self) -> None:
        self.name = f"gongdan_template_{uuid4().hex[:12]}"
        self.server = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
        self._run(f'CREATE DATABASE "{self.name}"')
        engine = open_engine(f"{POSTGRES}/{self.name}")
        migrate.upgrade(engine)
        engine.dispose()

    @contextmanager
    def copy(self, source: str = "") -> Iterator[str]:
        """Yield the URL of a copy of the template, or of a database nobody has open."""
        name = f"gongdan_{uuid4().hex[:16]}"
        template = make_url(source).database if source else self.name
        # A third of the time of copying through the log, which a server without fsync does not need.
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        yield str(make_url(f"{POSTGRES}/{name}"))
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        self._run(f'DROP DATABASE "{self.name}" WITH (FORCE)')
        self.server.dispose()

    def _run(self, statement: str) -> None:
        with self.server.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def full_disk(engine: Engine) -> Iterator[None]:
    """Leave the database no room for another ticket, note or customer meanwhile.

    SQLite's own error, by a ceiling on its pages; PostgreSQL's by a trigger, in a language that is not English.
    """
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text(_FULL))
            for table in _WRITTEN:
                connection.execute(
                    text(f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION full_disk()")
                )
        yield
        with engine.begin() as connection:
            connection.execute(text("DROP FUNCTION full_disk CASCADE"))
        return

    def ceiling(connection: Connection) -> None:
        # Not below what is there already.
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("BEGIN")
    event.listen(engine, "begin", ceiling)
    yield
    event.remove(engine, "begin", ceiling)
    # The ceiling is the connections', not the file's.
    engine.dispose()


_WRITTEN = ("ticket", "ticket_note", "customer")
_FULL = """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '无法扩展文件：设备上没有空间' USING ERRCODE = 'disk_full'; END $$"""
