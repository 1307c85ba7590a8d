"""Jobs of one's own that have ended, as the bell's list tells them."""

from collections.abc import Sequence
from typing import Any, Final

from app.core.i18n import Message, _
from app.core.jobs import queries
from app.core.work import Work
from views.jobs import JobRow, job_rows

_SAID: Final[dict[str, Message]] = {
    "done": _("has finished"),
    "failed": _("has failed"),
    "cancelled": _("was stopped"),
}
_ICONS: Final = {"done": "circle-check", "failed": "alert-circle", "cancelled": "x"}
#: What a file has so many of, by kind of job.
_ROWS: Final = _("%(count)s rows")
_IN_FILES: Final[dict[str, Message]] = {"ticket_export": _("%(count)s tickets")}


def job_news(work: Work) -> list[dict[str, Any]]:
    """Return what the list of news shows of each job whose end its owner has not seen."""
    return [_shown(row) for row in job_rows(work, queries.ended_unseen(work))]


def _shown(row: JobRow) -> dict[str, Any]:
    job = row.job
    return {
        "at": job.ended_at, "by": row.kind, "said": _SAID[job.state], "icon": _ICONS[job.state], "url": row.url,
        "reason": row.reason, "facts": [*filter(None, [row.subject]), *_counts(row)], "number": "",
    }  # fmt: skip


def _counts(row: JobRow) -> Sequence[Message]:
    job = row.job
    if row.makes_file:
        said = _IN_FILES.get(job.kind, _ROWS).with_(count=f"{job.total:,}")
        return [said] if job.state == "done" else []
    counted = (
        (_("Done: %(count)s", count=f"{job.done:,}"), job.done),
        (_("Unchanged: %(count)s", count=f"{job.unchanged:,}"), job.unchanged),
        (_("Refused: %(count)s", count=f"{job.refused:,}"), job.refused),
    )
    return [told for told, count in counted if count]
