"""Text with headings, lists and links."""

import html
from functools import cache
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, Refused
from ticket_templates.field_types.long_text import Lines, lines_settings

#: No pictures: a page never fetches from another host.
_TAGS: Final = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}


@FIELD_TYPES.register
class RichText(Lines):
    """Markdown. Canonical: the Markdown as typed; `markup` is what a page shows of it, sanitised."""

    name = "rich_text"
    label = _("Formatted text")
    purpose = _("Instructions or a report with headings, lists and links (Markdown).")
    input = "markdown"
    icon = "markdown"
    most = 50_000
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


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])


def rendered(markdown: str) -> str:
    """Return the sanitised HTML of ``markdown``."""
    return str(
        nh3.clean(
            _markdown().render(markdown),
            tags=_TAGS,
            attributes={"a": {"href", "title"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer nofollow",
        )
    )


def plain(markdown: str) -> str:
    """Return what a reader of ``markdown`` sees, on one line; the Markdown itself where nothing is seen."""
    text = nh3.clean(_markdown().render(markdown).replace("<", " <"), tags=set())
    return " ".join(html.unescape(text).split()) or " ".join(markdown.split())
