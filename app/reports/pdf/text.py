"""User text on a page: how it is set, and the lines it becomes. Nothing in it is markup."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from reportlab.lib.colors import Color, HexColor

from app.reports.pdf.breaking import Line, broken, fitting, measured
from app.reports.pdf.fonts import is_drawn, is_plain, runs, typeface, visible
from app.reports.pdf.glyphs import readable

INK: Final[Color] = HexColor("#1d2733")
MUTED: Final[Color] = HexColor("#66748a")
ACCENT: Final[Color] = HexColor("#1f4e79")
LINE: Final[Color] = HexColor("#d5dce5")
SHADE: Final[Color] = HexColor("#f3f6fa")

#: A text longer than this is cut: a report is read by people, and one field must not fill a hundred pages.
LONGEST: Final = 20_000
LEFT: Final = 0.0
CENTER: Final = 0.5
RIGHT: Final = 1.0


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set. ``align`` is the part of the empty space that stands before it."""

    size: float = 9
    bold: bool = False
    color: Color = INK
    align: float = LEFT

    @property
    def leading(self) -> float:
        """Return the distance of its lines."""
        return self.size * 1.45

    def chain(self, locale: str) -> tuple[str, ...]:
        """Return the fonts it is drawn with."""
        face = typeface(locale)
        return face.bold if self.bold else face.regular


BODY: Final = Style()
LABEL: Final = Style(size=8.5, color=MUTED)
SMALL: Final = Style(size=7.5, color=MUTED)
SMALL_RIGHT: Final = Style(size=7.5, color=MUTED, align=RIGHT)
CAPTION: Final = Style(size=7.5, color=MUTED, align=CENTER)
HEADING: Final = Style(size=10.5, bold=True, color=ACCENT)
STRONG: Final = Style(size=10, bold=True)
STRONG_NUMBER: Final = Style(size=10, bold=True, align=RIGHT)
CELL_HEAD: Final = Style(size=8.5, bold=True)
NUMBER_HEAD: Final = Style(size=8.5, bold=True, align=RIGHT)
NUMBER: Final = Style(align=RIGHT)
COMPANY: Final = Style(size=12, bold=True)
TITLE: Final = Style(size=19, bold=True, color=ACCENT)
TICKET: Final = Style(size=11, bold=True, align=RIGHT)


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of one style, ready to draw in a box of ``width``."""

    lines: list[Line]
    style: Style
    width: float

    @property
    def height(self) -> float:
        """Return how much room the lines take."""
        return len(self.lines) * self.style.leading

    def cut(self, count: int) -> tuple["Text", "Text"]:
        """Return the first ``count`` lines, and the others."""
        return Text(self.lines[:count], self.style, self.width), Text(self.lines[count:], self.style, self.width)


def prepared(text: str, style: Style, locale: str) -> str:
    """Return ``text`` in characters that can be drawn, no longer than a report can bear."""
    cut = text if len(text) <= LONGEST else text[:LONGEST] + " …"
    if "\r" in cut or "\t" in cut:
        cut = cut.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    shown = visible(cut)
    chain = style.chain(locale)
    return shown if is_plain(shown, chain) else readable(shown, partial(is_drawn, chain=chain), locale)


def laid(text: str, style: Style, locale: str, width: float) -> Text:
    """Return ``text`` broken into lines of ``width``."""
    return Text(broken(prepared(text, style, locale), style.chain(locale), style.size, width), style, width)


def one_line(text: str, most: int = 160) -> str:
    """Return a heading or label without newlines, cut where it would fill a page."""
    words = " ".join(text[: 2 * most].split())
    return words if len(words) <= most else words[:most] + " …"


def single(text: str, style: Style, locale: str, width: float) -> Text:
    """Return ``text`` on one line, cut where it does not fit."""
    chain = style.chain(locale)
    shown = fitting(prepared(" ".join(text[:600].split()), style, locale), chain, style.size, width)
    return Text([(runs(shown, chain), measured(shown, chain, style.size))], style, width)


class Pen:
    """Draws texts on a canvas in one text object: changing font and colour only where they change."""

    def __init__(self, canvas: Any) -> None:
        self._canvas = canvas
        self._text = canvas.beginText()
        self._color: Color | None = None
        self._font: tuple[str, float] | None = None

    def write(self, text: Text, left: float, top: float) -> None:
        """Draw the lines, the first one below ``top``."""
        style, drawn = text.style, self._text
        if style.color is not self._color:
            drawn.setFillColor(style.color)
            self._color = style.color
        base = top - style.size * 1.12
        for pieces, width in text.lines:
            if pieces:
                drawn.setTextOrigin(round(left + (text.width - width) * style.align, 2), round(base, 2))
            for font, characters in pieces:
                if (font, style.size) != self._font:
                    drawn.setFont(font, style.size)
                    self._font = (font, style.size)
                drawn.textOut(characters)
            base -= style.leading

    def done(self) -> None:
        """Put what was drawn on the page."""
        self._canvas.drawText(self._text)
