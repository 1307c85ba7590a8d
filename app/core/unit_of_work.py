"""Transactions: the only `commit()` of the house, and the rehearsal that never commits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session, sessionmaker

from app.core.company import Company
from app.core.db import WRITES
from app.core.permissions import Actor
from app.core.work import Cause, Handler, Work

#: Events may lead to events; a chain longer than this is a loop in the switchboard, which is a bug.
LONGEST_CHAIN = 10_000


def utc_now() -> datetime:
    """Return the wall clock; only edges (views, worker, CLI) call this, once per unit of work."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Transactions:
    """Opens units of work over one database, with the switchboard's handlers."""

    sessions: sessionmaker[Session]
    handlers: Mapping[type, Sequence[Handler]]
    company: Company
    clock: Callable[[], datetime] = utc_now

    def today(self) -> date:
        """Return the company's day, for pages whose rows are read outside of any work."""
        return self.company.day_of(self.clock())

    @contextmanager
    def unit_of_work(self, actor: Actor, cause: Cause, *, session: Session | None = None) -> Iterator[Work]:
        """Yield a work whose changes are committed when the block ends, or rolled back when it raises.

        ``session`` is given only by Flask-AppBuilder's CRUD, which loaded its rows with a session of its own.
        """
        own = session is None
        work = self._opened(session or self.sessions(), actor, cause, begin=own)
        try:
            yield work
            self._settle(work)
            work.session.commit()
        except BaseException:
            work.session.rollback()
            raise
        finally:
            _left(work.session, close=own)

    @contextmanager
    def rehearsal(self, actor: Actor, cause: Cause) -> Iterator[Work]:
        """Yield a work that does all a unit of work does and is always rolled back: previews, simulations."""
        work = self._opened(self.sessions(), actor, cause, begin=True)
        try:
            yield work
            self._settle(work)
            work.session.flush()
        finally:
            work.session.rollback()
            _left(work.session, close=True)

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Work]:
        """Yield a work for queries only: no write lock is taken and nothing is committed."""
        work = self._opened(self.sessions(), actor, Cause("person"), begin=False)
        work.kept = {}
        try:
            yield work
        finally:
            # Closing ends the transaction and leaves what was read readable; a rollback would expire it.
            _left(work.session, close=True)

    def _opened(self, session: Session, actor: Actor, cause: Cause, *, begin: bool) -> Work:
        if begin:
            session.connection(execution_options=WRITES)
        work = Work(session, actor, self.clock(), cause, self.company)
        session.info["work"] = work
        return work

    def _settle(self, work: Work) -> None:
        """Tell the listeners what happened, and what follows from that, until nothing new happens."""
        told = 0
        # What is not flushed yet has not been told either.
        work.session.flush()
        while told < len(work.events):
            if told >= LONGEST_CHAIN:
                raise RuntimeError("the switchboard does not come to rest")
            event = work.events[told]
            told += 1
            for handler in self.handlers.get(type(event), ()):
                handler(work, event)
            work.session.flush()


def _left(session: Session, *, close: bool) -> None:
    session.info.pop("work", None)
    if close:
        session.close()
