"""Trees as they come in: every fault is refused at its path."""

from typing import Any

import pytest

from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS
from app.conditions.python import compile_tree
from app.conditions.standpoint import UNITS, View
from app.conditions.trace import trace
from app.conditions.tree import MAX_LEAVES, MAX_LEVELS, parse
from app.conditions.words import sentence
from app.core.errors import DomainError
from app.core.i18n import LOCALES
from tests.conditions.generated import JOURNAL

LABEL = {"zh_Hans": "状态", "en": "State"}
FIELDS = {kind: ConditionField(kind, kind, {"en": kind.title()}) for kind in KINDS} | {
    "state": ConditionField(
        "state",
        "choice",
        LABEL,
        {"open": {"en": "Open", "zh_Hans": "处理中"}, "gone": {"en": "Gone"}},
        retired=frozenset({"gone"}),
        history=JOURNAL,
    )
}


def leaf(field: Any = "number", op: Any = "is", value: Any = 1) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def nested(levels: int) -> dict[str, Any]:
    tree: dict[str, Any] = leaf()
    for _level in range(levels):
        tree = {"all": [tree]}
    return tree


@pytest.mark.parametrize(
    ("tree", "path", "code"),
    [
        (None, "", "not_a_condition"),
        ([], "", "not_a_condition"),
        ("state is open", "", "not_a_condition"),
        ({}, "", "not_a_condition"),
        ({"op": "is"}, "field", "unknown_field"),
        ({"all": {}}, "all", "not_a_list"),
        ({"all": [], "any": []}, "", "unknown_part"),
        ({"all": [leaf(), {"any": [leaf("nope")]}]}, "all[1].any[0].field", "unknown_field"),
        ({"none": [leaf(op="like")]}, "none[0].op", "unknown_operator"),
        ({"none": [leaf(op=["is"])]}, "none[0].op", "unknown_operator"),
        (leaf(["number"]), "field", "unknown_field"),
        (leaf(op="contains"), "op", "wrong_operator"),
        (leaf(value="1"), "value", "wrong_value"),
        (leaf(value=True), "value", "wrong_value"),
        (leaf(value=1.5), "value", "wrong_value"),
        (leaf(value=float("nan")), "value", "wrong_value"),
        (leaf(value=10**30), "value", "wrong_value"),
        (leaf("text", "is", " \u3000"), "value", "wrong_value"),
        (leaf("text", "contains", "x" * 1001), "value", "wrong_value"),
        (leaf("date", "is_before", "2026-02-30"), "value", "wrong_value"),
        (leaf("date", "is_before", {"now": "-3d"}), "value", "no_standpoint"),
        (leaf("date", "is_before", {"now": "-3 days"}), "value", "wrong_value"),
        (leaf("date", "is_before", {"now": "99999d"}), "value", "wrong_value"),
        (leaf("date", "is_before", {"now": "-3d", "start_of": "day"}), "value", "wrong_value"),
        (leaf("date", "is_before", {"start_of": ["day"]}), "value", "wrong_value"),
        (leaf("time", "is_before", {"now": "-3d"}), "value", "wrong_value"),
        (leaf("date", "is_within_last", "3d"), "op", "no_standpoint"),
        (leaf("date", "is_within_last", "3h"), "value", "not_a_span"),
        (leaf("date", "is_within_last", "-3d"), "value", "not_a_span"),
        (leaf("date", "is_within_next", 3), "value", "not_a_span"),
        (leaf("datetime", "is_in_period", "someday"), "value", "not_a_period"),
        (leaf("datetime", "is_in_period", ["today"]), "value", "not_a_period"),
        (leaf("number", "is_between", [1]), "value", "not_a_range"),
        (leaf("number", "is_between", [2, 1]), "value", "not_a_range"),
        (leaf("number", "is_between", [1, "2"]), "value[1]", "wrong_value"),
        (leaf("number", "is_between", "12"), "value", "not_a_range"),
        (leaf("number", "changed", None), "op", "wrong_operator"),
        (leaf("state", "changed", None), "op", "no_change"),
        ({"all": [{"any": []}] * 201}, "", "too_many"),
        (leaf("reference", "is_me", None), "op", "wrong_operator"),
        (leaf("text", "matches", "(a"), "value", "bad_pattern"),
        (leaf("text", "matches", "(a{1,99}){1,99}"), "value", "bad_pattern"),
        (leaf("text", "matches", "(" * 11 + ")" * 11), "value", "bad_pattern"),
        (leaf("text", "matches", "a" * 201), "value", "bad_pattern"),
        (leaf("text", "matches", ""), "value", "wrong_value"),
        (leaf("text", "matches", ["a"]), "value", "wrong_value"),
        (leaf("text", "contains", "a\x00b"), "value", "wrong_value"),
        (leaf("text", "contains", "a\ud800b"), "value", "wrong_value"),
        (leaf("choice", "is", "a\x00"), "value", "wrong_value"),
        (leaf("values.x'] || '", "is", 1), "field", "unknown_field"),
        (leaf('values."] $.x', "is", 1), "field", "unknown_field"),
        (leaf("datetime", "is_before", "2026-02-01"), "value", "wrong_value"),
        (leaf("boolean", "is", 1), "value", "wrong_value"),
        (leaf("state", "is", "nope"), "value", "unknown_option"),
        (leaf("state", "is", "gone"), "value", "retired"),
        (leaf("state", "is_any_of", "open"), "value", "not_a_list"),
        (leaf("state", "is_any_of", []), "value", "not_a_list"),
        (leaf("state", "is_any_of", ["open", "nope"]), "value[1]", "unknown_option"),
        (leaf("state", "is_empty", "x"), "value", "no_value"),
        ({**leaf(), "extra": 1}, "", "unknown_part"),
        ({"all": [leaf()] * (MAX_LEAVES + 1)}, "", "too_many"),
        ({"all": [leaf()] * 10**5}, "", "too_many"),
        (nested(MAX_LEVELS + 1), "all[0].all[0].all[0].all[0].all[0].all", "too_deep"),
        (nested(500), "all[0].all[0].all[0].all[0].all[0].all", "too_deep"),
    ],
)
def test_a_fault_is_refused_at_its_path(tree: Any, path: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse(tree, FIELDS)
    assert (refused.value.refusals[0].field, refused.value.refusals[0].code) == (path, code)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(DomainError) as refused:
        parse({"all": [leaf("a"), leaf(), leaf("b")]}, FIELDS)
    assert [refusal.field for refusal in refused.value.refusals] == ["all[0].field", "all[2].field"]


def test_the_largest_trees_parse_and_run() -> None:
    assert compile_tree(parse(nested(MAX_LEVELS), FIELDS))({"number": 1})
    wide = parse({"any": [leaf(value=number) for number in range(MAX_LEAVES)]}, FIELDS)
    assert compile_tree(wide)({"number": MAX_LEAVES - 1})
    assert not compile_tree(wide)({"number": MAX_LEAVES})


def test_a_parsed_tree_keeps_its_json() -> None:
    tree = {"all": [leaf(), {"none": [leaf("state", "is_any_of", ["open"])]}]}
    assert parse(tree, FIELDS).as_json is tree


def test_what_somebody_typed_is_only_ever_a_constant() -> None:
    evil = "'); __import__('os').system('true'); ('"
    fields = {evil: ConditionField(evil, "text", {"en": evil})}
    holds = compile_tree(parse({"all": [leaf(evil, "is", evil)]}, fields))
    assert holds({evil: evil})
    assert not holds({})


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"all": []}, "always"),
        ({"any": []}, "never"),
        (leaf("state", "is", "open"), "State is “Open”"),
        (leaf("state", "is_empty", None), "State is empty"),
        (leaf("boolean", "is", False), "Boolean is “No”"),
        ({"all": [leaf("state", "is", "open"), {"any": [leaf(), leaf(value=2)]}]},
         "State is “Open” and (Number is “1” or Number is “2”)"),
        ({"none": [leaf("state", "is_any_of", ["open"]), leaf()]}, "not (State is any of “Open” or Number is “1”)"),
        (leaf("text", "contains", "100%(x)s"), "Text contains “100%(x)s”"),
        (leaf("date", "is_within_last", "3d"), "Date is within the last 3 days"),
        (leaf("date", "is_in_period", "last_week"), "Date falls in last week"),
        (leaf("date", "is_after", {"now": "-1mo"}), "Date is after “1 month ago”"),
        (leaf("date", "is_after", {"now": "2w"}), "Date is after “in 2 weeks”"),
        (leaf("date", "is_between", [{"start_of": "month"}, "2026-12-31"]),
         "Date is between “the start of this month” and “2026-12-31”"),
        (leaf("state", "changed", None), "State changed"),
        (leaf("state", "was", "open"), "State was “Open”"),
    ],
)  # fmt: skip
def test_a_tree_reads_as_a_sentence(tree: Any, said: str) -> None:
    assert sentence(parse(tree, FIELDS, View.STANDPOINT | View.CHANGE), "en") == said


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("unit", UNITS)
def test_a_span_is_said_in_words(unit: str, locale: str) -> None:
    span = leaf("datetime", "is_within_last", f"3{unit}")
    said = sentence(parse(span, FIELDS, View.STANDPOINT), locale)
    assert "3" in said
    assert "duration" not in said


def test_a_trace_says_what_each_part_saw() -> None:
    tree = parse({"all": [leaf("state", "is", "open"), {"none": [leaf(), leaf("text", "is_empty", None)]}]}, FIELDS)
    traced = trace(tree, {"state": "open", "number": 1, "text": "Ａ"})
    assert list(traced.lines("en")) == [
        (0, False, "all of these"),
        (1, True, "State is “Open” (it is Open)"),
        (1, False, "none of these"),
        (2, True, "Number is “1” (it is 1)"),
        (2, False, "Text is empty (it is Ａ)"),
    ]
    assert "处理中" in list(traced.lines("zh_Hans"))[1][2]


def test_a_trace_of_a_change_says_from_what_to_what() -> None:
    tree = parse(leaf("state", "changed", None), FIELDS, View.CHANGE)
    traced = trace(tree, {"state": "open"}, before={})
    assert traced.holds
    assert traced.said("en") == "State changed (from empty to Open)"


def test_a_tree_is_compiled_once() -> None:
    tree = parse(leaf(), FIELDS)
    assert compile_tree(tree).__code__ is compile_tree(tree).__code__  # type: ignore[attr-defined]
