"""Several lines of text."""

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, PLACEHOLDER, Case, Refused, Setting
from ticket_templates.field_types.text import MIN_LENGTH, PATTERN, PATTERN_HINT, PatternedText


def lines_settings(longest: int) -> tuple[Setting, ...]:
    """Return the settings of a text of several lines; ``longest`` unless the definition says otherwise."""
    return (
        Setting("max_length", "int", _("Most characters"), longest),
        MIN_LENGTH,
        PATTERN,
        PATTERN_HINT,
        DEFAULT,
        PLACEHOLDER,
    )


class Lines(PatternedText):
    """Base of the texts of several lines, which the full-text search reads."""

    searchable = True
    lines = True


@FIELD_TYPES.register
class LongText(Lines):
    """A description; line breaks are kept."""

    name = "long_text"
    label = _("Long text")
    purpose = _("Several lines: a description, what was found, what was done.")
    input = "textarea"
    icon = "align-left"
    most = 20_000
    settings = lines_settings(4000)
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
