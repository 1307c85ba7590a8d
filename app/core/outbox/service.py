"""Writing to the outbox (inside the transaction) and draining it (after)."""

import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, select, update

from app.core.company import Company
from app.core.jobs.keys import insert_new
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
    promised = insert_new(work, OutboxMessage).values(
        kind=kind, target=target, payload=payload, idempotency_key=idempotency_key,
        state="waiting", created_at=work.now, next_try_at=work.now,
    )  # fmt: skip
    work.session.execute(promised)


def deliver_one(transactions: Transactions, worker: str) -> bool:
    """Deliver one due message; False when none is due."""
    with transactions.unit_of_work(SYSTEM, Cause("system", worker)) as work:
        taken = _take(work, worker)
    if taken is None:
        return False
    error, dead = _delivered(transactions.company, taken)
    with transactions.unit_of_work(SYSTEM, Cause("system", worker)) as work:
        _settle(work, taken, error, dead=dead)
    return True


def _delivered(company: Company, taken: Taken) -> tuple[str, bool]:
    """Deliver; return what went wrong, if anything, and whether it is not to be tried again."""
    delivery = DELIVERIES.get(taken.kind)
    if delivery is None:
        log.error("no delivery of this kind", extra={"outbox_message": taken.id, "kind": taken.kind})
        return "unknown kind", True
    if taken.attempts > delivery.max_attempts:
        # A failed attempt is recorded by the worker that made it; only a worker that died left no word.
        log.error("message given up", extra={"outbox_message": taken.id, "kind": taken.kind})
        return "worker lost", True
    try:
        delivery().deliver(company, taken.target, taken.payload, taken.key)
    except Exception as raised:
        log.warning("delivery failed", exc_info=raised, extra={"outbox_message": taken.id, "kind": taken.kind})
        return f"{type(raised).__name__}: {raised}"[:500], taken.attempts >= delivery.max_attempts
    return "", False


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


def _settle(work: Work, taken: Taken, error: str, *, dead: bool) -> None:
    mine = update(OutboxMessage).where(OutboxMessage.id == taken.id, OutboxMessage.fence == taken.fence)
    if not error:
        work.session.execute(mine.values(state="sent", sent_at=work.now, last_error=None))
        return
    wait = min(2**taken.attempts, LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter, no secret
    work.session.execute(
        mine.values(
            state="dead" if dead else "waiting",
            next_try_at=work.now + timedelta(seconds=wait),
            last_error=error,
        )
    )
