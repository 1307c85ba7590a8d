"""Generated trees over generated tickets: the oracle, compiled Python, both databases and the browser agree on all."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import and_, insert, or_, select, text

from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Case, ChangeOperator, Operator
from app.conditions.python import compile_tree, compile_trees
from app.conditions.sources import Answer
from app.conditions.sql import matching
from app.conditions.standpoint import View
from app.conditions.tree import Tree, parse
from app.core.db import folded
from tests.conditions import naive
from tests.conditions.generated import (
    ASKED,
    AT,
    COLUMNS,
    EACH,
    EVENT,
    FIELDS,
    JOURNAL,
    METADATA,
    OWNER,
    OWNERS,
    TAG,
    TAGS,
    TICKET,
    TICKETS,
    TREES,
    aimed,
    facts_of,
)
from ticket_templates.facts import read_condition

SCRIPT = Path("app/static/js/conditions.js").read_text("utf-8")
EVALUATE = """([trees, tickets]) => trees.map(
    (tree) => tickets.map((facts) => window.conditions.holds(tree, facts) ? "1" : "0").join(""))"""


@dataclass(frozen=True)
class World:
    """Trees, tickets, and for each tree what the oracle says of every ticket: ``0110…``."""

    trees: list[Tree]
    tickets: list[dict[str, Any]]
    answers: list[str]

    @property
    def facts(self) -> list[dict[str, Any]]:
        return [facts_of(ticket) for ticket in self.tickets]

    def wrong(self, others: list[str]) -> list[Any]:
        """The first few answers that differ, with all one needs to see why."""
        return [
            (tree.as_json, facts, expected)
            for tree, expecteds, answers in zip(self.trees, self.answers, others, strict=True)
            for facts, expected, answer in zip(self.facts, expecteds, answers, strict=True)
            if expected != answer
        ][:3]


def bits(answers: Any) -> str:
    return "".join("1" if one else "0" for one in answers)


GENERATING = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module")
def world() -> World:
    trees: list[Tree] = []
    tickets: list[dict[str, Any]] = []

    def collect(json: Any, ticket: dict[str, Any], aims: int) -> None:
        # As people write it, amounts and decimals in units of their field.
        tree = read_condition(json, FIELDS, View.STANDPOINT)
        ticket = dict(ticket)
        for leaf in tree.leaves[:aims]:
            aimed(ticket, leaf)
        trees.append(tree)
        tickets.append(ticket)

    @settings(GENERATING, max_examples=170)
    @given(TREES, TICKETS, st.integers(0, 3))
    def collected(json: Any, ticket: dict[str, Any], aims: int) -> None:
        collect(json, ticket, aims)

    @settings(GENERATING, max_examples=2)
    @given(st.tuples(*EACH), TICKETS)
    def each_collected(leaves: tuple[Any, ...], ticket: dict[str, Any]) -> None:
        for leaf in leaves:
            collect(leaf, ticket, 1)

    collected()
    each_collected()
    facts = [facts_of(ticket) for ticket in tickets]
    return World(trees, tickets, [bits(naive.holds(tree.root, one, AT) for one in facts) for tree in trees])


def test_the_world_is_wide(world: World) -> None:
    leaves = [leaf for tree in world.trees for leaf in tree.leaves]
    assert len(world.tickets) >= 200
    assert {leaf.field.name for leaf in leaves} == set(FIELDS)
    assert {leaf.operator.name for leaf in leaves} == {cls.name for cls in ASKED}
    said = "".join(world.answers)
    assert min(said.count("1"), said.count("0")) > len(said) // 8


def test_compiled_python_agrees_with_the_oracle(world: World) -> None:
    compiled = [compile_tree(tree, AT) for tree in world.trees]
    assert not world.wrong([bits(map(one, world.facts)) for one in compiled])


def test_all_trees_as_one_function_agree_with_the_oracle(world: World) -> None:
    rows = [tuple(facts.get(name) for name in FIELDS) for facts in world.facts]
    answers = map(compile_trees(world.trees, AT, list(FIELDS)), rows)
    assert not world.wrong([bits(column) for column in zip(*answers, strict=True)])


@pytest.fixture
def tickets_of(shared_engines: Any, dialect: str, world: World) -> Iterator[Any]:
    """A connection to a database that holds the tickets of the world."""
    with shared_engines(dialect).connect() as connection:
        METADATA.create_all(connection)
        connection.execute(insert(OWNER), OWNERS)
        connection.execute(insert(TAG), [{"owner_id": one, "tag": tag} for one in (1, 2) for tag in TAGS[one] or ()])
        connection.execute(insert(TICKET), [row_of(index, one) for index, one in enumerate(world.tickets)])
        yield connection
        connection.rollback()


def row_of(index: int, ticket: dict[str, Any]) -> dict[str, Any]:
    """A ticket as a row: an instant is stored finer than a second."""
    columns = {kind: ticket[f"stored.{kind}"] for kind in COLUMNS}
    if columns["date"]:
        columns["date"] = date.fromisoformat(columns["date"])
    if columns["datetime"]:
        moment = datetime.fromisoformat(columns["datetime"]).astimezone(UTC)
        columns["datetime"] = moment + timedelta(microseconds=index * 7_919 % 1_000_000)
    answers = {kind: ticket[kind] for kind in KINDS if kind in ticket}
    return {"id": index, "owner_id": ticket["owner_id"], "told": ticket["is_told"], "answers": answers, **columns}


def test_the_database_agrees_with_the_oracle(world: World, tickets_of: Any) -> None:
    found: list[str] = []
    for at in range(0, len(world.trees), 120):
        conditions = [
            matching(tree, AT).is_(True).label(f"t{index}") for index, tree in enumerate(world.trees[at : at + 120])
        ]
        rows = tickets_of.execute(select(*conditions).order_by(TICKET.c.id)).all()
        found += [bits(column) for column in zip(*rows, strict=True)]
    assert not world.wrong(found)


def test_where_finds_what_holds(world: World, tickets_of: Any) -> None:
    for tree, answers in list(zip(world.trees, world.answers, strict=True))[:40]:
        ids = tickets_of.scalars(select(TICKET.c.id).where(matching(tree, AT)).order_by(TICKET.c.id)).all()
        assert ids == [index for index, answer in enumerate(answers) if answer == "1"], tree.as_json


def case_tree(cls: type[Operator], case: Case) -> Tree:
    field = ConditionField(
        "fact", case.kind, {"en": "Fact"}, refers_to=case.refers_to,
        source=Answer(TICKET.c.answers, ("fact",)),
        history=JOURNAL,
    )  # fmt: skip
    return parse({"field": "fact", "op": cls.name, "value": case.value}, {"fact": field}, View.STANDPOINT | View.CHANGE)


CASES = [(cls, case) for cls in OPERATORS for case in cls.cases]


def test_the_database_gives_each_operators_cases_the_same_answer(shared_engines: Any, dialect: str) -> None:
    tickets = [{"id": index, "answers": {"fact": case.fact}} for index, (_cls, case) in enumerate(CASES)]
    events = [
        {"ticket_id": index, "changes": {"fact": [case.before, case.fact]}} for index, (_cls, case) in enumerate(CASES)
    ]
    with shared_engines(dialect).connect() as connection:
        METADATA.create_all(connection)
        connection.execute(insert(TICKET), tickets)
        connection.execute(insert(EVENT), events)
        own = [
            and_(TICKET.c.id == index, matching(case_tree(cls, case), AT)) for index, (cls, case) in enumerate(CASES)
        ]
        found = set(connection.scalars(select(TICKET.c.id).where(or_(*own))))
        connection.rollback()
    assert found == {index for index, (_cls, case) in enumerate(CASES) if case.holds}


@pytest.fixture
def evaluator(browser: Any) -> Iterator[Any]:
    page = browser.new_page()
    page.add_script_tag(content=SCRIPT)
    yield page
    page.close()


@pytest.mark.browser
def test_the_browser_agrees_with_the_oracle(world: World, evaluator: Any) -> None:
    assert not world.wrong(evaluator.evaluate(EVALUATE, [[tree.as_script(AT) for tree in world.trees], world.facts]))


@pytest.mark.browser
def test_the_browser_gives_each_operators_cases_the_same_answer(evaluator: Any) -> None:
    cases = [(cls, case) for cls, case in CASES if not issubclass(cls, ChangeOperator)]
    sent = [[case_tree(cls, case).as_script(AT), {"fact": case.fact}] for cls, case in cases]
    script = "cases => cases.map(([tree, facts]) => window.conditions.holds(tree, facts))"
    assert evaluator.evaluate(script, sent) == [case.holds for _cls, case in cases]


@pytest.mark.browser
def test_the_browser_matches_in_linear_time(evaluator: Any) -> None:
    field = {"a": ConditionField("a", "text", {"en": "A"})}
    tree = parse({"field": "a", "op": "matches", "value": "(a+)+$"}, field)
    script = "([tree, text]) => window.conditions.holds(tree, {a: text})"
    assert evaluator.evaluate(script, [tree.as_script(), "a" * 5000])
    assert not evaluator.evaluate(script, [tree.as_script(), "a" * 5000 + "!"])


@pytest.mark.browser
def test_the_browser_folds_every_character_as_python_does(evaluator: Any) -> None:
    answers = evaluator.evaluate("texts => texts.map(window.conditions.folded)", all_characters())
    assert answers == list(map(folded, all_characters()))


def test_postgresql_folds_every_character_as_python_does(shared_engines: Any, dialect: str) -> None:
    if dialect == "sqlite":
        return
    texts = all_characters()
    with shared_engines(dialect).connect() as connection:
        query = text("SELECT folded(one) FROM unnest(CAST(:texts AS text[])) WITH ORDINALITY AS t(one, at) ORDER BY at")
        assert connection.scalars(query, {"texts": texts}).all() == list(map(folded, texts))


def all_characters() -> list[str]:
    """Every character this Python knows, in a few texts; a letter between them keeps them from composing."""
    known = [
        chr(code)
        for code in range(1, 0x110000)
        if not 0xD800 <= code <= 0xDFFF and unicodedata.category(chr(code)) not in {"Cn", "Co"}
    ]
    return ["x".join(known[at : at + 2000]) for at in range(0, len(known), 2000)]


@pytest.mark.browser
def test_a_tree_nobody_can_read_is_an_error(evaluator: Any) -> None:
    for leaf in ({"field": "a", "op": "is", "value": 1}, {"field": "a", "kind": "text", "op": "like", "value": "a"}):
        script = "leaf => { try { return window.conditions.holds(leaf, {a: 1}) } catch (e) { return e.message } }"
        assert "unknown kind" in evaluator.evaluate(script, leaf)
