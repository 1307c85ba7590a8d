"""Exports too long to wait for: asked for once, made by a worker as the person who asked, fetched by nobody else.

What is exported is fixed when it is asked for: the filters, the language, the moment. Its rows are those the person
reaches when the worker gathers them, with the rights of then; who has other rights by the next part, or when the file
is fetched, is told to export the list again.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from app.core import sealed
from app.core.company import Company
from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.jobs import queries as job_queries
from app.core.jobs import service as job_service
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.queries import JobView
from app.core.keyring import KEYRING
from app.core.permissions import Actor
from app.core.work import Work
from app.exchange import export_store, ledger

#: What one needs to have a file of tickets.
OF_TICKETS: Final = "ticket.export"
#: How many files one person may have in the making: each takes its share of the workers.
_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A finished file: where it lies sealed, what it is called, how large it is, and until when it is kept."""

    path: Path
    name: str
    size: int
    until: datetime

    def opened(self) -> BinaryIO:
        """Return it open for reading, decrypted as it is read."""
        return sealed.unsealed(self.path)


def submit(work: Work, kind: str, asked: dict[str, Any], *, form: str, permission: str, stem: str) -> int:
    """Have a list made into a file by a job of ``kind``; return the job's id.

    ``asked`` is which list, ``form`` xlsx or csv, ``permission`` what one needs to have it, ``stem`` how the file's
    name begins. What this person is having made already is not made twice.
    """
    asked = asked | {
        "kind": form, "locale": work.actor.locale, "permission": permission, "rights": rights_of(work.actor),
    }  # fmt: skip
    _check_may(work.actor, asked)
    # By the installation's own key: from a plain hash in the ledger a number could be guessed.
    print_of = KEYRING.blind_index(orjson.dumps(asked).decode())[:32]
    making = [job for one in kinds() for job in job_queries.jobs(work, kind=one, own=True) if not job.ended]
    for job in making:
        if job.parameters["print"] == print_of:
            return job.id
    if len(making) >= _MOST:
        message = _("You have %(count)s files in the making already. Wait until one is ready.", count=len(making))
        raise DomainError(message, code="too_many")
    parameters = asked | {
        "print": print_of, "at": work.now.isoformat(), "token": export_store.new_token(),
        "filename": stamped(stem, form, work.now, work.company),
    }  # fmt: skip
    # Pressed twice at the same moment, both see the same last job.
    own = job_queries.jobs(work, kind=kind, own=True)
    key = f"{kind}:{work.actor.user_id}:{print_of}:{own[0].id if own else 0}"
    return job_service.submit(work, kind, parameters, [{"stage": "list"}], idempotency_key=key, total=0)


def stamped(stem: str, form: str, now: datetime, company: Company) -> str:
    """Return the name of a file made now: plain letters any system takes, the day and the minute."""
    return f"{stem}-{now.astimezone(company.zone):%Y%m%d-%H%M}.{form}"


def kinds() -> list[str]:
    """Return the kinds of job that make a list into a file."""
    return [kind.name for kind in JOB_KINDS if kind.makes_file]


def rights_of(actor: Actor) -> str:
    """Return what tells whether somebody's rights are still the same: permissions, scope, and the places it means."""
    held = [
        actor.user_id, int(actor.scope),
        *(sorted(one) for one in (actor.roles, actor.permissions, actor.team_ids, actor.outlet_ids)),
    ]  # fmt: skip
    return sha256(orjson.dumps(held)).hexdigest()


def check_rights(actor: Actor, parameters: dict[str, Any]) -> None:
    """Refuse who has other rights than when the file was asked for."""
    _check_may(actor, parameters)
    if rights_of(actor) != parameters["rights"]:
        message = _("Your rights have changed since this file was asked for. Export the list again.")
        raise NotAllowedError(message, code="not_allowed")


def own_file(work: Work, job_id: int) -> MadeFile:
    """Return the file of one's own export, with the rights it was made with; nobody else's is known to anybody."""
    job = job_queries.job(work, job_id) if 0 < job_id < 2**63 else None
    if job is None or job.kind not in kinds() or job.owner_id != work.actor.user_id or job.state != "done":
        raise NotFoundError(_("There is no such file."), code="not_found")
    check_rights(work.actor, job.parameters)
    return _made(work, job)


def file_of(work: Work, job: JobView) -> MadeFile | None:
    """Return the file of an export while its owner, who asks, can fetch it."""
    if job.kind not in kinds() or job.state != "done" or job.owner_id != work.actor.user_id:
        return None
    if not work.actor.may(_needed(job.parameters)):
        return None
    try:
        return _made(work, job)
    except DomainError:
        return None


def reason_of(work: Work, job: JobView) -> str:
    """Return in the reader's language why there is no file; empty where nothing is known to be wrong."""
    told = job.result.get("reason")
    return ledger.told(told, work.actor.locale) if job.kind in kinds() and told else ""


def _needed(parameters: dict[str, Any]) -> str:
    return str(parameters.get("permission", OF_TICKETS))


def _check_may(actor: Actor, parameters: dict[str, Any]) -> None:
    if not actor.may(_needed(parameters)):
        raise NotAllowedError(_("You may not export this list."), code="not_allowed")


def _made(work: Work, job: JobView) -> MadeFile:
    path = export_store.store_of(work.company, job.parameters["token"]).file()
    until = (job.ended_at or work.now) + export_store.KEPT
    return MadeFile(path, job.parameters["filename"], sealed.size(path), until)
