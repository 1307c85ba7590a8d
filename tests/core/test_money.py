"""Money is exact: what is split sums to the whole, what is typed is kept to the cent."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.money import Money
from app.core.numbers import MAX_WHOLE, half_up

AMOUNTS = st.integers(-MAX_WHOLE, MAX_WHOLE)
WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)


@given(AMOUNTS, WEIGHTS)
@example(1, [0, 1, 1])
def test_shares_sum_to_the_whole_and_are_fair(amount, weights):
    shares = Money(amount, "CNY").shares(weights)
    assert sum(share.amount_minor for share in shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.amount_minor - Decimal(amount) * weight / sum(weights)) < 1


@given(AMOUNTS, WEIGHTS)
def test_a_refund_is_the_mirror_of_the_charge(amount, weights):
    charge, refund = Money(amount, "CNY").shares(weights), Money(-amount, "CNY").shares(weights)
    assert refund == [-share for share in charge]


def test_rounding_is_half_up():
    assert [str(half_up(Decimal(text), 2)) for text in ("0.005", "0.004", "-0.005")] == ["0.01", "0.00", "-0.01"]


def test_currencies_do_not_mix():
    with pytest.raises(ValueError, match="cannot add"):
        Money(1, "CNY") + Money(1, "USD")


def test_money_is_shown_as_people_of_the_language_write_it():
    assert Money(123450, "CNY").shown("zh_Hans") == "¥1,234.50"
    # One company's papers bear one sign, whatever script they are in; other currencies keep their own.
    assert Money(-123450, "CNY").shown("zh_Hant") == "-¥1,234.50"
    assert "¥" not in Money(5, "USD").shown("zh_Hant")
    assert Money(123450, "CNY").shown("en") == "CN¥1,234.50"
