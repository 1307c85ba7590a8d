"""Which values each column of an upload holds, counted while its rows are kept: the value step needs no second read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

#: A column of more different values is no list of choices.
MOST_VALUES: Final = 500


@dataclass(frozen=True, slots=True)
class Tally:
    """One column: how many of its cells are filled, and each text with how often; None: too many to list."""

    filled: int
    values: tuple[tuple[str, int], ...] | None


class Tallying:
    """Counts the cells of one row after the other."""

    def __init__(self, width: int) -> None:
        self._filled = [0] * width
        self._counts: list[dict[str, int] | None] = [{} for _column in range(width)]

    def add(self, cells: Sequence[Any]) -> None:
        """Count a row."""
        for place, cell in enumerate(cells):
            if cell is None:
                continue
            self._filled[place] += 1
            counts = self._counts[place]
            if counts is None:
                continue
            text = cell if type(cell) is str else str(cell)
            counts[text] = counts.get(text, 0) + 1
            if len(counts) > MOST_VALUES:
                self._counts[place] = None

    def as_json(self) -> list[Any]:
        """Return what `tallies` reads: the most frequent values first."""
        return [
            [filled, None if counts is None else sorted(counts.items(), key=lambda one: -one[1])]
            for filled, counts in zip(self._filled, self._counts, strict=True)
        ]


def tallies(told: Sequence[Any], width: int) -> tuple[Tally, ...]:
    """Return the tallies of an upload; one that was kept before there were any has none to offer."""
    if not told:
        return (Tally(0, None),) * width
    return tuple(
        Tally(filled, None if values is None else tuple((text, number) for text, number in values))
        for filled, values in told
    )
