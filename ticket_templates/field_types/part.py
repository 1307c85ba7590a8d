"""A spare part."""

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, PLACEHOLDER, Case, Refused
from ticket_templates.field_types.text import MAX_LENGTH, MIN_LENGTH, PATTERN, PATTERN_HINT, PatternedText


@FIELD_TYPES.register
class Part(PatternedText):
    """The name or number of a part, as text until there is a stock of parts to choose from."""

    name = "part"
    label = _("Spare part")
    purpose = _("The name or number of a spare part.")
    icon = "components"
    searchable = True
    settings = (MAX_LENGTH, MIN_LENGTH, PATTERN, PATTERN_HINT, DEFAULT, PLACEHOLDER)
    cases = (
        Case(" 压缩机 QX-23 ", "压缩机 QX-23", "压缩机 QX-23"),
        Case(10023, "10023", "10023"),
        Case("", None, ""),
    )
    refused = (Refused("x" * 201, "too_long"), Refused(["x"], "not_text"), Refused("\ud800", "not_text"))
