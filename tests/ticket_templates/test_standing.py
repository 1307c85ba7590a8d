"""Answers that every ticket in a state has: what each way there asked for and nothing has emptied since."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ticket_templates import specs
from tests.ticket_templates.specs import CONTEXT, FACTS, label
from ticket_templates import standing
from ticket_templates.spec import FieldUse, Section, State, TemplateSpec, Transition, Workflow, from_json
from ticket_templates.versions.standing import standing as standing_by_state

FIELDS = ("a", "b", "c")
STATES = ("s0", "s1", "s2", "s3")
SOME = st.lists(st.sampled_from(FIELDS), unique=True, max_size=2).map(tuple)
STEPS = st.builds(
    Transition, key=st.just("step"), labels=st.just(label("Step")),
    sources=st.lists(st.sampled_from(STATES), min_size=1, max_size=3, unique=True).map(tuple),
    target=st.sampled_from(("", *STATES)), required=SOME, clears=SOME,
)  # fmt: skip
FLOWS = st.builds(
    lambda steps, categories: Workflow(
        "s0",
        tuple(State(key, label(key), category) for key, category in zip(STATES, categories, strict=True)),
        tuple(replace(one, key=f"t{place}") for place, one in enumerate(steps)),
    ),
    st.lists(STEPS, max_size=8),
    st.lists(st.sampled_from(["open", "resolved"]), min_size=len(STATES), max_size=len(STATES)),
)


def with_flow(flow: Workflow) -> TemplateSpec:
    uses = (FieldUse("a"), FieldUse("b", required=True), FieldUse("c"))
    return replace(specs.spec(), workflow=flow, sections=(Section("main", label("Main"), uses, on_create=False),))


@settings(max_examples=200, deadline=None)
@given(FLOWS, st.lists(st.integers(0, 7), max_size=12))
def test_on_every_walk_what_is_kept_was_asked_for_and_not_emptied_since(flow: Workflow, turns: list[int]) -> None:
    kept = {key: one.kept for key, one in standing_by_state(with_flow(flow)).items()}
    done = {one.key for one in flow.states if one.category == "resolved"}
    state, answered = flow.initial, set[str]()
    assert kept[state] == set()
    for turn in turns:
        ways = [one for one in flow.transitions if state in one.sources]
        if not ways:
            break
        step = ways[turn % len(ways)]
        answered = (answered | {*step.required} | ({"b"} if step.target in done else set())) - {*step.clears}
        state = step.ways[state]
        assert kept[state] <= answered


def test_nothing_less_is_kept_than_every_way_has_asked_for() -> None:
    rules, ended = specs.version().rules, {"labour", "problem", "outcome"}
    kept = {key: set(rules.standing(key).kept) for key in ("new", "doing", "done", "closed")}
    assert kept == {"new": set(), "doing": set(), "done": ended, "closed": ended}
    data = specs.data()
    data["workflow"]["transitions"][3]["clears"] = ["labour"]
    assert set(specs.version(from_json(data)).rules.standing("closed").kept) == {"problem", "outcome"}
    # A second way there that asks for less.
    data["workflow"]["transitions"].append(
        {"key": "drop", "labels": label("Drop"), "sources": ["new"], "target": "closed", "required": ["outcome"]}
    )
    assert set(specs.version(from_json(data)).rules.standing("closed").kept) == {"outcome"}
    assert rules.standing("nowhere").kept == rules.standing(None).kept == set()


def codes(before, after, state="done", answered=None):
    version = specs.version()
    answered = before.keys() | after.keys() if answered is None else answered
    found = standing.refusals(version, state, before, after, answered=answered, facts=FACTS, context=CONTEXT)
    return [(one.field, one.code) for one in found]


def test_what_is_kept_is_changed_and_not_emptied() -> None:
    assert codes({"labour": 5}, {}) == [("labour", "kept")]
    assert codes({"labour": 5}, {"labour": 0}) == []
    # What was empty before stays so, and what nobody answered is nobody's refusal.
    assert codes({}, {}) == []
    assert codes({"labour": 5}, {}, answered=()) == []
    assert codes({"labour": 5}, {}, state="doing") == []


def test_what_another_answer_hides_goes_with_it() -> None:
    data = specs.data()
    data["workflow"]["transitions"][1]["required"] = ["why"]
    version = specs.version(from_json(data))
    assert "why" in version.rules.standing("done").kept
    for outcome, wanted in (("scrap", ["why"]), ("fixed", [])):
        found = standing.refusals(
            version, "done", {"outcome": "scrap", "why": "rust"}, {"outcome": outcome},
            answered={"outcome", "why"}, facts=FACTS, context=CONTEXT,
        )  # fmt: skip
        assert [one.field for one in found] == wanted
