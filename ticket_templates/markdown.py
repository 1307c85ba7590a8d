"""Markdown as people write it, and what a reader sees of it: sanitised, and never dearer than its length."""

import html
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_inline import StateInline, image, link

#: More is not drawn; no field and no note holds more.
LONGEST: Final = 50_000
#: No pictures: a page never fetches from another host.
_TAGS: Final = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
#: What one text may hold of what costs most: brackets each begin a search for their end, and a row has as many cells as
#: the table's head, however short it is. What is beyond stays as it was typed.
MOST_BRACKETS: Final = 1_000
MOST_CELLS: Final = 4_000


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


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    parser.inline.ruler.at("link", _some(link, "["))
    parser.inline.ruler.at("image", _some(image, "!["))
    parser.block.ruler.at("table", _some_cells, {"alt": ["paragraph", "reference"]})
    return parser


def _some(rule: Callable[[StateInline, bool], bool], opening: str) -> Callable[[StateInline, bool], bool]:
    """Return the rule of what begins with ``opening``, which gives up where a text has too many or ends none."""

    def tried(state: StateInline, silent: bool) -> bool:
        if not state.src.startswith(opening, state.pos):
            return False
        few = _counted(state.env, "brackets", 1) <= MOST_BRACKETS
        return few and "]" in state.src[state.pos :] and rule(state, silent)

    return tried


def _some_cells(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Read a table as far as there may be cells; the rows behind are read as text."""
    columns = state.src.count("|", state.bMarks[first], state.eMarks[first]) + 1
    rows = (MOST_CELLS - _counted(state.env, "cells", 0)) // columns
    if rows < 1 or not table(state, first, min(end, first + 1 + rows), silent):
        return False
    if not silent:
        _counted(state.env, "cells", columns * (state.line - first))
    return True


def _counted(env: Any, what: str, more: int) -> int:
    """Return how many there were of something in this text, with these."""
    env[what] = env.get(what, 0) + more
    return int(env[what])
