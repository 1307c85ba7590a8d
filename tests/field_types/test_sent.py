"""What programs send for nothing: of the type itself it empties the answer, of another it is refused as such."""

from typing import Any

import pytest

from tests.factories.field_types import bound, context
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import FieldError, FieldType

FIELD_TYPES.scan()
NOTHING = [
    None, "", " ", [], {}, [None], [""], [[]], [{}], {"part": None}, {"part": []}, [{"part": [], "qty": {}}],
    [{"colour": ""}],
]  # fmt: skip
#: By the type in the schema: what is nothing of it.
FITTING = {"array": [[]], "object": [{}]}
#: What rows take besides: one without a cell.
BESIDES = {"table": [[{}]]}


def of(cls: type[FieldType]) -> FieldType:
    proof = next(case for case in cls.cases if case.value is not None)
    return bound(cls.name, dict(proof.settings), proof.options)


@pytest.mark.parametrize("cls", [one for one in FIELD_TYPES if not one.derived], ids=lambda cls: cls.name)
def test_nothing_is_sent_as_the_type_has_it(cls: type[FieldType]) -> None:
    ftype, where = of(cls), context()
    fitting = [None, "", " ", *FITTING.get(ftype.json_schema()["type"], ()), *BESIDES.get(cls.name, ())]
    for raw in NOTHING:
        if raw in fitting:
            assert ftype.clean(ftype.from_json(raw, where), where) is None, raw
        else:
            with pytest.raises(FieldError) as refused:
                ftype.from_json(raw, where)
            assert refused.value.refusals[0].code, raw


@pytest.mark.parametrize(
    ("name", "raw"), [("address", {"region": "", "line": None}), ("location", {"lat": "", "lng": None})]
)
def test_a_record_of_nothing_is_nothing(name: str, raw: Any) -> None:
    ftype, where = bound(name), context()
    assert ftype.clean(ftype.from_json(raw, where), where) is None


def test_a_column_nobody_knows_is_named_although_nothing_stands_in_it() -> None:
    ftype, where = of(FIELD_TYPES["table"]), context()
    with pytest.raises(FieldError) as refused:
        ftype.from_json([{"colour": []}], where)
    (one,) = refused.value.refusals
    assert (one.field, one.code, "colour" in str(one.message)) == ("[0]", "unknown_column", True)
