"""Definitions that cannot work are refused where they are wrong; what types do besides the common contract."""

from typing import Any

import pytest

from app.conditions.python import compile_tree
from app.conditions.tree import parse
from tests.factories.field_types import bound, context
from ticket_templates.field_types.base import FieldError
from ticket_templates.field_types.cascade import FAULTS, MOST_LEVELS, MOST_NODES
from ticket_templates.field_types.choice import COLOURS
from ticket_templates.field_types.decimal import MOST_PLACES
from ticket_templates.field_types.rich_text import RichText
from ticket_templates.spec import Option

RED = Option("red", {"en": "Red"})


def deep(levels: int) -> tuple[Option, ...]:
    """A cascade of one option a level."""
    return (Option("a", {"en": "A"}, children=deep(levels - 1) if levels > 1 else ()),)


def wide(nodes: int) -> tuple[Option, ...]:
    """A cascade of so many options on two levels, none of them with many."""
    full, rest = divmod(nodes, 100)
    groups = [99] * full + ([rest - 1] if rest else [])
    return tuple(
        Option(
            f"g{group}",
            {"en": f"G {group}"},
            children=tuple(Option(f"n{one}", {"en": f"N {one}"}) for one in range(many)),
        )
        for group, many in enumerate(groups)
    )


@pytest.mark.parametrize(
    ("name", "settings", "options", "field"),
    [
        ("text", {"pattern": "("}, (), "pattern"),
        ("text", {"pattern": "(?=x)"}, (), "pattern"),
        ("text", {"pattern": "x{1000}{1000}"}, (), "pattern"),
        ("text", {"pattern": "x" * 201}, (), "pattern"),
        ("text", {"max_length": 0}, (), "max_length"),
        ("text", {"max_length": 10**9}, (), "max_length"),
        ("text", {}, COLOURS, "options"),
        ("integer", {"min": 5, "max": 3}, (), "min"),
        ("integer", {"min": "1e400"}, (), "min"),
        ("decimal", {"scale": 99}, (), "scale"),
        ("money", {"currency": "XX"}, (), "currency"),
        ("date", {"min": "soon"}, (), "min"),
        ("phone", {"region": "XX"}, (), "region"),
        ("rating", {"max": 99}, (), "max"),
        ("file", {"max": 0}, (), "max"),
        ("auto_number", {"pattern": "no sequence"}, (), "pattern"),
        ("choice", {}, (), "options"),
        ("choice", {}, (RED, RED), "options"),
        ("choice", {}, (RED, Option("rot", {"en": "red"})), "options"),
        ("choice", {}, (Option("a b", {"en": "A"}),), "options"),
        ("choice", {}, (Option("", {"en": "A"}),), "options"),
        ("choice", {}, (Option("a", {}),), "options"),
        ("cascade", {}, (Option("a", {"en": "A"}, children=(RED, RED)),), "options.a"),
        ("cascade", {}, deep(MOST_LEVELS + 1), "options." + "/".join("a" * MOST_LEVELS)),
        ("cascade", {}, wide(MOST_NODES + 1), "options"),
        ("computed", {"formula": "a", "scale": MOST_PLACES + 1}, (), "scale"),
        ("computed", {"formula": "a", "scale": -1}, (), "scale"),
    ],
)
def test_a_definition_that_cannot_work(name: str, settings: dict[str, Any], options: Any, field: str) -> None:
    with pytest.raises(FieldError) as refused:
        bound(name, settings, options).check_definition()
    assert refused.value.refusals[0].field == field


@pytest.mark.parametrize(
    ("name", "settings", "options"),
    [("cascade", {}, deep(MOST_LEVELS)), ("cascade", {}, wide(MOST_NODES))]
    + [("computed", {"formula": "a", "scale": scale}, ()) for scale in (0, MOST_PLACES)],
)
def test_a_definition_at_its_limit_works(name: str, settings: dict[str, Any], options: Any) -> None:
    bound(name, settings, options).check_definition()


def test_an_option_may_take_the_name_of_a_retired_one() -> None:
    bound("choice", {}, (Option("old", {"en": "Red"}, retired=True), RED)).check_definition()


def test_a_label_two_options_share_travels_as_its_key() -> None:
    ftype = bound("choice", {}, (Option("old", {"en": "Red"}, retired=True), RED))
    assert ftype.to_excel("red", context()) == "red"
    assert ftype.from_excel("red", context()) == "red"


def test_labels_of_every_language_are_read_from_a_sheet() -> None:
    ftype = bound("choices", {}, COLOURS)
    assert ftype.from_excel("紅；Green、red", context("zh_Hans")) == ["red", "green"]
    with pytest.raises(FieldError):
        ftype.from_excel("blue", context())


def test_a_condition_over_a_cascade_and_an_address() -> None:
    cascade, address = bound("cascade", {}, FAULTS, key="fault"), bound("address", key="place")
    fields = {one.name: one for one in (cascade.condition_field(), address.condition_field())}
    tree = {
        "all": [
            {"field": "values.fault", "op": "is_below", "value": "washer/drum"},
            {"field": "values.place", "op": "is_below", "value": "1101"},
        ]
    }
    holds = compile_tree(parse(tree, fields))
    facts = {
        "values.fault": cascade.fact("washer/drum/noise/bearing"),
        "values.place": address.fact({"region": "110101", "line": "x"}),
    }
    assert holds(facts)
    assert not holds({**facts, "values.fault": "washer"})


@pytest.mark.parametrize(
    ("markdown", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("<img src=x onerror=alert(1)>", "<img"),
        ("[x](javascript:alert(1))", "<a"),
        ("[x](data:text/html,<script>)", "<a"),
        ("![x](https://evil.example/p.png)", "<img"),
        ("<a href='x' onclick='y'>", "<a"),
        ("<style>body{}</style>", "<style"),
        ("[x](https://example.com 'a\" onclick=\"b')", '" onclick="b'),
    ],
)
def test_markup_is_safe(markdown: str, never: str) -> None:
    ftype = bound("rich_text")
    assert isinstance(ftype, RichText)
    assert never not in ftype.markup(markdown)


def test_markup_has_what_a_report_needs() -> None:
    ftype = bound("rich_text")
    assert isinstance(ftype, RichText)
    html = ftype.markup("# A\n\n- [b](https://example.com)\n\n| x |\n|---|\n| 1 |")
    for part in (
        "<h1>A</h1>",
        "<li>",
        'href="https://example.com"',
        'rel="noopener noreferrer nofollow"',
        "<td>1</td>",
    ):
        assert part in html
    assert ftype.markup(None) == ""


def test_deep_markdown_costs_nothing() -> None:
    ftype = bound("rich_text")
    assert isinstance(ftype, RichText)
    assert ftype.markup(">" * 20_000)
    assert ftype.markup("[" * 20_000)
    assert ftype.markup("*a_" * 6_000)
