"""Why a tree held, or did not: per leaf, the fact it saw and its answer. For people; evaluations use compiled code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.conditions.operators.base import ChangeOperator
from app.conditions.standpoint import Standpoint
from app.conditions.tree import Group, Leaf, Tree
from app.conditions.values import shown
from app.conditions.words import leaf_sentence
from app.core.i18n import Message, _

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Traced:
    """A part of a tree with its answer. A leaf saw ``fact`` (and ``before``); a group has the answers of ``parts``."""

    part: Group | Leaf
    holds: bool
    fact: Any = None
    before: Any = None
    parts: tuple["Traced", ...] = ()

    def lines(self, locale: str, level: int = 0) -> Iterator[tuple[int, bool, str]]:
        """Yield level, answer and words of each part, from the outermost in."""
        yield level, self.holds, self.said(locale)
        for one in self.parts:
            yield from one.lines(locale, level + 1)

    def said(self, locale: str) -> str:
        """Return this part in words, with what was seen."""
        if isinstance(self.part, Group):
            return _GROUPS[self.part.joint].in_(locale)
        sentence = leaf_sentence(self.part, locale)
        if issubclass(self.part.operator, ChangeOperator):
            seen = [self._seen(self.before, locale), self._seen(self.fact, locale)]
            return _("%(sentence)s (from %(before)s to %(after)s)",
                     sentence=sentence, before=seen[0], after=seen[1]).in_(locale)  # fmt: skip
        return _("%(sentence)s (it is %(fact)s)", sentence=sentence, fact=self._seen(self.fact, locale)).in_(locale)

    def _seen(self, fact: Any, locale: str) -> str:
        assert isinstance(self.part, Leaf)  # noqa: S101 - groups see nothing
        if self.part.kind.read(fact) is None:
            return _("empty").in_(locale)
        if self.part.kind.reading == "anything" or self.part.kind.name == "sealed":
            return _("answered").in_(locale)
        return shown(fact, self.part.field, locale)


_GROUPS: Mapping[str, Message] = {
    "all": _("all of these"),
    "any": _("any of these"),
    "none": _("none of these"),
}


def trace(tree: Tree, facts: Facts, at: Standpoint | None = None, before: Facts | None = None) -> Traced:
    """Return how ``tree`` comes to its answer over ``facts``; every leaf is asked."""
    return _traced(tree.root, facts, at, before or {})


def _traced(part: Group | Leaf, facts: Facts, at: Standpoint | None, before: Facts) -> Traced:
    if isinstance(part, Group):
        parts = tuple(_traced(one, facts, at, before) for one in part.parts)
        answers = [one.holds for one in parts]
        held = all(answers) if part.joint == "all" else any(answers) is (part.joint == "any")
        return Traced(part, held, parts=parts)
    fact, was = facts.get(part.field.name), before.get(part.field.name)
    return Traced(part, _leaf_holds(part, fact, was, at), fact, was)


def _leaf_holds(leaf: Leaf, fact: Any, was: Any, at: Standpoint | None) -> bool:
    read, operator, wanted = leaf.kind.read, leaf.operator, leaf.wanted(at)
    if issubclass(operator, ChangeOperator):
        return operator.happened(read(was), read(fact), wanted)
    known = read(fact)
    return operator.on_empty if known is None else operator.holds(known, wanted)
