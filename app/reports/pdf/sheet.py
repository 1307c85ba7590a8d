"""The page: A4, margins, a running head from the second page on, and “page x of y” at the foot."""

from io import BytesIO
from typing import Any, Final

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from app.core.i18n import _
from app.reports.pdf.content import Report
from app.reports.pdf.text import LINE, SMALL, SMALL_RIGHT, Pen, single

# Photos as they are, not spelled out in letters: a quarter smaller, and many times faster without reportlab's C.
rl_config.useA85 = 0

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
        author=report.company.name,
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
    pen = Pen(canvas)
    pen.write(single(report.company.name, SMALL, report.locale, WIDTH / 2), MARGIN, top)
    right = single(f"{report.number}  {report.title}", SMALL_RIGHT, report.locale, WIDTH / 2)
    pen.write(right, MARGIN + WIDTH / 2, top)
    pen.done()
    _rule(canvas, top - 13)


def _foot(canvas: Canvas, report: Report, number: int, total: int) -> None:
    _rule(canvas, FOOT - 8)
    pen, pages = Pen(canvas), _("Page %(number)s of %(total)s", number=number, total=total).in_(report.locale)
    said = [line for line in (report.footer, report.printed) if line]
    for place, line in enumerate(said):
        pen.write(single(line, SMALL, report.locale, WIDTH - 30 * mm), MARGIN, FOOT - 12 - place * SMALL.leading)
    pen.write(single(pages, SMALL_RIGHT, report.locale, 28 * mm), MARGIN + WIDTH - 28 * mm, FOOT - 12)
    pen.done()


def _rule(canvas: Canvas, height: float) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.7)
    canvas.line(MARGIN, height, A4[0] - MARGIN, height)
