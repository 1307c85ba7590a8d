"""User text on a page: escaped, wrapped, every character drawn by a font that has it."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Paragraph

from app.reports.pdf.fonts import Typeface, runs, typeface

INK: Final[Color] = HexColor("#1d2733")
MUTED: Final[Color] = HexColor("#66748a")
ACCENT: Final[Color] = HexColor("#1f4e79")
LINE: Final[Color] = HexColor("#d5dce5")
SHADE: Final[Color] = HexColor("#f3f6fa")

#: Scripts that break between any two characters.
_CJK: Final = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
#: A text longer than this is cut: a report is read by people, and one field must not fill a hundred pages.
LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set."""

    size: float = 9
    bold: bool = False
    color: Color = INK
    align: int = TA_LEFT
    before: float = 0
    after: float = 0


BODY: Final = Style()
LABEL: Final = Style(size=8.5, color=MUTED)
SMALL: Final = Style(size=7.5, color=MUTED)
CAPTION: Final = Style(size=7.5, color=MUTED, align=TA_CENTER)
HEADING: Final = Style(size=10.5, bold=True, color=ACCENT)
STRONG: Final = Style(bold=True)
CELL_HEAD: Final = Style(size=8.5, bold=True)
NUMBER: Final = Style(align=TA_RIGHT)
COMPANY: Final = Style(size=13, bold=True)
TITLE: Final = Style(size=19, bold=True, color=ACCENT)


def paragraph(text: str, style: Style, locale: str) -> Any:
    """Return ``text`` as a paragraph. Whatever it holds, it prints as it is: nothing in it is markup."""
    face = typeface(locale)
    cut = text if len(text) <= LONGEST else text[:LONGEST] + " …"
    chain = face.bold if style.bold else face.regular
    pieces = []
    for font, characters in runs(cut.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "), chain):
        inner = escape(characters).replace("\n", "<br/>")
        pieces.append(inner if font == chain[0] else f'<font face="{font}">{inner}</font>')
    return Paragraph("".join(pieces), _paragraph_style(style, chain[0], bool(_CJK.search(cut))))


def one_line(text: str, most: int = 160) -> str:
    """Return a heading or label on one line, cut where it would fill a page."""
    words = " ".join(text[: 2 * most].split())
    return words if len(words) <= most else words[:most] + " …"


@cache
def _paragraph_style(style: Style, font: str, cjk: bool) -> ParagraphStyle:
    return ParagraphStyle(
        f"{font}-{style}-{cjk}",
        fontName=font,
        fontSize=style.size,
        leading=style.size * 1.45,
        textColor=style.color,
        alignment=style.align,
        spaceBefore=style.before,
        spaceAfter=style.after,
        wordWrap="CJK" if cjk else None,
        splitLongWords=1,
    )


def width(text: str, face: Typeface, style: Style) -> float:
    """Return the width of one line of ``text`` in points."""
    chain = face.bold if style.bold else face.regular
    return float(sum(stringWidth(part, font, style.size) for font, part in runs(text, chain)))
