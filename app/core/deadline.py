"""Statements that are given so much time and no more: for what may be answered later, or only about."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import chain, repeat
from typing import Final, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.work import Work

_Answer = TypeVar("_Answer")
#: Steps of SQLite's machine between two looks at the clock: about a millisecond.
_STEPS: Final = 20_000
#: PostgreSQL's `query_canceled`.
_CANCELED: Final = "57014"
#: The driver sends several orders at once only where none has parameters.
_SEVERAL: Final = {"no_parameters": True}


class TooLongError(DomainError):
    """The database had not answered when the time was over; the transaction goes on."""


@contextmanager
def within(work: Work, seconds: float) -> Iterator[None]:
    """Let the statements of the block, which only read, take so long together; TooLongError when that is over."""
    with _telling(), _begun(work, seconds) as begin:
        begin()
        yield


def first_in_time(work: Work, seconds: float, *tries: Callable[[], _Answer]) -> _Answer:
    """Return what the first of ``tries`` answers that takes no longer than that; TooLongError when none does.

    On PostgreSQL they share what a block costs: whoever asks again has waited once already.
    """
    with _telling(), _begun(work, seconds) as begin:
        for one in tries[:-1]:
            begin()
            with suppress(TooLongError), _telling():
                return one()
        begin()
        return tries[-1]()


def _begun(work: Work, seconds: float) -> AbstractContextManager[Callable[[], None]]:
    """Return what begins the time anew whenever it is called."""
    return _on_sqlite(work, seconds) if work.dialect == "sqlite" else _on_postgresql(work, seconds)


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        canceled = getattr(error.orig, "sqlstate", "") == _CANCELED
        if canceled or getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            raise TooLongError(_("This takes too long to be counted."), code="too_long") from None
        raise


@contextmanager
def _on_sqlite(work: Work, seconds: float) -> Iterator[Callable[[], None]]:
    driver = cast("sqlite3.Connection", work.session.connection().connection.driver_connection)
    try:
        yield lambda: _limited(driver, seconds)
    finally:
        driver.set_progress_handler(None, 0)


@contextmanager
def _on_postgresql(work: Work, seconds: float) -> Iterator[Callable[[], None]]:
    # A statement cut short breaks its transaction, and the limit is the transaction's: a savepoint takes both back.
    # It is the server's alone, for nothing is written in it, so that two orders go as one statement.
    connection = work.session.connection()
    limit = f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}"
    orders = chain([f"SAVEPOINT in_time; {limit}"], repeat(f"ROLLBACK TO SAVEPOINT in_time; {limit}"))
    try:
        yield lambda: _ordered(connection, next(orders))
    finally:
        _ordered(connection, "ROLLBACK TO SAVEPOINT in_time; RELEASE SAVEPOINT in_time")


def _limited(driver: sqlite3.Connection, seconds: float) -> None:
    end = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > end, _STEPS)


def _ordered(connection: Connection, orders: str) -> None:
    connection.exec_driver_sql(orders, execution_options=_SEVERAL)
