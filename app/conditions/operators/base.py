"""The contract of a condition operator: one class a file, one meaning in every backend.

`holds` is the meaning; `expression` the same as generated Python; `conditions.js` has a function of the same name.
"""

import ast
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from app.core.i18n import Message

#: The kinds of whole numbers and those whose values sort as text.
NUMBERS: Final = frozenset({"number", "money"})
MOMENTS: Final = frozenset({"date", "datetime", "time"})
#: The kinds with one value that can be equal to another.
SINGLE: Final = frozenset({"text", "choice", "cascade", "reference", "place", *NUMBERS, *MOMENTS})


@dataclass(frozen=True, slots=True)
class Case:
    """A proof: over a fact of this kind, the operator with this value gives this answer."""

    kind: str
    fact: Any
    value: Any
    holds: bool


class Operator:
    """Base of all operators. Facts and values arrive as their kind reads them: texts folded, lists as lists."""

    #: Stored name, equal to the file's name, never renamed; also its name in `conditions.js`.
    name: ClassVar[str]
    label: ClassVar[Message]
    #: The leaf as words, of ``field`` and ``value``.
    sentence: ClassVar[Message]
    #: Names of the kinds it serves (`app.conditions.kinds.KINDS`).
    kinds: ClassVar[frozenset[str]]
    #: What stands beside it in a leaf: "one" value, "many", or "none".
    takes: ClassVar[str] = "one"
    #: It answers over an unanswered field too; all others are false there.
    sees_empty: ClassVar[bool] = False
    cases: ClassVar[tuple[Case, ...]] = ()

    @staticmethod
    def prepared(value: Any, kind: str) -> Any:
        """Return one value of a leaf as `holds` compares it; for a text it is folded before."""
        del kind
        return value

    @staticmethod
    def holds(fact: Any, wanted: Any) -> bool:
        """Whether the leaf is true; ``fact`` is None only where `sees_empty`."""
        raise NotImplementedError

    @staticmethod
    def expression(fact: ast.expr, wanted: ast.expr) -> ast.expr:
        """Return the code of `holds`, for a fact that is not None (unless `sees_empty`)."""
        raise NotImplementedError


def compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """Return the code of ``left OPERATOR right``."""
    return ast.Compare(left, [operator], [right])


def method(owner: ast.expr, name: str, argument: ast.expr) -> ast.expr:
    """Return the code of ``owner.name(argument)``."""
    return ast.Call(ast.Attribute(owner, name, ast.Load()), [argument], [])
