"""Computed values and automatic numbers."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.factories.field_types import bound, context
from ticket_templates.field_types.base import FieldError, FieldType
from ticket_templates.field_types.table import PARTS
from ticket_templates.formulas import derived, inputs_of

VALUES: Mapping[str, Any] = {
    "qty": 3,
    "price": 1050,
    "weight": 1234,
    "minutes": 90,
    "bought": "2026-11-01",
    "word": "电机",
    "parts": [{"part": "Drum", "qty": 2, "price": 1050, "amount": 2100}, {"part": "Belt"}],
}
TYPES: Mapping[str, FieldType] = {
    "qty": bound("integer", key="qty"),
    "price": bound("money", key="price"),
    "weight": bound("decimal", {"scale": 3}, key="weight"),
    "minutes": bound("duration", key="minutes"),
    "bought": bound("date", key="bought"),
    "word": bound("text", key="word"),
    "parts": bound("table", {"columns": PARTS}, key="parts"),
    "unanswered": bound("integer", key="unanswered"),
}


@pytest.mark.parametrize(
    ("settings", "value", "shown"),
    [
        ({"formula": "qty * price", "result": "money"}, 3150, "CN¥31.50"),
        ({"formula": "qty * price / 7", "result": "money"}, 450, "CN¥4.50"),
        ({"formula": "price", "result": "money", "currency": "JPY"}, 11, "¥11"),
        ({"formula": "weight * 2", "scale": 3, "unit": "kg"}, 2468, "2.468 kg"),
        ({"formula": "minutes / 60", "scale": 1}, 15, "1.5"),
        ({"formula": "days_between(bought, today())", "scale": 0}, 20, "20"),
        ({"formula": 'sum(parts, "amount") + sum(parts, "qty")', "scale": 2}, 2300, "23.00"),
        ({"formula": "len(parts)", "scale": 0}, 2, "2"),
        ({"formula": 'concat(word, "×", qty)', "result": "text"}, "电机×3", "电机×3"),
        ({"formula": "qty / 0"}, None, ""),
        ({"formula": "qty + unanswered"}, None, ""),
        ({"formula": "word * 2"}, None, ""),
        ({"formula": "qty > 2"}, None, ""),
        ({"formula": "qty > 2", "result": "text"}, None, ""),
        ({"formula": "nobody"}, None, ""),
    ],
)
def test_a_formula_over_fields(settings: Mapping[str, Any], value: Any, shown: str) -> None:
    ftype = bound("computed", settings)
    ftype.check_definition()
    where = context(values=VALUES)
    assert derived(ftype, where, TYPES) == value
    assert ftype.shown(value, where) == shown


def test_a_result_too_large_to_be_kept_is_no_empty_one() -> None:
    ftype = bound("computed", {"formula": "qty * 100000000000000 * 1000"})
    with pytest.raises(FieldError) as refused:
        derived(ftype, context(values=VALUES), TYPES)
    assert refused.value.refusals[0].code == "out_of_range"


def test_a_row_computed_too_large_is_refused_where_it_was_typed() -> None:
    ftype = bound("table", {"columns": PARTS})
    rows = [{"part": "a", "qty": 1, "price": "2"}, {"part": "b", "qty": 9_000_000_000, "price": "90000000000"}]
    with pytest.raises(FieldError) as refused:
        ftype.clean(rows, context())
    assert [(one.field, one.code) for one in refused.value.refusals] == [("[1].qty", "out_of_range")]
    assert "amount" not in ftype.clean(rows, context(draft=True))[1]


def test_a_formula_that_cannot_be_read_is_refused_and_asks_for_nothing() -> None:
    ftype = bound("computed", {"formula": "qty *"})
    with pytest.raises(FieldError) as refused:
        ftype.check_definition()
    assert (refused.value.refusals[0].field, refused.value.refusals[0].code) == ("formula", "syntax")
    assert inputs_of(ftype) == frozenset()


def test_a_derived_value_is_never_typed() -> None:
    for name, settings in (("computed", {"formula": "qty"}), ("auto_number", {})):
        with pytest.raises(FieldError) as refused:
            bound(name, settings).clean("5", context())
        assert refused.value.refusals[0].code == "read_only"


def test_a_number_is_given_once_and_kept() -> None:
    asked: list[str] = []

    def sequence(scope: str) -> int:
        asked.append(scope)
        return 7

    ftype = bound("auto_number", {"pattern": "R-{yyyy}-{seq:4}"})
    assert derived(ftype, context(sequence=sequence), {}) == "R-2026-0007"
    assert asked == ["field:R-2026-"]
    assert derived(ftype, context(stored="R-2025-0001", sequence=sequence), {}) == "R-2025-0001"
    assert derived(ftype, context(), {}) is None
    assert asked == ["field:R-2026-"]


def column(key: str, **changes: Any) -> dict[str, Any]:
    return {"key": key, "type": "computed", "labels": {"en": key}, **changes}


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ((), "columns"),
        ([5], "columns[0]"),
        ([{"key": "a"}], "columns[0]"),
        ([{"key": "A b", "type": "text", "labels": {}}], "columns[0]"),
        ([{"key": "a", "type": "table", "labels": {}}], "columns[0]"),
        ([{"key": "a", "type": "nope", "labels": {}}], "columns[0]"),
        ([{"key": "a", "type": "choice", "labels": {}}], "columns[0].options"),
        ([{"key": "a", "type": "choice", "labels": {}, "options": ["red"]}], "columns[0]"),
        ([{"key": "a", "type": "integer", "labels": {}, "settings": {"min": "x"}}], "columns[0].min"),
        ([{"key": "a", "type": "text", "labels": {}}] * 2, "columns"),
        ([column("a", settings={"formula": "nope + 1"})], "columns[0]"),
        ([column("a", settings={"formula": "b"}), column("b", settings={"formula": "a"})], "columns"),
        ([column("a", settings={"formula": "1", "result": []})], "columns[0].result"),
    ],
)
def test_a_table_that_cannot_work_is_refused_at_its_column(columns: Any, field: str) -> None:
    with pytest.raises(FieldError) as refused:
        bound("table", {"columns": columns}).check_definition()
    assert refused.value.refusals[0].field == field
