"""Amounts that changed hands: a number counts them, is in sight while it holds one, and can be lowered somewhere."""

from collections.abc import Iterator
from typing import Any

from app.core.i18n import _
from ticket_templates.codec import Path, Problem
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.decimal import ScaledNumber
from ticket_templates.spec import FieldSpec, FieldUse


def lowered_problems(use: FieldUse, definition: FieldSpec, path: Path) -> Iterator[Problem]:
    """Yield what keeps a field from counting what changed hands."""
    if not use.lowered_in:
        return
    cls = FIELD_TYPES.get(definition.type)
    if cls is not None and not issubclass(cls, ScaledNumber):
        message = _("Only an amount of money, a decimal or a whole number counts what changed hands.")
        yield Problem((*path, "lowered_in"), message, "wrong_type")
    for place, state in enumerate(use.lowered_in):
        if use.editable_in and state not in use.editable_in:
            message = _("In this state the answer cannot be changed at all; name it under “editable_in” as well.")
            yield Problem((*path, "lowered_in", place), message, "settled")
    if use.visible_when is not None and not _shows_what_it_holds(use.visible_when, f"values.{use.field}"):
        message = _(
            "Another answer could hide what changed hands. Say: any of this condition, or that the field is not empty."
        )
        yield Problem((*path, "visible_when"), message, "hidden")


def _shows_what_it_holds(tree: Any, name: str) -> bool:
    """Whether a condition plainly says that the field shows while it is not empty."""
    if not isinstance(tree, dict):
        return False
    if tree.get("field") == name:
        return bool(tree.get("op") == "is_not_empty")
    parts = tree.get("any")
    return isinstance(parts, list) and any(_shows_what_it_holds(part, name) for part in parts)
