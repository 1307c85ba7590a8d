"""A signature."""

from collections.abc import Sequence
from typing import Any

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, FieldError, Refused
from ticket_templates.field_types.file import Attached
from ticket_templates.field_types.inputs import TextInput


@FIELD_TYPES.register
class Signature(Attached):
    """Drawn with a finger and kept as a picture. Canonical: the id of the attachment."""

    name = "signature"
    label = _("Signature")
    purpose = _("The customer signs on the screen.")
    input = "signature"
    icon = "signature"
    settings = ()
    cases = (
        Case("12", 12, "photo.jpg"),
        Case(12, 12, "photo.jpg"),
        Case("", None, ""),
    )
    refused = (
        Refused("99", "no_such_file"),
        Refused("13", "wrong_kind"),
        Refused("x", "not_file"),
        Refused(["12"], "not_file"),
        Refused(True, "not_file"),
        Refused(10**30, "not_file"),
        Refused("data:image/png;base64,AAAA", "not_file"),
    )

    def read(self, raw: Any, context: Context) -> int:
        key, facts = self.known(raw, context)
        if facts is not None and not facts.media_type.startswith("image/"):
            raise FieldError(_("A signature is a picture."), code="wrong_kind")
        return key

    def form_field(self) -> Any:
        return TextInput()

    def form_value(self, value: Any, context: Context) -> str:
        del context
        return "" if value is None else str(value)

    def shown(self, value: Any, context: Context) -> str:
        return "" if value is None else self.file_label(value, context)

    def to_excel(self, value: Any, context: Context) -> Any:
        return None if value is None else f"#{value} {self.file_label(value, context)}"

    def from_excel(self, cell: Any, context: Context) -> Any:
        if isinstance(cell, str) and cell.startswith("#"):
            return self.clean(cell[1:].partition(" ")[0], context)
        return self.clean(cell, context)

    def files(self, value: Any) -> Sequence[int]:
        return () if value is None else (value,)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1}
