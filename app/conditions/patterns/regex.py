"""A pattern as a regular expression that RE2, PostgreSQL and Python read alike: without classes of their own."""

from typing import Final

from app.conditions.patterns.nodes import LAST, Characters, Choice, Node, Ranges, Sequence, opposite

_SPECIAL: Final = frozenset(r".^$*+?()[]{}|\-")


def regex(node: Node) -> str:
    """Return the expression of ``node``."""
    if isinstance(node, Characters):
        return _set(node.ranges)
    if isinstance(node, Sequence):
        return "".join(map(regex, node.parts))
    if isinstance(node, Choice):
        return f"(?:{'|'.join(map(regex, node.parts))})"
    most = "" if node.most is None else node.most
    return f"(?:{regex(node.part)}){{{node.least},{most}}}"


def _set(ranges: Ranges) -> str:
    if ranges == ((0, LAST),):
        return "."
    # NUL is no character of a text, and surrogates are none at all: a range says so by what it leaves out.
    if ranges[:1] and ranges[0][0] == 0:
        return f"[^{''.join(map(_between, opposite(ranges)))}]"
    return f"[{''.join(map(_between, ranges))}]"


def _between(bounds: tuple[int, int]) -> str:
    first, last = map(_escaped, bounds)
    return first if first == last else f"{first}-{last}"


def _escaped(code: int) -> str:
    character = chr(code)
    return f"\\{character}" if character in _SPECIAL else character
