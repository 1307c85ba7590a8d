"""What a step answers by itself (`Transition.sets`), worked out over the answers there are when it is taken. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.core.errors import Refusal
from app.core.formula import formula
from app.core.numbers import half_up
from ticket_templates.field_types.base import Context, FieldError
from ticket_templates.field_types.decimal import ScaledNumber
from ticket_templates.spec import Transition
from ticket_templates.versions import CompiledVersion


def set_by(
    version: CompiledVersion, step: Transition, values: Mapping[str, Any], context: Context
) -> tuple[dict[str, Any], list[Refusal]]:
    """Return the canonical answers by field, None where the formula gives nothing, and why one cannot be.

    ``values`` are the ticket's, unsealed; amounts are rounded half up to what the field holds.
    """
    found: dict[str, Any] = {}
    refusals = []
    today = context.now.astimezone(context.zone).date()
    for one in step.sets:
        asked, types = formula(one.formula), version.types
        operands = {name: types[name].operand(values.get(name), context) for name in asked.names if name in types}
        ftype = types[one.field]
        result = asked.value(operands, today)
        if isinstance(result, Decimal) and isinstance(ftype, ScaledNumber):
            result = half_up(result, ftype.scale_in(context))
        try:
            found[one.field] = ftype.clean(result, context)
        except FieldError as error:
            refusals += [Refusal(each.message, one.field, each.code) for each in error.refusals]
    return found, refusals
