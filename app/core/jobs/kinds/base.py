"""The contract of a kind of job."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from app.core.errors import DomainError
from app.core.i18n import Message
from app.core.permissions import Actor
from app.core.unit_of_work import Transactions
from app.core.work import Work


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as a kind sees it."""

    id: int
    parameters: dict[str, Any]
    owner_id: int | None
    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChunkOutcome:
    """What became of a chunk's items, counted; ``detail`` is kept in the ledger as it is.

    ``total`` is how many items the job has, where only this chunk could find that out.
    """

    done: int = 0
    unchanged: int = 0
    refused: int = 0
    detail: dict[str, Any] = field(default_factory=dict)
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """What a chunk works with that makes a part of a file: no write lock is held while it does."""

    transactions: Transactions
    #: The job's owner with the rights held now.
    actor: Actor
    #: Says that the worker is still at it; to be called every few seconds of a chunk that may take long.
    hold: Callable[[], None]

    @contextmanager
    def reading(self) -> Iterator[Work]:
        """Yield a work for queries."""
        with self.transactions.reading(self.actor) as work:
            yield work


class JobKind:
    """Base of all kinds. An instance is made per chunk and holds nothing between chunks."""

    #: Stored name, equal to the file's name, never renamed.
    name: ClassVar[str]
    label: ClassVar[Message]
    #: How long a claim lasts; a chunk must be done well within it.
    lease_seconds: ClassVar[int] = 60
    #: A chunk that keeps failing is given up after so many attempts.
    max_attempts: ClassVar[int] = 3
    #: Whether a person may ask for what it left undone once more (`again`).
    repeatable: ClassVar[bool] = False
    #: Whether who had it done waits for its end: what nobody waits for is told of only when it failed.
    awaited: ClassVar[bool] = True
    #: Whether its chunks together make a file (`make` instead of `run`). With one that cannot be done there is none, so
    #: the others are not begun any more.
    makes_file: ClassVar[bool] = False

    def run(self, work: Work, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        """Do one chunk inside ``work``'s transaction, which also marks the chunk done. Must not commit.

        ``work.actor`` is the job's owner with the rights held now.
        """
        raise NotImplementedError

    def make(self, aside: Aside, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        """Do one chunk of a file before the transaction that marks it done; done again, it makes the same part anew."""
        raise NotImplementedError

    def following(self, job: JobRow, payload: dict[str, Any], total: int) -> Sequence[dict[str, Any]]:
        """Return the chunks of a file to be done once all are, the last being ``payload``; () when the job is done.

        ``total`` is how many items the job has.
        """
        del job, payload, total
        return ()

    def split(self, payload: dict[str, Any]) -> Sequence[dict[str, Any]]:
        """Return smaller payloads that together are ``payload``, or () when it is one item already.

        Called when a chunk fails for a reason that is not a refusal, so that one bad item stands alone. A chunk that
        lost a race (ConflictError, a deadlock) is run again whole first.
        """
        del payload
        return ()

    def refused(self, work: Work, job: JobRow, payload: dict[str, Any], error: DomainError) -> ChunkOutcome:
        """Return the outcome of a chunk none of whose items was done, so that each is accounted for.

        Called when `run` refused the chunk as a whole, and when a chunk that cannot be split is given up.
        """
        del work, job, payload
        return ChunkOutcome(refused=1, detail={"reason": str(error)})

    def again(self, work: Work, job: JobRow) -> int:
        """Submit a new job that does what ``job``, which has ended, left undone; return its id.

        Asked for twice, it is one job.
        """
        raise NotImplementedError

    def finish(self, work: Work, job: JobRow) -> dict[str, Any]:
        """Return what the job's result becomes, in the transaction of its last chunk."""
        del work
        return job.result
