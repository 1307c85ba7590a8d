"""Cells of a table as JSON keeps them between two steps of a job; what JSON lacks is an object of one letter."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import orjson

from app.exchange.reader import Unreadable

_LARGEST_INT: Final = 2**53

_READ: Final[Mapping[str, Any]] = {
    "n": Decimal, "t": datetime.fromisoformat, "d": date.fromisoformat, "c": time.fromisoformat, "i": int,
    "s": lambda told: timedelta(seconds=told), "x": lambda told: Unreadable(*told),
}  # fmt: skip
#: What is typed is written by `_kept`; the rest, which is nearly all of it, by the library.
_OWN: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def kept(cells: Sequence[Any]) -> bytes:
    """Return the cells of a row as one line of JSON."""
    try:
        return orjson.dumps(cells, default=_kept, option=_OWN)
    except TypeError:
        # A whole number that has no room in 64 bits.
        return orjson.dumps([_kept(cell) for cell in cells])


def _kept(cell: Any) -> Any:
    if isinstance(cell, bool) or cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, int):
        return cell if abs(cell) < _LARGEST_INT else {"i": str(cell)}
    if isinstance(cell, Decimal):
        return {"n": str(cell)}
    if isinstance(cell, Unreadable):
        return {"x": [cell.kind, cell.place, cell.text]}
    if isinstance(cell, timedelta):
        return {"s": cell.total_seconds()}
    letter = "t" if isinstance(cell, datetime) else "d" if isinstance(cell, date) else "c"
    return {letter: cell.isoformat()}


def told(line: bytes) -> list[Any]:
    """Return the cells of a row that `kept` wrote."""
    return [_told(cell) if type(cell) is dict else cell for cell in orjson.loads(line)]


def _told(cell: dict[str, Any]) -> Any:
    [(letter, value)] = cell.items()
    return _READ[letter](value)
