"""Background jobs: one's own, or all of them with ``job.read``: how far they are, what came of them, stop and again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from flask import make_response, request, url_for

from app.core.errors import NotFoundError
from app.core.i18n import Message, _
from app.core.jobs import queries, service
from app.core.jobs.kinds import JOB_KINDS
from app.core.jobs.queries import JobView
from app.core.numbers import whole_in
from app.core.work import Work
from app.exchange import export_jobs, spool
from app.exchange.export_jobs import MadeFile
from app.tickets.references import DatabaseReferences
from views.base import expose, say, signed_in, wants_fragment
from views.pace import JOB_STATES, Pace, pace, standstill
from views.tickets.desk import DeskView, go, short

#: What is said to who stops what has ended.
ENDED_BEFORE: Final = _("It had ended already before you stopped it.")
_PAGE: Final = 25
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the list, its page and the news of it show it."""

    job: JobView
    kind: Message | str
    #: What it works on: the name of a file, or of what is changed.
    subject: str
    owner: str
    url: str
    result_url: str
    pace: Pace
    may_stop: bool
    may_repeat: bool
    #: Whether it makes a file instead of doing something to each of many things; the file, and why there is none.
    makes_file: bool
    file: MadeFile | None
    reason: str
    #: Whether the reader is its owner.
    own: bool


class JobsView(DeskView):
    """Jobs of every kind. Each is its owner's; ``job.read`` sees all, ``job.run`` steers all."""

    route_base = "/jobs"
    class_permission_name: ClassVar[str | None] = "job"

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """List the jobs, newest first: one's own, or everybody's with ``?whose=all``."""
        everybody = request.args.get("whose") == "all"
        state = request.args.get("state", "")
        states = (state,) if state in JOB_STATES else ()
        before = whole_in(request.args.get("before"))
        with self.reading() as work:
            found = queries.jobs(work, states=states, own=not everybody, before=before, limit=_PAGE + 1)
            rows = job_rows(work, found[:_PAGE])
            sees_all = work.actor.may("job.read")
        older = found[_PAGE - 1].id if len(found) > _PAGE else None
        page = "jobs/_list.html" if wants_fragment() else "jobs/list.html"
        return self.page(
            page, rows=rows, states=JOB_STATES, state="".join(states), before=before, older=older,
            sees_all=sees_all, everybody=everybody and sees_all, moving=any(row.job.moving for row in rows),
        )  # fmt: skip

    @expose("/<int:job_id>")
    @signed_in
    def show(self, job_id: int) -> Any:
        """Show one job; it survives a reload."""
        with self.reading() as work:
            job = _job(work, job_id)
            [row] = job_rows(work, [job])
            stands = standstill(work, job)
        page = "jobs/_progress.html" if wants_fragment() else "jobs/show.html"
        return self.page(page, row=row, states=JOB_STATES, standstill=stands)

    @expose("/<int:job_id>/stop", methods=["POST"])
    @signed_in
    def stop(self, job_id: int) -> Any:
        """Stop a job: what it has done stays."""
        with self.unit_of_work() as work:
            stopped = service.cancel(work, _job(work, job_id).id)
        say(_("The job is stopped. What it has done stays.") if stopped else ENDED_BEFORE)
        return go(url_for("JobsView.show", job_id=job_id))

    @expose("/<int:job_id>/again", methods=["POST"])
    @signed_in
    def again(self, job_id: int) -> Any:
        """Do once more what a job left undone, in one's own name."""
        with self.unit_of_work() as work:
            new = service.again(work, _job(work, job_id).id)
        return go(url_for("JobsView.show", job_id=new))

    @expose("/<int:job_id>/seen", methods=["POST"])
    @signed_in
    def seen(self, job_id: int) -> Any:
        """Take note that its end is on the owner's screen. Answers with the bar's number as it is now."""
        with self.unit_of_work() as work:
            service.take_note(work, _job(work, job_id).id)
            has_bell = work.actor.may("ticket.read")
        if not wants_fragment():
            return go(url_for("JobsView.show", job_id=job_id))
        return make_response(self.render_template("layout/_notices.html", oob=True) if has_bell else "")


def _job(work: Work, job_id: int) -> JobView:
    if not 0 < job_id <= _LARGEST:
        raise NotFoundError(_("There is no such job."))
    return queries.job(work, job_id)


def job_rows(work: Work, jobs: list[JobView]) -> list[JobRow]:
    """Return jobs as they are shown, in their order."""
    names = DatabaseReferences(work)
    names.preload("user", [job.owner_id for job in jobs if job.owner_id is not None])
    return [_row(work, job, names) for job in jobs]


def _is_own(work: Work, job: JobView) -> bool:
    return job.owner_id is not None and job.owner_id == work.actor.user_id


def _any_pages(work: Work, job: JobView) -> tuple[str, str]:
    """Return where a job is shown, and where it tells its results in a file, if it does."""
    del work
    return url_for("JobsView.show", job_id=job.id), ""


def _import_pages(work: Work, job: JobView) -> tuple[str, str]:
    may_import = work.actor.may("ticket.import")
    if _is_own(work, job) and not may_import:
        # Who may not import any more still stops what he began, on the page all jobs have.
        return _any_pages(work, job)
    # Its page tells who only reads whether he gets the rows.
    result = url_for("ImportView.result", job_id=job.id) if job.ended and may_import else ""
    return url_for("ImportView.show", job_id=job.id), result


def _check_pages(work: Work, job: JobView) -> tuple[str, str]:
    token = str(job.parameters["spool"])
    # An upload is its owner's alone, and kept for a while only; the wizard is for who may import.
    if _is_own(work, job) and work.actor.may("ticket.import") and spool.is_kept(work, token):
        return url_for("ImportCheckView.check", token=token), ""
    return _any_pages(work, job)


#: By kind, of those that have pages of their own.
_PAGES: Final[Mapping[str, Callable[[Work, JobView], tuple[str, str]]]] = {
    "ticket_import": _import_pages,
    "ticket_import_check": _check_pages,
}


def _row(work: Work, job: JobView, names: DatabaseReferences) -> JobRow:
    kind = JOB_KINDS.get(job.kind)
    steers = service.may_steer(work, job.owner_id)
    url, result = _PAGES.get(job.kind, _any_pages)(work, job)
    file = export_jobs.file_of(work, job)
    if file is not None:
        result = url_for("MadeFileView.show", job_id=job.id)
    left = not job.moving and (job.state != "done" or job.refused)
    return JobRow(
        job, kind.label if kind else job.kind, str(job.parameters.get("filename") or job.parameters.get("subject", "")),
        short(names.label("user", job.owner_id) or "") if job.owner_id is not None else "", url, result,
        pace(job, work.now), steers and not job.ended, bool(steers and left and kind and kind.repeatable),
        bool(kind and kind.makes_file), file, export_jobs.reason_of(work, job), _is_own(work, job),
    )  # fmt: skip
