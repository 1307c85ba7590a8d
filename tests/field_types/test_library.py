"""The library as a whole: every type a service desk needs is there, and none can be made to fail or to hang."""

import datetime as dt
import time
from typing import Any

import pytest

from app.core.i18n import LOCALES
from tests.factories.field_types import FILES, bound, context
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import PLACEHOLDER, FieldError, FieldType
from ticket_templates.spec import Option

FIELD_TYPES.scan()
#: The types an administrator is promised; a stored name is never renamed.
PROMISED = {
    *("text", "long_text", "integer", "decimal", "money", "date", "datetime", "time", "duration", "yes_no", "choice"),
    *("choices", "cascade", "radio", "rating", "phone", "email", "url", "address", "location", "user", "team"),
    *("customer", "product", "installed_product", "part", "file", "signature", "table", "computed", "auto_number"),
    *("rich_text", "barcode"),
}
#: What people and programs send where a value is expected.
HOSTILE: tuple[Any, ...] = (
    "0001-01-01", "9999-12-31", "9999-12-31T23:59", "-0001-01-01", "NaN", "Infinity", "-Infinity", "1e30",
    "1" + "0" * 30, float("nan"), float("inf"), 10**30, -(10**30), "😀👨‍👩‍👧", "\u202eevil\u202c", "\u200b", "\ud800",
    "\x00", "a\x00b", "<script>alert(1)</script>", '=HYPERLINK("http://x")', "x" * 100_000, "٣٤", "１２", "1,5", "--",
    [], {}, [[]], {"a": {"b": []}}, [None], True, b"bytes", {"region": "x" * 99}, {"lat": "NaN", "lng": "1e999"},
    [{"a": 10**40}], object(),
)  # fmt: skip


def test_every_promised_type_is_there():
    assert set(FIELD_TYPES.names()) >= PROMISED


def typed() -> list[Any]:
    return [pytest.param(cls, id=cls.name) for cls in FIELD_TYPES]


@pytest.mark.parametrize("cls", typed())
def test_whatever_is_sent_is_a_value_or_a_refusal_in_words(cls: type[FieldType]):
    case = next((case for case in cls.cases if case.value is not None), None)
    ftype = bound(cls.name, case.settings if case else {}, case.options if case else ())
    for raw in HOSTILE:
        refused = None
        try:
            value = ftype.clean(raw, context())
        except FieldError as error:
            refused = error
        if refused is None:
            assert ftype.clean(value, context(stored=value)) == value, raw
            assert isinstance(ftype.shown(value, context()), str)
        else:
            assert all(one.message.in_(locale) for one in refused.refusals for locale in LOCALES)


@pytest.mark.parametrize("cls", typed())
def test_what_is_typed_into_may_show_an_example(cls: type[FieldType]):
    if cls.input in {"text", "textarea", "number", "phone", "email", "url", "barcode", "markdown"}:
        assert PLACEHOLDER.name in {setting.name for setting in cls.settings}


def test_a_pattern_is_matched_in_linear_time():
    ftype = bound("text", {"pattern": "(a+)+$", "max_length": 1000})
    ftype.check_definition()
    # Where a backtracking engine needs a second; with the long text it would never come back to be found out.
    for length in (24, 999):
        began = time.process_time()
        with pytest.raises(FieldError) as caught:
            ftype.clean("a" * length + "!", context())
        assert time.process_time() - began < 0.4, f"{length} characters are looked at too often"
        assert caught.value.refusals[0].code == "no_match"


def test_a_day_excel_would_show_as_another_travels_as_text():
    ftype = bound("date")
    assert ftype.to_excel("1900-02-28", context()) == "1900-02-28"
    assert ftype.to_excel("1900-03-01", context()) == dt.date(1900, 3, 1)


def test_files_of_nobody_are_refused():
    ftype = bound("file")
    assert ftype.clean([str(one) for one in FILES], context()) == list(FILES)
    with pytest.raises(FieldError):
        ftype.clean(["99999"], context())


@pytest.mark.parametrize(
    ("labels", "cell"),
    [
        (("乙, 丁", "丙"), "乙, 丁; 丙"),
        (("1,5 m", "a; b；c"), "1,5 m; a; b；c"),
        # What could be read as another option is written a line each.
        (("a", "b", "a; b"), "a\nb\na; b"),
    ],
)
def test_options_are_listed_by_their_whole_labels_and_read_back(labels, cell):
    options = tuple(Option(f"k{place}", dict.fromkeys(LOCALES, label)) for place, label in enumerate(labels))
    ftype, keys = bound("choices", options=options), [one.key for one in options]
    assert ftype.to_excel(keys, context()) == cell
    assert ftype.from_excel(cell, context()) == keys
    assert ftype.from_excel(ftype.to_excel(keys[:2], context()), context()) == keys[:2]
    assert ftype.from_excel("，".join(labels), context()) == keys
    with pytest.raises(FieldError):
        ftype.from_excel(f"{labels[0]}; 戊", context())
