"""A condition in the words of who reads it: people, customers, places by name, instants by the local clock."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from app.conditions.fields import ConditionField
from app.conditions.tree import Leaf, fields_named, raw_leaves
from app.conditions.words import sentence
from app.core.errors import DomainError
from app.core.work import Work
from app.tickets.conditions.fields import fields
from app.tickets.conditions.where import VIEW
from app.tickets.references import DatabaseReferences
from ticket_templates.facts import read_condition

Show = Callable[[object, str], str]


def names(work: Work, tree: Any) -> dict[str, dict[str, str]]:
    """Return how the things ``tree`` compares with are called, by kind and key; what the actor may not see is left out.

    Of a tree in which something is wrong, those of the rest: who mends it must see what it said.
    """
    known = fields(work, fields_named(tree))
    references = DatabaseReferences(work, within_reach=True)
    found = {}
    for kind, keys in _pointed_at(_sound(raw_leaves(tree), known)).items():
        references.preload(kind, keys)
        found[kind] = {str(key): label for key in keys if (label := references.label(kind, key))}
    return found


def _sound(parts: Iterable[Any], known: Mapping[str, ConditionField]) -> Iterator[Leaf]:
    for part in parts:
        with suppress(DomainError):
            yield from read_condition(part, known, VIEW).leaves


def said(work: Work, tree: Any) -> str:
    """Return what ``tree`` says, in the actor's language; DomainError with the path of each fault.

    What the actor may not see keeps its number: a name would tell that it is there.
    """
    known = fields(work, fields_named(tree))
    # The names are for this sentence alone; a tree that is kept must not hold on to the transaction they come from.
    references = DatabaseReferences(work, within_reach=True)
    shows = {name: show for name, one in known.items() if (show := _show(work, references, one))}
    checked = read_condition(tree, {**known, **{name: replace(known[name], show=shows[name]) for name in shows}}, VIEW)
    for kind, keys in _pointed_at(checked.leaves).items():
        references.preload(kind, keys)
    return sentence(checked, work.actor.locale)


def _show(work: Work, references: DatabaseReferences, field: ConditionField) -> Show | None:
    if field.kind == "datetime":
        return partial(_clock, work)
    return partial(_name, references, kind) if (kind := kind_of(field)) else None


def kind_of(field: ConditionField) -> str:
    """Return the kind of thing a field's values are the keys of; empty: they are no keys."""
    return {"reference": field.refers_to, "place": "region"}.get(field.kind, "")


def _name(references: DatabaseReferences, kind: str, value: object, locale: str) -> str:
    del locale
    return references.label(kind, value if isinstance(value, int) else str(value)) or f"#{value}"


def _clock(work: Work, value: object, locale: str) -> str:
    del locale
    local = datetime.fromisoformat(str(value)).astimezone(work.company.zone)
    return local.strftime("%Y-%m-%d %H:%M")


def _pointed_at(leaves: Iterable[Leaf]) -> dict[str, set[Any]]:
    """Return the keys leaves compare with, by kind of thing: all of a kind are read in one statement."""
    found: dict[str, set[Any]] = {}
    for leaf in leaves:
        if kind := kind_of(leaf.field):
            found.setdefault(kind, set()).update(_values(leaf.value))
    return found


def _values(value: Any) -> Iterator[Any]:
    yield from (one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, int | str))
