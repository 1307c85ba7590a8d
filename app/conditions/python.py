"""Trees as generated Python: each field is read once, each leaf is one comparison.

The code is built from `ast` nodes of parsed trees; a text somebody typed is only ever a constant in it. What is
compiled is a function of the standpoint: it resolves relative times once, and returns the function of the facts. For
one tree that looks like this::

    def asked(at):
        w1 = want1(at)
        def holds(facts, before=None):
            get = facts.get
            f0 = get("state")
            f1 = get("due_at")
            if not (type(f1) is str and f1): f1 = None
            return f0 == "open" and (f1 is not None and f1 < w1)
        return holds
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from app.conditions.code import NONE, assign, both, call, compared, function, is_constant, joined, load, negated
from app.conditions.kinds import CALLED, READINGS
from app.conditions.operators.base import ChangeOperator
from app.conditions.standpoint import Standpoint, View
from app.conditions.tree import Group, Leaf, Tree

#: Facts by name (absent: unanswered) or, where columns were named, by position; and what they were before a change.
Condition = Callable[..., bool]
Conditions = Callable[..., tuple[bool, ...]]

#: Readings that look at each character or key.
_DEAR: Final = frozenset({"text", "keys"})
#: Among so few constants a tuple is searched faster than a set.
FEW: Final = 8
#: What constants of code may be; anything else is handed to the code by name.
_CONSTANTS: Final = (str, int, frozenset, tuple)


def compile_tree(tree: Tree, at: Standpoint | None = None) -> Condition:
    """Return the function that says whether facts meet ``tree``, as seen from ``at``.

    Where the tree asks about changes, the function also takes the facts before.
    """
    return _one(tree)(at)


def compile_trees(
    trees: Iterable[Tree], at: Standpoint | None = None, columns: Sequence[str] | None = None
) -> Conditions:
    """Return one function that answers all ``trees``, in order: each field is read once, equal leaves asked once.

    ``columns`` names the facts of a row by position; without it rows are mappings.
    """
    return _several(tuple(trees), None if columns is None else tuple(columns))(at)


@lru_cache(maxsize=1024)
def _one(tree: Tree) -> Callable[[Standpoint | None], Condition]:
    writer = _Writer([tree], None)
    return writer.function(writer.code(tree.root))


@lru_cache(maxsize=128)
def _several(trees: tuple[Tree, ...], columns: tuple[str, ...] | None) -> Callable[[Standpoint | None], Conditions]:
    writer = _Writer(trees, columns)
    return writer.function(ast.Tuple([writer.code(tree.root) for tree in trees], ast.Load()))


class _Writer:
    """Writes one function: its reads, the leaves it shares, and what it hands to them."""

    def __init__(self, trees: Sequence[Tree], columns: tuple[str, ...] | None) -> None:
        self.columns = columns
        self.names: dict[tuple[str, str], str] = {}
        self.reads: list[ast.stmt] = []
        self.wants: list[ast.stmt] = []
        self.scope: dict[str, Any] = {"__builtins__": {}, **CALLED}
        self.needs = View.FACTS
        leaves = [leaf for tree in trees for leaf in tree.leaves]
        #: Fields that are only ever compared for equality with texts: whatever else they hold is equal to none.
        self.unread = {leaf.field.name for leaf in leaves} - {leaf.field.name for leaf in leaves if not _is_plain(leaf)}
        self.times = Counter(leaf.field.name for leaf in leaves)
        self.asked = Counter(map(_question, leaves)) if len(trees) > 1 else Counter[Any]()
        self.shared: dict[Any, str] = {}

    def function(self, answer: ast.expr) -> Callable[[Standpoint | None], Any]:
        """Return the compiled function whose answer is ``answer``."""
        get = [assign(name, ast.Attribute(load(row), "get", ast.Load())) for name, row in self.mappings()]
        holds = function("holds", ("facts", "before"), [*get, *self.reads, ast.Return(answer)])
        asked = function("asked", ("at",), [*self.wants, holds, ast.Return(load("holds"))])
        module = ast.fix_missing_locations(ast.Module([asked], type_ignores=[]))
        exec(compile(module, "<condition>", "exec"), self.scope)  # noqa: S102 - built from checked nodes, see above
        made: Callable[[Standpoint | None], Any] = self.scope["asked"]
        return made

    def mappings(self) -> Iterator[tuple[str, str]]:
        """Yield the rows that are asked by name, and what asks them."""
        if self.columns is None:
            yield "get", "facts"
            if View.CHANGE in self.needs:
                yield "was", "before"

    def code(self, part: Group | Leaf) -> ast.expr:
        """Return the code of a part of a tree."""
        if isinstance(part, Leaf):
            return self.shared_leaf(part)
        parts = [self.code(one) for one in part.parts]
        if part.joint == "all":
            return joined(ast.And(), parts, empty=True)
        answer = joined(ast.Or(), parts, empty=False)
        return negated(answer) if part.joint == "none" else answer

    def shared_leaf(self, leaf: Leaf) -> ast.expr:
        """Return the code of a leaf; one that several trees ask is answered once, before any of them."""
        question = _question(leaf)
        if self.asked[question] < 2:  # noqa: PLR2004 - asked by itself it is answered where it stands
            return self.leaf(leaf)
        name = self.shared.get(question)
        if name is None:
            answer = self.leaf(leaf)
            name = self.shared[question] = f"p{len(self.shared)}"
            self.reads.append(assign(name, answer))
        return load(name)

    def leaf(self, leaf: Leaf) -> ast.expr:
        """Return the code of a leaf where it stands."""
        operator, wanted = leaf.operator, self.wanted(leaf)
        if issubclass(operator, ChangeOperator):
            self.needs |= View.CHANGE
            return operator.expression_of_change(self.fact(leaf, "b"), self.fact(leaf, "f"), wanted)
        first, again = (self.on_the_way if self.is_read_late(leaf) else self.read_before)(leaf)
        if operator.equates:
            return operator.expression(first, wanted)
        answer = operator.expression(again, wanted)
        if operator.on_empty:
            empty = compared(first, ast.Is(), NONE)
            return empty if is_constant(answer, False) else ast.BoolOp(ast.Or(), [empty, answer])
        filled = compared(first, ast.IsNot(), NONE)
        return filled if is_constant(answer, True) else both(filled, answer)

    def is_read_late(self, leaf: Leaf) -> bool:
        """Whether a fact is read where its only leaf stands: it is dear, and often nobody comes so far."""
        return leaf.kind.reading in _DEAR and self.times[leaf.field.name] == 1

    def read_before(self, leaf: Leaf) -> tuple[ast.expr, ast.expr]:
        """Return the code of a fact for its first and its further uses: a local, read at the top."""
        fact = self.fact(leaf, "f")
        return fact, fact

    def on_the_way(self, leaf: Leaf) -> tuple[ast.expr, ast.expr]:
        """Return the same of a fact that is read at its first use."""
        name = f"f{len(self.names)}"
        self.names["f", leaf.field.name] = name
        read = _reading(leaf.kind.reading, self.raw(leaf.field.name, "f"))
        return ast.NamedExpr(ast.Name(name, ast.Store()), read), load(name)

    def fact(self, leaf: Leaf, row: str) -> ast.expr:
        """Return the local name of a field's fact (``f``) or of what it was before (``b``), which is read once."""
        name = self.names.get((row, leaf.field.name))
        if name is None:
            name = self.names[row, leaf.field.name] = f"{row}{len(self.names)}"
            self.reads.append(assign(name, self.raw(leaf.field.name, row)))
            if leaf.field.name not in self.unread:
                self.reads.append(_read(leaf.kind.reading, name))
        return load(name)

    def raw(self, field: str, row: str) -> ast.expr:
        """Return the code that takes a fact from its row."""
        if self.columns is None:
            return call("get" if row == "f" else "was", ast.Constant(field))
        if field not in self.columns:
            return NONE
        return ast.Subscript(
            load("facts" if row == "f" else "before"), ast.Constant(self.columns.index(field)), ast.Load()
        )

    def wanted(self, leaf: Leaf) -> ast.expr:
        """Return the code of what a leaf compares with: a constant, or a name that is bound once an evaluation."""
        if not leaf.is_relative:
            constant = leaf.wanted()
            if leaf.operator.equates and isinstance(constant, frozenset) and len(constant) <= FEW:
                constant = tuple(sorted(constant, key=str))
            if constant is None or isinstance(constant, _CONSTANTS):
                return ast.Constant(constant)  # type: ignore[arg-type] # sets and pairs are constants to the compiler
            return self.bound("c", constant)
        resolved = f"w{len(self.wants)}"
        self.wants.append(assign(resolved, ast.Call(self.bound("want", leaf.wanted), [load("at")], [])))
        return load(resolved)

    def bound(self, prefix: str, value: Any) -> ast.expr:
        """Return a name that stands for ``value`` in the code."""
        name = f"{prefix}{len(self.scope)}"
        self.scope[name] = value
        return load(name)


class _Placed(ast.NodeTransformer):
    """Puts code in the place of ``_``."""

    def __init__(self, code: ast.expr) -> None:
        self.code = code

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.code if node.id == "_" else node


def _reading(name: str, raw: ast.expr) -> ast.expr:
    """Return the code that reads a fact."""
    read: ast.expr = _Placed(raw).visit(ast.parse(READINGS[name], mode="eval").body)
    return read


def _read(reading: str, name: str) -> ast.stmt:
    """Return the code that makes of a local what its kind reads; nothing is done to a fact that is as it should be."""
    code = _reading(reading, load(name))
    if isinstance(code, ast.IfExp) and isinstance(code.body, ast.Name) and isinstance(code.orelse, ast.Constant):
        return ast.If(negated(code.test), [assign(name, NONE)], [])
    return assign(name, code)


def _is_plain(leaf: Leaf) -> bool:
    """Whether a leaf may be asked of a fact as it comes: a text, looked for among a few."""
    few = not leaf.is_relative and (not isinstance(leaf.value, tuple) or len(leaf.value) <= FEW)
    return leaf.kind.reading == "exact" and leaf.operator.equates and few


def _question(leaf: Leaf) -> Any:
    """Return what makes two leaves ask the same."""
    return leaf.field.name, leaf.field.kind, leaf.operator.name, repr(leaf.value)
