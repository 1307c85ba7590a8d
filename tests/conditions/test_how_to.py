"""The operator of the how-to, added as the how-to says: it gives its cases' answers in every backend."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.conditions.operators import OPERATORS, starts_with
from app.conditions.operators.base import CASES_AT, Case, Operator
from app.conditions.python import compile_tree
from app.conditions.reference import page
from app.conditions.sql import matching
from app.conditions.tree import Tree
from tests.conditions.generated import METADATA, TICKET
from tests.conditions.test_backends import SCRIPT, case_tree
from tests.house.test_operators import test_an_operator_is_complete as prove_complete

TEXT = (Path(__file__).parents[2] / "docs/how-to/add-a-condition-operator.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> type[Operator]:
    """The class, registered as from a file of its own; gone again afterwards."""
    monkeypatch.setattr(OPERATORS, "_classes", dict(OPERATORS._classes))
    # Its imports are those of any operator of one text.
    module = dict(vars(starts_with)) | {"__name__": f"{OPERATORS.package}.ends_with"}
    exec(block("python"), module)  # noqa: S102 - our own page
    return OPERATORS["ends_with"]


def trees(cls: type[Operator]) -> list[tuple[Case, Tree]]:
    return [(case, case_tree(cls, case)) for case in cls.cases]


def test_python_and_the_database_agree_on_it(added: type[Operator], shared_engines: Any, dialect: str) -> None:
    assert [compile_tree(tree, CASES_AT)({"fact": case.fact}) for case, tree in trees(added)] == [True, False, False]
    with shared_engines(dialect).connect() as connection:
        METADATA.create_all(connection)
        connection.execute(
            insert(TICKET), [{"id": at, "answers": {"fact": one.fact}} for at, one in enumerate(added.cases)]
        )
        found = [set(connection.scalars(select(TICKET.c.id).where(matching(tree)))) for _case, tree in trees(added)]
        connection.rollback()
    assert [at in ids for at, ids in enumerate(found)] == [True, False, False]


@pytest.mark.browser
def test_the_browser_agrees_with_its_line_added(added: type[Operator], browser: Any) -> None:
    tab = browser.new_page()
    tab.add_script_tag(content=SCRIPT.replace("    starts_with:", f"    {block('js')}    starts_with:"))
    sent = [[tree.as_script(), {"fact": case.fact}] for case, tree in trees(added)]
    script = "cases => cases.map(([tree, facts]) => window.conditions.holds(tree, facts))"
    assert tab.evaluate(script, sent) == [True, False, False]
    tab.close()


def test_it_is_complete_and_stands_in_the_reference(added: type[Operator]) -> None:
    prove_complete(added)
    assert "\n## ends_with\n" in page()
