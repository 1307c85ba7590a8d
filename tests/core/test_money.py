"""Money is exact: what is split sums to the whole, what is typed is kept to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import DomainError
from app.core.money import MAX_MINOR, Money, parse_money, rounded

AMOUNTS = st.integers(-MAX_MINOR, MAX_MINOR)
WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)


@given(AMOUNTS, WEIGHTS)
def test_shares_sum_to_the_whole_and_are_fair(amount, weights):
    shares = Money(amount, "CNY").shares(weights)
    assert sum(share.amount_minor for share in shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.amount_minor - Decimal(amount) * weight / sum(weights)) < 1


@given(AMOUNTS, WEIGHTS)
def test_a_refund_is_the_mirror_of_the_charge(amount, weights):
    charge, refund = Money(amount, "CNY").shares(weights), Money(-amount, "CNY").shares(weights)
    assert refund == [-share for share in charge]


@given(AMOUNTS, st.sampled_from(["CNY", "JPY", "KWD"]))
def test_what_is_shown_as_a_number_reads_back(amount, currency):
    money = Money(amount, currency)
    assert parse_money(str(money.major), currency) == money


@pytest.mark.parametrize(
    ("raw", "currency", "minor"),
    [
        ("12.5", "CNY", 1250),
        ("1,234.50", "CNY", 123450),
        ("1，000", "CNY", 100000),
        ("-0.01", "CNY", -1),
        ("7", "JPY", 7),
    ],
)
def test_amounts_as_people_type_them(raw, currency, minor):
    assert parse_money(raw, currency).amount_minor == minor


@pytest.mark.parametrize(
    ("raw", "code"),
    [("abc", "not_money"), ("", "not_money"), ("NaN", "out_of_range"), ("1e400", "out_of_range"), ("0.001", "too_fine"),
     ("1" + "0" * 30, "out_of_range"), ("Infinity", "out_of_range")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(raw, code):
    with pytest.raises(DomainError) as refused:
        parse_money(raw, "CNY")
    assert refused.value.refusals[0].code == code


def test_rounding_is_half_up():
    assert [rounded(Decimal(text), "CNY").amount_minor for text in ("0.005", "0.004", "-0.005")] == [1, 0, -1]


def test_currencies_do_not_mix():
    with pytest.raises(ValueError, match="cannot add"):
        Money(1, "CNY") + Money(1, "USD")


def test_money_is_shown_as_people_of_the_language_write_it():
    assert Money(123450, "CNY").shown("zh_Hans") == "¥1,234.50"
    # One company's papers bear one sign, whatever script they are in; other currencies keep their own.
    assert Money(-123450, "CNY").shown("zh_Hant") == "-¥1,234.50"
    assert "¥" not in Money(5, "USD").shown("zh_Hant")
    assert Money(123450, "CNY").shown("en") == "CN¥1,234.50"
