"""Workers that run jobs at once: each in a thread, with connections of its own as a process has them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import sessionmaker

from app.core.db import open_engine
from app.core.jobs.runner import run_one
from app.core.unit_of_work import Transactions


@contextmanager
def elsewhere(transactions: Transactions, url: str) -> Iterator[Transactions]:
    """Units of work like ``transactions``, over connections of their own."""
    engine = open_engine(url)
    try:
        yield Transactions(
            sessionmaker(engine, expire_on_commit=False), transactions.handlers, transactions.company,
            clock=transactions.clock,
        )  # fmt: skip
    finally:
        engine.dispose()


def run_at_once(transactions: Transactions, url: str, workers: int, actor_of: Any) -> None:
    """Run what waits in so many workers until nothing does; what any of them raises is raised."""

    def work_off(number: int) -> None:
        with elsewhere(transactions, url) as mine:
            while run_one(mine, f"w{number}", actor_of):
                pass

    with ThreadPoolExecutor(workers) as pool:
        for _done in pool.map(work_off, range(workers)):
            pass
