"""Imports that were started: the list, the progress of one, its result as a workbook."""

from typing import Any, ClassVar

from flask import request, send_file, url_for

from app.core.i18n import Label, Message, _
from app.core.jobs import service as job_service
from app.core.work import Work
from app.exchange import import_jobs
from app.exchange.mapping import mapping_from_json
from app.exchange.ticket_import import REFUSED
from ticket_templates import queries as templates
from views.base import expose, permission, say, signed_in
from views.base.downloads import XLSX, written
from views.imports.wizard import mapping_answer
from views.jobs import ENDED_BEFORE
from views.pace import JOB_STATES, pace, standstill
from views.tickets.desk import DeskView, go


class ImportView(DeskView):
    """What was imported, for who may see it: one's own imports, or all with ``job.read``; ``ticket.import`` steers."""

    route_base = "/imports"
    class_permission_name: ClassVar[str | None] = "ticket"

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """List the imports, newest first."""
        with self.reading() as work:
            rows = import_jobs.imports(work)
            labels, may_import = _labels(work), work.actor.may("ticket.import")
        return self.page("imports/list.html", rows=rows, labels=labels, states=JOB_STATES, may_import=may_import)

    @expose("/<int:job_id>")
    @signed_in
    def show(self, job_id: int) -> Any:
        """Show one import; it survives a reload."""
        with self.reading() as work:
            facts = self._facts(work, job_id)
        return self.page("imports/show.html", **facts)

    @expose("/<int:job_id>/progress")
    @signed_in
    def progress(self, job_id: int) -> Any:
        """Return the moving part of the page."""
        with self.reading() as work:
            facts = self._facts(work, job_id)
        return self.page("imports/_progress.html", **facts)

    @expose("/<int:job_id>/stop", methods=["POST"])
    @permission("ticket.import")
    def stop(self, job_id: int) -> Any:
        """Stop an import: what is in stays in, and importing the file again goes on where it stopped."""
        with self.unit_of_work() as work:
            stopped = job_service.cancel(work, import_jobs.import_job(work, job_id).id)
        say(_("The import is stopped. Tickets it has made stay.") if stopped else ENDED_BEFORE)
        return go(url_for("ImportView.show", job_id=job_id))

    @expose("/<int:job_id>/result.xlsx")
    @signed_in
    def result(self, job_id: int) -> Any:
        """Send the rows with what became of them; ``?only=refused`` those to be put right."""
        only = REFUSED if request.args.get("only") == REFUSED else ""
        with self.reading() as work:
            file = written(lambda path: import_jobs.write_job_result(work, job_id, path, only=only))
        return send_file(file, XLSX, as_attachment=True, download_name=f"import-{job_id}{'-refused' * bool(only)}.xlsx")

    @expose("/<int:job_id>/again", methods=["POST"])
    @permission("ticket.import")
    def again(self, job_id: int) -> Any:
        """Import the rows once more: those that are in stay as they are."""
        with self.unit_of_work() as work:
            new = job_service.again(work, import_jobs.import_job(work, job_id).id)
        return go(url_for("ImportView.show", job_id=new))

    @expose("/<int:job_id>/mapping.yaml")
    @permission("ticket.import")
    def mapping(self, job_id: int) -> Any:
        """Send what the columns were mapped to, for the next file or the command line."""
        with self.reading() as work:
            mapping = mapping_from_json(import_jobs.import_job(work, job_id).parameters["mapping"])
        return mapping_answer(mapping)

    def _facts(self, work: Work, job_id: int) -> dict[str, Any]:
        job = import_jobs.import_job(work, job_id)
        label = _labels(work).get(job.parameters["template"], job.parameters["template"])
        is_open = import_jobs.is_open(work, job)
        return {
            "job": job,
            "template_label": label,
            "states": JOB_STATES,
            "is_open": is_open,
            "may_import": work.actor.may("ticket.import"),
            "refusals": import_jobs.refusals(work, job_id) if job.refused and is_open else [],
            "doubts": import_jobs.doubts(work, job_id) if job.ended and is_open else [],
            "pace": pace(job, work.now),
            "again": not job.moving and bool(job.refused or job.state != "done"),
            "standstill": standstill(work, job),
        }


def _labels(work: Work) -> dict[str, Label | Message | str]:
    return {card.key: card.labels for card in templates.templates(work, with_withdrawn=True)}
