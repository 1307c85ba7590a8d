"""A pattern that cannot be read is refused at its character, with what may stand there."""

import pytest

from tests.factories.field_types import bound, context
from ticket_templates.field_types.base import FieldError

#: What is told → the patterns of which it is, each with the place of its fault.
WRONG = {
    "“\\u” stands for nothing. Type the character itself, or its number as “\\x{4E00}”.": {
        "[\\u4e00-\\u9fa5]+": 2, "汉字\\u": 3, "\\\\u\\u1": 4,
    },
    "Expected “)”: a bracket is not closed.": {"(ab": 4},
    "Expected “]”: a bracket is not closed.": {"[ab": 4},
    "This bracket was never opened.": {"x(ab)c)d": 7},
    "There is nothing here to repeat.": {"a|*b": 3, "a**": 2},
    "At most 1000 times, counts within each other multiplied; the smaller count comes first.": {"a{2000}": 2},
    "“z-a” is no set of characters. Expected one such as “a-z”, the smaller first.": {"[z-a]": 2},
    "Expected a sign after “\\”.": {"ab\\": 3},
    "“(?=” is not understood. Expected “(?:”, or “\\(” for the sign itself.": {"a(?=b)": 2},
    "This character is broken. Please type it again.": {"a\ud800": 2},
    "At most 200 characters.": {"a" * 201: 201},
}  # fmt: skip
CASES = [(pattern, place, reason) for reason, patterns in WRONG.items() for pattern, place in patterns.items()]


@pytest.mark.parametrize(("pattern", "place", "reason"), CASES, ids=lambda one: repr(one)[:20])
@pytest.mark.parametrize("name", ["text", "long_text", "barcode"])
def test_what_is_wrong_is_told_at_its_character(name, pattern, place, reason):
    with pytest.raises(FieldError) as refused:
        bound(name, {"pattern": pattern}).check_definition()
    (one,) = refused.value.refusals
    assert (one.field, one.code) == ("pattern", "bad_pattern")
    assert one.message.in_("en") == f"The pattern cannot be read at character {place}: {reason}"


@pytest.mark.parametrize("pattern", ["[一-龥]+", "[\\x{4e00}-\\x{9fa5}]+"])
def test_what_is_proposed_can_be_read(pattern):
    ftype = bound("text", {"pattern": pattern})
    ftype.check_definition()
    assert ftype.clean("汉字", context()) == "汉字"
