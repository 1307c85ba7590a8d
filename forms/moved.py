"""Inputs of what a step adds to or takes off: empty at first, what is there said beside them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.core.i18n import LOCALES, Message, _, label_in
from ticket_templates.field_types.base import Context, FieldType


def hint(ftype: FieldType, held: Any, sign: int, context: Context) -> Message:
    """Return what to type, and what is there."""
    if not held:
        return _("Only that of this time.") if ftype.kind == "text" else _("Only the amount of this time.")
    if ftype.kind == "text":
        return _("Only that of this time; there is already: %(text)s", text=ftype.shown(held, context))
    there = {locale: ftype.shown(held, replace(context, locale=locale)) for locale in LOCALES}
    if sign > 0:
        return _("Only the amount of this time; it is added to the %(amount)s that is there.", amount=there)
    return _("Only the amount of this time; it is taken off the %(amount)s that is there.", amount=there)


def called(ftype: FieldType, sign: int, locale: str) -> str:
    """Return what the input of an amount is called: not the sum it goes into."""
    if ftype.kind == "text":
        return label_in(ftype.spec.labels, locale)
    if sign > 0:
        return _("%(field)s: added this time", field=ftype.spec.labels).in_(locale)
    return _("%(field)s: taken off this time", field=ftype.spec.labels).in_(locale)


def unmoved(values: Mapping[str, Any], moves: Mapping[str, int]) -> dict[str, Any]:
    """Return what the inputs show at first: nothing where an amount of this time is asked for."""
    return {key: value for key, value in values.items() if key not in moves}
