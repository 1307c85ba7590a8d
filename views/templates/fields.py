"""The library of field definitions: what there is, where it is used, and who changed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from flask import Response, flash, make_response, redirect, request, url_for

from app.core.i18n import Label, Message, _
from app.core.work import Work
from app.people import history
from app.tickets import indexes
from app.tickets.rows import Reader
from ticket_templates import queries, service
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.queries import FieldCard
from ticket_templates.service.fields import spec_of
from ticket_templates.validation.fields import NOT_INDEXABLE
from ticket_templates.versions.unknown_type import bound
from views.base import current_locale, expose, permission
from views.base.table_view import Link, TableColumn, TableFilter, TableView
from views.templates import asked

_UNKNOWN: Final = _("Unknown field type")
_NOWHERE: Final = "-"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A definition with the templates that use it, by key and label."""

    card: FieldCard
    used_in: tuple[tuple[str, Label], ...]


class FieldView(TableView):
    """Definitions are changed by the designer and by imports; here only whether there is an index."""

    route_base = "/fields"
    class_permission_name: ClassVar[str | None] = "field"
    list_title = _("Field definitions")
    search_hint = _("Label, key, help or template")
    columns = (
        TableColumn("field", _("Field"), lambda row: row.card.labels, note=lambda row: row.card.help),
        TableColumn("type", _("Type"), lambda row: _type(row.card.type)),
        TableColumn("key", _("Key"), lambda row: row.card.key),
        TableColumn("options", _("Options"), lambda row: row.card.options or None),
        TableColumn("used", _("Used in"), lambda row: [_template(key, label) for key, label in row.used_in]),
    )

    def rows(self, work: Work) -> Sequence[FieldRow]:
        names = {one.key: one.labels for one in queries.templates(work, with_withdrawn=True)}
        return [
            FieldRow(card, tuple((key, names.get(key, {"en": key})) for key in card.used_in))
            for card in queries.fields(work)
        ]

    def filters(self, rows: Sequence[Any]) -> Sequence[TableFilter]:
        types = {row.card.type: _type(row.card.type) for row in rows}
        templates = {key: label for row in rows for key, label in row.used_in}
        return (
            TableFilter("type", _("Type"), types, lambda row, word: row.card.type == word),
            TableFilter("template", _("Used in"), {**templates, _NOWHERE: _("nowhere")}, _is_used),
        )

    def address(self, row: FieldRow) -> str:
        return url_for("FieldView.show", key=row.card.key)

    @expose("/")
    @permission("field.read")
    def index(self) -> Any:
        """Show all definitions."""
        return self.list_page()

    @expose("/export/csv")
    @permission("field.export")
    def export_csv(self) -> Any:
        """Send the list as CSV."""
        return self.csv_file()

    @expose("/export/xlsx")
    @permission("field.export")
    def export_xlsx(self) -> Any:
        """Send the list as a workbook."""
        return self.xlsx_file()

    @expose("/<key>")
    @permission("field.read")
    def show(self, key: str) -> Response:
        """Show one definition."""
        with self.reading() as work:
            definition = queries.definition(work, key)
            events = history.events_of(work, "field_definition", definition.id)
            row = next(one for one in self.rows(work) if one.card.key == key)
            made = definition.indexed and key not in indexes.missing(work)
            bound_type = bound(spec_of(definition))
            context = Reader(work).context(current_locale())
        page = self.render_template(
            "ticket_templates/field.html", field=definition, row=row, type=_type(definition.type),
            events=events, index_made=made, indexable=bound_type.indexable, not_indexable=NOT_INDEXABLE,
            facts=asked.facts(bound_type, context), options=list(asked.options(bound_type.spec.options)),
            columns=asked.columns(bound_type, context),
        )  # fmt: skip
        return make_response(page)

    @expose("/<key>/index", methods=["POST"])
    @permission("field.design")
    def index_answers(self, key: str) -> Any:
        """Have an index of the field's answers made, or dropped."""
        wished = request.form.get("indexed") == "1"
        with self.unit_of_work() as work:
            service.mark_indexed(work, key, indexed=wished)
        done = _("The index is made in the background.") if wished else _("The index is dropped in the background.")
        flash(done.in_(current_locale()), "success")
        return redirect(url_for("FieldView.show", key=key))


def _type(name: str) -> Message:
    found = FIELD_TYPES.get(name)
    return found.label if found else _UNKNOWN


def _template(key: str, label: Label) -> Link:
    return Link(label, url_for("TemplateView.show", key=key))


def _is_used(row: FieldRow, word: str) -> bool:
    return not row.used_in if word == _NOWHERE else word in row.card.used_in
