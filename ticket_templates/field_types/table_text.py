"""A table as the text of one spreadsheet cell: a line of headings, a line a row, cells parted by bars."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

_ESCAPES: Final = {"\\": "\\\\", "|": "\\|", "\n": "\\n"}
_ESCAPED: Final = re.compile(r"[\\|\n]")
_UNESCAPED: Final = re.compile(r"\\(.)")
_CELL: Final = re.compile(r"(?:\\.|[^\\|])*")


def cell_text(cell: Any) -> str:
    """Return what a typed cell is as text, exactly."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)


def written(lines: Iterable[Iterable[str]]) -> str:
    """Return lines of cells as one text; bars, backslashes and line breaks in a cell are escaped."""
    return "\n".join(
        " | ".join(_ESCAPED.sub(lambda found: _ESCAPES[found[0]], cell) for cell in line) for line in lines
    )


def cells(line: str) -> list[str]:
    """Split a line at its bars and take the escapes away."""
    texts: list[str] = []
    at = 0
    while at <= len(line):
        found = _CELL.match(line, at)
        text = found[0] if found else ""
        # A backslash at the very end escapes nothing.
        at += len(text) + 1
        texts.append(_UNESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], text).strip())
    return texts
