"""What may happen next, and why not."""

from typing import Any

import pytest

from tests.ticket_templates import specs
from tests.ticket_templates.specs import FACTS, SYSTEM, label, person
from ticket_templates import workflow
from ticket_templates.spec import from_json
from ticket_templates.versions import CompiledVersion
from ticket_templates.workflow import Situation

TECHNICIAN = person("technician")


def check(transition: str, state: str, *, actor=TECHNICIAN, **more: Any) -> list[tuple[str, str]]:
    stands = {name: more.pop(name) for name in ("values", "checklist") if name in more}
    situation = Situation(specs.version(), state, actor=actor, facts=FACTS, **{"values": {}, **stands})
    return [(one.field, one.code) for one in workflow.check(situation, transition, **more)]


def test_what_is_refused_and_where() -> None:
    assert check("fly", "new") == [("transition", "unknown_transition")]
    assert check("start", "done") == [("transition", "wrong_state")]
    assert check("start", "gone") == [("transition", "wrong_state")]
    assert check("start", "new") == [("assignee_id", "required")]
    assert check("start", "new", fields={"assignee_id": 3}) == []
    assert check("finish", "doing", actor=person("clerk")) == [
        ("transition", "not_allowed"), ("labour", "required"), ("problem", "required"), ("outcome", "required"),
        ("checklist", "checklist"),
    ]  # fmt: skip
    done = {"problem": "x", "outcome": "fixed", "labour": 100}
    assert check("finish", "doing", values=done) == [("checklist", "checklist")]
    assert check("finish", "doing", values=done, checklist={"tested": {"by": 7}}) == []
    for nothing in (" ", "\u200b", "\x00 \u202e", "\u200d"):
        assert check("back", "done", note=nothing) == [("note", "note_required")]
    assert check("back", "done", note="again") == []
    assert check("close", "done", values={"total": 100000}) == [("transition", "guard")]
    assert check("close", "done") == []


def test_steps_say_why_they_are_closed() -> None:
    (step,) = workflow.steps(
        Situation(specs.version(), "doing", actor=person("clerk"), facts=FACTS, values={"labour": 1})
    )
    assert (step.open, step.blocked, step.missing, step.unticked) == (False, True, ("problem", "outcome"), ("tested",))
    # Homework is for those who may take the step.
    assert [str(reason) for reason in step.reasons] == ["Only these roles may do this: Technician."]
    (step,) = workflow.steps(Situation(specs.version(), "doing", actor=TECHNICIAN, facts=FACTS, values={"labour": 1}))
    assert [str(reason) for reason in step.reasons] == ["Fill in: Problem, Outcome.", "Tick the checklist: Tested."]
    back, close = workflow.steps(
        Situation(specs.version(), "done", actor=TECHNICIAN, facts=FACTS, values={"total": 100000})
    )
    assert (back.open, close.open) == (True, False)
    assert str(close.reasons[0]) == "Only possible when: not (Total is at least “1,000”)."
    # What is typed with a step closes it only where nothing else does.
    third = changed(
        1,
        guard={"field": "priority", "op": "is", "value": 1},
        message={"zh_Hans": "只有紧急的", "zh_Hant": "只有緊急的", "en": "Only urgent ones."},
    )
    (shut,) = workflow.steps(Situation(third, "doing", actor=TECHNICIAN, facts=FACTS, values={"labour": 1}))
    assert ([str(one) for one in shut.reasons], shut.missing) == (["Only urgent ones."], ("problem", "outcome"))
    assert workflow.steps(Situation(specs.version(), "gone", actor=SYSTEM, facts=FACTS, values={})) == []


def changed(number: int, **more: Any) -> CompiledVersion:
    """The small template with more said of one of its transitions."""
    data = specs.data()
    data["workflow"]["transitions"][number] |= more
    return specs.version(from_json(data))


def test_a_guard_that_an_answer_opens_is_open_to_a_person_and_says_the_number() -> None:
    owed: dict[str, Any] = {
        "guard": {"field": "values.total", "op": "is", "value": 0},
        "message": label("{total} is due."),
    }
    for more, seen in (
        ({}, (False, True)),
        ({"shows": ["total"]}, (False, True)),
        ({"shows": ["labour"]}, (True, False)),
    ):
        version = changed(3, **owed, **more)
        _back, close = workflow.steps(
            Situation(version, "done", actor=TECHNICIAN, facts=FACTS, values={"total": 123450})
        )
        assert (close.answerable, close.blocked) == seen
        assert (close.open, [str(one) for one in close.reasons]) == (False, ["1,234.5 is due."])
        assert close.transition.asks == bool(more)
    told = workflow.check(Situation(version, "done", actor=TECHNICIAN, facts=FACTS, values={"total": 100}), "close")
    assert [(str(one.message), one.code) for one in told] == [("1 is due.", "guard")]


def test_a_guard_that_looks_at_what_is_settled_is_opened_by_nothing_typed() -> None:
    data = specs.data()
    data["workflow"]["transitions"][3] |= {
        "guard": {"field": "values.labour", "op": "is", "value": 0}, "shows": ["labour"]}  # fmt: skip
    for states, answerable in (([], True), (["done"], True), (["doing"], False)):
        data["sections"][1]["fields"][2]["editable_in"] = states
        version = specs.version(from_json(data))
        _back, close = workflow.steps(Situation(version, "done", actor=TECHNICIAN, facts=FACTS, values={"labour": 100}))
        assert close.answerable == answerable


def test_who_took_one_step_does_not_take_the_other() -> None:
    version = changed(3, other_than=["finish"])
    for actor, taker, code in (
        (TECHNICIAN, 7, "same_person"),
        (TECHNICIAN, 8, ""),
        (TECHNICIAN, None, ""),
        (SYSTEM, 7, ""),
    ):
        takers = {} if taker is None else {"finish": taker}
        asked: dict[str, Any] = {"actor": actor, "facts": FACTS, "values": {}, "takers": takers}
        assert [one.code for one in workflow.check(Situation(version, "done", **asked), "close")] == (
            [code] if code else []
        )
        _back, close = workflow.steps(Situation(version, "done", **asked))
        assert close.blocked == bool(code)


@pytest.mark.parametrize(
    ("after", "takers", "told"),
    [
        (["finish"], {}, "“Finish” was not taken on this ticket yet; take that step first."),
        (["finish"], {"finish": 8}, None),
        (["finish"], {"finish": None}, None),  # a program's taking counts
        (["finish", "back"], {"back": 7}, None),
        (["finish", "back"], {"start": 7},
         "None of these steps was taken on this ticket yet: “Finish”, “Back”. Take one of them first."),
    ],
)  # fmt: skip
def test_a_step_waits_for_another(after, takers, told) -> None:
    version = changed(3, after=after)
    for actor in (TECHNICIAN, SYSTEM):
        asked: dict[str, Any] = {"actor": actor, "facts": FACTS, "values": {}, "takers": takers}
        refused = workflow.check(Situation(version, "done", **asked), "close")
        wanted = [(told, "transition", "not_before")] if told else []
        assert [(str(one.message), one.field, one.code) for one in refused] == wanted
        _back, close = workflow.steps(Situation(version, "done", **asked))
        assert (close.open, close.blocked) == (told is None, told is not None)


def test_a_note_is_asked_for_by_its_name() -> None:
    version = changed(2, note_labels=label("Reason"))
    (told,) = workflow.check(Situation(version, "done", actor=TECHNICIAN, facts=FACTS, values={}), "back")
    assert (str(told.message), told.field, told.code) == ("Fill in: Reason.", "note", "note_required")


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ([{"key": "refund", "guard": {"field": "values.total", "op": "is_at_least", "value": 1}}, {"key": "reopen"},
          {"key": "undo", "after": ["close"]}], "open it again first: “reopen”."),
        ([{"key": "undo", "after": ["close"]}], "open it again first: “undo”."),
        ([], "nothing on it can be changed any more."),
    ],
)  # fmt: skip
def test_a_closed_ticket_names_the_ways_back_that_are_sure_to_be_open(ways: list[dict[str, Any]], said: str) -> None:
    data = specs.data()
    out = {"sources": ["closed"], "target": "doing"}
    data["workflow"]["transitions"] += [{"labels": label(one["key"]), **out, **one} for one in ways]
    assert said in str(workflow.lock(specs.version(from_json(data)), "closed", "closed"))
