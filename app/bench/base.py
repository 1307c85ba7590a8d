"""The contract of a bench."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.house import House


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure: ``ours`` and ``limit`` in ``unit``, measured in one run; the ratio is ours ÷ limit.

    More is better where the unit is a rate (``tickets/s``): the limit is the bare way, and 1.0 is as good. Less is
    better elsewhere (``ms``, ``statements``, ``MB``). A flatness is the slowest ÷ the fastest of several sizes.
    """

    metric: str
    rows: int
    ours: float
    limit: float
    unit: str

    def as_json(self, database: str) -> dict[str, Any]:
        """Return the object that is printed."""
        return {
            "metric": self.metric,
            "database": database,
            "rows": self.rows,
            "ours": round(self.ours, 6),
            "limit": round(self.limit, 6),
            "ratio": round(self.ours / self.limit, 4) if self.limit else 0.0,
            "unit": self.unit,
        }


class Bench:
    """Base of all benches. ``house`` has an empty, migrated scratch database with roles and packs installed."""

    #: Name on the command line, equal to the file's name.
    name: ClassVar[str]
    #: One line: what is measured against what.
    about: ClassVar[str]
    #: How many rows unless told.
    rows: ClassVar[int] = 10_000

    def run(self, house: House, rows: int) -> Iterator[Measurement]:
        """Yield the figures."""
        raise NotImplementedError
