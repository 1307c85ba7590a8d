"""The contract of a bench."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.house import House


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure: ``ours`` and ``limit`` in ``unit``, measured in one run.

    The ratio is limit ÷ ours where less is better (seconds, bytes, statements), ours ÷ limit where more is
    (rows/s): 1.0 is as good as the limit, and more is always better.
    """

    metric: str
    rows: int
    ours: float
    limit: float
    unit: str

    def as_json(self, database: str) -> dict[str, Any]:
        """Return the object that is printed."""
        more_is_better = self.unit.endswith("/s")
        over, under = (self.ours, self.limit) if more_is_better else (self.limit, self.ours)
        return {
            "metric": self.metric,
            "database": database,
            "rows": self.rows,
            "ours": round(self.ours, 6),
            "limit": round(self.limit, 6),
            "ratio": round(over / under, 4) if under else 0.0,
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
