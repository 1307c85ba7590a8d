"""The steps before the check: the file, what its columns become, what their values become."""

from typing import Any, ClassVar

from flask import Response, request, send_file, url_for

from app.core.errors import DomainError
from app.core.work import Work
from app.exchange import check_jobs, import_jobs, spool
from app.exchange.mapping import ImportMapping, check_mapping, mapping_to_yaml, target_label
from app.exchange.row_orders import RowOrders
from app.exchange.suggestions import by_values, suggested
from app.exchange.ticket_import import planned
from app.exchange.value_maps import ValueColumn, chosen_values, settled, value_columns
from app.exchange.vocabulary import vocabularies
from forms.imports import FIXED, NO_FILE, UploadForm, at_inputs, mapping_of
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion
from views.base import expose, permission
from views.base.downloads import XLSX, written
from views.imports.columns import Picks, choices_of, columns_facts
from views.tickets.desk import DeskView, go


class ImportWizardView(DeskView):
    """Upload, columns, values. What was chosen is kept with the upload, so that every step can be gone back to."""

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
        if not upload:
            raise DomainError(NO_FILE, field="file")
        mapping = form.ready_mapping()
        template = str(form.template.data or "")
        taken_from = ""
        with self.reading() as work:
            templates.published_version(work, template)
            try:
                table = spool.store(work, upload.filename, upload.stream)
            except DomainError as error:
                raise DomainError(error.refusals[0].message, field="file", code=error.refusals[0].code) from None
            if mapping is None:
                mapping, taken_from = import_jobs.earlier_mapping(work, template, table.headings) or (None, "")
            spool.keep_draft(work, table.token, spool.Draft(template, mapping, taken_from))
        return go(url_for("ImportWizardView.columns", token=table.token))

    @expose("/upload/<token>/columns", methods=["GET", "POST"])
    @permission("ticket.import")
    def columns(self, token: str) -> Any:
        """Second step: what each column becomes; ``?fresh`` leaves aside what an earlier import was mapped to."""
        with self.reading() as work:
            table, draft = spool.opened(work, token), spool.draft(work, token)
            if "fresh" in request.args:
                draft = spool.Draft(draft.template, None)
            version = templates.published_version(work, draft.template)
            if request.method == "GET":
                return self._columns_page(work, table, draft)
            try:
                mapping = mapping_of(request.form, table.headings, draft.mapping)
                check_mapping(mapping, table.headings, version, work.actor)
                mapping = _settled(work, version, mapping, table)
            except DomainError as error:
                return self._columns_page(work, table, draft, error)
            spool.keep_draft(work, token, spool.Draft(draft.template, mapping, check_job=draft.check_job))
            listed = _value_columns(work, table, draft.template, mapping)
        if listed:
            return go(url_for("ImportWizardView.values", token=token))
        return self._have_checked(token, mapping)

    def _columns_page(
        self, work: Work, table: spool.Spool, draft: spool.Draft, error: DomainError | None = None
    ) -> Response:
        version = templates.published_version(work, draft.template)
        if error is not None:
            picks = Picks.of_form(request.form, table.headings)
        elif draft.mapping is not None:
            picks = Picks.of_mapping(draft.mapping.columns, table.headings, draft.mapping.source)
        else:
            told = by_values(work, version, table.headings, table.tallies)
            empty = [one for one, tally in zip(table.headings, table.tallies, strict=True) if not tally.filled]
            found = suggested(table.headings, version, work.actor, told, empty)
            picks = Picks.of_mapping(found.values(), table.headings, "")
        facts = columns_facts(work, version, table, picks)
        refusals = at_inputs(error.refusals, request.form) if error else ()
        return self.page(
            "imports/columns.html", 422 if error else 200, refusals=refusals, taken_from=draft.taken_from, **facts
        )

    @expose("/upload/<token>/same/<int:number>")
    @permission("ticket.import")
    def same(self, token: str, number: int) -> Any:
        """Return the input for what is the same in every row: a target that takes one of a list offers the list."""
        with self.reading() as work:
            version = templates.published_version(work, spool.draft(work, token).template)
            choices = choices_of(work, version, request.args.get(f"{FIXED}{number}", ""))
            return self.page("imports/_same.html", number=number, choices=choices)

    @expose("/upload/<token>/values", methods=["GET", "POST"])
    @permission("ticket.import")
    def values(self, token: str) -> Any:
        """Third step, where a column's target takes one of a list: which text becomes which."""
        with self.reading() as work:
            table, draft = spool.opened(work, token), spool.draft(work, token)
            mapping = draft.mapping
            if mapping is None:
                return go(url_for("ImportWizardView.columns", token=token))
            columns = _value_columns(work, table, draft.template, mapping)
            version = templates.published_version(work, draft.template)
            labels = {one.map.target: target_label(version, one.map.target) for one in columns}
            facts: dict[str, Any] = {"table": table, "token": token, "columns": columns, "labels": labels}
            if request.method == "GET":
                return self.page("imports/values.html", refusals=(), **facts)
            try:
                mapping = chosen_values(request.form, mapping, columns)
            except DomainError as error:
                return self.page("imports/values.html", 422, refusals=error.refusals, **facts)
        return self._have_checked(token, mapping)

    def _have_checked(self, token: str, mapping: ImportMapping) -> Any:
        """Submit the check of all rows and show it."""
        with self.reading() as work:
            # Found here, the worker need not read all rows while it keeps others from writing.
            spool.repeats(spool.opened(work, token), mapping)
        with self.unit_of_work() as work:
            table, draft = spool.opened(work, token), spool.draft(work, token)
            plan = planned(work, draft.template, mapping, table.headings, mapping.source or table.source)
            check = check_jobs.submit(work, table, plan, draft.check_job)
            spool.keep_draft(work, token, spool.Draft(draft.template, mapping, check_job=check))
        return go(url_for("ImportCheckView.check", token=token))

    @expose("/upload/<token>/mapping.yaml")
    @permission("ticket.import")
    def mapping(self, token: str) -> Any:
        """Send what was chosen as the file that this wizard and the command line read."""
        with self.reading() as work:
            mapping = spool.draft(work, token).mapping
        if mapping is None:
            return go(url_for("ImportWizardView.columns", token=token))
        return mapping_answer(mapping)

    @expose("/templates/<key>.xlsx")
    @permission("ticket.import")
    def template(self, key: str) -> Any:
        """Send an empty workbook to fill in."""
        from app.exchange.import_template import write_template  # noqa: PLC0415 - a start need not wait for openpyxl

        with self.reading() as work:
            version = templates.published_version(work, key)
            file = written(lambda path: write_template(work, version, path))
        return send_file(file, XLSX, as_attachment=True, download_name=f"{version.template_key}.xlsx")


def mapping_answer(mapping: ImportMapping) -> Response:
    """Return a mapping as a download."""
    answer = Response(mapping_to_yaml(mapping), content_type="application/yaml; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="mapping.yaml"'
    return answer


def _value_columns(work: Work, table: spool.Spool, template: str, mapping: ImportMapping) -> list[ValueColumn]:
    version = templates.published_version(work, template)
    known = vocabularies(work, version, mapping)
    return value_columns(mapping, table.headings, table.tallies, known, table.total)


def _settled(work: Work, version: CompiledVersion, mapping: ImportMapping, table: spool.Spool) -> ImportMapping:
    """Read what stands in every row, or for an empty cell, before any row is read; a DomainError names each fault."""
    if refusals := RowOrders(work, version, mapping, table.headings, "").defaults():
        raise DomainError.of(refusals)
    return settled(mapping, vocabularies(work, version, mapping))
