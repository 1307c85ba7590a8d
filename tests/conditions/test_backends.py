"""Generated trees over generated facts: the oracle, the compiled Python and the browser agree on every one."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS
from app.conditions.operators import OPERATORS
from app.conditions.python import compile_tree
from app.conditions.tree import Leaf, Tree, parse
from app.core.db import folded
from tests.conditions import naive

SCRIPT = Path("app/static/js/conditions.js").read_text("utf-8")
FIELDS = {kind: ConditionField(kind, kind, {"en": kind}) for kind in KINDS}

#: Letters that fold in odd ways, white space of all sorts, and what looks alike.
WORDS = st.text(alphabet="aAbBßẞſsΣςσİIıiĳﬁＡ１Ꭰꭰᏸé é\u0301 \t\u00a0\u3000\x85\x1f%_\\/\"'维修🛠", max_size=6)
KEYS = st.sampled_from(["a", "A", "a/b", "a/b/c", "ab", "b", "11", "1101", "110101"])
DAYS = st.dates().map(lambda day: day.isoformat())
INSTANTS = st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0"))
CLOCKS = st.times().map(lambda time: time.strftime("%H:%M"))
SMALL = st.integers(-3, 3) | st.sampled_from([10**15, -(10**15)])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": WORDS.filter(folded),
    "number": SMALL,
    "money": SMALL,
    "date": DAYS | st.just("2026-11-21"),
    "datetime": INSTANTS | st.just("2026-11-21T08:30:00Z"),
    "time": CLOCKS | st.just("08:30"),
    "boolean": st.booleans(),
    "reference": st.integers(1, 3) | KEYS,
}
#: Anything may stand where an answer is expected; it counts as unanswered.
ODD = st.sampled_from([None, "", " ", 0, 1, True, False, [], {}, ["a"], [""], [1], {"a": 1}, "x"])


def value_of(kind: str) -> st.SearchStrategy[Any]:
    return VALUES.get(kind, KEYS)


def leaf_of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    def of_operator(name: str) -> st.SearchStrategy[dict[str, Any]]:
        takes = OPERATORS[name].takes
        if takes == "none":
            return st.just({"field": kind, "op": name})
        value = value_of(kind) if takes == "one" else st.lists(value_of(kind), min_size=1, max_size=3)
        return value.map(lambda one: {"field": kind, "op": name, "value": one})

    return st.sampled_from([cls.name for cls in OPERATORS if kind in cls.kinds]).flatmap(of_operator)


LEAVES = st.sampled_from(sorted(KINDS)).flatmap(leaf_of)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda joint, parts: {joint: parts}, st.sampled_from(["all", "any", "none"]), st.lists(inner, max_size=4)
    ),
    max_leaves=8,
).filter(lambda tree: depth(tree) <= 5)
FACTS = st.fixed_dictionaries(
    {}, optional={kind: (st.lists(KEYS) if kind == "choices" else value_of(kind)) | ODD for kind in KINDS}
)


def depth(tree: Any) -> int:
    parts = next((tree[joint] for joint in ("all", "any", "none") if joint in tree), None)
    return 0 if parts is None else 1 + max(map(depth, parts), default=0)


def near(leaf: Leaf) -> Any:
    """A fact that makes the leaf interesting: what it asks for."""
    return list(leaf.value) if isinstance(leaf.value, tuple) else leaf.value


@pytest.fixture(scope="module")
def cases() -> list[tuple[Tree, dict[str, Any], bool]]:
    """Trees, facts and the oracle's answer; compiled Python was compared on the way."""
    made: list[tuple[Tree, dict[str, Any], bool]] = []

    @settings(
        max_examples=800,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(TREES, FACTS, st.integers(0, 3))
    def compared(json: Any, facts: dict[str, Any], aimed: int) -> None:
        tree = parse(json, FIELDS)
        for leaf in tree.leaves[:aimed]:
            facts[leaf.field.name] = near(leaf)
        answer = naive.holds(tree.root, facts)
        assert compile_tree(tree)(facts) is answer, (json, facts)
        made.append((tree, facts, answer))

    compared()
    return made


def test_compiled_python_agrees_with_the_oracle(cases: list[tuple[Tree, dict[str, Any], bool]]) -> None:
    answers = [answer for _tree, _facts, answer in cases]
    assert len(answers) >= 500
    assert min(answers.count(True), answers.count(False)) > len(answers) // 5


@pytest.fixture
def evaluator(browser: Any) -> Iterator[Any]:
    page = browser.new_page()
    page.add_script_tag(content=SCRIPT)
    yield page
    page.close()


@pytest.mark.browser
def test_the_browser_agrees_with_the_oracle(cases: list[tuple[Tree, dict[str, Any], bool]], evaluator: Any) -> None:
    sent = [[tree.as_script(), facts] for tree, facts, _answer in cases]
    answers = evaluator.evaluate("cases => cases.map(([tree, facts]) => window.conditions.holds(tree, facts))", sent)
    wrong = [
        (tree.as_json, facts, answer)
        for (tree, facts, answer), other in zip(cases, answers, strict=True)
        if other is not answer
    ]
    assert not wrong


@pytest.mark.browser
def test_the_browser_gives_each_operators_cases_the_same_answer(evaluator: Any) -> None:
    sent, expected = [], []
    for cls in OPERATORS:
        for case in cls.cases:
            field = {"fact": ConditionField("fact", case.kind, {"en": "Fact"})}
            tree = parse({"field": "fact", "op": cls.name, "value": case.value}, field)
            sent.append([tree.as_script(), {"fact": case.fact}])
            expected.append(case.holds)
    script = "cases => cases.map(([tree, facts]) => window.conditions.holds(tree, facts))"
    assert evaluator.evaluate(script, sent) == expected


@pytest.mark.browser
def test_the_browser_folds_every_character_as_python_does(evaluator: Any) -> None:
    # One text a character would be slow; a letter between them keeps them from composing.
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF and known(code)]
    chunks = ["x".join(characters[at : at + 2000]) for at in range(0, len(characters), 2000)]
    answers = evaluator.evaluate("texts => texts.map(window.conditions.folded)", chunks)
    assert answers == [folded(chunk) for chunk in chunks]


def known(code: int) -> bool:
    """Whether this Python knows the character; a newer browser may know more."""
    return unicodedata.category(chr(code)) != "Cn"


@pytest.mark.browser
def test_a_tree_nobody_can_read_is_an_error(evaluator: Any) -> None:
    for leaf in ({"field": "a", "op": "is", "value": 1}, {"field": "a", "kind": "text", "op": "like", "value": "a"}):
        script = "leaf => { try { return window.conditions.holds(leaf, {a: 1}) } catch (e) { return e.message } }"
        assert "unknown kind" in evaluator.evaluate(script, leaf)
