"""Imports as background jobs: submitted once an upload, watched, and read back as a workbook."""

from pathlib import Path
from typing import Any, BinaryIO, Final

from app.core.errors import NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.jobs import queries as job_queries
from app.core.jobs import service as job_service
from app.core.jobs.kinds.base import JobRow
from app.core.jobs.queries import JobView
from app.core.work import Work
from app.exchange import ledger, spool
from app.exchange.mapping import ImportMapping, mapping_from_json
from app.exchange.obstacles import Obstacle, counted, obstacles
from app.exchange.results import RowOutcome, write_outcomes
from app.exchange.ticket_import import CHUNK, ImportPlan
from ticket_templates import queries as templates

KIND: Final = "ticket_import"
#: So many imports back, a layout of columns is known again.
_REMEMBERED: Final = 100


def submit(work: Work, table: spool.Spool, plan: ImportPlan) -> int:
    """Freeze the import of an upload as a job and return its id; the same upload submitted twice is one job."""
    return submitted(work, KIND, table, plan, key=table.token)


def submitted(work: Work, kind: str, table: spool.Spool, plan: ImportPlan, *, key: str) -> int:
    """Freeze a job over the rows of an upload; ``key`` tells it from the other jobs of its kind."""
    parameters = {
        "spool": table.token, "filename": table.filename, "template": plan.template, "version_id": plan.version_id,
        "mapping": plan.mapping.as_json(), "source": plan.source, "headings": list(table.headings),
    }  # fmt: skip
    return _submitted(work, kind, table, parameters, key)


def again(work: Work, job: JobRow) -> int:
    """Import the rows of an import that has ended once more: what is there already stays as it is."""
    table = spool.of_job(work, job.parameters["spool"])
    return _submitted(work, KIND, table, job.parameters, f"{table.token}:{job.id}")


def _submitted(work: Work, kind: str, table: spool.Spool, parameters: dict[str, Any], key: str) -> int:
    chunks = [
        {"chunk": number, "first": 0, "last": min(CHUNK, table.total - number * CHUNK)}
        for number in range(len(table.offsets))
    ]
    return job_service.submit(work, kind, parameters, chunks, idempotency_key=f"{kind}:{key}", total=table.total)


def earlier_mapping(work: Work, template: str, headings: tuple[str, ...]) -> tuple[ImportMapping, str] | None:
    """Return what the actor's last import of a file with these columns was mapped to, and that file's name."""
    for job in job_queries.jobs(work, kind=KIND, limit=_REMEMBERED, own=True):
        told = job.parameters
        if told["template"] == template and tuple(told.get("headings", ())) == headings:
            return mapping_from_json(told["mapping"]), told["filename"]
    return None


def imports(work: Work, limit: int = 50) -> list[JobView]:
    """Return the newest imports the actor may see."""
    return job_queries.jobs(work, kind=KIND, limit=limit)


def import_job(work: Work, job_id: int) -> JobView:
    """Return one import the actor may see."""
    job = job_queries.job(work, job_id) if 0 < job_id < 2**63 else None
    if job is None or job.kind != KIND:
        raise NotFoundError(_("There is no such import."), code="not_found")
    return job


def is_open(work: Work, job: JobView) -> bool:
    """Whether the actor may read what stood in the rows of an import.

    Who may import may; who only looks, where nothing personal and no field of the file is kept from him.
    """
    if work.actor.may("ticket.import"):
        return True
    mapping = mapping_from_json(job.parameters["mapping"])
    readable = templates.version(work, job.parameters["version_id"]).readable(work.actor)
    return work.actor.may("personal_data.read") and {one.answer for one in mapping.columns} <= {"", *readable}


def outcomes(work: Work, job_id: int) -> dict[int, RowOutcome]:
    """Return what became of each row that is done, by its number in the file, in the reader's language."""
    locale = work.actor.locale
    return {
        number: (status, ticket, ledger.told_reasons(reasons, locale))
        for detail in job_queries.outcomes(work, job_id)
        for number, status, ticket, reasons in detail.get("rows", ())
    }


def refusals(work: Work, job_id: int) -> list[Obstacle]:
    """Return why rows were refused, each reason once with how many rows it met."""
    return obstacles(work, counted(job_queries.ledger(work, job_id)))


def doubts(work: Work, job_id: int) -> list[Obstacle]:
    """Return what the template doubts of the rows that came in, each doubt once with how many rows it is about."""
    return obstacles(work, counted(job_queries.ledger(work, job_id), doubted=True))


def write_job_result(work: Work, job_id: int, target: Path | BinaryIO, *, only: str = "") -> int:
    """Write the rows of an import with their outcomes; ``only`` the refused ones, ready to be put right."""
    job = import_job(work, job_id)
    if not is_open(work, job):
        raise NotAllowedError(_("You may not read what stands in this file."), code="not_allowed")
    table = spool.of_job(work, job.parameters["spool"])
    locale = work.actor.locale
    about = [(_("File").in_(locale), job.parameters["filename"])]
    return write_outcomes(target, table, outcomes(work, job_id), locale=locale, only=only, about=about)
