"""The typefaces of documents: which font draws each character, how wide it is, and what none can draw."""

import re
from dataclasses import dataclass
from errno import ENOENT
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER: Final = Path(__file__).parent / "fonts"
#: Drawn as nothing by any font: zero-width and direction marks, variation selectors, control characters.
_INVISIBLE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)
_LOCK: Final = Lock()

#: Consecutive characters of one font: (font, characters).
Run = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Typeface:
    """The fonts of one language. No font has all characters, so each weight has a chain of fonts to try in order."""

    regular: tuple[str, ...]
    bold: tuple[str, ...]


_RARE: Final = "GongdanSansRare-Regular"
_SC: Final = Typeface(
    ("GongdanSansSC-Regular", _RARE),
    ("GongdanSansSC-Bold", "GongdanSansTC-Bold", "GongdanSansSC-Regular", _RARE),
)
_TC: Final = Typeface(
    ("GongdanSansTC-Regular", _RARE),
    ("GongdanSansTC-Bold", "GongdanSansSC-Bold", "GongdanSansTC-Regular", _RARE),
)


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


def visible(text: str) -> str:
    """Return ``text`` without what no font draws."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def is_drawn(character: str, chain: tuple[str, ...]) -> bool:
    """Whether some font of the chain has the character."""
    return _font_of(character, chain) is not None


def is_plain(text: str, chain: tuple[str, ...]) -> bool:
    """Whether the first font of the chain has all of ``text``."""
    return coverage(chain[0]).issuperset(map(ord, text))


def runs(text: str, chain: tuple[str, ...]) -> list[Run]:
    """Return ``text`` as runs, each drawn by the first font of ``chain`` that has it; what none has is left out."""
    if not text:
        return []
    if is_plain(text, chain):
        return [(chain[0], text)]
    parts = ((font, one) for one in text if (font := _font_of(one, chain)))
    return [(font, "".join(one for _font, one in run)) for font, run in groupby(parts, key=lambda part: part[0])]


@cache
def coverage(font: str) -> frozenset[int]:
    """Return the code points of a font, after registering it: a tenth of a second, once a process."""
    file = FOLDER / f"{font}.ttf"
    if not file.is_file():
        raise FileNotFoundError(ENOENT, "a font of documents is missing, install Gongdan again", str(file))
    with _LOCK:
        loaded = TTFont(font, str(file))
        pdfmetrics.registerFont(loaded)
    # A newline ends a line; it is never drawn, and never missing.
    return frozenset(loaded.face.charToGlyph) | {0x0A}


class Advances(dict[str, float]):
    """How far each character moves on, in thousandths of the size; read from the fonts when first asked for."""

    def __init__(self, chain: tuple[str, ...]) -> None:
        super().__init__()
        self.chain = chain

    def __missing__(self, character: str) -> float:
        font = _font_of(character, self.chain)
        face = pdfmetrics.getFont(font).face if font else None
        advance = self[character] = face.charWidths.get(ord(character), face.defaultWidth) if face else 0.0
        return advance


@cache
def advances(chain: tuple[str, ...]) -> Advances:
    """Return the widths of the characters of a chain; kept for the process."""
    return Advances(chain)


def _font_of(character: str, chain: tuple[str, ...]) -> str | None:
    return next((font for font in chain if ord(character) in coverage(font)), None)
