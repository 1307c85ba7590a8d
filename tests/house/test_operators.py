"""Every registered condition operator keeps the contract; its cases give one answer in every backend."""

import pytest

from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import CASES_AT, Case, ChangeOperator, Operator
from app.conditions.python import compile_tree, compile_trees
from app.conditions.reference import PAGE, page
from app.conditions.standpoint import View
from app.conditions.trace import trace
from app.conditions.tree import Tree, parse
from app.conditions.values import NOTHING
from tests.conditions import naive
from tests.conditions.generated import JOURNAL

CASES = [pytest.param(cls, case, id=f"{cls.name}-{index}") for cls in OPERATORS for index, case in enumerate(cls.cases)]


def tree_of(cls: type[Operator], case: Case) -> Tree:
    field = ConditionField("fact", case.kind, {"en": "Fact"}, refers_to=case.refers_to, history=JOURNAL)
    leaf = {"field": "fact", "op": cls.name, "value": case.value}
    return parse(leaf, {"fact": field}, View.STANDPOINT | View.CHANGE)


@pytest.mark.parametrize(("cls", "case"), CASES)
def test_a_case_holds_as_it_says(cls: type[Operator], case: Case) -> None:
    tree = tree_of(cls, case)
    facts, before = {"fact": case.fact}, {"fact": case.before}
    assert naive.holds(tree.root, facts, CASES_AT, before) is case.holds
    assert compile_tree(tree, CASES_AT)(facts, before) is case.holds
    assert (
        compile_trees([tree, tree], CASES_AT, ["other", "fact"])((1, case.fact), (2, case.before)) == (case.holds,) * 2
    )
    traced = trace(tree, facts, CASES_AT, before)
    assert traced.holds is case.holds
    assert all(traced.said(locale) for locale in ("zh_Hans", "zh_Hant", "en"))


@pytest.mark.parametrize("cls", list(OPERATORS), ids=lambda cls: cls.name)
def test_an_operator_is_complete(cls: type[Operator]) -> None:
    assert cls.__module__ == f"app.conditions.operators.{cls.name}"
    assert cls.__doc__
    assert str(cls.label)
    assert "%(field)s" in cls.sentence.id
    assert ("%(value)s" in cls.sentence.id) == (cls.takes is not NOTHING)
    assert cls.kinds <= set(KINDS)
    assert {case.holds for case in cls.cases} == {True, False}
    assert (View.CHANGE in cls.needs) == issubclass(cls, ChangeOperator)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_can_be_asked_about(kind: str) -> None:
    assert {"is_empty", "is_not_empty"} <= {cls.name for cls in OPERATORS if kind in cls.kinds}


def test_the_reference_is_what_the_registry_says() -> None:
    text = PAGE.read_text("utf-8")
    assert text == page(), "run: python -m app.conditions.reference"
    for cls in OPERATORS:
        assert f"\n## {cls.name}\n" in text
