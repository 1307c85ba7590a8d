"""Stand-in until formulas are there."""

from typing import Any

from ticket_templates.field_types.base import Context, FieldType


def inputs_of(field_type: FieldType) -> set[str]:
    if not field_type.derived:
        return set()
    from ticket_templates.formulas import inputs_of as real

    return real(field_type)


def derived(field_type: FieldType, context: Context) -> Any:
    from ticket_templates.formulas import derived as real

    return real(field_type, context)
