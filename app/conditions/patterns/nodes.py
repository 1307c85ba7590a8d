"""What patterns are made of: characters, one after the other, one of several, several times."""

from dataclasses import dataclass
from typing import Final

LAST: Final = 0x10FFFF

#: Characters from the first to the last of each pair, by code point.
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Characters:
    """One character of these ranges."""

    ranges: Ranges

    @property
    def size(self) -> int:
        """Return how many steps of the machine it takes."""
        return 1


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple["Node", ...]

    @property
    def size(self) -> int:
        """Return how many steps of the machine it takes."""
        return sum(part.size for part in self.parts)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the parts."""

    parts: tuple["Node", ...]

    @property
    def size(self) -> int:
        """Return how many steps of the machine it takes."""
        return sum(part.size + 2 for part in self.parts)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part several times; ``most`` None: without end."""

    part: "Node"
    least: int
    most: int | None

    @property
    def size(self) -> int:
        """Return how many steps of the machine it takes."""
        return (self.part.size + 2) * max(self.least + 1 if self.most is None else self.most, 1)


Node = Characters | Sequence | Choice | Repeat


def merged(ranges: list[tuple[int, int]]) -> Ranges:
    """Return the same characters in order, none twice."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return tuple(found)


def opposite(ranges: Ranges) -> Ranges:
    """Return all other characters."""
    bounds = [-1, *(bound for one in merged(list(ranges)) for bound in one), LAST + 1]
    return tuple(
        (last + 1, first - 1) for last, first in zip(bounds[::2], bounds[1::2], strict=True) if last + 1 < first
    )
