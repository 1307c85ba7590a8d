"""The current list as a file: the list's own address, with ``export.xlsx`` or ``export.csv`` before the filters.

``fields=all`` asks for every field (of several templates: those that are answered) instead of the columns the list
shows. A short list is sent at once. A long one is made into a file by the workers: asking for it (GET) shows a page
that says so, and POST to the same address has it made. ``only``, once a ticket, are those that were ticked in the list:
they alone are in the file, whatever its filters.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from flask import Response, redirect, request, send_file, url_for

from app.core.i18n import _
from app.core.work import Work
from app.exchange import ticket_files
from app.exchange.export_jobs import stamped
from app.exchange.ticket_export import Export, csv_pieces, export_of, write_excel
from app.tickets.queries import Count, TicketQuery
from views.base import expose, house, permission
from views.base.downloads import CSV, FORMS, XLSX, at_once, written
from views.tickets.asked import readable
from views.tickets.desk import DeskView, go, reader


class TicketExportView(DeskView):
    """Excel and CSV of the list, in flat memory however long it is."""

    @expose("/export.xlsx")
    @permission("ticket.export")
    def excel(self) -> Any:
        """Send the list as a workbook, typed."""
        with self.reading() as work:
            query = _query(work)
            if ticket_files.is_long(work, query, at_once()):
                return self._long("xlsx")
            export = _asked(work, query)
            file = written(lambda path: write_excel(work, export, path))
            name = stamped("tickets", "xlsx", work.now, work.company)
        return send_file(file, XLSX, as_attachment=True, download_name=name)

    @expose("/export.csv")
    @permission("ticket.export")
    def csv(self) -> Response:
        """Stream the list as CSV."""
        # The transaction stays open until the last piece is sent; what may be refused is refused before the first.
        held = ExitStack()
        try:
            work = held.enter_context(house().transactions.reading(reader()))
            query = _query(work)
            if ticket_files.is_long(work, query, at_once()):
                held.close()
                return self._long("csv")
            pieces = csv_pieces(work, _asked(work, query))
            name = stamped("tickets", "csv", work.now, work.company)
        except BaseException:
            held.close()
            raise
        response = Response(_held(pieces, held), content_type=CSV)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.call_on_close(held.close)
        return response

    @expose("/export.xlsx", methods=["POST"])
    @permission("ticket.export")
    def make_excel(self) -> Any:
        """Have the list made into a workbook."""
        return self._made("xlsx")

    @expose("/export.csv", methods=["POST"])
    @permission("ticket.export")
    def make_csv(self) -> Any:
        """Have the list made into a CSV file."""
        return self._made("csv")

    def _long(self, kind: str) -> Response:
        return self.page(
            "records/export_long.html", form_label=FORMS[kind], url=_same_list(kind), list_title=_("Tickets"),
            list_url=f"{url_for('TicketView.index')}{_asked_for()}",
            columns_label=_("All fields") if _every() else _("Shown columns"),
            length=_("This list has more than %(count)s tickets.", count=at_once()),
        )  # fmt: skip

    def _made(self, kind: str) -> Any:
        with self.unit_of_work() as work:
            query = _query(work)
            if ticket_files.is_long(work, query, at_once()):
                job_id = ticket_files.submit(work, query, kind, all_fields=_every())
                return go(url_for("JobsView.show", job_id=job_id))
        # It has become short meanwhile, and is there at once.
        return redirect(_same_list(kind), 303)


def is_surely_long(count: Count | None) -> bool:
    """Whether a list of which a page knows this count is too long to wait for."""
    limit = at_once()
    return count is not None and (count.number > limit or (not count.exact and count.number >= limit))


def _query(work: Work) -> TicketQuery:
    """Return what is wanted as a file: the list, or what was ticked in it, though it may not fit the list any more."""
    query = readable(work).query()
    if only := request.args.getlist("only"):
        query = TicketQuery(numbers=only, sort=query.sort, descending=query.descending, columns=query.columns)
        query.check()
    return query


def _asked(work: Work, query: TicketQuery) -> Export:
    return export_of(work, query, all_fields=_every())


def _every() -> bool:
    return request.args.get("fields") == "all"


def _same_list(kind: str) -> str:
    return f"{url_for('TicketView.index')}export.{kind}{_asked_for()}"


def _asked_for() -> str:
    return f"?{request.query_string.decode('ascii', 'ignore')}" if request.query_string else ""


def _held(pieces: Iterator[bytes], held: ExitStack) -> Iterator[bytes]:
    with held:
        yield from pieces
