"""The parts of a service report as things to lay on pages, in order."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing, PolyLine, Rect
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, KeepTogether, Spacer, Table, TableStyle

from app.core.i18n import _
from app.reports.pdf.content import Check, Fact, Gallery, Grid, PublicNote, Report, SectionBlock, Signature
from app.reports.pdf.pictures import picture
from app.reports.pdf.sheet import WIDTH, printed
from app.reports.pdf.text import (
    ACCENT,
    BODY,
    CAPTION,
    CELL_HEAD,
    COMPANY,
    HEADING,
    LABEL,
    LINE,
    MUTED,
    NUMBER,
    SHADE,
    STRONG,
    TITLE,
    one_line,
    paragraph,
)

_LABEL_WIDTH: Final = 25 * mm
_QR: Final = 24 * mm
#: A value longer than this leaves the table of facts, since a table's cell cannot go over a page's end.
LONG_VALUE: Final = 700
_LONG_LINES: Final = 14
#: Rows a table is laid out in at once; a larger one is several tables that touch.
_ROWS_AT_ONCE: Final = 40
#: Characters of all cells of a row together.
_CELL_TEXT: Final = 2_400
_PHOTOS_A_ROW: Final = 3
_GAP: Final = 3 * mm

T = TypeVar("T")

_FACTS: Final = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 6),
    ("TOPPADDING", (0, 0), (-1, -1), 2.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
]


def report_bytes(report: Report) -> bytes:
    """Return the report as a PDF."""
    return printed(report, list(_story(report)))


def _story(report: Report) -> Iterator[Any]:
    yield _head(report)
    yield Spacer(0, 3 * mm)
    if report.subject:
        yield paragraph(report.subject, STRONG, report.locale)
        yield Spacer(0, 2 * mm)
    yield from _facts(report.facts, report.locale)
    for section in report.sections:
        yield from _section(section, report.locale)
    yield from _checklist(report.checklist, report.locale)
    yield from _notes(report.notes, report.locale)
    yield from _signatures(report.signatures, report.locale)


def _head(report: Report) -> Any:
    code = QrCodeWidget(report.code, barLevel="M", barBorder=0)
    left, bottom, right, top = code.getBounds()
    drawing = Drawing(_QR, _QR, transform=[_QR / (right - left), 0, 0, _QR / (top - bottom), 0, 0])
    drawing.add(code)
    words = [
        paragraph(one_line(report.company), COMPANY, report.locale),
        paragraph(one_line(report.title), TITLE, report.locale),
        Spacer(0, 1.5 * mm),
        paragraph(report.number, BODY, report.locale),
    ]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
        ("ALIGN", (1, 0), (1, 0), "RIGHT"),
        ("LINEBELOW", (0, 0), (-1, -1), 1.6, ACCENT),
    ]
    return Table([[words, drawing]], colWidths=[WIDTH - _QR - _GAP, _QR + _GAP], style=TableStyle(style))


def _heading(title: str, locale: str) -> list[Any]:
    bar = Table(
        [[paragraph(one_line(title), HEADING, locale)]],
        colWidths=[WIDTH],
        style=TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), SHADE),
                ("LINEBEFORE", (0, 0), (0, -1), 2.4, ACCENT),
                ("LEFTPADDING", (0, 0), (-1, -1), 7),
                ("TOPPADDING", (0, 0), (-1, -1), 2.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ]
        ),
    )
    # A heading alone at the foot of a page is worse than an early page break.
    return [CondPageBreak(24 * mm), Spacer(0, 4 * mm), bar, Spacer(0, 0.5 * mm)]


def _section(section: SectionBlock, locale: str) -> Iterator[Any]:
    yield from _heading(section.title, locale)
    waiting: list[Fact] = []
    for part in section.parts:
        if isinstance(part, Fact):
            waiting.append(part)
            continue
        yield from _facts(waiting, locale)
        waiting = []
        yield from _grid(part, locale) if isinstance(part, Grid) else _gallery(part, locale)
    yield from _facts(waiting, locale)


def _facts(facts: Iterable[Fact], locale: str) -> Iterator[Any]:
    """Yield labels and values in two columns; wide ones take a line, very long ones leave the table."""
    rows: list[list[Any]] = []
    spans: list[Any] = []
    pending: Fact | None = None

    def flushed() -> Iterator[Any]:
        nonlocal rows, spans
        if rows:
            half = WIDTH / 2 - _LABEL_WIDTH
            widths = [_LABEL_WIDTH, half, _LABEL_WIDTH, half]
            yield Table(rows, colWidths=widths, style=TableStyle(_FACTS + spans))
        rows, spans = [], []

    for fact in facts:
        long = len(fact.value) > LONG_VALUE or fact.value.count("\n") > _LONG_LINES
        if not fact.wide and not long and pending is not None:
            rows.append([*_pair(pending, locale), *_pair(fact, locale)])
            pending = None
            continue
        if fact.wide or long:
            if pending is not None:
                rows.append([*_pair(pending, locale), "", ""])
                pending = None
            if long:
                yield from flushed()
                yield from _long(fact, locale)
            else:
                spans.append(("SPAN", (1, len(rows)), (3, len(rows))))
                rows.append([*_pair(fact, locale), "", ""])
            continue
        pending = fact
    if pending is not None:
        rows.append([*_pair(pending, locale), "", ""])
    yield from flushed()


def _pair(fact: Fact, locale: str) -> list[Any]:
    return [paragraph(one_line(fact.label), LABEL, locale), paragraph(fact.value, BODY, locale)]


def _long(fact: Fact, locale: str) -> list[Any]:
    return [
        Spacer(0, 1.5 * mm),
        paragraph(one_line(fact.label), LABEL, locale),
        paragraph(fact.value, BODY, locale),
        Spacer(0, 2 * mm),
    ]


def _grid(grid: Grid, locale: str) -> Iterator[Any]:
    yield Spacer(0, 1.5 * mm)
    yield paragraph(one_line(grid.label), LABEL, locale)
    yield Spacer(0, 1 * mm)
    widths = _column_widths(grid)
    head = [paragraph(one_line(heading), CELL_HEAD, locale) for heading in grid.headings]
    base: list[Any] = [
        ("GRID", (0, 0), (-1, -1), 0.4, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
    for index, chunk in enumerate(_pieces(grid.rows, _ROWS_AT_ONCE)):
        rows = [[_grid_cell(text, column, grid, locale) for column, text in enumerate(row)] for row in chunk]
        style = base if index else [*base, ("BACKGROUND", (0, 0), (-1, 0), SHADE)]
        yield Table(
            rows if index else [head, *rows], colWidths=widths, repeatRows=0 if index else 1, style=TableStyle(style)
        )
    yield Spacer(0, 2 * mm)


def _grid_cell(text: str, column: int, grid: Grid, locale: str) -> Any:
    # A row must fit one page, however narrow its columns are.
    cut = one_line(text, min(LONG_VALUE, _CELL_TEXT // len(grid.headings)))
    return paragraph(cut, NUMBER if column in grid.numeric else BODY, locale)


def _column_widths(grid: Grid) -> list[float]:
    """Return widths in proportion to the longest texts, none so narrow that it cannot be read."""
    sample = [grid.headings, *grid.rows]
    sizes = [min(40, max(5, *(_cells(row[column]) for row in sample))) for column in range(len(grid.headings))]
    return [WIDTH * size / sum(sizes) for size in sizes]


def _cells(text: str) -> int:
    """Return the width of a text in half-width characters."""
    return sum(1 if character < "\u1100" else 2 for character in text[:40])


def _gallery(gallery: Gallery, locale: str) -> Iterator[Any]:
    cell = WIDTH / _PHOTOS_A_ROW
    label = paragraph(one_line(gallery.label), LABEL, locale)
    for index, row in enumerate(_pieces(gallery.pictures, _PHOTOS_A_ROW)):
        cells: list[Any] = []
        for one in row:
            image = picture(one.path, cell - 8, 52 * mm)
            shown = image or paragraph(_("This picture cannot be shown.").in_(locale), CAPTION, locale)
            cells.append([shown, Spacer(0, 2), paragraph(one_line(one.caption), CAPTION, locale)])
        cells += [""] * (_PHOTOS_A_ROW - len(cells))
        table = Table([cells], colWidths=[cell] * _PHOTOS_A_ROW, style=TableStyle([
            ("ALIGN", (0, 0), (-1, -1), "CENTER"),
            ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ]))  # fmt: skip
        yield KeepTogether([Spacer(0, 1.5 * mm), label, table] if index == 0 else [table])


def _checklist(items: Sequence[Check], locale: str) -> Iterator[Any]:
    if not items:
        return
    yield from _heading(_("Checklist").in_(locale), locale)
    rows = [
        [_box(ticked=bool(item.done)), paragraph(one_line(item.label), BODY, locale),
         paragraph(item.done or _("Not done").in_(locale), LABEL, locale)]
        for item in items
    ]  # fmt: skip
    yield Table(rows, colWidths=[8 * mm, WIDTH - 58 * mm, 50 * mm], style=TableStyle(_FACTS))


def _box(*, ticked: bool) -> Any:
    """Return a drawn check box: the signs for it are missing in many fonts."""
    size = 3 * mm
    drawing = Drawing(size, size + 1)
    drawing.add(Rect(0, 0, size, size, strokeColor=MUTED, strokeWidth=0.7, fillColor=None))
    if ticked:
        points = [size * 0.2, size * 0.5, size * 0.42, size * 0.25, size * 0.85, size * 0.85]
        drawing.add(PolyLine(points, strokeColor=ACCENT, strokeWidth=1.3))
    return drawing


def _notes(notes: Sequence[PublicNote], locale: str) -> Iterator[Any]:
    if not notes:
        return
    yield from _heading(_("Notes").in_(locale), locale)
    for note in notes:
        yield Spacer(0, 1.5 * mm)
        yield paragraph(one_line(note.head), LABEL, locale)
        yield paragraph(note.body, BODY, locale)


def _signatures(signatures: Sequence[Signature], locale: str) -> Iterator[Any]:
    if not signatures:
        return
    cells: list[Any] = []
    for one in signatures:
        image = picture(one.picture.path, WIDTH / 2 - 20, 26 * mm) if one.picture else None
        cells.append([paragraph(one_line(one.label), LABEL, locale), Spacer(0, 4), image or Spacer(0, 20 * mm)])
    rows = [[*pair, *([[]] * (2 - len(pair)))] for pair in _pieces(cells, 2)]
    style = TableStyle(
        [
            ("BOX", (0, 0), (-1, -1), 0.6, LINE),
            ("INNERGRID", (0, 0), (-1, -1), 0.4, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ]
    )
    body = Table(rows, colWidths=[WIDTH / 2, WIDTH / 2], style=style)
    yield KeepTogether([*_heading(_("Signature").in_(locale), locale)[1:], Spacer(0, 1.5 * mm), body])


def _pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in runs of ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
