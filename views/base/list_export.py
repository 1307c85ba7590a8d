"""A list taken away as a file: exactly the rows it shows, in its order, as it shows them.

A short list is sent at once. A long one is made into a file by the workers, which read it through the same list
(`app.exchange.record_lists`): asking for it (GET) shows a page that says so, and POST to the same address has it made.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, redirect, request, stream_with_context, url_for
from flask_appbuilder import ModelView, expose
from flask_appbuilder.security.decorators import has_access

from app.core.i18n import Message, _, spoken
from app.exchange import export_jobs
from app.exchange.delimited import csv_stream
from app.exchange.made_file import Layout
from app.exchange.workbook import Column, write_workbook
from views.base import list_args
from views.base.answers import current_locale
from views.base.downloads import CSV, FORMS, XLSX, at_once, sent, written
from views.base.person import actor, cause, current_actor, house

#: Rows fetched at once: memory does not grow with the list.
_CHUNK: Final = 500
#: Arguments of an address that say which part of a list is seen, not which list it is.
_OF_PAGES: Final = ("page_", "psize_")
#: The method that sends a list as a file of each form.
_METHODS: Final[Mapping[str, str]] = {"csv": "export", "xlsx": "export_workbook"}


class ListExport(ModelView):
    """Part of `HouseModelView`."""

    @expose("/export/csv")
    @has_access
    def export(self) -> Any:
        """Send the list as it is filtered and sorted, all of it, as CSV that spreadsheets open as text."""
        self._add_filters()
        if self._is_long():
            return self._long("csv")
        return csv_answer(stem_of(self.route_base), self._headings(), self.export_rows())

    @expose("/export/xlsx")
    @has_access
    def export_workbook(self) -> Any:
        """Send the same as an Excel workbook."""
        self._add_filters()
        if self._is_long():
            return self._long("xlsx")
        return xlsx_answer(stem_of(self.route_base), self.list_title, self._headings(), self.export_rows())

    @expose("/export/csv", methods=["POST"])
    @has_access
    def make_csv(self) -> Any:
        """Have the list made into a CSV file."""
        return self._made("csv")

    @expose("/export/xlsx", methods=["POST"])
    @has_access
    def make_workbook(self) -> Any:
        """Have the list made into a workbook."""
        return self._made("xlsx")

    # ---- at once

    def _headings(self) -> list[str]:
        return [spoken(self.label_columns.get(name, name), current_locale()) for name in self.list_columns]

    def export_rows(self) -> Iterator[list[Any]]:
        """Yield each row as the list shows it: in reach, masked, in the reader's language."""
        column, direction = self._order()
        query = self.datamodel.apply_all(
            self.datamodel.session.query(self.datamodel.obj), self._asked_filters(), column, direction
        )
        yield from self._cells(query.yield_per(_CHUNK))

    def _cells(self, items: Any) -> Iterator[list[Any]]:
        formatters = [self.formatters_columns.get(name) for name in self.list_columns]
        for item in items:
            values = self.datamodel.get_values_item(item, self.list_columns)
            yield [cell(one(value) if one else value) for one, value in zip(formatters, values, strict=True)]

    def _asked_filters(self) -> Any:
        return self._filters.get_joined_filters(self._base_filters)

    def _order(self) -> tuple[str, str]:
        """Return the column and direction the list is sorted by, as its address says."""
        asked = list_args.orders().get(type(self).__name__, ("", ""))
        return asked if asked[0] in self.order_columns else self.base_order or ("", "")

    def _export_urls(self) -> dict[str, str]:
        """Return the addresses of the exports the person may have, with the filters of this page."""
        if not current_actor().may(f"{self.class_permission_name}.export"):
            return {}
        return {form: self._same_list(method) for form, method in _METHODS.items()}

    def _same_list(self, method: str) -> str:
        return url_for(f"{type(self).__name__}.{method}", **request.args.to_dict(flat=False))  # type: ignore[arg-type]

    # ---- in the background

    def listed(self) -> tuple[Layout, Sequence[int | str]]:
        """Return what the file of the list this request asks for looks like, and the keys of its rows in order."""
        self._add_filters()
        keys = self.datamodel.keys_in_order(self._asked_filters(), *self._order())
        sheet = tuple(Column(label) for label in self._headings())
        return Layout(sheet, spoken(self.list_title, current_locale()), len(keys)), keys

    def cells_of(self, keys: Sequence[int | str]) -> Iterator[list[Any]]:
        """Yield the cells of these rows in their order, of those in reach."""
        yield from self._cells(self.datamodel.rows_of(keys, self._base_filters))

    def _is_long(self) -> bool:
        return bool(self.datamodel.is_longer(self._asked_filters(), at_once()))

    def _long(self, form: str) -> Any:
        return self.render_template(
            "records/export_long.html", form_label=FORMS[form], url=self._same_list(_METHODS[form]),
            list_title=self.list_title, list_url=self._same_list("list"), columns_label=_("Shown columns"),
            length=_("This list has more than %(count)s entries.", count=at_once()),
        )  # fmt: skip

    def _made(self, form: str) -> Any:
        self._add_filters()
        if not self._is_long():
            # It has become short meanwhile, and is there at once.
            return redirect(self._same_list(_METHODS[form]), 303)
        kept = [(name, value) for name, value in request.args.items(multi=True) if not name.startswith(_OF_PAGES)]
        asked = {"list": type(self).__name__, "query": urlencode(kept)}
        needed = f"{self.class_permission_name}.export"
        with house().transactions.unit_of_work(actor(), cause()) as work:
            job_id = export_jobs.submit(
                work, "record_export", asked, form=form, permission=needed, stem=stem_of(self.route_base)
            )
        return redirect(url_for("JobsView.show", job_id=job_id), 303)


def csv_answer(name: str, headings: Sequence[str], rows: Iterator[Sequence[Any]]) -> Response:
    """Return ``rows`` as a CSV file, sent while they are read."""
    headers = {"Content-Disposition": f'attachment; filename="{_stamped(name, "csv")}"'}
    pieces = stream_with_context(csv_stream(headings, rows))
    return Response(pieces, content_type=CSV, headers=headers)


def xlsx_answer(name: str, title: Message | str, headings: Sequence[str], rows: Iterator[Sequence[Any]]) -> Response:
    """Return ``rows`` as a workbook, written to a file first."""
    locale = current_locale()
    columns = [Column(label) for label in headings]
    file = written(lambda path: write_workbook(path, columns, rows, sheet=spoken(title, locale), locale=locale))
    return sent(file, XLSX, _stamped(name, "xlsx"))


def stem_of(route_base: str | None) -> str:
    """Return how the file of a list begins to be called: as its address is."""
    return str(route_base).strip("/").replace("/", "-")


def _stamped(name: str, form: str) -> str:
    return export_jobs.stamped(name, form, house().transactions.clock(), house().company)


def cell(value: Any) -> Any:
    """Return what a file holds for a value of a list: text in the reader's language, numbers and dates as they are."""
    if isinstance(value, bool):
        return (_("Yes") if value else _("No")).in_(current_locale())
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, Message | Mapping):
        return spoken(value, current_locale())
    if isinstance(value, datetime):
        # Naive ones are Flask-AppBuilder's, in UTC.
        instant = value if value.tzinfo else value.replace(tzinfo=UTC)
        return instant.astimezone(house().company.zone).replace(tzinfo=None)
    return value if value is None or isinstance(value, str | int | date | Decimal) else str(value)
