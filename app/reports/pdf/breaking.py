"""Breaking text into lines: Latin words stay whole, Chinese breaks anywhere but where its rules forbid it."""

import re
from typing import Final

from app.reports.pdf.fonts import Run, advances, runs

#: One line: its runs, and its width in points.
Line = tuple[list[Run], float]

#: What may not begin a line (避头) and what may not end one (避尾).
_CLOSING: Final = "、。，．：；！？）」』】〉》〕］｝…—～·’”％‰℃々ー)]}.,;:!?%"
_OPENING: Final = "（「『【〈《〔［｛‘“([{￥¥$"
_WIDE: Final = "\u2e80-\U0003ffff"
#: The smallest parts a line may end after.
_UNITS: Final = re.compile(
    rf"[ \t]+|[{re.escape(_OPENING)}]*(?:[^\s{_WIDE}{re.escape(_OPENING)}]+|\S)[{re.escape(_CLOSING)}]*"
)


def broken(text: str, chain: tuple[str, ...], size: float, width: float) -> list[Line]:
    """Return the lines of ``text``, none wider than ``width``; a newline ends a line."""
    lines: list[Line] = []
    for part in text.split("\n"):
        whole = measured(part, chain, size)
        if whole <= width:
            lines.append((runs(part, chain), whole))
        else:
            lines += _wrapped(part, chain, size, width)
    return lines


def measured(text: str, chain: tuple[str, ...], size: float) -> float:
    """Return the width of one line of ``text`` in points."""
    return sum(map(advances(chain).__getitem__, text)) * size / 1000


def fitting(text: str, chain: tuple[str, ...], size: float, width: float) -> str:
    """Return ``text`` on one line, cut where it would not fit."""
    if measured(text, chain, size) <= width:
        return text
    known, left = advances(chain), width * 1000 / size - advances(chain)["…"]
    for place, character in enumerate(text):
        left -= known[character]
        if left < 0:
            return text[:place].rstrip() + "…"
    return text


def _wrapped(text: str, chain: tuple[str, ...], size: float, width: float) -> list[Line]:
    known, most = advances(chain), width * 1000 / size
    lines: list[Line] = []
    start, used = 0, 0.0

    def end_line(end: int) -> None:
        shown = text[start:end].rstrip()
        lines.append((runs(shown, chain), measured(shown, chain, size)))

    for found in _UNITS.finditer(text):
        unit = found.group()
        long = sum(map(known.__getitem__, unit))
        if used + long <= most:
            used += long
            continue
        if unit.isspace():
            # Space at the end of a line takes no room.
            used = most + 1
            continue
        if found.start() > start:
            end_line(found.start())
        start, used = found.start(), 0.0
        # A word wider than a line breaks where it must.
        for place, character in enumerate(unit, found.start()):
            if used + known[character] > most and place > start:
                end_line(place)
                start, used = place, 0.0
            used += known[character]
    end_line(len(text))
    return lines
