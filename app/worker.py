"""The worker: runs due chunks, drains the outbox, keeps the clockwork going. Any number may run at once."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.jobs import leases, service
from app.core.jobs.processes import this_worker
from app.core.jobs.runner import run_one
from app.core.outbox.service import deliver_one
from app.core.permissions import SYSTEM, Actor
from app.core.work import Cause
from app.exchange.record_lists import RECORD_LISTS, Screens
from app.house import House
from app.people.identity import actor_of

log = logging.getLogger(__name__)

#: How long an idle worker waits before it looks at the tables again.
IDLE_SECONDS: Final = 0.5
HEARTBEAT_SECONDS: Final = 5.0
#: How long it waits at most before it tries once more what fails: a database that is away, say.
LONGEST_WAIT_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Duty:
    """A job submitted once per period of the clock, by whichever worker comes first."""

    kind: str
    period: str

    def key(self, now: datetime) -> str:
        """Return the idempotency key of the period ``now`` lies in (a `strftime` pattern of UTC)."""
        return f"{self.kind}:{now.strftime(self.period)}"


#: What runs on a clock. The unique key of a period is what makes it run once on however many workers.
DUTIES: Final[tuple[Duty, ...]] = (
    Duty("sweep_uploads", "%Y-%m-%dT%H"),
    Duty("sweep_exports", "%Y-%m-%dT%H"),
    Duty("sweep_imports", "%Y-%m-%dT%H"),
    # What a killed build left is made anew within the hour.
    Duty("index_fields", "%Y-%m-%dT%H"),
)


def owner_actor(session: Session, owner_id: int | None) -> Actor:
    """Return a job's owner with the rights held now: none at all once the account is disabled."""
    if owner_id is None:
        return SYSTEM
    return actor_of(session, owner_id) or Actor(user_id=owner_id)


class Worker:
    """One worker process. `stop` may be called from a signal handler; the chunk in hand is finished first."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.name = this_worker()
        self._stopping = threading.Event()
        self._last_beat = 0.0
        self._submitted: set[str] = set()
        self._wait = IDLE_SECONDS

    def stop(self) -> None:
        """Ask the loop to end after the piece of work in hand."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped; a database that is away is waited for, and no piece of work ends the process."""
        RECORD_LISTS.offered_by(self._screens)
        log.info("worker started", extra={"worker": self.name})
        while not self._stopping.is_set():
            if not self._patiently(self._turn):
                self._stopping.wait(self._wait)
        log.info("worker stopped", extra={"worker": self.name})

    def _screens(self) -> Screens:
        """Make the lists of records ready, for the first of them that is made into a file."""
        from app.factory import create_app_in  # noqa: PLC0415 - takes longer to load than all else a worker needs
        from views.record_lists import RecordScreens  # noqa: PLC0415

        return RecordScreens(create_app_in(self.house))

    def _turn(self) -> bool:
        """Do one piece of each queue, so that neither starves the other; False when both are empty."""
        self._keep_time()
        try:
            ran = run_one(self.house.transactions, self.name, owner_actor)
        finally:
            # Jobs that fail keep no message waiting.
            delivered = deliver_one(self.house.transactions, self.name)
        return delivered or ran

    def _keep_time(self) -> None:
        """Every few seconds: beat the heart, take back what dead ones held, submit what the clock asks for."""
        if time.monotonic() - self._last_beat < HEARTBEAT_SECONDS:
            return
        beating = time.monotonic()
        with self.house.transactions.unit_of_work(SYSTEM, Cause("schedule", self.name)) as work:
            leases.beat(work, self.name)
            leases.return_leases_of_the_dead(work)
            due = {duty.key(work.now): duty for duty in DUTIES}
            for key in due.keys() - self._submitted:
                service.submit(work, due[key].kind, {}, [{}], idempotency_key=key)
        # What was not committed is done anew by the next turn.
        self._last_beat, self._submitted = beating, set(due)

    def _patiently(self, task: Callable[[], bool]) -> bool:
        """Do a task and return what it says; one that fails is tried again, after longer pauses while it does."""
        wait, self._wait = self._wait, IDLE_SECONDS
        try:
            return task()
        except DBAPIError as error:
            log.warning("the database is away or busy: %s", str(error.orig).partition("\n")[0])
        except Exception:  # the last line of defence: what one row does must not end everybody's worker
            log.exception("a turn of the worker failed")
        self._wait = min(2 * wait, LONGEST_WAIT_SECONDS)
        return False
