"""A worker of the crash test, in a process of its own, killed at any moment."""

from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import sessionmaker

from app.core import audit
from app.core.company import Company
from app.core.db import open_engine
from app.core.jobs import leases
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import ChunkOutcome, JobKind
from app.core.jobs.processes import this_worker
from app.core.jobs.runner import run_one
from app.core.keyring import KEYRING
from app.core.outbox.deliveries import DELIVERIES
from app.core.outbox.service import deliver_one, send
from app.core.permissions import SYSTEM
from app.core.unit_of_work import Transactions, utc_now
from app.core.work import Cause
from app.people.models import Tag
from tests.databases import DATA_KEY


@JOB_KINDS.register
class Crashing(JobKind):
    """Adds ten tags a chunk, flushing in between, so that a kill can hit half-way, and promises a message."""

    name = "crashing"

    def run(self, work, job, payload):
        for n in range(10):
            work.session.add(Tag(name=f"{payload['chunk']}-{n}"))
            work.session.flush()
        send(work, "spool", "far-end", payload, idempotency_key=f"chunk-{payload['chunk']}")
        return ChunkOutcome(done=10)


def transactions_of(url: str, folder: Path) -> Transactions:
    """Return real units of work over ``url``."""
    engine = open_engine(url)
    company = Company("测试", ZoneInfo("Asia/Shanghai"), "CNY", "zh_Hans", folder / "files", 1)
    return Transactions(sessionmaker(engine, expire_on_commit=False), {}, company, utc_now)


def main(url: str, folder: Path) -> None:
    """Work until there is nothing left to do."""
    audit.listen()
    DELIVERIES.scan()
    KEYRING.load([DATA_KEY])
    transactions = transactions_of(url, folder)
    with transactions.unit_of_work(SYSTEM, Cause("system")) as work:
        leases.return_leases_of_the_dead(work)
    while run_one(transactions, this_worker(), lambda _session, _owner: SYSTEM) or deliver_one(transactions, "w"):
        pass
