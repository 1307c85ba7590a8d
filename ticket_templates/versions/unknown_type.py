"""What stands in for a field type that is no longer there: old values stay readable, new ones are refused."""

from typing import Any

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Context, FieldError, FieldType
from ticket_templates.field_types.inputs import TextInput
from ticket_templates.spec import FieldSpec


class UnknownType(FieldType):
    """Shows the raw value, read-only."""

    name = "unknown_type"
    label = _("Unknown field type")

    def clean(self, raw: Any, context: Context) -> Any:
        del raw, context
        raise FieldError(_("The field type “%(type)s” is not known here.", type=self.spec.type), code="unknown_type")

    def moved(self, raw: Any, held: Any, sign: int, context: Context) -> Any:
        del held, sign
        return self.clean(raw, context)

    def form_field(self) -> Any:
        return TextInput(render_kw={"readonly": True})

    def form_value(self, value: Any, context: Context) -> str:
        return self.shown(value, context)

    def shown(self, value: Any, context: Context) -> str:
        del context
        return "" if value is None else str(value)

    def json_schema(self) -> dict[str, Any]:
        return {}


def bound(spec: FieldSpec) -> FieldType:
    """Return the type of ``spec``, bound to it."""
    cls = FIELD_TYPES.get(spec.type) or UnknownType
    return cls(spec)
