"""A long list of records (customers, installed products, …) as a file."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from app.core.i18n import _
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.kinds.base import Aside, JobRow
from app.exchange.file_kind import Cells, FileExport
from app.exchange.made_file import Layout
from app.exchange.record_lists import RECORD_LISTS, RecordList


@JOB_KINDS.register
class RecordExport(FileExport):
    """Submitted by the lists of records, which alone know how they are filtered and what they show."""

    name = "record_export"
    label = _("List export")

    def listed(self, aside: Aside, job: JobRow) -> tuple[Layout, Sequence[int]]:
        with _opened(aside, job) as one:
            layout, keys = one.listed()
        if any(isinstance(key, str) for key in keys):
            return replace(layout, keys=tuple(map(str, keys))), range(len(keys))
        return layout, [int(key) for key in keys]

    @contextmanager
    def cells(self, aside: Aside, job: JobRow, layout: Layout, ids: Sequence[int]) -> Iterator[Cells]:
        with _opened(aside, job) as one:
            yield one.cells_of([layout.keys[place] for place in ids] if layout.keys else ids)


def _opened(aside: Aside, job: JobRow) -> AbstractContextManager[RecordList]:
    actor = replace(aside.actor, locale=job.parameters["locale"])
    return RECORD_LISTS.opened(job.parameters["list"], job.parameters["query"], actor)
