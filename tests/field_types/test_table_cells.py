"""What is wrong in a table is told cell by cell, all of it at once."""

from typing import Any

import pytest

from tests.factories.field_types import bound, context
from ticket_templates.field_types.base import FieldError
from ticket_templates.field_types.table import PARTS

TABLE = bound("table", {"columns": PARTS}, key="parts")


def told(raw: Any, read: Any = TABLE.clean) -> list[tuple[str, str, str]]:
    """Each refusal: its place, its code, and its sentence."""
    with pytest.raises(FieldError) as refused:
        read(raw, context())
    return [(one.field, one.code, str(one.message)) for one in refused.value.refusals]


def test_all_cells_are_told_at_once_and_rows_count_as_they_stand() -> None:
    rows = [{"part": "Drum", "qty": "0", "price": "1,200.555"}, {"part": " ", "qty": ""}, {"qty": "two"}]
    assert [(place, code) for place, code, _said in told(rows)] == [
        ("[0].qty", "too_small"), ("[0].price", "too_fine"), ("[2].part", "required"), ("[2].qty", "not_number"),
    ]  # fmt: skip
    assert told(rows)[2][2] == "Row 3, Part: Please fill in."


def test_at_the_cell_the_cell_is_not_named_again() -> None:
    with pytest.raises(FieldError) as refused:
        TABLE.clean([{"qty": "1"}], context())
    (one,) = refused.value.refusals
    assert (str(one.here), one.root) == ("Please fill in.", "")


def test_a_column_nobody_knows_is_told_at_its_row_beside_the_others() -> None:
    rows = [{"part": "x", "qty": "0"}, {"part": "x", "colour": "red"}]
    assert [(place, code) for place, code, _said in told(rows)] == [
        ("[0].qty", "too_small"), ("[1]", "unknown_column"),
    ]  # fmt: skip


def test_a_cell_of_a_spreadsheet_tells_all_its_lines() -> None:
    text = "Part | Quantity\nDrum | many\nBelt | few"
    assert [(place, said[:15]) for place, _code, said in told(text, TABLE.from_excel)] == [
        ("[0].qty", "Row 1, Quantity"), ("[1].qty", "Row 2, Quantity"),
    ]  # fmt: skip


def test_what_a_cell_held_is_looked_for_in_its_own_row_first() -> None:
    stored = [{"part": "a", "tel": "+8613800138000"}, {"part": "b", "tel": "+8613811118000"}]
    shown = bound("table", {"columns": PARTS})
    masked = [{"part": "", "tel": ""}, {"part": "b", "tel": "138****8000"}]
    assert shown.clean(masked, context(stored=stored)) == [stored[1]]
