"""Text with headings, lists and links."""

from typing import Any

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, Refused
from ticket_templates.field_types.long_text import Lines, lines_settings
from ticket_templates.markdown import LONGEST, plain, rendered


@FIELD_TYPES.register
class RichText(Lines):
    """Markdown. Canonical: the Markdown as typed; `markup` is what a page shows of it, sanitised."""

    name = "rich_text"
    label = _("Formatted text")
    purpose = _("Instructions or a report with headings, lists and links (Markdown).")
    input = "markdown"
    icon = "markdown"
    most = LONGEST
    settings = lines_settings(20_000)
    cases = (
        Case("# 检查\n\n- 电源 **正常**\n- 滤网", "# 检查\n\n- 电源 **正常**\n- 滤网", "检查 电源 正常 滤网"),
        Case("[手册](https://example.com)", "[手册](https://example.com)", "手册"),
        Case("<script>alert(1)</script>", "<script>alert(1)</script>", "<script>alert(1)</script>"),
        Case("[x](javascript:alert(1))", "[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        Case("![](https://evil.example/p.png)", "![](https://evil.example/p.png)", "![](https://evil.example/p.png)"),
        Case("a &lt; b", "a &lt; b", "a < b"),
        Case("", None, ""),
    )
    refused = (
        Refused("x" * 20_001, "too_long"),
        Refused(["x"], "not_text"),
        Refused("\ud800", "not_text"),
    )

    def shown(self, value: Any, context: Context) -> str:
        del context
        return plain(value) if value else ""

    def markup(self, value: str | None) -> str:
        """Return safe HTML."""
        return rendered(value) if value else ""

    def search_text(self, value: Any) -> str:
        return plain(value) if value else ""
