import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import DomainError
from app.people.phones import normal_form, parse_phone, shown


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("0086 13800138000", "+8613800138000"),
        ("0755-8888 8888", "+8675588888888"),
        ("(0755) 88888888", "+8675588888888"),
        ("0755—88888888", "+8675588888888"),
        ("0755-88888888转801", "+8675588888888"),
        ("0755-88888888 ext. 801", "+8675588888888"),
        ("400-820-8820", "+864008208820"),
        ("88888888", "+8688888888"),
        ("+852 2123 4567", "+85221234567"),
        ("+44 20 7946 0958", "+442079460958"),
    ],
)
def test_a_number_has_one_normal_form(typed, number):
    assert parse_phone(typed).number == number


@pytest.mark.parametrize(
    "typed", ["", "abc", "12", "110", "1" * 39, "9" * 99, "+", "+0", "0" * 11, "e+82001", "=1+1", "<b>1</b>", "٣"]
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(DomainError) as refused:
        parse_phone(typed)
    assert refused.value.refusals[0].code in {"not_phone", "too_long"}


def test_the_extension_stays_and_does_not_hide_the_number():
    with_extension = parse_phone("0755-88888888 转 801")
    assert with_extension.extension == "801"
    assert with_extension.index == parse_phone("075588888888").index
    assert "801" in shown(with_extension.raw, with_extension.number)


def test_the_index_tells_nothing_and_the_tail_is_short():
    number = parse_phone("13800138000")
    assert number.tail == "8000"
    assert len(number.index) == 64
    assert "138001" not in number.index


@given(st.text(alphabet="0123456789+-() 转ext.１２３", max_size=25) | st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_the_normal_form_is_its_own_normal_form(typed):
    try:
        once = normal_form(typed)
    except DomainError:
        return
    assert normal_form(once) == once
    assert shown(typed, once)


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_a_refusal(typed):
    with contextlib.suppress(DomainError):
        assert parse_phone(typed).number


def test_what_was_stored_before_is_still_shown():
    assert shown("0" * 11, "+86" + "0" * 10)
