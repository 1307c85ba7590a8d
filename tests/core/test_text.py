"""Text as it is stored."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import DomainError
from app.core.numbers import LARGEST_KEY, LARGEST_SMALL_KEY, whole_in
from app.core.text import as_sent, clean_text, trimmed


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("a\x00b", "ab"),
        ("a\u200bb\ufeff", "ab"),
        ("\u202eevil\u202c", "evil"),
        ("e\u0301", "é"),
        ("a\r\nb\x85c", "a b c"),
        ("  \u3000 x \u00a0", "x"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("\u200d\u200c", ""),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("\ufffe\uffff", ""),
    ],
)
def test_one_line(raw: str, stored: str) -> None:
    assert clean_text(raw, limit=100) == stored


def test_several_lines_keep_their_breaks() -> None:
    assert clean_text("a \r\n\tb\u2028c\n\n", limit=100, lines=True) == "a\n\tb\nc"


@pytest.mark.parametrize(("raw", "code"), [("x" * 11, "too_long"), ("x" * 10**7, "too_long"), ("\ud83d", "not_text")])
def test_what_cannot_be_stored(raw: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        clean_text(raw, limit=10)
    assert refused.value.refusals[0].code == code


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(), st.booleans())
def test_cleaning_is_done_once(raw: str, lines: bool) -> None:
    text = clean_text(raw, limit=1000, lines=lines)
    assert clean_text(text, limit=1000, lines=lines) == text
    assert unicodedata.is_normalized("NFC", text)
    assert trimmed(text) == text
    assert not any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in text)


@pytest.mark.parametrize(
    ("text", "largest", "number"),
    [
        ("7", LARGEST_KEY, 7), ("007", LARGEST_KEY, 7), (str(LARGEST_KEY), LARGEST_KEY, LARGEST_KEY),
        (str(LARGEST_KEY + 1), LARGEST_KEY, None), (str(LARGEST_SMALL_KEY + 1), LARGEST_SMALL_KEY, None),
        ("", LARGEST_KEY, None), (None, LARGEST_KEY, None), ("-1", LARGEST_KEY, None), ("1e3", LARGEST_KEY, None),
        ("３", LARGEST_KEY, None), ("²", LARGEST_KEY, None), ("9" * 5000, LARGEST_KEY, None), (7, LARGEST_KEY, None),
    ],
)  # fmt: skip
def test_a_key_in_an_address_is_plain_digits_a_column_holds(text, largest, number):
    assert whole_in(text, largest) == number


@pytest.mark.parametrize(
    ("sent", "said"),
    [("abcdef", "abcd"), (True, "true"), (None, "null"), ([1, "a"], "[1, "), (float("nan"), "NaN"), (2.5, "2.5"),
     (10**30, "1000"), ({1}, '"{1}')],
)  # fmt: skip
def test_what_was_sent_is_named_as_it_was_sent(sent, said):
    assert as_sent(sent, 4) == said
