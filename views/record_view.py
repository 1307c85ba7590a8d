"""Screens of reference records: Flask-AppBuilder lists and finds them, the records' one write door changes them."""

import io
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar

from flask import Response, abort, make_response, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access

from app.core.errors import DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.i18n import Message, _, spoken
from app.core.records import service
from app.core.records.service import RecordType
from app.core.records.showing import form_values, shown
from app.core.work import Work
from app.exchange.delimited import csv_stream
from app.exchange.workbook import Column, write_workbook
from app.people import history
from forms.records import blank_lines, form_of, labels_of, mark_all, name_chosen, values_of
from views.base import HouseModelView, actor, current_actor, current_locale, house, say
from views.base.house_view import PERSON
from views.base.model_view import VERBS


class RecordView(HouseModelView):
    """Screens of one `RecordType`; a subclass names it, its interface and its columns."""

    record: ClassVar[RecordType]
    list_columns: Any
    label_columns: Any = MappingProxyType({})
    search_columns: Any = ()
    order_columns: Any = ()
    add_template = edit_template = "records/form.html"
    show_template = "records/show.html"
    method_permission_name: ClassVar[dict[str, str]] = {**VERBS, "export_workbook": "export"}
    #: How the list and its files show a column, by its name; others as they are.
    formatters_columns: Any = MappingProxyType({})

    def __init__(self, **kwargs: Any) -> None:
        self.add_form = self.edit_form = form_of(self.record)
        self.add_columns = self.edit_columns = [one.name for one in self.record.attributes]
        self.show_columns = list(self.list_columns)
        self.label_columns = {**self._labels(), **self.label_columns}
        self.formatters_columns = {name: _unless_empty(one) for name, one in self.formatters_columns.items()}
        super().__init__(**kwargs)

    def _labels(self) -> dict[str, Message]:
        names = {getattr(one, "shown", one.name): one.label for one in self.record.attributes}
        return names | {one.name: one.label for one in self.record.attributes}

    def _key(self, pk: str) -> int | str:
        """Return the row's key as its column holds it; what cannot be one is not found."""
        if not self.datamodel.is_integer(self.record.key.key):
            return pk[:40]
        if not (pk.isascii() and pk.isdecimal() and len(pk) <= 18):  # noqa: PLR2004 - digits of BIGINT
            abort(404)
        return int(pk)

    # ---- one record

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        with house().transactions.reading(actor()) as work:
            row = service.get(work, self.record, self._key(pk))
            facts = [(one.label, shown(work.actor, one, row)) for one in self.record.attributes]
            return self.render_template(
                self.show_template, title=self.show_title, pk=pk, heading=str(row), facts=facts,
                events=self.events(work, row), changeable=self._may("change"), removable=self._may("delete"),
                urls=self.addresses(pk), **self.more_facts(work, row),
            )  # fmt: skip

    def events(self, work: Work, row: Any) -> list[Any] | None:
        """Return who changed what, for those who may know."""
        return history.events(work, self.record, row) if work.actor.may("audit.read") or self._may("change") else None

    def more_facts(self, work: Work, row: Any) -> dict[str, Any]:
        """Override to give the show page more than the attributes."""
        del work, row
        return {}

    def _may(self, verb: str) -> bool:
        return current_actor().may(f"{self.record.thing}.{verb}")

    def addresses(self, pk: str) -> dict[str, str]:
        name = type(self).__name__
        return {verb: url_for(f"{name}.{verb}", pk=pk) for verb in ("edit", "delete")} | {
            "list": url_for(f"{name}.list")
        }

    # ---- writing

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        if request.method == "GET":
            known = {
                one.name: request.args[one.name][:40] for one in self.record.attributes if one.name in request.args
            }
            return self._form_answer(self.add_form(data={"active": True} | known), self.add_title)
        form = self.add_form()
        return self._written(form, self.add_title, lambda work, values: service.create(work, self.record, values))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        key = self._key(pk)
        if request.method == "GET":
            with house().transactions.reading(actor()) as work:
                row = service.get(work, self.record, key)
                seen = row.changed_at.isoformat() if hasattr(row, "changed_at") else ""
                form = self.edit_form(data={**form_values(work.actor, self.record, row), "seen": seen})
            return self._form_answer(form, self.edit_title)
        form = self.edit_form()
        return self._written(
            form, self.edit_title, lambda work, values: service.change(work, self.record, key, values, seen=_seen(form))
        )

    def _written(self, form: Any, title: Any, write: Callable[[Work, Mapping[str, Any]], Any]) -> Any:
        try:
            with house().transactions.unit_of_work(actor(), PERSON) as work:
                row = write(work, values_of(form, self.record))
        except (NotAllowedError, NotFoundError):
            raise
        except DomainError as error:
            mark_all(form, error.refusals)
            return self._form_answer(form, title, error.refusals)
        say(self.edit_row_message)
        return redirect(self.url_after(row))

    def _form_answer(self, form: Any, title: Any, refusals: tuple[Refusal, ...] = ()) -> Response:
        with house().transactions.reading(actor()) as work:
            name_chosen(form, work)
        page = self.render_template(
            "records/form.html", title=title, form=form, record=self.record, refusals=refusals, labels=labels_of(form),
            blanks=blank_lines(form),
            back=url_for(f"{type(self).__name__}.list"),
        )  # fmt: skip
        return make_response(page, 422 if refusals else 200)

    def pre_delete(self, item: Any) -> None:
        """Ask the write door, which knows who may; what is in use the database says."""
        del item
        service.demand(self.work, self.record, "delete")

    # ---- files

    @expose("/export/csv")
    @has_access
    def export(self) -> Any:
        self._add_filters()
        rows = list(self.export_rows())
        return Response(
            csv_stream(self._headings(), rows), content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{self.record.thing}.csv"'},
        )  # fmt: skip

    @expose("/export/xlsx")
    @has_access
    def export_workbook(self) -> Any:
        """Send the list as it is filtered, all of it, as an Excel workbook."""
        self._add_filters()
        file = io.BytesIO()
        columns = [Column(label) for label in self._headings()]
        title = spoken(self.record.label, current_locale())
        write_workbook(file, columns, self.export_rows(), sheet=title, locale=current_locale())
        file.seek(0)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return send_file(file, kind, as_attachment=True, download_name=f"{self.record.thing}.xlsx")

    def _headings(self) -> list[str]:
        return [spoken(self.label_columns.get(name, name), current_locale()) for name in self.list_columns]

    def export_rows(self) -> Iterator[list[Any]]:
        """Yield each row as the list shows it: in reach, masked, in the reader's language."""
        locale = current_locale()
        formatters = [self.formatters_columns.get(name) for name in self.list_columns]
        for values in super().export_rows():
            yield [
                _cell(one(value) if one and value is not None else value, locale)
                for one, value in zip(formatters, values, strict=True)
            ]

    def _export_urls(self) -> dict[str, str]:
        urls: dict[str, str] = super()._export_urls()
        if urls:
            arguments: Any = request.args.to_dict(flat=False)
            urls["xlsx"] = url_for(f"{type(self).__name__}.export_workbook", **arguments)
        return urls


def _unless_empty(formatter: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: "" if value is None else formatter(value)


def _seen(form: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(form["seen"].data or "")
    except ValueError:
        return None


def _cell(value: Any, locale: str) -> Any:
    if isinstance(value, bool):
        return (_("Yes") if value else _("No")).in_(locale)
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, Message | Mapping):
        return spoken(value, locale)
    if isinstance(value, datetime):
        return value.astimezone(house().company.zone).replace(tzinfo=None)
    return (
        value if value is None or isinstance(value, str | int | datetime) or hasattr(value, "isoformat") else str(value)
    )
