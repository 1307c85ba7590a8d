"""What a report is made of: prose and rows, laid out once, cut at the end of a page in time that does not grow.

Plain flowables of reportlab's page machinery. Each knows `least`: how much of it must stand on the page it begins on,
so that a heading is never left alone above it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from reportlab.lib.colors import Color
from reportlab.platypus import CondPageBreak, Flowable

from app.reports.pdf.text import LINE, Pen, Text

#: Lines of a text that stay together at the end of a page.
_TOGETHER: Final = 2
#: More than a page has: breaks wherever it stands.
_WHOLE_PAGE: Final = 10_000
#: Rows, and points, of a table that stays together.
_SHORT_ROWS: Final = 6
_SHORT_HEIGHT: Final = 200


class Block(Flowable):
    """Something of a known height over the whole width; one that cannot be cut unless a subclass says how."""

    def __init__(self, width: float, height: float, *, before: float = 0) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.spaceBefore = before

    @property
    def least(self) -> float:
        """Return how much must fit on the page it begins on."""
        return float(self.spaceBefore + self.height)

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Hook of reportlab: the size."""
        return self.width, self.height

    def split(self, _width: float, _height: float) -> list[Any]:
        """Hook of reportlab: nothing fits, so all of it goes to the next page."""
        return []


def kept(*blocks: Block) -> Iterator[Any]:
    """Yield blocks so that none of them is parted from the beginning of the last."""
    yield CondPageBreak(sum(one.least for one in blocks))
    yield from blocks


class Prose(Block):
    """A text over the whole width, below what it is called."""

    def __init__(self, text: Text, *, label: Text | None = None, before: float = 0, indent: float = 0) -> None:
        self.text, self.label, self.indent = text, label, indent
        self.label_height = label.height if label else 0.0
        super().__init__(text.width, self.label_height + text.height, before=before)

    @property
    def least(self) -> float:
        """Return the room of the label and the lines that stay together."""
        together = min(len(self.text.lines), _TOGETHER) * self.text.style.leading
        return float(self.spaceBefore + self.label_height + together)

    def split(self, _width: float, height: float) -> list[Any]:
        """Hook of reportlab: cut between lines, never leaving one alone."""
        fitting = int((height - self.label_height) / self.text.style.leading)
        fitting = min(fitting, len(self.text.lines) - _TOGETHER)
        if fitting < _TOGETHER:
            return []
        first, rest = self.text.cut(fitting)
        return [Prose(first, label=self.label, indent=self.indent), Prose(rest, indent=self.indent)]

    def draw(self) -> None:
        """Hook of reportlab."""
        pen = Pen(self.canv)
        if self.label:
            pen.write(self.label, self.indent, self.height)
        pen.write(self.text, self.indent, self.height - self.label_height)
        pen.done()


@dataclass(frozen=True, slots=True)
class Cell:
    """A text or a mark at its place in a row."""

    left: float
    content: Any


@dataclass(frozen=True, slots=True)
class Row:
    """Cells side by side; as high as the highest."""

    cells: Sequence[Cell]
    height: float


@dataclass(frozen=True, slots=True)
class Look:
    """Room above and below the texts of a row, the line under it, and the ground of the head."""

    above: float = 3
    below: float = 4
    rule: Color = LINE
    left: float = 0
    #: Where a label above the rows begins.
    indent: float = 4
    head_ground: Color | None = None


def row(cells: Sequence[Cell], look: Look) -> Row:
    """Return a row as high as its cells need."""
    return Row(cells, max((one.content.height for one in cells), default=0) + look.above + look.below)


@dataclass(frozen=True, slots=True)
class Stack:
    """All rows of a table, and where each ends, from the first row's top."""

    rows: Sequence[Row]
    ends: Sequence[float]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Stack":
        """Return the rows, measured once."""
        return cls(rows, list(accumulate((one.height for one in rows), initial=0.0)))


class Rows(Block):
    """Rows of a stack below a label, with a head that stands on every page. All parts of a table share the stack."""

    def __init__(
        self, stack: Stack, width: float, look: Look, *, head: Row | None = None, label: Text | None = None,
        before: float = 0, part: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        self.stack, self.look, self.head, self.label = stack, look, head, label
        self.first, self.end = part or (0, len(stack.rows))
        self.label_height = label.height + 2 if label else 0.0
        self.above = self.label_height + (head.height if head else 0.0)
        super().__init__(width, self.above + stack.ends[self.end] - stack.ends[self.first], before=before)

    @property
    def least(self) -> float:
        """Return the room of label, head and first row."""
        if self.is_short:
            return float(self.spaceBefore + self.height)
        row_height = self.stack.rows[self.first].height if self.end > self.first else 0.0
        return float(self.spaceBefore + self.above + row_height)

    @property
    def is_short(self) -> bool:
        """Whether it stays together: a few rows are read at a glance."""
        return len(self.stack.rows) <= _SHORT_ROWS and self.height <= _SHORT_HEIGHT

    def split(self, _width: float, height: float) -> list[Any]:
        """Hook of reportlab: cut between rows."""
        bottom = self.stack.ends[self.first] + height - self.above
        cut = bisect_right(self.stack.ends, bottom, self.first, self.end) - 1
        if cut == self.end - 1 and cut - self.first > _TOGETHER:
            # The last row is not left alone on the next page.
            cut -= 1
        if cut <= self.first or self.is_short:
            return []
        return [
            Rows(self.stack, self.width, self.look, head=self.head, label=self.label, part=(self.first, cut)),
            # What is left might fit once more below, under a second head.
            CondPageBreak(_WHOLE_PAGE),
            Rows(self.stack, self.width, self.look, head=self.head, part=(cut, self.end)),
        ]

    def draw(self) -> None:
        """Hook of reportlab."""
        canvas, look, top = self.canv, self.look, self.height - self.label_height
        if self.head and look.head_ground:
            canvas.setFillColor(look.head_ground)
            canvas.rect(0, top - self.head.height, self.width, self.head.height, stroke=0, fill=1)
        pen = Pen(canvas)
        if self.label:
            pen.write(self.label, look.left + look.indent, self.height)
        rules, marks = [], []
        for one in (*((self.head,) if self.head else ()), *self.stack.rows[self.first : self.end]):
            for cell in one.cells:
                if isinstance(cell.content, Text):
                    pen.write(cell.content, look.left + cell.left, top - look.above)
                else:
                    marks.append((cell, top - look.above))
            top = round(top - one.height, 2)
            rules.append((look.left, top, look.left + self.width, top))
        pen.done()
        for cell, place in marks:
            cell.content.mark(canvas, look.left + cell.left, place)
        canvas.setStrokeColor(look.rule)
        canvas.setLineWidth(0.5)
        canvas.lines(rules)


@dataclass(frozen=True, slots=True)
class Box:
    """A check box, drawn: the signs for it are missing in many fonts."""

    ticked: bool
    color: Color
    border: Color
    height: float = 10

    def mark(self, canvas: Any, left: float, top: float) -> None:
        """Draw it at its place."""
        size, bottom = 8.5, top - 10
        canvas.setLineWidth(0.7)
        canvas.setStrokeColor(self.border)
        canvas.rect(left, bottom, size, size, stroke=1, fill=0)
        if self.ticked:
            canvas.setLineWidth(1.4)
            canvas.setStrokeColor(self.color)
            path = canvas.beginPath()
            path.moveTo(left + 1.7, bottom + 4.3)
            path.lineTo(left + 3.6, bottom + 2.1)
            path.lineTo(left + 7.2, bottom + 7.2)
            canvas.drawPath(path)
