"""What pages of a running job show: its state in words, how fast it goes, and whether anybody works on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.core.disk import has_no_room
from app.core.i18n import Message, _
from app.core.jobs.queries import JobView, last_heartbeat
from app.core.work import Work

JOB_STATES: Final = {
    "waiting": (_("Waiting"), "yellow"), "running": (_("Running"), "blue"), "done": (_("Finished"), "green"),
    "failed": (_("Failed"), "red"), "cancelled": (_("Stopped"), "gray"),
}  # fmt: skip
#: A worker unheard of for so long is not there.
_MISSED_SECONDS: Final = 60
#: In less time than that, a rate is that of the start.
_TELLING_SECONDS: Final = 3
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a job goes or went (0: that says nothing), how long it has taken, and how long it will take."""

    per_second: int
    lasted: Message | None
    left: Message | None


def pace(job: JobView, now: datetime) -> Pace:
    """Return the pace of a job."""
    lasted = round(((job.ended_at or now) - job.started_at).total_seconds()) if job.started_at else None
    left = job.seconds_left(now)
    return Pace(
        _rounded(job.rate(now)) if lasted is not None and lasted >= _TELLING_SECONDS else 0,
        None if lasted is None else span(lasted),
        None if left is None else span(left),
    )


def _rounded(rate: float) -> int:
    """Return a rate to two digits: the third changes while one reads it."""
    return int(float(f"{rate:.2g}"))


def span(seconds: int) -> Message:
    """Return a length of time in words a person needs: seconds below a minute, minutes below an hour."""
    if seconds < _MINUTE:
        return _("%(count)s s", count=max(1, seconds))
    if seconds < _HOUR:
        return _("%(count)s min", count=round(seconds / _MINUTE))
    return _("%(hours)s h %(minutes)s min", hours=seconds // _HOUR, minutes=seconds % _HOUR // _MINUTE)


def standstill(work: Work, job: JobView) -> Message | None:
    """Return why nobody works on a job: one that waits for ever must say why. None while somebody does."""
    if job.ended or (work.now - job.created_at).total_seconds() < _MISSED_SECONDS:
        return None
    seen = last_heartbeat(work)
    if seen is not None and (work.now - seen).total_seconds() <= _MISSED_SECONDS:
        return None
    if has_no_room(work.company.storage):
        # A worker that cannot write cannot say that it is there either.
        return _("The server's disk is full, so nothing moves. Ask your administrator to free some space; "
                 "it goes on by itself then.")  # fmt: skip
    return _("No worker has been heard of for a while, so nothing moves. Ask your administrator to start it.")
