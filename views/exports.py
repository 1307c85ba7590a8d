"""The current list as a file: the list's own address, with ``export.xlsx`` or ``export.csv`` before the filters.

``fields=all`` asks for every answered field instead of the columns the list shows.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from flask import Response, request, send_file

from app.core.work import Work
from app.exchange.ticket_export import Export, csv_pieces, export_of, write_excel
from views.base import expose, house, permission
from views.base.downloads import XLSX, written
from views.tickets.asked import readable
from views.tickets.desk import DeskView, reader

__all__ = ["XLSX", "TicketExportView", "written"]


class TicketExportView(DeskView):
    """Excel and CSV of the list, in flat memory however long it is."""

    @expose("/export.xlsx")
    @permission("ticket.export")
    def excel(self) -> Any:
        """Send the list as a workbook, typed."""
        with self.reading() as work:
            export = _asked(work)
            file = written(lambda path: write_excel(work, export, path))
            name = f"tickets-{work.now.astimezone(work.company.zone):%Y%m%d-%H%M}.xlsx"
        return send_file(file, XLSX, as_attachment=True, download_name=name)

    @expose("/export.csv")
    @permission("ticket.export")
    def csv(self) -> Response:
        """Stream the list as CSV."""
        # The transaction stays open until the last piece is sent; what may be refused is refused before the first.
        held = ExitStack()
        try:
            work = held.enter_context(house().transactions.reading(reader()))
            pieces = csv_pieces(work, _asked(work))
            name = f"tickets-{work.now.astimezone(work.company.zone):%Y%m%d-%H%M}.csv"
        except BaseException:
            held.close()
            raise
        response = Response(_held(pieces, held), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.call_on_close(held.close)
        return response


def _asked(work: Work) -> Export:
    return export_of(work, readable(work).query(), all_fields=request.args.get("fields") == "all")


def _held(pieces: Iterator[bytes], held: ExitStack) -> Iterator[bytes]:
    with held:
        yield from pieces
