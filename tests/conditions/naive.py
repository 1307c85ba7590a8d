"""The meaning of conditions.md, written as plainly as it can be: the oracle every backend must agree with."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from app.conditions.tree import Group, Leaf


def fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def answer(kind: str, fact: Any) -> Any:  # noqa: PLR0911 - one line a kind, to be read beside conditions.md
    """The fact as its kind reads it; None when it is no answer."""
    if kind == "text":
        return (fold(fact) or None) if isinstance(fact, str) else None
    if kind in {"number", "money"}:
        return fact if isinstance(fact, int) and not isinstance(fact, bool) else None
    if kind == "boolean":
        return fact if isinstance(fact, bool) else None
    if kind == "choices":
        return ([one for one in fact if isinstance(one, str) and one] or None) if isinstance(fact, list) else None
    if kind == "reference":
        return (
            fact if (isinstance(fact, int) and not isinstance(fact, bool)) or (isinstance(fact, str) and fact) else None
        )
    if kind in {"attachments", "table", "coordinates"}:
        return None if fact is None or fact in ("", [], {}) else "something"
    return fact if isinstance(fact, str) and fact else None


def leaf_holds(leaf: Leaf, facts: Mapping[str, Any]) -> bool:  # noqa: C901, PLR0911, PLR0912 - one line an operator
    kind = leaf.field.kind
    fact = answer(kind, facts.get(leaf.field.name))
    name = leaf.operator.name
    if name == "is_empty":
        return fact is None
    if name == "is_not_empty":
        return fact is not None
    if fact is None:
        return False
    values = list(leaf.value) if isinstance(leaf.value, tuple) else [leaf.value]
    if kind == "text":
        values = [fold(value) for value in values]
    first = values[0]
    match name:
        case "is":
            return fact == first
        case "is_not":
            return fact != first
        case "is_any_of":
            return fact in values
        case "is_none_of":
            return fact not in values
        case "contains":
            return first in fact
        case "starts_with":
            return fact[: len(first)] == first
        case "is_less_than" | "is_before":
            return fact < first
        case "is_at_least":
            return fact >= first
        case "is_after":
            return fact > first
        case "includes_any":
            return any(value in fact for value in values)
        case "includes_all":
            return all(value in fact for value in values)
        case "is_below" if kind == "place":
            return fact[: len(first)] == first
        case "is_below":
            return fact.split("/")[: len(first.split("/"))] == first.split("/")
    raise AssertionError(name)


def holds(part: Group | Leaf, facts: Mapping[str, Any]) -> bool:
    if isinstance(part, Leaf):
        return leaf_holds(part, facts)
    answers = [holds(one, facts) for one in part.parts]
    if part.joint == "all":
        return all(answers)
    return any(answers) if part.joint == "any" else not any(answers)
