"""Databases for tests: one migrated template a dialect and process, cheap copies of it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import migrate
from app.core.db import open_engine

#: Where the test PostgreSQL listens, without a database name; set by tests/postgres.py.
POSTGRES = os.environ.get("GONGDAN_TEST_POSTGRES", "")


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
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield str(make_url(f"{POSTGRES}/{name}"))
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        self._run(f'DROP DATABASE "{self.name}" WITH (FORCE)')
        self.server.dispose()

    def _run(self, statement: str) -> None:
        with self.server.connect() as connection:
            connection.execute(text(statement))
