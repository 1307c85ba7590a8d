"""Conditions of a template as the browser judges them while one types."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from app.conditions.fields import ConditionField
from ticket_templates.facts import condition_fields, read_condition
from ticket_templates.versions import CompiledSpec

#: Kinds whose fact the browser can tell from the inputs; about the others it asks the server.
_JUDGED: Final = frozenset(
    {"text", "number", "money", "date", "time", "choice", "choices", "cascade", "boolean", "reference", "attachments"}
)
#: What a condition compares and a page can be told.
SIMPLE: Final = (str, int, bool, type(None))


@lru_cache(maxsize=256)
def _known_fields(rules: CompiledSpec) -> dict[str, ConditionField]:
    return condition_fields(rules.spec, rules.types, rules.currency)


def script(rules: CompiledSpec, tree: Mapping[str, Any] | None) -> Any:
    """Return a condition for conditions.js; None where there is none, or the browser cannot judge it."""
    known = _known_fields(rules)
    if not tree or not all(_is_judged(one, known) for one in leaves(tree)):
        return None
    return read_condition(tree, known).as_script()


@lru_cache(maxsize=256)
def scripts(rules: CompiledSpec) -> Mapping[str, tuple[Any, Any]]:
    """Return each field's conditions (visible, required) for conditions.js; None where the browser cannot judge."""
    return {key: (script(rules, use.visible_when), script(rules, use.required_when)) for key, use in rules.uses.items()}


def leaves(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the leaves of a condition."""
    parts = [part for joint in ("all", "any", "none") for part in tree.get(joint, ())]
    if "field" in tree:
        yield tree
    for part in parts:
        yield from leaves(part)


def _is_judged(leaf: Mapping[str, Any], known: Mapping[str, ConditionField]) -> bool:
    """Whether an input alone says what the leaf compares: no paths, no instants, no "three days ago"."""
    field_known = known.get(leaf["field"])
    value = leaf.get("value")
    values = value if isinstance(value, list) else [value]
    return field_known is not None and field_known.kind in _JUDGED and all(isinstance(one, SIMPLE) for one in values)
