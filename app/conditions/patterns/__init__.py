r"""Patterns of ``matches``: the regular expressions every engine reads alike, and matches in linear time.

Letters, ``.``, ``\d \w \s`` and their opposites, ``[a-z0-9]``, groups, ``|``, ``* + ? {2,5}``; the whole text must
match, with or without ``^`` and ``$``. What engines disagree about, or backtrack over, is refused with its place. The
letters are folded like the texts they are compared with, so ``ＫＦＲ`` is ``kfr``.

A pattern becomes one regular expression for RE2 (Python, SQLite) and PostgreSQL, and a little machine for the
browser, whose own engine would need years for ``(a+)+$``.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from app.conditions.patterns.machine import machine
from app.conditions.patterns.nodes import Node
from app.conditions.patterns.reading import PatternError, read
from app.conditions.patterns.regex import regex
from app.core.i18n import _
from app.core.linear import linear

__all__ = ["Pattern", "PatternError", "read_pattern"]

LONGEST: Final = 200
#: Characters a machine may look at, repetitions written out: ``(a{1,50}){1,50}`` would be 2,500.
MOST_STEPS: Final = 1000


@dataclass(frozen=True)
class Pattern:
    """A pattern that was read. `matches` is its meaning."""

    text: str
    root: Node = field(repr=False)

    @cached_property
    def regex(self) -> str:
        """Return the regular expression that RE2, PostgreSQL and Python read alike."""
        return f"^(?:{regex(self.root)})$"

    @cached_property
    def machine(self) -> list[list[Any]]:
        """Return the steps of the browser's machine."""
        return machine(self.root)

    def matches(self, text: str) -> bool:
        """Whether the whole of ``text``, which is folded, has this form."""
        return linear(self.regex).search(text) is not None


def read_pattern(text: str) -> Pattern:
    """Return the pattern; PatternError says what engines would not agree about."""
    if len(text) > LONGEST:
        raise PatternError(_("At most %(limit)s characters.", limit=LONGEST), LONGEST)
    root = read(text)
    if root.size > MOST_STEPS:
        raise PatternError(_("This repeats too much."), 1)
    return Pattern(text, root)
