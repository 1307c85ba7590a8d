"""Writing to the outbox (inside the transaction) and draining it (after)."""

import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, select, update

from app.core.jobs.leases import database_time
from app.core.outbox.deliveries import DELIVERIES
from app.core.outbox.models import OutboxMessage
from app.core.permissions import SYSTEM
from app.core.unit_of_work import Transactions
from app.core.work import Cause, Work

log = logging.getLogger(__name__)

#: A worker that dies while delivering gives the message back after this long.
LEASE_SECONDS = 60
LONGEST_WAIT_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Taken:
    """A message this worker delivers now."""

    id: int
    kind: str
    target: str
    payload: dict[str, Any]
    key: str
    fence: int
    attempts: int


def send(work: Work, kind: str, target: str, payload: dict[str, Any], *, idempotency_key: str) -> None:
    """Promise a side effect, kept once this transaction commits; a key used before is not promised again."""
    DELIVERIES[kind]
    if work.session.scalar(select(OutboxMessage.id).where(OutboxMessage.idempotency_key == idempotency_key)):
        return
    work.session.add(
        OutboxMessage(
            kind=kind, target=target, payload=payload, idempotency_key=idempotency_key,
            state="waiting", created_at=work.now, next_try_at=work.now,
        )
    )  # fmt: skip


def deliver_one(transactions: Transactions, worker: str) -> bool:
    """Deliver one due message; False when none is due."""
    with transactions.unit_of_work(SYSTEM, Cause("system", worker)) as work:
        taken = _take(work, worker)
    if taken is None:
        return False
    error: Exception | None = None
    try:
        DELIVERIES[taken.kind]().deliver(transactions.company, taken.target, taken.payload, taken.key)
    except Exception as raised:
        error = raised
        log.warning("delivery failed", exc_info=raised, extra={"outbox_message": taken.id, "kind": taken.kind})
    with transactions.unit_of_work(SYSTEM, Cause("system", worker)) as work:
        _settle(work, taken, error)
    return True


def resend(work: Work, message_id: int) -> None:
    """Give a dead message another round of attempts."""
    dead = update(OutboxMessage).where(OutboxMessage.id == message_id, OutboxMessage.state == "dead")
    work.session.execute(dead.values(state="waiting", attempts=0, next_try_at=work.now))


def _take(work: Work, worker: str) -> Taken | None:
    now = database_time(work)
    due = and_(OutboxMessage.state.in_(("waiting", "claimed")), OutboxMessage.next_try_at <= now)
    # A target that just failed waits, so that it never delays the others.
    candidate = select(OutboxMessage.id).where(due).order_by(OutboxMessage.next_try_at, OutboxMessage.id).limit(1)
    message_id = work.session.scalar(candidate.with_for_update(skip_locked=True))
    if message_id is None:
        return None
    row = work.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(
            state="claimed", worker=worker, next_try_at=database_time(work, LEASE_SECONDS),
            fence=OutboxMessage.fence + 1, attempts=OutboxMessage.attempts + 1,
        )
        .returning(
            OutboxMessage.id, OutboxMessage.kind, OutboxMessage.target, OutboxMessage.payload,
            OutboxMessage.idempotency_key, OutboxMessage.fence, OutboxMessage.attempts,
        )
    ).one()  # fmt: skip
    return Taken(*row)


def _settle(work: Work, taken: Taken, error: Exception | None) -> None:
    mine = update(OutboxMessage).where(OutboxMessage.id == taken.id, OutboxMessage.fence == taken.fence)
    if error is None:
        work.session.execute(mine.values(state="sent", sent_at=work.now, last_error=None))
        return
    dead = taken.attempts >= DELIVERIES[taken.kind].max_attempts
    wait = min(2**taken.attempts, LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, no secret
    work.session.execute(
        mine.values(
            state="dead" if dead else "waiting",
            next_try_at=work.now + timedelta(seconds=wait),
            last_error=f"{type(error).__name__}: {error}"[:500],
        )
    )
