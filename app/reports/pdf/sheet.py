"""The page: A4, margins, a running head from the second page on, and “page x of y” at the foot."""

from io import BytesIO
from typing import Any, Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from app.core.i18n import _
from app.reports.pdf.content import Report
from app.reports.pdf.fonts import runs, typeface
from app.reports.pdf.text import LINE, MUTED, SMALL, width

MARGIN: Final = 16 * mm
FOOT: Final = 19 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
_HEAD: Final = 12 * mm


def printed(report: Report, story: list[Any]) -> bytes:
    """Lay the story out and return the PDF; the same report gives the same bytes."""
    target = BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        title=f"{report.title} {report.number}",
        author=report.company,
        subject=report.subject,
        creator="Gongdan",
        lang=report.locale.replace("_", "-"),
        invariant=1,
        pageCompression=1,
    )
    first = Frame(MARGIN, FOOT, WIDTH, A4[1] - FOOT - MARGIN, 0, 0, 0, 0, id="first")
    later = Frame(MARGIN, FOOT, WIDTH, A4[1] - FOOT - MARGIN - 6 * mm, 0, 0, 0, 0, id="later")
    document.addPageTemplates(
        [
            PageTemplate("first", [first], autoNextPageTemplate="later"),
            PageTemplate("later", [later], onPage=lambda canvas, _document: _running_head(canvas, report)),
        ]
    )
    document.build(story, canvasmaker=lambda *args, **options: _NumberedCanvas(*args, report=report, **options))
    return target.getvalue()


class _NumberedCanvas(Canvas):
    """Keeps the pages until their number is known, then draws the foot of each."""

    def __init__(self, *args: Any, report: Report, **options: Any) -> None:
        super().__init__(*args, **options)
        self._report = report
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            _foot(self, self._report, number, len(self._pages))
            super().showPage()
        super().save()


def _running_head(canvas: Canvas, report: Report) -> None:
    top = A4[1] - _HEAD
    line(canvas, MARGIN, top, report.company, report.locale)
    right = f"{report.title}  {report.number}"
    line(canvas, A4[0] - MARGIN - width(right, typeface(report.locale), SMALL), top, right, report.locale)
    canvas.setStrokeColor(LINE)
    canvas.line(MARGIN, top - 5, A4[0] - MARGIN, top - 5)


def _foot(canvas: Canvas, report: Report, number: int, total: int) -> None:
    canvas.setStrokeColor(LINE)
    canvas.line(MARGIN, FOOT - 8, A4[0] - MARGIN, FOOT - 8)
    pages = _("Page %(number)s of %(total)s", number=number, total=total).in_(report.locale)
    right = width(pages, typeface(report.locale), SMALL)
    line(canvas, A4[0] - MARGIN - right, FOOT - 20, pages, report.locale)
    line(
        canvas, MARGIN, FOOT - 20, _fitting(report.footer or report.printed, report, WIDTH - right - 20), report.locale
    )
    if report.footer and report.printed:
        line(canvas, MARGIN, FOOT - 31, report.printed, report.locale)


def _fitting(text: str, report: Report, most: float) -> str:
    """Return ``text``, cut so that it fits one line."""
    text = " ".join(text[:300].split())
    face = typeface(report.locale)
    if width(text, face, SMALL) <= most:
        return text
    while text and width(text + "…", face, SMALL) > most:
        text = text[:-1]
    return text + "…"


def line(canvas: Canvas, x: float, y: float, text: str, locale: str) -> None:
    """Draw one line of small text from its left end."""
    drawn = canvas.beginText(x, y)
    drawn.setFillColor(MUTED)
    for font, part in runs(text, typeface(locale).regular):
        drawn.setFont(font, SMALL.size)
        drawn.textOut(part)
    canvas.drawText(drawn)
