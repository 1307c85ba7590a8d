"""The parts of a service report as things to lay on pages, in order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, Final, TypeVar

from reportlab.lib.units import mm

from app.core.i18n import _
from app.reports.pdf.blocks import Block, Box, Cell, Look, Prose, Row, Rows, Stack, kept, row
from app.reports.pdf.content import Check, Fact, Gallery, Grid, PublicNote, Report, SectionBlock, Signature
from app.reports.pdf.panels import Cards, Head, Heading, Photos, Signatures
from app.reports.pdf.sheet import WIDTH, printed
from app.reports.pdf.text import (
    ACCENT,
    BODY,
    CELL_HEAD,
    LABEL,
    MUTED,
    NUMBER,
    NUMBER_HEAD,
    SHADE,
    STRONG,
    STRONG_NUMBER,
    laid,
    one_line,
)

_LABEL_WIDTH: Final = 25 * mm
_PAD: Final = 4.0
#: A value longer than this leaves the rows of facts, since a row is not cut at a page's end.
LONG_VALUE: Final = 700
_LONG_LINES: Final = 14
#: Characters of all cells of a row together, and lines of one: a row must fit one page, however narrow its columns.
_CELL_TEXT: Final = 2_400
_CELL_LINES: Final = 40
_HEAD_LINES: Final = 8
#: Rows whose texts decide how wide the columns are.
_SAMPLE: Final = 300
#: A table of more columns is set smaller.
_MANY_COLUMNS: Final = 8
#: Most photos of a field → photos a row, and how high they may be.
_PHOTOS: Final = ((2, 2, 72 * mm), (9, 3, 52 * mm), (10**6, 4, 40 * mm))

_FACTS: Final = Look()
_AMOUNTS: Final = Look(left=WIDTH / 2)
_GRID: Final = Look(head_ground=SHADE)

T = TypeVar("T")


def report_bytes(report: Report) -> bytes:
    """Return the report as a PDF."""
    return printed(report, list(_story(report)))


def _story(report: Report) -> Iterator[Any]:
    locale = report.locale
    yield Head(report)
    if cards := [card for card in report.cards if card.facts]:
        yield Cards(cards, locale)
    for section in report.sections:
        yield from _headed(section.title, _section(section, locale), locale)
    yield from _headed(_("Checklist").in_(locale), _checklist(report.checklist, locale), locale)
    yield from _headed(_("Notes").in_(locale), _notes(report.notes, locale), locale)
    yield from _headed(_("Signature").in_(locale), _signatures(report.signatures, locale), locale)


def _headed(title: str, blocks: Iterator[Block], locale: str) -> Iterator[Any]:
    """Yield blocks below their heading, which is never parted from the first; without any there is no heading."""
    first = next(blocks, None)
    if first is not None:
        yield from kept(Heading(title, locale), first)
        yield from blocks


def _section(section: SectionBlock, locale: str) -> Iterator[Block]:
    for kind, run in groupby(section.parts, key=lambda part: "amount" if _is_amount(part) else type(part).__name__):
        parts: Any = list(run)
        if kind == "amount" and len(parts) > 1:
            yield _amounts(parts, locale)
        elif isinstance(parts[0], Fact):
            yield from _facts(parts, locale)
        else:
            for part in parts:
                yield from _grid(part, locale) if isinstance(part, Grid) else _gallery(part, locale)


def _is_amount(part: Any) -> bool:
    return isinstance(part, Fact) and part.amount


def _facts(facts: Iterable[Fact], locale: str) -> Iterator[Block]:
    """Yield labels and values in two columns; wide ones take a line, very long ones leave the rows."""
    rows: list[Row] = []
    waiting: Fact | None = None
    for fact in facts:
        long = len(fact.value) > LONG_VALUE or fact.value.count("\n") > _LONG_LINES
        if waiting and not fact.wide and not long:
            rows.append(row([*_pair(waiting, 0, locale), *_pair(fact, WIDTH / 2, locale)], _FACTS))
            waiting = None
        elif fact.wide or long:
            if waiting:
                rows.append(row(_pair(waiting, 0, locale), _FACTS))
                waiting = None
            if not long:
                rows.append(row(_pair(fact, 0, locale, WIDTH), _FACTS))
                continue
            if rows:
                yield Rows(Stack.of(rows), WIDTH, _FACTS)
                rows = []
            yield from _long(fact, locale)
        else:
            waiting = fact
    if waiting:
        rows.append(row(_pair(waiting, 0, locale), _FACTS))
    if rows:
        yield Rows(Stack.of(rows), WIDTH, _FACTS)


def _pair(fact: Fact, left: float, locale: str, room: float = WIDTH / 2) -> list[Cell]:
    label = laid(one_line(fact.label), LABEL, locale, _LABEL_WIDTH - _PAD - 2).cut(_CELL_LINES)[0]
    value = laid(fact.value, BODY, locale, room - _LABEL_WIDTH - 2 * _PAD)
    return [Cell(left + _PAD, label), Cell(left + _LABEL_WIDTH + _PAD, value)]


def _long(fact: Fact, locale: str) -> Iterator[Block]:
    room = WIDTH - 2 * _PAD
    label = laid(one_line(fact.label), LABEL, locale, room)
    yield Prose(laid(fact.value, BODY, locale, room), label=label, before=5, indent=_PAD)


def _amounts(facts: Sequence[Fact], locale: str) -> Block:
    """Return amounts one below the other, as on an invoice; the one that sums them up stands out."""
    room = WIDTH / 2 - 2 * _PAD
    rows = []
    for fact in facts:
        label, number = (STRONG, STRONG_NUMBER) if fact.total and fact is facts[-1] else (LABEL, NUMBER)
        cells = [
            Cell(_PAD, laid(one_line(fact.label), label, locale, room * 0.6).cut(3)[0]),
            Cell(_PAD + room * 0.5, laid(one_line(fact.value), number, locale, room * 0.5).cut(2)[0]),
        ]
        rows.append(row(cells, _AMOUNTS))
    return Rows(Stack.of(rows), WIDTH / 2, _AMOUNTS, before=4)


def _grid(grid: Grid, locale: str) -> Iterator[Block]:
    widths = _column_widths(grid)
    lefts = [sum(widths[:place]) for place in range(len(widths))]
    smaller = 1.5 if len(widths) > _MANY_COLUMNS else 0.0
    most = min(LONG_VALUE, _CELL_TEXT // len(widths))
    numbers, words = (
        tuple(replace(one, size=one.size - smaller) for one in pair)
        for pair in ((NUMBER_HEAD, NUMBER), (CELL_HEAD, BODY))
    )

    styles = [numbers if place in grid.numeric else words for place in range(len(widths))]

    def made(texts: Sequence[str], *, head: bool = False) -> Row:
        cells = []
        for place, text in enumerate(texts):
            style = styles[place][0 if head else 1]
            shown = laid(one_line(text, most), style, locale, max(widths[place] - 2 * _PAD, style.size))
            cells.append(Cell(lefts[place] + _PAD, shown.cut(_HEAD_LINES if head else _CELL_LINES)[0]))
        return row(cells, _GRID)

    rows = [made(texts) for texts in grid.rows]
    label = laid(one_line(grid.label), LABEL, locale, WIDTH - 2 * _PAD)
    yield Rows(Stack.of(rows), WIDTH, _GRID, head=made(grid.headings, head=True), label=label, before=5)


def _column_widths(grid: Grid) -> list[float]:
    """Return widths in proportion to the longest texts, none so narrow that it cannot be read."""
    sample = [grid.headings, *grid.rows[:_SAMPLE]]
    sizes = [min(40, max(6, *(_cells(row[column]) for row in sample))) for column in range(len(grid.headings))]
    return [WIDTH * size / sum(sizes) for size in sizes]


def _cells(text: str) -> int:
    """Return the width of a text in half-width characters."""
    return sum(1 if character < "\u1100" else 2 for character in text[:40])


def _gallery(gallery: Gallery, locale: str) -> Iterator[Block]:
    places, height = next((a_row, high) for most, a_row, high in _PHOTOS if len(gallery.pictures) <= most)
    label = laid(one_line(gallery.label), LABEL, locale, WIDTH)
    for index, pictures in enumerate(_pieces(gallery.pictures, places)):
        yield Photos(pictures, places, height, locale, label if index == 0 else None)


def _checklist(items: Sequence[Check], locale: str) -> Iterator[Block]:
    room = WIDTH - 62 * mm
    rows = [
        row(
            [
                Cell(_PAD, Box(bool(item.done), ACCENT, MUTED)),
                Cell(_PAD + 7 * mm, laid(one_line(item.label), BODY, locale, room)),
                Cell(WIDTH - 52 * mm, laid(item.done or _("Not done").in_(locale), LABEL, locale, 50 * mm)),
            ],
            _FACTS,
        )
        for item in items
    ]
    if rows:
        yield Rows(Stack.of(rows), WIDTH, _FACTS)


def _notes(notes: Sequence[PublicNote], locale: str) -> Iterator[Block]:
    room = WIDTH - 2 * _PAD
    for note in notes:
        head = laid(one_line(note.head), LABEL, locale, room)
        yield Prose(laid(note.body, BODY, locale, room), label=head, before=5, indent=_PAD)


def _signatures(signatures: Sequence[Signature], locale: str) -> Iterator[Block]:
    for pair in _pieces(signatures, 2):
        yield Signatures(pair, locale)


def _pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in runs of ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
