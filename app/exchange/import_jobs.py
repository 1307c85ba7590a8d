"""Imports as background jobs: submitted once an upload, watched, and read back as a workbook."""

from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from app.core.errors import NotFoundError
from app.core.i18n import _
from app.core.jobs import queries as job_queries
from app.core.jobs import service as job_service
from app.core.jobs.queries import JobView
from app.core.work import Work
from app.exchange import ledger, spool
from app.exchange.results import RowOutcome, write_outcomes
from app.exchange.ticket_import import CHUNK, REFUSED, ImportPlan

KIND: Final = "ticket_import"


def submit(work: Work, table: spool.Spool, plan: ImportPlan) -> int:
    """Freeze the import of an upload as a job and return its id; the same upload submitted twice is one job."""
    parameters = {
        "spool": table.token, "filename": table.filename, "template": plan.template, "version_id": plan.version_id,
        "mapping": plan.mapping.as_json(), "source": plan.source,
    }  # fmt: skip
    chunks = [
        {"chunk": number, "first": 0, "last": min(CHUNK, table.total - number * CHUNK)}
        for number in range(len(table.offsets))
    ]
    return job_service.submit(
        work, KIND, parameters, chunks, idempotency_key=f"{KIND}:{table.token}", total=table.total
    )


def imports(work: Work, limit: int = 50) -> list[JobView]:
    """Return the newest imports the actor may see."""
    return job_queries.jobs(work, kind=KIND, limit=limit)


def import_job(work: Work, job_id: int) -> JobView:
    """Return one import the actor may see."""
    job = job_queries.job(work, job_id) if 0 < job_id < 2**63 else None
    if job is None or job.kind != KIND:
        raise NotFoundError(_("There is no such import."), code="not_found")
    return job


def outcomes(work: Work, job_id: int) -> dict[int, RowOutcome]:
    """Return what became of each row that is done, by its number in the file, in the reader's language."""
    locale = work.actor.locale
    return {
        number: (status, ticket, ledger.told_reasons(reasons, locale))
        for detail in job_queries.outcomes(work, job_id)
        for number, status, ticket, reasons in detail.get("rows", ())
    }


def refusals(work: Work, job_id: int, most: int = 50) -> list[tuple[int, str]]:
    """Return the first refused rows with their reasons; number 0 stands for rows that are gone with their upload."""
    refused = (
        (number, reason)
        for number, (status, _ticket, reason) in sorted(outcomes(work, job_id).items())
        if status == REFUSED
    )
    gone = {
        ledger.told_reasons(detail["reasons"], work.actor.locale): None
        for detail in job_queries.outcomes(work, job_id)
        if "reasons" in detail
    }
    return [*((0, reason) for reason in gone), *islice(refused, most)]


def write_job_result(work: Work, job_id: int, target: Path | BinaryIO, *, only: str = "") -> int:
    """Write the rows of an import with their outcomes; ``only`` the refused ones, ready to be put right."""
    job = import_job(work, job_id)
    table = spool.of_job(work, job.parameters["spool"])
    locale = work.actor.locale
    about = [(_("File").in_(locale), job.parameters["filename"])]
    return write_outcomes(target, table, outcomes(work, job_id), locale=locale, only=only, about=about)
