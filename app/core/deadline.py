"""Statements that are given so much time and no more: for what may be answered later, or only about."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

from sqlalchemy.exc import OperationalError

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.work import Work

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
    try:
        with _on_sqlite(work, seconds) if work.dialect == "sqlite" else _on_postgresql(work, seconds):
            yield
    except OperationalError as error:
        canceled = getattr(error.orig, "sqlstate", "") == _CANCELED
        if canceled or getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            raise TooLongError(_("This takes too long to be counted."), code="too_long") from None
        raise


@contextmanager
def _on_sqlite(work: Work, seconds: float) -> Iterator[None]:
    driver = cast("sqlite3.Connection", work.session.connection().connection.driver_connection)
    end = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


@contextmanager
def _on_postgresql(work: Work, seconds: float) -> Iterator[None]:
    # A statement cut short breaks its transaction, and the limit is the transaction's: a savepoint takes both back.
    # It is the server's alone, for nothing is written in it, so that two orders go as one statement.
    connection = work.session.connection()
    limit = f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}"
    connection.exec_driver_sql(f"SAVEPOINT in_time; {limit}", execution_options=_SEVERAL)
    try:
        yield
    finally:
        connection.exec_driver_sql(
            "ROLLBACK TO SAVEPOINT in_time; RELEASE SAVEPOINT in_time", execution_options=_SEVERAL
        )
