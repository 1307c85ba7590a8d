"""The check of all rows before an import starts, and its start. Nothing is written to tickets until then."""

from typing import Any, ClassVar, Final

from flask import request, send_file, url_for

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.jobs.queries import JobView
from app.core.numbers import whole_in
from app.core.work import Work
from app.exchange import check_jobs, import_jobs, spool
from app.exchange.left_out import left_out
from app.exchange.mapping import ImportMapping
from app.exchange.obstacles import obstacles
from app.exchange.results import STATUSES
from app.exchange.ticket_import import PRESENT, REFUSED, planned
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion
from views.base import expose, permission
from views.base.downloads import XLSX, written
from views.pace import JOB_STATES, pace, standstill
from views.tickets.desk import DeskView, go

#: Columns of the table of rows, at most: more are in the workbook.
_MOST_COLUMNS: Final = 40


class ImportCheckView(DeskView):
    """The rows as they would come in. The check is a job, so that a file of any size is checked to its last row."""

    route_base = "/imports"
    class_permission_name: ClassVar[str | None] = "ticket"

    @expose("/upload/<token>/check")
    @permission("ticket.import")
    def check(self, token: str) -> Any:
        """Show the progress of the check, then all rows; ``?show``: refused or present, ``?column``: faulty there."""
        with self.reading() as work:
            table, draft = spool.opened(work, token), spool.draft(work, token)
            job = check_jobs.check_job(work, draft.check_job)
            if job is None:
                return go(url_for("ImportWizardView.columns", token=token))
            facts = self._progress(work, token, job) | {"table": table}
            if job.state == "done":
                version = templates.published_version(work, draft.template)
                facts |= self._results(work, table, job) | {"version": version}
                facts |= self._columns(work, table, draft.mapping, version)
        return self.page("imports/check.html", **facts)

    @expose("/upload/<token>/check/progress")
    @permission("ticket.import")
    def progress(self, token: str) -> Any:
        """Return the moving part of the page; a check that has ended leads on to what it found."""
        with self.reading() as work:
            job = check_jobs.check_job(work, spool.draft(work, token).check_job)
            if job is None or job.ended:
                return go(url_for("ImportCheckView.check", token=token))
            facts = self._progress(work, token, job)
        return self.page("imports/_check_progress.html", **facts)

    @expose("/upload/<token>/check/refused.xlsx")
    @permission("ticket.import")
    def refused(self, token: str) -> Any:
        """Send the rows that would be refused, with their reasons."""
        with self.reading() as work:
            table = spool.opened(work, token)
            job = check_jobs.check_job(work, spool.draft(work, token).check_job)
            if job is None or job.state != "done":
                return go(url_for("ImportCheckView.check", token=token))
            file = written(lambda path: check_jobs.write_refused(work, table, job, path))
        return send_file(file, XLSX, as_attachment=True, download_name="check-refused.xlsx")

    @expose("/upload/<token>/start", methods=["POST"])
    @permission("ticket.import")
    def start(self, token: str) -> Any:
        """Last step: hand it to the worker. The same upload started twice is one import."""
        with self.unit_of_work() as work:
            table, draft = spool.opened(work, token), spool.draft(work, token)
            mapping = draft.mapping
            if mapping is None:
                raise DomainError(_("Choose first what each column becomes."))
            plan = planned(work, draft.template, mapping, table.headings, mapping.source or table.source)
            job_id = import_jobs.submit(work, table, plan)
        return go(url_for("ImportView.show", job_id=job_id))

    @staticmethod
    def _columns(
        work: Work, table: spool.Spool, mapping: ImportMapping | None, version: CompiledVersion
    ) -> dict[str, Any]:
        """Return the places of the columns that are imported, and those with a value in them that are not."""
        if mapping is None:
            return {"shown": [], "left_out": []}
        mapped = {one.column for one in mapping.columns}
        shown = [place for place, heading in enumerate(table.headings) if heading in mapped]
        filled = [tally.filled for tally in table.tallies]
        aside = left_out(mapping, table.headings, filled, version, work.actor)
        return {"shown": shown[:_MOST_COLUMNS], "left_out": aside}

    @staticmethod
    def _progress(work: Work, token: str, job: JobView) -> dict[str, Any]:
        return {
            "token": token, "job": job, "states": JOB_STATES, "pace": pace(job, work.now),
            "standstill": standstill(work, job),
        }  # fmt: skip

    @staticmethod
    def _results(work: Work, table: spool.Spool, job: JobView) -> dict[str, Any]:
        show = request.args.get("show", "")
        show = show if show in (REFUSED, PRESENT) else ""
        column = request.args.get("column")
        number = whole_in(request.args.get("page")) or 1
        page = check_jobs.page(work, table, job, status=show, column=column, number=number)
        return {
            "obstacles": obstacles(work, job.result.get("reasons", ())), "page": page, "show": show, "column": column,
            "statuses": STATUSES,
        }  # fmt: skip
