"""Personal values: sealed at rest, masked unless allowed, untouched by whoever may not see them."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from app.core.keyring import KEYRING
from tests.factories.field_types import LABELS, as_posted, bound, context, of_proof, read_form
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import SEAL, Case, FieldError, FieldType
from ticket_templates.field_types.table import PARTS

PHONE = "+8613800138000"
ADDRESS = {"region": "110101", "line": "王府井大街1号"}
TEL = {"key": "tel", "type": "phone", "labels": LABELS}


def test_a_seal_differs_each_time_and_opens_to_the_same() -> None:
    phone = bound("phone")
    first, second = phone.seal(PHONE), phone.seal(PHONE)
    assert first != second
    assert first.startswith(SEAL)
    assert "138" not in first.replace(SEAL, "")[:8]
    assert phone.open(first) == phone.open(second) == PHONE


def test_what_was_stored_before_it_was_personal_opens_as_it_is() -> None:
    assert bound("text", {"personal": True}).open("plain") == "plain"


def test_a_value_sealed_with_an_older_key_opens() -> None:
    phone = bound("phone")
    KEYRING.load(["an older secret of the tests"])
    sealed = phone.seal(PHONE)
    KEYRING.load(["a newer secret of the tests", "an older secret of the tests"])
    assert phone.open(sealed) == PHONE


def test_only_the_line_of_an_address_is_sealed() -> None:
    sealed = bound("address").seal(ADDRESS)
    assert sealed["region"] == "110101"
    assert sealed["line"].startswith(SEAL)
    assert bound("address").open(sealed) == ADDRESS


def test_cells_of_a_table_are_sealed_one_by_one() -> None:
    table = bound("table", {"columns": PARTS})
    rows = [{"part": "Drum", "tel": PHONE}, {"part": "Belt"}]
    sealed = table.seal(rows)
    assert (sealed[0]["part"], sealed[1]) == ("Drum", {"part": "Belt"})
    assert sealed[0]["tel"].startswith(SEAL)
    assert table.open(sealed) == rows


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("phone", PHONE, "138****8000"),
        ("address", ADDRESS, "北京市东城区 ***"),
        ("text", "11010119900307123X", "11**************3X"),
    ],
)
def test_who_may_not_see_it_sends_the_mask_back_and_changes_nothing(name: str, value: Any, masked: str) -> None:
    ftype = bound(name, {"personal": True} if name == "text" else {})
    where = context(stored=value)
    assert ftype.shown(value, where) == masked
    posted = as_posted(ftype.form_value(value, where))
    assert ftype.clean(read_form(ftype, posted), where) == value


def test_a_new_region_keeps_the_line_nobody_showed() -> None:
    value = bound("address").clean({"region": "11", "line": "***"}, context(stored=ADDRESS))
    assert value == {"region": "11", "line": "王府井大街1号"}


def test_a_mask_is_never_taken_for_an_answer() -> None:
    with pytest.raises(FieldError):
        bound("phone").clean("138****8000", context())


def test_personal_texts_stay_out_of_the_search() -> None:
    assert bound("text", {"personal": True}).search_text("11010119900307123X") == ""
    assert not bound("text", {"personal": True}).searchable
    assert bound("text").search_text("leak") == "leak"


def test_neither_is_the_mask_of_an_address() -> None:
    with pytest.raises(FieldError) as refused:
        bound("address").clean({"region": "110101", "line": "***"}, context())
    assert refused.value.refusals[0].code == "masked"


def answered() -> list[Any]:
    """Return the proofs of every type; one that may be personal is."""
    found = []
    for cls in FIELD_TYPES:
        can_be = any(one.name == "personal" for one in cls.settings)
        for index, case in enumerate(one for one in cls.cases if one.value is not None and one.stored is None):
            settings = {**case.settings, "personal": True} if can_be else case.settings
            found.append(pytest.param(cls, replace(case, settings=settings), id=f"{cls.name}-{index}"))
    return found


@pytest.mark.parametrize(("cls", "case"), answered())
def test_what_a_program_is_told_masked_keeps_its_schema_and_can_be_sent_back(cls: type[FieldType], case: Case) -> None:
    told = masked_and_back(of_proof(cls, case), case.value)
    if case.settings.get("personal"):
        assert told != case.value
    if not cls.in_table or cls.derived:
        return
    # Beside a column that is personal it is told as where nothing is.
    cell = {"key": "cell", "type": cls.name, "labels": LABELS, "settings": case.settings, "options": case.options}
    table = bound("table", {"columns": [cell, TEL]})
    rows = [{"cell": case.value, "tel": PHONE}, {"cell": case.value}]
    rows_told = masked_and_back(table, rows)
    assert rows_told == [{"cell": told, "tel": "138****8000"}, {"cell": told}]
    where = context(stored=rows)
    longer = [*rows_told, {"tel": "13900139000"}]
    assert table.clean(table.from_json(longer, where), where) == [*rows, {"tel": "+8613900139000"}]


def masked_and_back(ftype: FieldType, value: Any) -> Any:
    """Return what a program is told that may not see personal data, after it was sent back and changed nothing."""
    where = context(stored=value)
    told = json.loads(json.dumps(ftype.to_json(value, where)))
    schema = ftype.answer_schema(where)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(told, schema)
    assert ftype.clean(ftype.from_json(told, where), where) == value
    return told
