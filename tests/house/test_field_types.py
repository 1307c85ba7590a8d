"""Every registered field type keeps the contract: its own proofs run through form, Excel, JSON, both databases."""

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, insert, select

from app.core.columns import Json
from app.core.i18n import LOCALES
from app.core.work import Work
from app.exchange.delimited import csv_cell, unescaped
from tests.factories.field_types import as_posted, context, of_proof, read_form
from tests.field_types.values import canonical_values
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, FieldError, FieldType, Refused
from ticket_templates.field_types.inputs import Input
from ticket_templates.reference import PAGE, page

FIELD_TYPES.scan()
TYPES = list(FIELD_TYPES)
#: The partials there are: ``templates/field_inputs/NAME.html``.
INPUTS = {
    *("text", "textarea", "number", "money", "date", "datetime", "time", "duration", "yesno", "choice", "choices"),
    *("cascade", "radio", "rating", "phone", "email", "url", "address", "location", "reference", "files"),
    *("signature", "table", "computed", "autonumber", "markdown", "barcode"),
}


Proof = tuple[type[FieldType], Any]


def proofs(kind: str) -> list[Proof]:
    return [(cls, proof) for cls in TYPES for proof in getattr(cls, kind)]


CASES = proofs("cases")
ANSWERED = [(cls, case) for cls, case in CASES if case.value is not None]


def twice(case: Case) -> bool:
    """Whether the case is about an hour that clocks show twice, which a form cannot tell apart."""
    return case.value == "1988-09-10T17:30:00Z"


#: The proofs that are not about what is stored already.
UNSTORED = [
    (cls, case) for cls, case in ANSWERED if not (cls.derived or case.stored is not None or twice(case))
]  # fmt: skip


def of_each(some: Sequence[Proof], **further: Sequence[Any]) -> Callable[[Callable[..., None]], Any]:
    """Run a test for each proof of a type, with each of what is ``further`` named; one test a type, as they are many.

    What fails says which proof it was.
    """

    def decorated(test: Callable[..., None]) -> Any:
        def of_type(cls: type[FieldType]) -> None:
            for place, (_cls, proof) in enumerate(one for one in some if one[0] is cls):
                for values in product(*further.values()):
                    named = dict(zip(further, values, strict=True))
                    try:
                        test(cls, proof, **named)
                    except BaseException as error:
                        error.add_note(f"proof {place} of {cls.name}, {named}: {proof}")
                        raise

        of_type.__name__, of_type.__doc__ = test.__name__, test.__doc__
        known = [pytest.param(cls, id=cls.name) for cls in TYPES if any(one[0] is cls for one in some)]
        return pytest.mark.parametrize("cls", known)(of_type)

    return decorated


@of_each(CASES)
def test_a_case_cleans_and_shows_as_it_says(cls: type[FieldType], case: Case) -> None:
    ftype, where = of_proof(cls, case), context(stored=case.stored)
    ftype.check_definition()
    value = ftype.clean(case.raw, where)
    assert value == case.value
    assert type(value) is type(case.value)
    assert ftype.shown(value, where) == case.shown
    assert "\n" not in case.shown


@of_each(CASES)
def test_a_canonical_value_is_a_fixpoint_also_when_nothing_is_stored(cls: type[FieldType], case: Case) -> None:
    ftype, where = of_proof(cls, case), context(stored=case.value)
    assert ftype.clean(case.value, where) == case.value


@of_each(proofs("refused"))
def test_a_refused_proof_is_refused_with_its_code(cls: type[FieldType], proof: Refused) -> None:
    with pytest.raises(FieldError) as refused:
        of_proof(cls, proof).clean(proof.raw, context(stored=proof.stored))
    assert refused.value.refusals[0].code == proof.code
    for locale in LOCALES:
        assert len(refused.value.refusals[0].message.in_(locale)) < 400


@of_each(ANSWERED, personal=[True, False])
def test_the_form_gives_back_what_it_was_given(cls: type[FieldType], case: Case, personal: bool) -> None:
    ftype, where = of_proof(cls, case), context(stored=case.value, personal=personal)
    posted = as_posted(ftype.form_value(case.value, where))
    assert ftype.clean(read_form(ftype, posted), where) == case.value


@of_each(UNSTORED)
def test_a_new_ticket_can_be_made_from_what_another_shows(cls: type[FieldType], case: Case) -> None:
    """Without a stored value the form still reads, unless the case stands on what is stored."""
    ftype, where = of_proof(cls, case), context(personal=True)
    posted = as_posted(ftype.form_value(case.value, where))
    assert ftype.clean(read_form(ftype, posted), where) == case.value


@of_each(ANSWERED, locale=LOCALES)
def test_excel_reads_back_what_it_was_given(cls: type[FieldType], case: Case, locale: str) -> None:
    stored = case.value if case.stored is not None else None
    ftype, where = of_proof(cls, case), context(locale, stored=stored, personal=True)
    cell = ftype.to_excel(case.value, where)
    assert not isinstance(cell, float | list | dict)
    in_csv = csv_cell(cell)
    if cls.derived:
        return
    assert ftype.from_excel(cell, where) == case.value
    assert ftype.from_excel(unescaped(in_csv), where) == case.value
    if type(cell).__name__ in {"int", "Decimal"}:  # what a spreadsheet program gives back
        assert ftype.from_excel(float(cell), where) == case.value


@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.name)
def test_no_value_is_empty_everywhere(cls: type[FieldType]) -> None:
    case = cls.cases[0]
    ftype, where = of_proof(cls, case), context()
    assert ftype.clean(None, where) is None
    assert ftype.clean("", where) is None
    assert ftype.shown(None, where) == ""
    assert ftype.to_excel(None, where) is None
    assert ftype.from_excel(None, where) is None
    assert list(ftype.files(None)) == []
    assert ftype.seal(None) is None
    assert ftype.operand(None, where) is None
    read_form(ftype, [])
    ftype.form_value(None, where)


@of_each(ANSWERED)
def test_the_json_schema_takes_the_value_and_the_seal_opens(cls: type[FieldType], case: Case) -> None:
    ftype, where = of_proof(cls, case), context(personal=True)
    if case.stored is None:
        for schema in (ftype.json_schema(), ftype.answer_schema(where)):
            jsonschema.Draft202012Validator.check_schema(schema)
            jsonschema.validate(ftype.to_json(case.value, where), schema)
    sealed = ftype.seal(case.value)
    assert ftype.open(sealed) == case.value
    if ftype.personal and sealed != case.value:  # a table's row may hold nothing personal
        text = json.dumps(sealed, ensure_ascii=False)
        assert ftype.shown(case.value, context(personal=True)) not in text
        assert ftype.shown(case.value, context(personal=False)) != ftype.shown(case.value, context(personal=True))
    elif not ftype.personal:
        assert sealed == case.value


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.name)
def test_every_language_shows_every_case(cls: type[FieldType], locale: str) -> None:
    for case in cls.cases:
        shown = of_proof(cls, case).shown(case.value, context(locale))
        assert isinstance(shown, str)
        assert bool(shown) == (case.value is not None)
        assert not re.search(r"[\n\r\x00]|\bNone\b|\bTrue\b", shown)


def test_both_databases_keep_every_value(work: Work) -> None:
    table = Table("proof_of_values", MetaData(), Column("value", Json), prefixes=["TEMPORARY"])
    connection = work.session.connection()
    table.create(connection)
    values = [of_proof(cls, case).seal(case.value) for cls in TYPES for case in cls.cases if case.value is not None]
    connection.execute(insert(table), [{"value": {"field": value}} for value in values])
    stored = [row.value["field"] for row in connection.execute(select(table.c.value))]
    assert sorted(map(in_order, stored)) == sorted(map(in_order, values))


@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.name)
def test_the_class_says_what_the_library_shows(cls: type[FieldType]) -> None:
    assert cls.__module__ == f"ticket_templates.field_types.{cls.name}"
    assert cls.__doc__
    assert str(cls.label)
    assert str(cls.purpose).endswith(".")
    assert cls.input in INPUTS
    # What a form tells its inputs, these have a place for.
    assert issubclass(of_proof(cls, cls.cases[0]).form_field().field_class, Input)
    assert cls.cases
    assert cls.derived or cls.refused
    assert len({one.name for one in cls.settings}) == len(cls.settings)
    assert any(case.value is not None for case in cls.cases)


@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.name)
def test_a_wrong_definition_is_refused_at_its_setting(cls: type[FieldType]) -> None:
    case = cls.cases[0]
    with pytest.raises(FieldError) as refused:
        of_proof(cls, Case("", None, "", {**case.settings, "nonsense": 1}, case.options)).check_definition()
    assert refused.value.refusals[0].field == "nonsense"
    wrong = {"int": "x", "decimal": [], "text": 5, "bool": "yes", "choice": "nonsense", "columns": {}, "formula": 1}
    for one in cls.settings:
        if one.kind not in wrong:
            continue
        changed = Case("", None, "", {**case.settings, one.name: wrong[one.kind]}, case.options)
        with pytest.raises(FieldError) as refused:
            of_proof(cls, changed).check_definition()
        assert refused.value.refusals[0].field == one.name


@pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.name) for cls in TYPES if not cls.derived])
def test_any_canonical_value_survives_clean_form_and_excel(cls: type[FieldType]) -> None:
    ftype, values = canonical_values(cls)

    @settings(max_examples=40, deadline=None, database=None)
    @given(values)
    def holds(value: Any) -> None:
        where = context(stored=None, personal=True)
        assert ftype.clean(value, where) == value
        posted = as_posted(ftype.form_value(value, where))
        assert ftype.clean(read_form(ftype, posted), where) == value
        assert ftype.from_excel(ftype.to_excel(value, where), where) == value
        told = json.loads(json.dumps(ftype.to_json(value, where)))
        jsonschema.validate(told, ftype.answer_schema(where))
        assert ftype.clean(ftype.from_json(told, where), where) == value
        assert ftype.shown(value, where)

    holds()


@of_each(ANSWERED)
def test_what_a_program_is_told_it_can_send_back(cls: type[FieldType], case: Case) -> None:
    ftype, where = of_proof(cls, case), context(stored=case.value, personal=True)
    told = ftype.to_json(case.value, where)
    assert ftype.clean(ftype.from_json(told, where), where) == case.value
    assert not re.search(r"[:\[] ?-?[0-9]+\.", json.dumps(told)), "a JSON number with decimals is exact nowhere"


#: What anybody may send in place of an answer.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@cache
def anything() -> list[Any]:
    """Return so many of them, the same for every type: to think of them takes longer than to try them."""
    thought_of = []

    @settings(max_examples=150, deadline=None, database=None)
    @given(JSON)
    def think(raw: Any) -> None:
        thought_of.append(raw)

    think()
    return thought_of


def taken(ftype: FieldType, read: Callable[..., Any], raw: Any) -> None:
    """Let a type take what came in: if it does not refuse it, this is a value like any other."""
    try:
        value = read(raw, context(personal=True))
    except FieldError:
        return
    json.dumps(value, allow_nan=False).encode()
    ftype.shown(value, context())


@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.name)
def test_whatever_comes_in_is_a_value_or_a_refusal(cls: type[FieldType]) -> None:
    ftype = of_proof(cls, cls.cases[0])
    readers = (ftype.clean, ftype.from_excel, lambda raw, at: ftype.clean(ftype.from_json(raw, at), at))
    for raw, read in product(anything(), readers):
        try:
            taken(ftype, read, raw)
        except Exception as error:
            error.add_note(f"what came in: {raw!r}")
            raise


def in_order(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def test_the_reference_is_what_the_registry_says() -> None:
    text = PAGE.read_text("utf-8")
    assert text == page(), "run: python -m ticket_templates.reference"
    for cls in TYPES:
        assert f"\n## {cls.name}\n" in text
