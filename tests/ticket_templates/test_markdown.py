"""What Markdown costs to draw: so much a character, whatever is typed."""

import sys

import pytest

from ticket_templates.markdown import MOST_BRACKETS, MOST_CELLS, rendered

LONG = 8_000
#: Calls of functions a character may take; ordinary texts take fewer than ten.
DEAR = 100


def calls(text):
    """Return how many functions are called to draw ``text``: a cost no other process changes."""
    number = 0

    def count(_frame, event, _argument):
        nonlocal number
        number += event == "call"

    sys.setprofile(count)
    try:
        rendered(text)
    finally:
        sys.setprofile(None)
    return number


@pytest.mark.parametrize(
    "text",
    [
        "[" * LONG,
        "![" * (LONG // 2),
        "[" * (LONG // 2) + "]" * (LONG // 2),
        "[" * (LONG // 3) + "a" + "](x)" * (LONG // 6),
        "[a](" * (LONG // 4),
        "a|b|c|d\n-|-|-|-\n" + "a\n" * (LONG // 2),
        "|a" * (LONG // 4) + "\n" + "|-" * (LONG // 4),
        "a|b\n-|-\n\n" * (LONG // 9),
        "*a **b " * (LONG // 7),
        "> " * (LONG // 2),
        "- " * (LONG // 2),
        "`" * LONG,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_no_text_is_dear(text):
    rendered("[a](b)")
    assert calls(text) < DEAR * len(text)


def test_what_is_beyond_stays_as_typed():
    links = rendered("[a](http://x.example) " * (MOST_BRACKETS + 5))
    assert links.count("<a ") == MOST_BRACKETS
    assert links.count("[a](http://x.example)") == 5
    table = rendered("h|i\n-|-\n" + "".join(f"row{one}|x\n" for one in range(MOST_CELLS)))
    assert "<td>row0</td>" in table
    assert table.count("<td>") <= MOST_CELLS
    assert f"row{MOST_CELLS - 1}|x" in table


def test_ordinary_brackets_and_tables_are_drawn():
    html = rendered("[手册 [1]](http://x.example) ![图](p.png) [ ] \n\n|a|b|\n|:-|-|\n|1|2|\n")
    assert '<a href="http://x.example"' in html
    assert ">手册 [1]</a>" in html
    assert "[ ]" in html
    assert "<td>1</td>" in html
