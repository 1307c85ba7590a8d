"""The steps before an import starts. Nothing is written to tickets until the last one."""

from typing import Any, ClassVar

from flask import Response, request, send_file, url_for

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.work import Work
from app.exchange import import_jobs, spool
from app.exchange.import_template import write_template
from app.exchange.mapping import ImportMapping, check_mapping
from app.exchange.suggestions import suggested
from app.exchange.ticket_import import ImportPlan, planned, preview
from forms.imports import NO_FILE, UploadForm, mapping_of
from ticket_templates import queries as templates
from views.base import expose, house, permission
from views.exports import XLSX, written
from views.imports.columns import columns_facts
from views.tickets.desk import DeskView, go, reader


class ImportWizardView(DeskView):
    """Upload, columns, check. What was chosen is kept with the upload, so that every step can be gone back to."""

    route_base = "/imports"
    class_permission_name: ClassVar[str | None] = "ticket"

    @expose("/new", methods=["GET", "POST"])
    @permission("ticket.import")
    def upload(self) -> Any:
        """First step: the file, and the template its rows become tickets of."""
        with self.reading() as work:
            cards = templates.templates(work)
        form = UploadForm()
        form.template.choices = [(card.key, card.key) for card in cards]
        if request.method == "GET":
            form.template.data = request.args.get("template", "")
            return self.page("imports/upload.html", form=form, cards=cards, refusals=())
        try:
            return self._uploaded(form)
        except DomainError as error:
            return self.page("imports/upload.html", 422, form=form, cards=cards, refusals=error.refusals)

    def _uploaded(self, form: UploadForm) -> Any:
        upload = form.file.data
        if not upload or not upload.filename:
            raise DomainError(NO_FILE, field="file")
        ready = form.ready_mapping()
        template = str(form.template.data or "")
        with self.reading() as work:
            templates.published_version(work, template)
            try:
                table = spool.store(work, upload.filename, upload.stream)
            except DomainError as error:
                raise DomainError(error.refusals[0].message, field="file", code=error.refusals[0].code) from None
            spool.keep_draft(work, table.token, template, ready)
        return go(url_for("ImportWizardView.columns", token=table.token))

    @expose("/upload/<token>/columns", methods=["GET", "POST"])
    @permission("ticket.import")
    def columns(self, token: str) -> Any:
        """Second step: what each column becomes."""
        with self.reading() as work:
            table, draft = spool.opened(work, token), spool.draft(work, token)
            version = templates.published_version(work, draft.template)
            if request.method == "GET":
                return self._columns_page(work, table, draft)
            try:
                mapping = mapping_of(request.form, table.headings, draft.mapping)
                check_mapping(mapping, table.headings, version, work.actor)
            except DomainError as error:
                return self._columns_page(work, table, draft, error)
            spool.keep_draft(work, token, draft.template, mapping)
        return go(url_for("ImportWizardView.check", token=token))

    def _columns_page(
        self, work: Work, table: spool.Spool, draft: spool.Draft, error: DomainError | None = None
    ) -> Response:
        version = templates.published_version(work, draft.template)
        found = {one.column: one for one in draft.mapping.columns} if draft.mapping else {}
        if not found:
            found = suggested(table.headings, version, work.actor)
        chosen = {heading: one.target for heading, one in found.items()}
        if error is not None:
            chosen = {heading: request.form.get(f"column-{place}", "") for place, heading in enumerate(table.headings)}
        facts = columns_facts(work, version, table, draft, chosen)
        return self.page(
            "imports/columns.html", 422 if error else 200, refusals=error.refusals if error else (), **facts
        )

    @expose("/upload/<token>/check")
    @permission("ticket.import")
    def check(self, token: str) -> Any:
        """Third step: what would come of it. Rehearsed and taken back."""
        with self.reading() as work:
            table, draft = spool.opened(work, token), spool.draft(work, token)
            mapping = draft.mapping
            if mapping is None:
                return go(url_for("ImportWizardView.columns", token=token))
            version = templates.published_version(work, draft.template)
            plan = self._plan(work, table, draft.template, mapping)
        report = preview(house().transactions, reader(), plan, table)
        return self.page("imports/check.html", table=table, draft=draft, version=version, report=report, token=token)

    @expose("/upload/<token>/start", methods=["POST"])
    @permission("ticket.import")
    def start(self, token: str) -> Any:
        """Last step: hand it to the worker. The same upload started twice is one import."""
        with self.unit_of_work() as work:
            table, draft = spool.opened(work, token), spool.draft(work, token)
            if draft.mapping is None:
                raise DomainError(_("Choose first what each column becomes."))
            job_id = import_jobs.submit(work, table, self._plan(work, table, draft.template, draft.mapping))
        return go(url_for("ImportView.show", job_id=job_id))

    @staticmethod
    def _plan(work: Work, table: spool.Spool, template: str, mapping: ImportMapping) -> ImportPlan:
        return planned(work, template, mapping, table.headings, mapping.source or table.source)

    @expose("/templates/<key>.xlsx")
    @permission("ticket.import")
    def template(self, key: str) -> Any:
        """Send an empty workbook to fill in."""
        with self.reading() as work:
            version = templates.published_version(work, key)
            file = written(lambda path: write_template(work, version, path))
        return send_file(file, XLSX, as_attachment=True, download_name=f"{version.template_key}.xlsx")
