"""Fixtures every test may use. `work` runs each test on SQLite and on PostgreSQL, rolled back at the end."""

import gc
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from app.core import audit, db
from app.core.company import Company
from app.core.db import WRITES, open_engine
from app.core.keyring import KEYRING
from app.core.permissions import SYSTEM, Actor
from app.core.unit_of_work import Transactions
from app.core.work import Cause, Work
from app.extensions import scan_all
from app.switchboard import HANDLERS
from tests.databases import DATA_KEY, POSTGRES, Postgres, Sqlite
from ticket_templates.service import install_packs

# A machine that is busy is no failure: an example has no deadline, unless its test says one.
settings.register_profile("house", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("house")

pytest_plugins = ["tests.clients", "tests.sharing"]

#: The instant every test happens at, unless it says otherwise: 16:30 in Shanghai.
NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)

DIALECTS = [
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.skipif(not POSTGRES, reason="no GONGDAN_TEST_POSTGRES")),
]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the garbage collector from what is collected: thousands of tests that live to the end.

    Applications and their statements do too: it looks at them seldom, as little of what a test leaves is a cycle.
    """
    gc.disable()
    yield
    gc.freeze()
    gc.set_threshold(20_000, 10, 50)
    gc.enable()


@pytest.fixture(autouse=True)
def _keyring() -> Iterator[None]:
    """Give the tests that follow their key back, which is the process's: with another one they find no phone."""
    before = vars(KEYRING).copy()
    yield
    vars(KEYRING).update(before)


@pytest.fixture(scope="session", autouse=True)
def _house() -> Iterator[None]:
    KEYRING.load([DATA_KEY])
    scan_all()
    audit.listen()

    def prepare(connection: sqlite3.Connection, record: Any, real: Any = db._prepare_sqlite) -> None:
        real(connection, record)
        # Nobody pulls the plug on a test: its commits need not reach the disk.
        connection.execute("PRAGMA synchronous=OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_prepare_sqlite", prepare)
        yield


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Sqlite | Postgres]]:
    """The template databases, made when first asked for."""
    made: dict[str, Sqlite | Postgres] = {}

    def server(dialect: str) -> Sqlite | Postgres:
        if dialect not in made:
            made[dialect] = Sqlite(tmp_path_factory.mktemp("sqlite")) if dialect == "sqlite" else Postgres()
        return made[dialect]

    yield server
    if isinstance(postgres := made.get("postgresql"), Postgres):
        postgres.close()


@pytest.fixture(scope="session")
def packed(servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The URL of a dialect's database with the shipped packs, for copies: to install them takes a second."""
    made: dict[str, tuple[Any, str]] = {}

    def database(dialect: str) -> str:
        if dialect not in made:
            copy = servers(dialect).copy()
            url = copy.__enter__()
            engine = open_engine(url)
            company = _company(tmp_path_factory.mktemp("packed"))
            transactions = Transactions(sessionmaker(engine), HANDLERS, company, clock=lambda: NOW)
            with transactions.unit_of_work(SYSTEM, Cause("system", "tests")) as work:
                install_packs(work)
            engine.dispose()
            made[dialect] = copy, url
        return made[dialect][1]

    yield database
    for copy, _url in made.values():
        copy.__exit__(None, None, None)


@pytest.fixture(scope="session")
def shared_engines(servers: Any, packed: Any) -> Iterator[Callable[..., Engine]]:
    """One database a dialect for all tests that roll back, and one for those that begin with the shipped packs."""
    opened: dict[tuple[str, bool], tuple[Any, Engine]] = {}

    def engine(dialect: str, *, with_packs: bool = False) -> Engine:
        if (dialect, with_packs) not in opened:
            copy = servers(dialect).copy(packed(dialect) if with_packs else "")
            opened[dialect, with_packs] = copy, open_engine(copy.__enter__())
        return opened[dialect, with_packs][1]

    yield engine
    for copy, one in opened.values():
        one.dispose()
        copy.__exit__(None, None, None)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return _company(tmp_path)


def _company(folder: Path) -> Company:
    return Company("测试电器", ZoneInfo("Asia/Shanghai"), "CNY", "zh_Hans", folder / "files", 20 * 1024 * 1024)


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def with_packs(request: pytest.FixtureRequest) -> bool:
    """Whether the shipped packs are in this test's database: mark what begins with them ``packs``."""
    return request.node.get_closest_marker("packs") is not None


@pytest.fixture
def transactions(dialect: str, shared_engines: Any, company: Company, with_packs: bool) -> Iterator[Transactions]:
    """Units of work whose commits are savepoints of one transaction that is rolled back after the test."""
    with shared_engines(dialect, with_packs=with_packs).connect().execution_options(**WRITES) as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        yield Transactions(sessions, HANDLERS, company, clock=lambda: NOW)
        outer.rollback()


@pytest.fixture
def work(transactions: Transactions) -> Iterator[Work]:
    """A unit of work of the system at `NOW`; `make_work` gives other people's."""
    with transactions.unit_of_work(SYSTEM, Cause("person")) as work:
        yield work


@pytest.fixture
def make_work(work: Work) -> Callable[..., Work]:
    """Return a function that gives the same transaction to another actor, or at another time."""

    def make(actor: Actor = SYSTEM, *, now: datetime = NOW, cause: Cause | None = None) -> Work:
        return Work(work.session, actor, now, cause or Cause("person"), work.company)

    return make


@pytest.fixture
def fresh_database(dialect: str, servers: Any, packed: Any, with_packs: bool) -> Iterator[str]:
    """The URL of a database of one's own: for tests with real commits, several connections or processes."""
    with servers(dialect).copy(packed(dialect) if with_packs else "") as url:
        yield url


@pytest.fixture
def fresh_transactions(fresh_database: str, company: Company) -> Iterator[Transactions]:
    """Real units of work on a database of one's own."""
    engine = open_engine(fresh_database)
    yield Transactions(sessionmaker(engine, expire_on_commit=False), HANDLERS, company, clock=lambda: NOW)
    engine.dispose()
