"""Several lines of text."""

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, PLACEHOLDER, Case, Refused, Setting
from ticket_templates.field_types.text import MIN_LENGTH, PATTERN, PATTERN_HINT, PatternedText


@FIELD_TYPES.register
class LongText(PatternedText):
    """A description; line breaks are kept."""

    name = "long_text"
    label = _("Long text")
    purpose = _("Several lines: a description, what was found, what was done.")
    input = "textarea"
    icon = "align-left"
    searchable = True
    most = 20_000
    lines = True
    settings = (
        Setting("max_length", "int", _("Most characters"), 4000),
        MIN_LENGTH,
        PATTERN,
        PATTERN_HINT,
        DEFAULT,
        PLACEHOLDER,
    )
    cases = (
        Case("不制冷\r\n已断电 \r\n", "不制冷\n已断电", "不制冷 已断电"),
        Case(" \n\u2028 ", None, ""),
        Case("a\x00\u202eb", "ab", "ab"),
        Case("<b>bold</b>", "<b>bold</b>", "<b>bold</b>"),
        Case("🛠" * 4000, "🛠" * 4000, "🛠" * 4000),
    )
    refused = (
        Refused("x" * 4001, "too_long"),
        Refused(["x"], "not_text"),
        Refused("\udfff", "not_text"),
    )
