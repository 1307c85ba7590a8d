"""What may happen next, and why not; the workflow of every shipped pack, walked to its ends."""

from datetime import timedelta
from typing import Any

import pytest

from tests.ticket_templates import specs
from tests.ticket_templates.specs import FACTS, NOW, SYSTEM, label, person
from ticket_templates import exchange, workflow
from ticket_templates.exchange.reading import read_document
from ticket_templates.spec import TEMPLATE, TemplateSpec, from_json
from ticket_templates.versions import CompiledVersion

TECHNICIAN = person("technician")


def check(transition: str, state: str, *, actor=TECHNICIAN, **more: Any) -> list[tuple[str, str]]:
    asked = {"facts": FACTS, "values": {}, **more}
    return [(one.field, one.code) for one in workflow.check(specs.version(), transition, state, actor=actor, **asked)]


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
    (step,) = workflow.steps(specs.version(), "doing", actor=person("clerk"), facts=FACTS, values={"labour": 1})
    assert (step.open, step.blocked, step.missing, step.unticked) == (False, True, ("problem", "outcome"), ("tested",))
    # Homework is for those who may take the step.
    assert [str(reason) for reason in step.reasons] == ["Only these roles may do this: Technician."]
    (step,) = workflow.steps(specs.version(), "doing", actor=TECHNICIAN, facts=FACTS, values={"labour": 1})
    assert [str(reason) for reason in step.reasons] == ["Fill in: Problem, Outcome.", "Tick the checklist: Tested."]
    back, close = workflow.steps(specs.version(), "done", actor=TECHNICIAN, facts=FACTS, values={"total": 100000})
    assert (back.open, close.open) == (True, False)
    assert str(close.reasons[0]) == "Only possible when: not (Total is at least “1,000”)."
    assert workflow.steps(specs.version(), "gone", actor=SYSTEM, facts=FACTS, values={}) == []


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
        _back, close = workflow.steps(version, "done", actor=TECHNICIAN, facts=FACTS, values={"total": 123450})
        assert (close.answerable, close.blocked) == seen
        assert (close.open, [str(one) for one in close.reasons]) == (False, ["1,234.5 is due."])
        assert close.transition.asks == bool(more)
    told = workflow.check(version, "close", "done", actor=TECHNICIAN, facts=FACTS, values={"total": 100})
    assert [(str(one.message), one.code) for one in told] == [("1 is due.", "guard")]


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
        assert [one.code for one in workflow.check(version, "close", "done", **asked)] == ([code] if code else [])
        _back, close = workflow.steps(version, "done", **asked)
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
        refused = workflow.check(version, "close", "done", **asked)
        wanted = [(told, "transition", "not_before")] if told else []
        assert [(str(one.message), one.field, one.code) for one in refused] == wanted
        _back, close = workflow.steps(version, "done", **asked)
        assert (close.open, close.blocked) == (told is None, told is not None)


def test_a_note_is_asked_for_by_its_name() -> None:
    version = changed(2, note_labels=label("Reason"))
    (told,) = workflow.check(version, "back", "done", actor=TECHNICIAN, facts=FACTS, values={})
    assert (str(told.message), told.field, told.code) == ("Fill in: Reason.", "note", "note_required")


def test_due_times() -> None:
    version = specs.version()
    assert workflow.due_at(version, "new", NOW) == NOW + timedelta(minutes=30)
    assert workflow.due_at(version, "doing", NOW) is None
    assert workflow.due_at(version, "gone", NOW) is None


def spec_of(path) -> TemplateSpec:
    data = read_document(path.read_bytes()).data
    return TEMPLATE.read({key: part for key, part in data.items() if key not in {"gongdan_pack", "template"}}, (), [])


TOTALS = ("total_fee", "install_total", "inspection_total", "vehicle_total")
BALANCES = ("balance_due", "install_balance", "inspection_balance", "vehicle_balance", "refund_balance")
#: What may be answered so that every guard of the packs opens at one time or another.
SITUATIONS: list[dict[str, Any]] = [
    {"delivered": True, "return_type": kind, "impact": impact, "quote_accepted": True, "severity": "minor",
     "warranty_status": "in_warranty", "service_mode": "on_site", "customer_signature": signed,
     **dict.fromkeys(("amount_received", "refunded_amount"), None if owed > 0 else 10000),
     **dict.fromkeys(TOTALS, 10000), **dict.fromkeys(BALANCES, owed)}
    for kind in ("return", "exchange", "refund_only")
    for impact in ("one_person", "company")
    for signed in (12, None)
    for owed in (0, 10000, -10000)
]  # fmt: skip


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_every_transition_of_a_pack_can_be_taken(path) -> None:
    version: CompiledVersion = specs.version(spec_of(path))
    everything = dict.fromkeys(version.uses, "x")
    ticked = [item.key for item in version.spec.checklist]
    named = {**FACTS, "assignee_id": 1, "customer_id": 1, "site_id": 1}
    taken: set[str] = set()
    reached, waiting = {version.initial}, [version.initial]
    while waiting:
        state = waiting.pop()
        for values in ({**everything, **situation} for situation in SITUATIONS):
            for transition in version.rules.steps_from(state):
                roles = sorted(transition.roles) or ["clerk"]
                refused = [
                    workflow.check(version, transition.key, state, actor=person(role), facts=columns, values=values,
                                   checklist=ticked, note="because")
                    for role in roles
                    for columns in (named, {**named, "customer_id": None})
                ]  # fmt: skip
                if any(not refusals for refusals in refused):
                    taken.add(transition.key)
                    if transition.target not in reached:
                        reached.add(transition.target)
                        waiting.append(transition.target)
    assert taken == set(version.transitions)
    assert reached == set(version.states)


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_what_was_closed_comes_back_with_a_reason_and_is_confirmed_anew(path) -> None:
    flow, fields = spec_of(path).workflow, spec_of(path).fields
    states = {one.key: one for one in flow.states}
    done = {key for key, one in states.items() if one.category in {"resolved", "closed"} and key != "cancelled"}
    back = [one for one in flow.transitions if states[one.target].category not in {"resolved", "closed"}]
    ways = [one for one in back if not done.isdisjoint(one.sources)]
    assert done == {source for one in ways for source in one.sources}
    for one in ways:
        assert one.note_required
        assert one.roles
        assert "checklist" in one.clears
        confirmed = {"satisfaction", "customer_signature"} & fields.keys()
        assert one.sources == ("rejected",) or confirmed <= set(one.clears)


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_what_goes_back_to_be_given_out_is_in_nobodys_hands(path) -> None:
    flow = spec_of(path).workflow
    given_out = {state for one in flow.transitions if "assignee" in one.required for state in one.sources}
    waiting = {one.key for one in flow.states if one.category == "new"} & given_out
    back = [one for one in flow.transitions if one.target in waiting]
    assert all("assignee" in one.clears and one.note_required for one in back)
    assert [one.key for one in back] == (["decline"] if any(one.key == "accept" for one in flow.transitions) else [])


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_work_done_again_is_signed_again_and_only_what_is_unsigned_goes_on_without(path) -> None:
    spec = spec_of(path)
    steps = {one.key: one for one in spec.workflow.transitions}
    signing = [key for key, one in steps.items() if "customer_signature" in one.askable]
    if signing == ["submit"]:
        assert {"customer_signature", "checklist"} <= set(steps["rework"].clears)
    version: CompiledVersion = specs.version(spec)
    for key in signing:
        unsigned = steps[f"{key}_unsigned"]
        assert unsigned.note_required
        for signature, refused in ((None, False), (12, True)):
            values = dict.fromkeys(version.uses, "x") | SITUATIONS[0] | {"customer_signature": signature}
            told = workflow.check(
                version, unsigned.key, unsigned.sources[0], actor=SYSTEM, facts={**FACTS, "assignee_id": 1},
                values=values, checklist=[item.key for item in spec.checklist], note="because",
            )  # fmt: skip
            assert ("guard" in {one.code for one in told}) == refused


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_who_is_reviewed_does_not_change_what_is_reviewed(path) -> None:
    flow = spec_of(path).workflow
    (review,) = [one for one in flow.states if one.key == "in_review"]
    assert "qa" in review.editable_by
    assert "technician" not in review.editable_by


@pytest.mark.parametrize("path", exchange.shipped_packs(), ids=lambda path: path.stem)
def test_a_pack_is_fit_for_use(path) -> None:
    spec = spec_of(path)
    # What is computed is no line anybody fills in.
    assert 12 <= len(spec.fields) <= 30
    assert 3 <= len(spec.sections) <= 5
    assert spec.checklist
    assert any(state.limit_minutes for state in spec.workflow.states)
    flow = spec.workflow
    groups = (spec.sections, spec.fields.values(), flow.states, flow.transitions, spec.checklist)
    labels = [one.labels for group in groups for one in group]
    assert all(set(one) == {"zh_Hans", "zh_Hant", "en"} for one in labels)


def test_packs_share_definitions() -> None:
    seen: dict[str, Any] = {}
    for path in exchange.shipped_packs():
        for key, definition in spec_of(path).fields.items():
            assert seen.setdefault(key, definition) == definition, key
