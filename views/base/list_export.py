"""A list taken away as a file: exactly the rows it shows, in its order, as it shows them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from flask import Response, request, stream_with_context, url_for
from flask_appbuilder import ModelView, expose
from flask_appbuilder.security.decorators import has_access

from app.core.i18n import Message, _, spoken
from app.exchange.delimited import csv_stream
from app.exchange.workbook import Column, write_workbook
from views.base import list_args
from views.base.answers import current_locale
from views.base.downloads import XLSX, sent, written
from views.base.person import current_actor, house

#: Rows fetched at once: memory does not grow with the list.
_CHUNK: Final = 500


class ListExport(ModelView):
    """Part of `HouseModelView`."""

    @expose("/export/csv")
    @has_access
    def export(self) -> Any:
        """Send the list as it is filtered and sorted, all of it, as CSV that spreadsheets open as text."""
        self._add_filters()
        return csv_answer(self.class_permission_name, self._headings(), self.export_rows())

    @expose("/export/xlsx")
    @has_access
    def export_workbook(self) -> Any:
        """Send the same as an Excel workbook."""
        self._add_filters()
        return xlsx_answer(self.class_permission_name, self.list_title, self._headings(), self.export_rows())

    def _headings(self) -> list[str]:
        return [spoken(self.label_columns.get(name, name), current_locale()) for name in self.list_columns]

    def export_rows(self) -> Iterator[list[Any]]:
        """Yield each row as the list shows it: in reach, masked, in the reader's language."""
        filters = self._filters.get_joined_filters(self._base_filters)
        column, direction = self._order()
        query = self.datamodel.apply_all(self.datamodel.session.query(self.datamodel.obj), filters, column, direction)
        formatters = [self.formatters_columns.get(name) for name in self.list_columns]
        for item in query.yield_per(_CHUNK):
            values = self.datamodel.get_values_item(item, self.list_columns)
            yield [cell(one(value) if one else value) for one, value in zip(formatters, values, strict=True)]

    def _order(self) -> tuple[str, str]:
        """Return the column and direction the list is sorted by, as its address says."""
        asked = list_args.orders().get(type(self).__name__, ("", ""))
        return asked if asked[0] in self.order_columns else self.base_order or ("", "")

    def _export_urls(self) -> dict[str, str]:
        """Return the addresses of the exports the person may have, with the filters of this page."""
        if not current_actor().may(f"{self.class_permission_name}.export"):
            return {}
        name, arguments = type(self).__name__, request.args.to_dict(flat=False)
        return {
            kind: url_for(f"{name}.{method}", **arguments)  # type: ignore[arg-type]
            for kind, method in (("csv", "export"), ("xlsx", "export_workbook"))
        }


def csv_answer(name: str, headings: Sequence[str], rows: Iterator[Sequence[Any]]) -> Response:
    """Return ``rows`` as a CSV file, sent while they are read."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    pieces = stream_with_context(csv_stream(headings, rows))
    return Response(pieces, content_type="text/csv; charset=utf-8", headers=headers)


def xlsx_answer(name: str, title: Message | str, headings: Sequence[str], rows: Iterator[Sequence[Any]]) -> Response:
    """Return ``rows`` as a workbook, written to a file first."""
    locale = current_locale()
    columns = [Column(label) for label in headings]
    file = written(lambda path: write_workbook(path, columns, rows, sheet=spoken(title, locale), locale=locale))
    return sent(file, XLSX, f"{name}.xlsx")


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
