"""The typefaces of documents: which font draws each character, so that none is ever silently missing."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER: Final = Path(__file__).parent / "fonts"
#: What stands for a character no font has: visible, never nothing.
MISSING: Final = "□"
#: Drawn as nothing by any font: zero-width and direction marks, variation selectors, control characters.
_INVISIBLE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
_LOCK: Final = Lock()


@dataclass(frozen=True, slots=True)
class Typeface:
    """The fonts of one language. Bold has fewer characters, so each weight has a chain of fonts to try in order."""

    regular: tuple[str, ...]
    bold: tuple[str, ...]


_SC: Final = Typeface(("GongdanSansSC-Regular",), ("GongdanSansSC-Bold", "GongdanSansTC-Bold", "GongdanSansSC-Regular"))
_TC: Final = Typeface(("GongdanSansTC-Regular",), ("GongdanSansTC-Bold", "GongdanSansSC-Bold", "GongdanSansTC-Regular"))


def typeface(locale: str) -> Typeface:
    """Return the typeface with the right forms of characters for ``locale``, its first fonts ready for drawing."""
    chosen = _TC if locale == "zh_Hant" else _SC
    coverage(chosen.regular[0])
    coverage(chosen.bold[0])
    return chosen


def missing() -> list[str]:
    """Return the fonts whose files are not where they belong; there must be none."""
    wanted = {font for face in (_SC, _TC) for font in (*face.regular, *face.bold)}
    return sorted(font for font in wanted if not (FOLDER / f"{font}.ttf").is_file())


def runs(text: str, chain: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return ``text`` as runs of (font, characters), each drawn by the first font of ``chain`` that has it."""
    visible = _INVISIBLE.sub("", text)
    first = chain[0]
    known = coverage(first)
    if all(ord(character) in known for character in visible if character != "\n"):
        return [(first, visible)] if visible else []
    parts = ((_font_of(character, chain), character) for character in visible)
    return [
        (font or first, "".join(MISSING if font is None else character for _font, character in run))
        for font, run in groupby(parts, key=lambda part: part[0])
    ]


@cache
def coverage(font: str) -> frozenset[int]:
    """Return the code points of a font, after registering it: a tenth of a second, once a process."""
    with _LOCK:
        loaded = TTFont(font, str(FOLDER / f"{font}.ttf"))
        pdfmetrics.registerFont(loaded)
    return frozenset(loaded.face.charToGlyph) | {0x0A}


def _font_of(character: str, chain: tuple[str, ...]) -> str | None:
    return next((font for font in chain if ord(character) in coverage(font)), None)
