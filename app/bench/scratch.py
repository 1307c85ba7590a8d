"""Scratch databases for benches: made, used, dropped."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app.config import ConfigError, Settings
from app.house import House, open_house
from app.install import install


@contextmanager
def scratch_house(database: str, settings: Settings) -> Iterator[House]:
    """Yield a house on an empty, installed database that is gone afterwards.

    ``postgresql`` needs a server to make it on: GONGDAN_DATABASE_URL, or GONGDAN_TEST_POSTGRES as `make bench` sets it.
    """
    with (
        _ended(),
        tempfile.TemporaryDirectory(prefix="gongdan-bench-") as folder,
        _url(database, settings, Path(folder)) as url,
    ):
        house = open_house(replace(settings, instance=Path(folder), database_url=url, admin_password=uuid4().hex))
        try:
            install(house)
            yield house
        finally:
            house.engine.dispose()


@contextmanager
def _ended() -> Iterator[None]:
    """Let a bench that is told to stop clear away what it made."""
    before = signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _url(database: str, settings: Settings, folder: Path) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    server = os.environ.get("GONGDAN_TEST_POSTGRES") or settings.database_url
    if not server.startswith("postgresql"):
        raise ConfigError("no PostgreSQL to measure on: set GONGDAN_DATABASE_URL to one")
    name = f"gongdan_bench_{uuid4().hex[:12]}"
    maintenance = make_url(server).set(database="postgres")
    engine = create_engine(maintenance, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield maintenance.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        engine.dispose()
