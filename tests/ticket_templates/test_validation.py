"""Whether parts fit together: a table of what is wrong and where it is told."""

from typing import Any

import pytest

from tests.ticket_templates import specs
from tests.ticket_templates.specs import label
from ticket_templates.codec import path_of
from ticket_templates.roles import ROLE_LABELS
from ticket_templates.spec import from_json
from ticket_templates.validation import problems_of


def state(key: str, category: str = "open") -> dict[str, Any]:
    return {"key": key, "labels": label(key), "category": category}


def move(key: str, source: str, target: str) -> dict[str, Any]:
    return {"key": key, "labels": label(key), "sources": [source], "target": target}


def test_the_small_template_is_valid() -> None:
    assert problems_of(specs.spec(), ROLE_LABELS) == []


@pytest.mark.parametrize(
    ("kind", "words"),
    [("date", "2026-11-21. Or one of these words: today."),
     ("datetime", "2026-11-21 16:30. Or one of these words: now, today.")],
)  # fmt: skip
def test_a_default_that_is_no_day_is_told_the_words_there_are(kind: str, words: str) -> None:
    data = specs.data()
    data["fields"][0] |= {"type": kind, "settings": {"default": "tomorrow"}}
    told = [one.message.in_("en") for one in problems_of(from_json(data), ROLE_LABELS)]
    assert any(one.endswith(words) for one in told), told


@pytest.mark.parametrize(
    ("path", "value", "where", "code"),
    [
        ("fields[0].type", "telepathy", "fields[0].type", "unknown_type"),
        ("fields[0].settings", {"maximum": 3}, "fields[0].settings.maximum", "unknown_setting"),
        ("fields[0].settings", {"max_length": "three"}, "fields[0].settings.max_length", "bad_setting"),
        ("fields[1].options[1].key", "fixed", "fields[1].options[1].key", "repeated"),
        ("fields[5].settings.formula", "sum(", "fields[5].settings.formula", "syntax"),
        ("fields[5].settings.formula", "labour + taxi", "fields[5].settings.formula", "unknown_field"),
        ("fields[8]", {"key": "priority", "type": "text", "labels": label("P")}, "fields[8].key", "reserved_key"),
        ("fields[8]", {"key": "spare", "type": "text", "labels": label("S")}, "fields[8].key", "unused_field"),
        ("sections[0].fields[0].field", "nothing", "sections[0].fields[0].field", "unknown_field"),
        ("sections[1].fields[5]", {"field": "problem"}, "sections[1].fields[5].field", "repeated"),
        ("sections[1].key", "report", "sections[1].key", "repeated"),
        ("sections[0].fields[0].read_roles", ["boss"], "sections[0].fields[0].read_roles", "unknown_role"),
        ("sections[1].fields[4].write_roles", ["clerk"], "sections[1].fields[4].write_roles", "unreadable"),
        ("sections[1].fields[3].required", True, "sections[1].fields[3].required", "unanswerable"),
        ("sections[0].fields[1].default", "much", "sections[0].fields[1].default", "not_number"),
        ("sections[0].fields[0].visible_when", {"field": "values.x", "op": "is", "value": 1},
         "sections[0].fields[0].visible_when.field", "unknown_field"),
        ("sections[0].fields[0].visible_when", {"all": [{"field": "values.outcome", "op": "is", "value": "lost"}]},
         "sections[0].fields[0].visible_when.all[0].value", "unknown_option"),
        ("sections[1].fields[0].visible_when", {"field": "values.why", "op": "is_empty"},
         "sections[1].fields[0]", "cycle"),
        ("workflow.initial", "nowhere", "workflow.initial", "unknown_state"),
        ("workflow.initial", "closed", "workflow.initial", "bad_initial"),
        ("workflow.transitions[0].target", "nowhere", "workflow.transitions[0].target", "unknown_state"),
        ("workflow.transitions[0].sources", ["nowhere"], "workflow.transitions[0].sources[0]", "unknown_state"),
        ("workflow.transitions[0].sources", [], "workflow.transitions[0].sources", "no_source"),
        ("workflow.transitions[0].roles", ["boss"], "workflow.transitions[0].roles", "unknown_role"),
        ("workflow.transitions[0].required", ["nothing"], "workflow.transitions[0].required[0]", "unknown_field"),
        ("workflow.transitions[0].required", ["total"], "workflow.transitions[0].required[0]", "unanswerable"),
        ("workflow.transitions[1].key", "start", "workflow.transitions[1]", "repeated"),
        ("workflow.states[1].editable_by", ["boss"], "workflow.states[1].editable_by", "unknown_role"),
        ("workflow.states[3].editable_by", ["qa"], "workflow.states[3].editable_by", "closed"),
        ("workflow.states[1].awaits", ["boss"], "workflow.states[1].awaits", "unknown_role"),
        ("workflow.states[3].awaits", ["qa"], "workflow.states[3].awaits", "closed"),
        ("workflow.states[1].awaits_always", ["qa"], "workflow.states[1].awaits_always", "no_condition"),
        ("workflow.states[1].awaits_when", {"field": "values.labour", "op": "is_empty"},
         "workflow.states[1].awaits_when", "no_roles"),
        ("workflow.states[1].awaits_when", {"field": "values.nothing", "op": "is_empty"},
         "workflow.states[1].awaits_when.field", "unknown_field"),
        ("workflow.transitions[2].clears", ["nothing"], "workflow.transitions[2].clears[0]", "unknown_field"),
        ("workflow.transitions[2].clears", ["labour", "labour"], "workflow.transitions[2].clears[1]", "repeated"),
        ("workflow.transitions[2].clears", ["labour", "total"], "workflow.transitions[2].clears[1]", "unanswerable"),
        ("workflow.transitions[2].clears", ["fixed_note"], "workflow.transitions[2].clears[0]", "unanswerable"),
        ("workflow.transitions[2].clears", ["problem"], "workflow.transitions[2].clears[0]", "needed"),
        ("workflow.transitions[1].clears", ["outcome"], "workflow.transitions[1].clears[0]", "needed"),
        ("workflow.transitions[1].clears", ["labour"], "workflow.transitions[1].clears[0]", "asked"),
        ("workflow.transitions[1].clears", ["checklist"], "workflow.transitions[1].clears[0]", "asked"),
        ("workflow.transitions[0].clears", ["team", "assignee"], "workflow.transitions[0].clears[1]", "asked"),
        ("workflow.transitions[2].clears", ["team", "customer"], "workflow.transitions[2].clears[1]", "kept"),
        ("workflow.transitions[2].clears", ["assignee", "outlet"], "workflow.transitions[2].clears[1]", "kept"),
        ("workflow.transitions[2].shows", ["nothing"], "workflow.transitions[2].shows[0]", "unknown_field"),
        ("workflow.transitions[2].shows", ["total", "total"], "workflow.transitions[2].shows[1]", "repeated"),
        ("workflow.transitions[2]", {**specs.data()["workflow"]["transitions"][2], "clears": ["labour"],
                                     "shows": ["labour"]}, "workflow.transitions[2].shows[0]", "cleared"),
        ("workflow.transitions[2].other_than", ["back"], "workflow.transitions[2].other_than[0]", "unknown_transition"),
        ("workflow.transitions[3].after", ["finish", "finish"], "workflow.transitions[3].after[1]", "repeated"),
        ("workflow.transitions[3].after", ["close"], "workflow.transitions[3].after[0]", "unknown_transition"),
        # It begins where work only comes back to from its own end.
        ("workflow.transitions[1].after", ["back"], "workflow.transitions[1].after", "unreachable"),
        ("workflow.transitions[3].adds", ["nothing"], "workflow.transitions[3].adds[0]", "unknown_field"),
        ("workflow.transitions[3].adds", ["labour"], "workflow.transitions[3].adds[0]", "not_asked"),
        ("workflow.transitions[1].adds", ["labour", "labour"], "workflow.transitions[1].adds[1]", "repeated"),
        ("workflow.transitions[1].amount_labels", {"en": "This time"}, "workflow.transitions[1].amount_labels",
         "not_one"),
        ("workflow.transitions[1].takes_off", ["outcome"], "workflow.transitions[1].takes_off[0]", "wrong_type"),
        ("workflow.transitions[1].takes_off", ["total"], "workflow.transitions[1].takes_off[0]", "wrong_type"),
        ("workflow.transitions[1]", {**specs.data()["workflow"]["transitions"][1], "adds": ["labour"],
                                     "takes_off": ["labour"]}, "workflow.transitions[1].takes_off[0]", "contradicted"),
        *(
            ("workflow.transitions[2].sets", [{"field": "travel", "formula": "1"} | wrong],
             f"workflow.transitions[2].{at}", code)
            for wrong, at, code in (
                ({"field": "nothing"}, "sets[0].field", "unknown_field"),
                ({"field": "outcome"}, "sets[0].field", "wrong_type"),
                ({"field": "total"}, "sets[0].field", "wrong_type"),
                ({"formula": "1 +"}, "sets[0].formula", "syntax"),
                ({"formula": "taxi * 2"}, "sets[0].formula", "unknown_field"),
            )
        ),
        ("workflow.transitions[1].sets", [{"field": "labour", "formula": "1"}],
         "workflow.transitions[1].sets[0].field", "contradicted"),
        ("workflow.transitions[2].sets", [{"field": "travel", "formula": "1"}, {"field": "travel", "formula": "2"}],
         "workflow.transitions[2].sets[1]", "repeated"),
        ("sections[1].fields[2].lowered_in", ["gone"], "sections[1].fields[2].lowered_in[0]", "unknown_state"),
        ("sections[1].fields[0].lowered_in", ["done"], "sections[1].fields[0].lowered_in", "wrong_type"),
        ("sections[1].fields[3].lowered_in", ["done"], "sections[1].fields[3].lowered_in", "wrong_type"),
        ("sections[1].fields[2]", {"field": "labour", "editable_in": ["doing"], "lowered_in": ["doing", "done"]},
         "sections[1].fields[2].lowered_in[1]", "settled"),
        ("sections[1].fields[2]", {"field": "labour", "lowered_in": ["done"],
                                   "visible_when": {"field": "values.outcome", "op": "is", "value": "fixed"}},
         "sections[1].fields[2].visible_when", "hidden"),
        ("workflow.transitions[3].message", label("{labour} is due."), "workflow.transitions[3].message.en",
         "unknown_field"),
        ("sections[1].fields[3].visible_when", {"field": "values.total", "op": "is_not_empty"},
         "sections[1].fields[3]", "cycle"),
        ("workflow.transitions[0].guard", {"field": "values.problem", "op": "twinkles"},
         "workflow.transitions[0].guard.op", "unknown_operator"),
        ("workflow.states[4]", state("island"), "workflow.states[4]", "unreachable"),
        ("checklist", [], "workflow.transitions[1].checklist", "no_checklist"),
        ("numbering.pattern", "T-{yyyy}", "numbering.pattern", "no_sequence"),
        ("numbering.pattern", "T{dd}{seq:3}", "numbering.pattern", "ambiguous_number"),
        ("numbering.pattern", "T/{seq}", "numbering.pattern", "bad_letter"),
        ("subject", "{nothing}", "subject", "unknown_field"),
        ("subject", "{problem", "subject", "stray_brace"),
        ("print.sections", ["nothing"], "print.sections[0]", "unknown_section"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_path(path: str, value: Any, where: str, code: str) -> None:
    data = specs.data()
    *parents, last = path_of(path)
    part: Any = data
    for step in parents:
        part = part[step]
    if isinstance(part, list) and last == len(part):
        part.append(value)
    else:
        part[last] = value
    found = [(one.where, one.code) for one in problems_of(from_json(data), ROLE_LABELS)]
    assert (where, code) in found


@pytest.mark.parametrize(
    ("use", "name", "code"),
    [
        ({}, "adds", None),
        ({"read_only": True}, "takes_off", None),  # nobody types over it, the step moves it
        ({"editable_in": ["done"]}, "adds", "settled"),
        ({"lowered_in": ["done"]}, "adds", None),
        ({"lowered_in": ["done"]}, "takes_off", None),  # what goes out is said by the step
    ],
)
def test_a_step_moves_an_amount_where_it_may_change(use: dict[str, Any], name: str, code: str | None) -> None:
    data = specs.data()
    data["sections"][1]["fields"][2] |= use
    data["workflow"]["transitions"][1][name] = ["labour"]
    found = [(one.where, one.code) for one in problems_of(from_json(data), ROLE_LABELS)]
    assert found == ([(f"workflow.transitions[1].{name}[0]", code)] if code else [])


def test_what_is_said_of_a_guard_names_a_number_everybody_may_see() -> None:
    data = specs.data()
    data["workflow"]["transitions"][3]["message"] = label("{total} is due.")
    assert problems_of(from_json(data), ROLE_LABELS) == []
    data["sections"][1]["fields"][2]["read_roles"] = ["finance"]
    assert {one.code for one in problems_of(from_json(data), ROLE_LABELS)} == {"unknown_field"}


def test_a_field_may_stay_in_sight_for_what_it_holds() -> None:
    data = specs.data()
    data["sections"][1]["fields"][2]["visible_when"] = {"field": "values.labour", "op": "is_not_empty"}
    assert problems_of(from_json(data), ROLE_LABELS) == []


def test_what_changed_hands_stays_in_sight_and_is_emptied_by_no_step() -> None:
    data = specs.data()
    data["sections"][1]["fields"][2] |= {"lowered_in": ["done"], "visible_when": {"any": [
        {"field": "values.outcome", "op": "is", "value": "fixed"}, {"field": "values.labour", "op": "is_not_empty"},
    ]}}  # fmt: skip
    data["workflow"]["transitions"][3]["after"] = ["finish", "back"]
    assert problems_of(from_json(data), ROLE_LABELS) == []
    data["workflow"]["transitions"][2]["clears"] = ["labour"]
    (problem,) = problems_of(from_json(data), ROLE_LABELS)
    assert (problem.where, problem.code) == ("workflow.transitions[2].clears[0]", "lowered")


def test_dead_ends_and_endless_rounds() -> None:
    data = specs.data()
    data["workflow"]["states"] += [state("pit"), state("left"), state("right")]
    data["workflow"]["transitions"] += [
        move("fall", "doing", "pit"), move("in", "doing", "left"), move("a", "left", "right"),
        move("b", "right", "left"),
    ]  # fmt: skip
    found = {(one.where, one.code) for one in problems_of(from_json(data), ROLE_LABELS)}
    assert found == {
        ("workflow.states[4]", "dead_end"), ("workflow.states[5]", "endless"), ("workflow.states[6]", "endless"),
    }  # fmt: skip


def test_personal_data_stays_out_of_subjects() -> None:
    data = specs.data()
    data["fields"][0] = {"key": "problem", "type": "phone", "labels": label("Phone")}
    assert [one.code for one in problems_of(from_json(data), ROLE_LABELS)] == ["personal"]


@pytest.mark.parametrize("key", ["labour", "total"])
def test_what_not_everybody_may_see_stays_out_of_subjects(key: str) -> None:
    data = specs.data()
    data["subject"] = "{problem} {" + key + "}"
    for section in data["sections"]:
        for use in section["fields"]:
            if use["field"] == "labour":
                use["read_roles"] = ["finance"]
    assert [(one.where, one.code) for one in problems_of(from_json(data), ROLE_LABELS)] == [("subject", "restricted")]


def test_a_step_that_stays_leads_out_of_no_state() -> None:
    data = specs.data()
    pay = {"key": "pay", "labels": label("Pay"), "sources": ["new", "doing", "done", "closed"]}
    data["workflow"]["transitions"].append(pay)
    assert problems_of(from_json(data), ROLE_LABELS) == []
    # A state that is left by nothing else is a dead end, and what waits for it does wait for something that comes.
    data["workflow"]["states"].append(state("island"))
    data["workflow"]["transitions"].append(
        {"key": "sail", "labels": label("Sail"), "sources": ["new"], "target": "island"}
    )
    pay["sources"] = ["new", "island"]
    assert [(one.where, one.code) for one in problems_of(from_json(data), ROLE_LABELS)] == [
        ("workflow.states[4]", "dead_end")
    ]
    data["workflow"]["transitions"].append(
        {"key": "home", "labels": label("Home"), "sources": ["island"], "target": "closed", "after": ["pay"]}
    )
    assert problems_of(from_json(data), ROLE_LABELS) == []
    pay["sources"] = ["closed"]
    assert ("workflow.transitions[6].after", "unreachable") in [
        (one.where, one.code) for one in problems_of(from_json(data), ROLE_LABELS)
    ]
