"""Every registered condition operator keeps the contract; its cases give one answer in Python, twice."""

import pytest

from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, Operator
from app.conditions.python import compile_tree
from app.conditions.tree import Leaf, parse
from tests.conditions import naive

CASES = [pytest.param(cls, case, id=f"{cls.name}-{index}") for cls in OPERATORS for index, case in enumerate(cls.cases)]


def leaf_of(cls: type[Operator], case: Case) -> dict[str, object]:
    return {"field": "fact", "op": cls.name, "value": case.value}


@pytest.mark.parametrize(("cls", "case"), CASES)
def test_a_case_holds_as_it_says(cls: type[Operator], case: Case) -> None:
    tree = parse(leaf_of(cls, case), {"fact": ConditionField("fact", case.kind, {"en": "Fact"})})
    facts = {"fact": case.fact}
    assert isinstance(tree.root, Leaf)
    assert compile_tree(tree)(facts) is case.holds
    assert naive.holds(tree.root, facts) is case.holds
    fact = tree.root.kind.read(case.fact)
    assert ((fact is not None or cls.sees_empty) and cls.holds(fact, tree.root.wanted) is case.holds) or not case.holds


@pytest.mark.parametrize("cls", list(OPERATORS), ids=lambda cls: cls.name)
def test_an_operator_is_complete(cls: type[Operator]) -> None:
    assert cls.__module__ == f"app.conditions.operators.{cls.name}"
    assert cls.__doc__
    assert str(cls.label)
    assert "%(field)s" in cls.sentence.id
    assert ("%(value)s" in cls.sentence.id) == (cls.takes != "none")
    assert cls.kinds <= set(KINDS)
    assert cls.takes in {"one", "many", "none"}
    assert {case.holds for case in cls.cases} == {True, False}


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_can_be_asked_about(kind: str) -> None:
    assert {"is_empty", "is_not_empty"} <= {cls.name for cls in OPERATORS if kind in cls.kinds}
