"""A long list as a file: its rows are gathered, their cells read a part at a time, the file written.

Each part is a chunk of the job, so that a worker that dies loses one part, and others do theirs meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Final

from app.core.errors import DomainError
from app.core.jobs import queries as job_queries
from app.core.jobs.kinds.base import Aside, ChunkOutcome, JobKind, JobRow
from app.core.work import Work
from app.exchange import export_jobs, ledger
from app.exchange.export_store import Store, store_of
from app.exchange.made_file import Layout, write_file

#: Rows of a part: a second of work, and as much memory.
PART: Final = 1_000
Cells = Iterable[Sequence[Any]]


class FileExport(JobKind):
    """Base of the kinds that make a list into a file; `app.exchange.export_jobs` submits them and hands files out."""

    lease_seconds: ClassVar[int] = 120
    makes_file: ClassVar[bool] = True

    def listed(self, aside: Aside, job: JobRow) -> tuple[Layout, Sequence[int]]:
        """Return what the file looks like and the numbers of all its rows in order, as its owner reaches them now."""
        raise NotImplementedError

    def cells(self, aside: Aside, job: JobRow, layout: Layout, ids: Sequence[int]) -> AbstractContextManager[Cells]:
        """Give the cells of these rows in their order, without those that went out of the owner's reach."""
        raise NotImplementedError

    def make(self, aside: Aside, job: JobRow, payload: dict[str, Any]) -> ChunkOutcome:
        export_jobs.check_rights(aside.actor, job.parameters)
        store = store_of(aside.transactions.company, job.parameters["token"])
        stages = {"list": self._list, "rows": self._rows, "write": self._write}
        return stages[payload["stage"]](aside, job, store, payload)

    def following(self, job: JobRow, payload: dict[str, Any], total: int) -> Sequence[dict[str, Any]]:
        del job
        parts = -(-total // PART)
        if payload["stage"] == "list" and parts:
            return [{"stage": "rows", "part": number} for number in range(parts)]
        return [] if payload["stage"] == "write" else [{"stage": "write", "parts": parts}]

    def refused(self, work: Work, job: JobRow, payload: dict[str, Any], error: DomainError) -> ChunkOutcome:
        del payload
        store_of(work.company, job.parameters["token"]).remove()
        return ChunkOutcome(detail={"reason": ledger.kept(error.refusals[0].message)})

    def finish(self, work: Work, job: JobRow) -> dict[str, Any]:
        """Return why there is no file, if something was in its way."""
        reasons = [one["reason"] for one in job_queries.outcomes(work, job.id) if "reason" in one]
        return {"reason": reasons[0]} if reasons else {}

    def _list(self, aside: Aside, job: JobRow, store: Store, _payload: dict[str, Any]) -> ChunkOutcome:
        layout, ids = self.listed(aside, job)
        store.keep_plan(layout.as_json(), ids)
        return ChunkOutcome(total=len(ids))

    def _rows(self, aside: Aside, job: JobRow, store: Store, payload: dict[str, Any]) -> ChunkOutcome:
        ids = store.ids(payload["part"] * PART, PART)
        with self.cells(aside, job, Layout.of_json(store.plan()), ids) as rows:
            count = store.keep_part(payload["part"], rows)
        # Those that went out of reach meanwhile are accounted for.
        return ChunkOutcome(done=count, unchanged=len(ids) - count)

    @staticmethod
    def _write(aside: Aside, job: JobRow, store: Store, payload: dict[str, Any]) -> ChunkOutcome:
        if store.is_there():
            # Written by a worker that died before it could say so.
            return ChunkOutcome()
        layout = Layout.of_json(store.plan())
        rows = _held(store.rows(payload["parts"]), aside.hold)
        with store.result() as file:
            write_file(file, job.parameters["kind"], layout, rows, locale=job.parameters["locale"])
        return ChunkOutcome()


def _held(rows: Iterator[Sequence[Any]], hold: Callable[[], None]) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(rows):
        if number % PART == 0:
            hold()
        yield row
