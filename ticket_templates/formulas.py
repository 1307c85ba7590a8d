"""Values nobody types: computed from other answers, or numbered."""

from collections.abc import Mapping
from typing import Any

from app.core.formula import FormulaError
from ticket_templates.field_types.base import Context, FieldType


def inputs_of(field_type: FieldType) -> frozenset[str]:
    """Return the keys of the fields a derived field is computed from; none when its formula cannot be read."""
    try:
        return field_type.inputs()
    except FormulaError:
        return frozenset()


def derived(field_type: FieldType, context: Context, types: Mapping[str, FieldType]) -> Any:
    """Return the value of one derived field from `Context.values`; the caller goes in the order of `inputs_of`.

    ``types`` are those of all fields, by key: each knows what its value means in a formula.
    """
    operands = {
        key: types[key].operand(context.values.get(key), context) for key in inputs_of(field_type) if key in types
    }
    return field_type.derive(operands, context)
