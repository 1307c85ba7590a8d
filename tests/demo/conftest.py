"""The demo company in a database of its own, loaded once a dialect: it takes seconds.

On SQLite with all its customers, as a new installation has it; on PostgreSQL with some: the same lines make them all.
"""

from zoneinfo import ZoneInfo

import pytest

from app.core.company import Company
from app.core.db import open_engine, session_factory
from app.core.permissions import SYSTEM
from app.core.unit_of_work import Transactions
from app.demo import company as demo_company
from app.demo import load_demo
from app.people import regions
from app.switchboard import HANDLERS
from tests.clients import CAUSE
from tests.conftest import NOW
from tests.factories import people as make
from ticket_templates import service

CUSTOMERS = {"sqlite": demo_company.CUSTOMERS, "postgresql": 100}


@pytest.fixture(scope="session")
def companies(servers, tmp_path_factory):
    made = {}

    def company(dialect):
        if dialect not in made:
            copy = servers(dialect).copy()
            engine = open_engine(copy.__enter__())
            place = Company(
                "测试电器", ZoneInfo("Asia/Shanghai"), "CNY", "zh_Hans", tmp_path_factory.mktemp(dialect), 1
            )
            house = Transactions(session_factory(engine), HANDLERS, place, clock=lambda: NOW)
            with pytest.MonkeyPatch.context() as patch, house.unit_of_work(SYSTEM, CAUSE) as work:
                patch.setattr(demo_company, "CUSTOMERS", CUSTOMERS[dialect])
                regions.load(work)
                service.install_packs(work)
                make.account(work, "boss", ["administrator"])
                load_demo(work, passwords={"wang.fang": "a long enough passphrase"})
            made[dialect] = house, engine, copy
        return made[dialect][0]

    yield company
    for _house, engine, copy in made.values():
        engine.dispose()
        copy.__exit__(None, None, None)


@pytest.fixture
def demo(dialect, companies):
    """The company, shared by all tests of this room: tickets stay in it."""
    return companies(dialect)
