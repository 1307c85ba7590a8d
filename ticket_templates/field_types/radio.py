"""One of a few options, all visible."""

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Refused
from ticket_templates.field_types.choice import COLOURS, OneOption


@FIELD_TYPES.register
class Radio(OneOption):
    """One option, chosen with one click. Canonical: its key."""

    name = "radio"
    label = _("Radio buttons")
    purpose = _("One of two to six options, all visible at once.")
    input = "radio"
    icon = "circle-dot"
    cases = (
        Case("red", "red", "Red", options=COLOURS),
        Case(None, None, "", options=COLOURS),
        Case("old", "old", "Old", options=COLOURS, stored="old"),
    )
    refused = (
        Refused("blue", "not_an_option", options=COLOURS),
        Refused("old", "retired", options=COLOURS),
        Refused({"key": "red"}, "not_text", options=COLOURS),
    )
