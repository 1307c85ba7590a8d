"""Formulas: exact, bounded, and empty rather than wrong."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.formula import FormulaError, formula

TODAY = date(2026, 11, 21)
ROWS = [{"amount": Decimal("0.10")}, {"amount": Decimal("0.20")}, {"name": "free"}, {"amount": None}]
FIELDS: dict[str, Any] = {
    "a": Decimal(7),
    "b": Decimal("0.1"),
    "zero": Decimal(0),
    "none": None,
    "word": "电机",
    "yes": True,
    "rows": ROWS,
    "bought": date(2026, 11, 1),
    "big": Decimal(10) ** 15,
    "keys": ["x", "y"],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a", Decimal(7)),
        ("a + b * 2", Decimal("7.2")),
        ("0.1 + 0.2 - 0.3", Decimal(0)),
        ("b + 0.2 == 0.3", True),
        ("-a + +a", Decimal(0)),
        ("a / zero", None),
        ("zero / zero", None),
        ("a + none", None),
        ("word * 2", None),
        ("word + word", None),
        ("yes + 1", None),
        ("big * big", None),
        ("big * 1000 / 1000", Decimal(10) ** 15),
        ("round(2.5)", Decimal(3)),
        ("round(-2.5)", Decimal(-3)),
        ("round(a / 3, 2)", Decimal("2.33")),
        ("round(a, 99)", None),
        ("min(3, a, none)", Decimal(3)),
        ("max(none)", None),
        ("abs(0 - a)", Decimal(7)),
        ("if(a > 5, 1, 2)", Decimal(1)),
        ("if (none > 5, 1, 2)", Decimal(2)),
        ("if(a > 5 and not zero == 1, word, 'no')", "电机"),
        ("if(zero == 0 or none == 1, 1)", Decimal(1)),
        ("if(a < 5, 1)", None),
        ("if(zero > 0, a / zero, 0)", Decimal(0)),
        ('sum(rows, "amount")', Decimal("0.30")),
        ('sum(none, "amount")', Decimal(0)),
        ("sum(a, b, none)", Decimal("7.1")),
        ("count(rows, 'amount', 0.1)", Decimal(1)),
        ("count(rows, 'amount', 'x')", Decimal(0)),
        ("count(none, 'amount', 0.1)", Decimal(0)),
        ("count(word, 'amount', 0.1)", None),
        ("len(rows)", Decimal(4)),
        ("len(word)", Decimal(2)),
        ("len(keys) + len(none)", Decimal(2)),
        ('concat(word, "-", a, none)', "电机-7"),
        ("concat(none)", None),
        ("days_between(bought, today())", Decimal(20)),
        ("days_between(today(), bought)", Decimal(-20)),
        ("days_between(bought, a)", None),
        ("today() > bought", True),
        ("none == none", False),
        ("none != 1", False),
        ("word == '电机'", True),
        ('"if(" == word', False),
        ("（a＋1）×2", Decimal(16)),
        ("a\n+ 1", Decimal(8)),
        ("1 < a < 9", True),
        ("rows", None),
    ],
)
def test_a_formula_computes(text: str, value: Any) -> None:
    result = formula(text).value(FIELDS, TODAY)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("a +", "syntax"),
        ("a = 1", "syntax"),
        ("import os", "syntax"),
        ("(" * 900, "syntax"),
        ("a\x00b", "syntax"),
        ("'\\u0041'", "syntax"),
        ("a; b", "syntax"),
        ("x" * 1001, "too_long"),
        ("+".join("a" * 400), "too_many"),
        ("-" * 900 + "1", "too_many"),
        ("a.__class__", "not_allowed"),
        ("a.real", "not_allowed"),
        ("rows[0]", "not_allowed"),
        ("[a]", "not_allowed"),
        ("a ** 9", "not_allowed"),
        ("a % 2", "not_allowed"),
        ("a // 2", "not_allowed"),
        ("a << 9", "not_allowed"),
        ("a in rows", "not_allowed"),
        ("a is b", "not_allowed"),
        ("~1", "not_allowed"),
        ("lambda: 1", "not_allowed"),
        ("[x for x in rows]", "not_allowed"),
        ("f'{a}'", "not_allowed"),
        ("a if b else a", "not_allowed"),
        ("(a := 1)", "not_allowed"),
        ("open('x')", "unknown_function"),
        ("__import__('os')", "unknown_function"),
        ("today()()", "unknown_function"),
        ("min(*rows)", "wrong_arguments"),
        ("min()", "wrong_arguments"),
        ("round(1, 2, 3)", "wrong_arguments"),
        ("round(number=1)", "unknown_function"),
        ("1e400", "bad_constant"),
        ("9" * 30, "bad_constant"),
        ("1j", "bad_constant"),
        ("None", "bad_constant"),
        ("b'x'", "bad_constant"),
        ("...", "bad_constant"),
    ],
)
def test_a_bad_formula_is_refused_when_it_is_saved(text: str, code: str) -> None:
    with pytest.raises(FormulaError) as refused:
        formula(text)
    assert refused.value.refusals[0].code == code


def test_the_fields_a_formula_asks_for() -> None:
    assert formula('if(a > b, sum(rows, "amount"), today())').names == {"a", "b", "rows"}


NUMBERS = st.decimals(-(10**6), 10**6, places=3)


@settings(max_examples=100, deadline=None, database=None)
@given(a=NUMBERS, b=NUMBERS, c=NUMBERS)
def test_sums_and_products_are_exact(a: Decimal, b: Decimal, c: Decimal) -> None:
    result = formula("(a + b) * c - a * c").value({"a": a, "b": b, "c": c}, TODAY)
    assert isinstance(result, Decimal)
    assert Fraction(result) == Fraction(b) * Fraction(c)


@settings(max_examples=200, deadline=None, database=None)
@given(st.text(alphabet="ab()+-*/<>=,.\"' 019ifandorsum", max_size=60))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    with suppress(FormulaError):
        formula(text).value(FIELDS, TODAY)
