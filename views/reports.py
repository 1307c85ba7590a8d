"""Documents of a ticket."""

from flask import Response, request, url_for
from werkzeug.http import dump_options_header

from app.core.i18n import LOCALES
from views.base import current_locale, expose, permission
from views.tickets.desk import DeskView


class ServiceReportView(DeskView):
    """The service report as a PDF, shown in the browser; ``?lang=`` for another language than the page's."""

    @expose("/<number>/report.pdf")
    @permission("ticket.read")
    def report(self, number: str) -> Response:
        """Send the report of one ticket."""
        from app.reports.pdf.service_report import report_pdf  # noqa: PLC0415 - a start need not wait for reportlab

        wanted = request.args.get("lang", "")
        locale = wanted if wanted in LOCALES else current_locale()
        with self.reading() as work:
            link = url_for("TicketPageView.show", number=number, _external=True)
            document = report_pdf(work, number, locale, link)
        response = Response(document, content_type="application/pdf")
        response.headers["Content-Disposition"] = dump_options_header("inline", {"filename": f"{number}.pdf"})
        response.headers["Cache-Control"] = "private, no-store"
        return response
