"""Answers in, canonical values out."""

from typing import Any

import pytest

from tests.ticket_templates import specs
from tests.ticket_templates.specs import CONTEXT, FACTS, SYSTEM, label, person
from ticket_templates.field_types.base import FieldError
from ticket_templates.field_types.integer import Integer
from ticket_templates.spec import FieldSpec, from_json
from ticket_templates.versions import Change, diff

CLERK = person("clerk")


def clean(
    answers: dict[str, Any], stored: dict[str, Any] | None = None, *, actor=CLERK, creating: bool = False, version=None
):
    version = version or specs.version()
    cleaned = version.clean(answers, stored or {}, actor=actor, context=CONTEXT, facts=FACTS, creating=creating)
    return cleaned.values, [(one.field, one.code) for one in cleaned.refusals]


def test_a_ticket_gets_defaults_and_computed_values() -> None:
    values, refusals = clean({"problem": " broken "}, creating=True)
    assert refusals == []
    assert values["problem"] == "broken"
    assert values["fixed_note"] == "from the template"
    assert values["travel"] == values["total"] == 2000


@pytest.mark.parametrize("twice", [False, True])
def test_a_total_too_large_to_be_kept_is_refused_where_it_was_typed(twice: bool) -> None:
    """Left empty it would read as nothing due."""
    version, largest = specs.version(), "9999999999999.99"
    for _each in range(1 + twice):
        given = {"problem": "x", "travel": largest, "labour": largest}
        assert clean(given, creating=True, version=version)[1] == [("labour", "out_of_range")]
        stored = {"problem": "x", "travel": 10**15, "total": 10**15}
        assert clean({"labour": "0.01"}, stored, version=version)[1] == [("labour", "out_of_range")]
        # What somebody else did not type is not told at it.
        assert clean({"problem": "y"}, stored, version=version)[1] == []


def test_only_what_is_asked_at_creation_is_required() -> None:
    assert clean({}, creating=True)[1] == [("problem", "required")]


def test_an_empty_answer_is_an_answer_and_keeps_no_default() -> None:
    values, _refusals = clean({"problem": "x", "travel": ""}, creating=True)
    assert "travel" not in values


@pytest.mark.parametrize(
    ("answers", "refusals"),
    [
        ({"nothing": 1}, [("nothing", "unknown_field")]),
        ({"total": 5}, [("total", "read_only")]),
        ({"fixed_note": "x"}, [("fixed_note", "read_only")]),
        ({"secret": "x"}, [("secret", "not_allowed")]),
        ({"outcome": "old"}, [("outcome", "retired")]),
        ({"outcome": "lost"}, [("outcome", "unknown_option")]),
        ({"problem": ""}, [("problem", "required")]),
        ({"problem": "x" * 9999}, [("problem", "too_long")]),
        ({"labour": "1e999"}, [("labour", "not_number")]),
    ],
)
def test_what_is_refused(answers: dict[str, Any], refusals: list[tuple[str, str]]) -> None:
    found = clean(answers, {"problem": "broken", "outcome": "fixed"})[1]
    assert [field for field, _code in found] == [field for field, _code in refusals]
    if refusals[0][1] in {"unknown_field", "read_only", "not_allowed", "required"}:
        assert found == refusals


def test_roles_open_what_they_may() -> None:
    assert clean({"secret": "x"}, actor=person("qa")) == ({"secret": "x", "total": 0}, [])
    assert clean({"fixed_note": "x"}, actor=SYSTEM)[1] == []
    version = specs.version()
    assert "secret" not in version.readable(CLERK)
    assert "secret" in version.readable(person("qa"))
    assert {"total", "fixed_note"} & version.writable(person("qa")) == set()


def test_a_hidden_field_is_cleared_and_never_required() -> None:
    values, refusals = clean({"outcome": "fixed"}, {"problem": "x", "outcome": "scrap", "why": "rust"})
    assert (values.get("why"), refusals) == (None, [])
    assert clean({"outcome": "fixed", "why": "y" * 9999}, {"problem": "x"})[1] == []
    assert "why" not in specs.version().visible({"outcome": "fixed"}, FACTS)


def test_an_answer_may_make_another_necessary() -> None:
    assert clean({"outcome": "scrap"}, {"problem": "x"})[1] == [("why", "required")]
    assert clean({"outcome": "scrap", "why": "rust"}, {"problem": "x"})[1] == []


def test_what_the_ticket_has_may_stay() -> None:
    values, refusals = clean({"outcome": "old"}, {"problem": "x", "outcome": "old"})
    assert (values["outcome"], refusals) == ("old", [])


def test_what_is_not_named_stays() -> None:
    stored = {"problem": "x", "labour": 100, "total": 100, "secret": "s"}
    assert clean({}, stored) == (stored, [])
    values, _refusals = clean({"labour": "5"}, stored)
    assert values == {"problem": "x", "labour": 500, "total": 500, "secret": "s"}


def test_a_computed_value_is_computed_again_only_when_it_may_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    version = specs.version()
    computed: list[Any] = []
    kept = version.types["total"].derive
    monkeypatch.setattr(
        version.types["total"], "derive", lambda operands, context: computed.append(operands) or kept(operands, context)
    )
    stored = {"problem": "x", "labour": 100, "total": 100}
    assert clean({"problem": "y"}, stored, version=version)[0]["total"] == 100
    assert computed == []
    assert clean({"labour": "3"}, stored, version=version)[0]["total"] == 300
    assert len(computed) == 1


def test_one_wish_is_coerced_once_for_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    version = specs.version()
    calls: list[Any] = []
    kept = version.types["labour"].clean
    monkeypatch.setattr(version.types["labour"], "clean", lambda raw, context: calls.append(raw) or kept(raw, context))
    cleaner = version.cleaner(CLERK, CONTEXT)
    answers = {"labour": "12.50"}
    results = [cleaner.clean(answers, {"problem": str(n)}, FACTS).values["labour"] for n in range(1000)]
    assert (set(results), len(calls)) == ({1250}, 1)


def test_personal_values_are_sealed_and_keep_their_seal() -> None:
    data = specs.data()
    data["fields"][7] = {"key": "fixed_note", "type": "phone", "labels": label("Phone")}
    data["sections"][0]["fields"][2] = {"field": "fixed_note"}
    version = specs.version(from_json(data))
    stored = version.sealed({"fixed_note": "+8613800138000", "problem": "x"}, {})
    assert "138" not in stored["fixed_note"]
    assert version.unsealed(stored)["fixed_note"] == "+8613800138000"
    assert version.sealed(version.unsealed(stored), stored) == stored
    values, refusals = clean({"fixed_note": "138****8000"}, version.unsealed(stored), version=version)
    assert (values["fixed_note"], refusals) == ("+8613800138000", [])


@pytest.mark.parametrize(
    ("values", "subject"),
    [
        ({"outcome": "fixed", "problem": "no  power"}, "Fixed: no power"),
        ({"problem": "no power"}, "no power"),
        ({"outcome": "fixed"}, "Fixed"),
        ({}, "Small"),
        ({"problem": "x" * 400}, "x" * 300),
    ],
)
def test_subjects(values: dict[str, Any], subject: str) -> None:
    assert specs.version().subject_of(values, CONTEXT) == subject


@pytest.mark.parametrize(
    ("pattern", "values", "subject"),
    [
        ("{outcome} · {fixed_note} · {problem}", {"outcome": "fixed", "problem": "leaks"}, "Fixed · leaks"),
        ("{outcome} · {fixed_note} · {why} · {problem}", {"outcome": "fixed", "problem": "leaks"}, "Fixed · leaks"),
        ("{outcome} {fixed_note} · {problem}", {"outcome": "fixed", "problem": "leaks"}, "Fixed · leaks"),
        ("{outcome} · {fixed_note} no. {problem}", {"outcome": "fixed", "problem": "7"}, "Fixed · no. 7"),
        ("{outcome} · {problem}", {"outcome": "fixed", "problem": "E4 - - leaks"}, "Fixed · E4 - - leaks"),
    ],
)
def test_an_empty_part_of_a_subject_leaves_no_second_joint(pattern: str, values: dict[str, Any], subject: str) -> None:
    data = specs.data()
    data["subject"] = pattern
    assert specs.version(from_json(data)).subject_of(values, CONTEXT) == subject


def test_a_field_of_a_type_that_is_gone_stays_readable() -> None:
    data = specs.data()
    data["fields"][0]["type"] = "telepathy"
    version = specs.version(from_json(data))
    assert version.types["problem"].shown("x", CONTEXT) == "x"
    assert clean({"problem": "y"}, {"problem": "x"}, version=version)[1] == [("problem", "unknown_type")]
    # Nor does a step add to it: a version that is kept may say so from the days of its type.
    with pytest.raises(FieldError) as gone:
        version.types["problem"].moved("1", None, 1, CONTEXT)
    assert [one.code for one in gone.value.refusals] == ["unknown_type"]


def test_differences_in_words() -> None:
    new = specs.data()
    new["fields"][0]["labels"] = label("Trouble")
    new["fields"][1]["options"].append({"key": "lent", "labels": label("Lent")})
    new["sections"][1]["fields"].pop()
    new["fields"].pop(6)
    new["workflow"]["transitions"][0]["roles"] = ["clerk"]
    new["workflow"]["transitions"][2]["clears"] = ["labour", "checklist"]
    new["workflow"]["transitions"][1]["adds"] = ["labour"]
    new["workflow"]["transitions"][3]["after"] = ["finish"]
    new["sections"][1]["fields"][2]["lowered_in"] = ["doing"]
    new["workflow"]["states"][1] |= {"editable_by": ["qa"], "awaits": ["qa"]}
    new["workflow"]["states"].append({"key": "idle", "labels": label("Idle"), "category": "pending"})
    new["subject"] = "{problem}"
    changes = diff(specs.spec(), from_json(new))
    assert [str(one.message) for one in changes] == [
        "Field “Secret” removed",
        "Field “Trouble” changed: label",
        "Field “Labour” changed: states in which it may become less",
        "Option “Outcome: Lent” added",
        "State “Doing” changed: who may change the ticket, whom it waits for",
        "State “Idle” added",
        "Transition “Start” changed: roles",
        "Transition “Finish” changed: what it adds to",
        "Transition “Back” changed: what it empties",
        "Transition “Close” changed: steps it waits for",
        "Template “Settings of the template” changed: subject",
    ]
    assert isinstance(changes[0], Change)
    assert diff(specs.spec(), specs.spec()) == []


def test_what_is_computed_is_for_those_who_may_see_what_it_is_computed_from() -> None:
    data = specs.data()
    data["fields"].append(
        {"key": "double", "type": "computed", "labels": label("Double"), "settings": {"formula": "total * 2"}}
    )
    data["sections"][1]["fields"].append({"field": "double"})
    for section in data["sections"]:
        for use in section["fields"]:
            if use["field"] == "labour":
                use["read_roles"] = ["finance"]
    data["subject"] = "{problem} {total}"
    version = specs.version(from_json(data))
    assert version.readable(CLERK).isdisjoint({"labour", "total", "double"})
    assert version.readable(person("finance")) >= {"labour", "total", "double"}
    assert version.subject_of({"problem": "broken", "total": 2000}, CONTEXT) == "broken"


@pytest.mark.parametrize(("settings", "wanted"), [({}, "#,##0"), ({"grouping": False}, "0")])
def test_a_year_has_no_thousands_in_excel(settings: dict[str, Any], wanted: str) -> None:
    assert Integer(FieldSpec("year", "integer", label("Year"), settings=settings)).excel_format == wanted


def test_what_follows_from_an_unreadable_answer_is_not_told() -> None:
    version = specs.version()
    assert "why" in version.rules.following({"outcome"})
    assert version.rules.following({"nothing", "problem"}) == set()
    cleaner = version.cleaner(CLERK, CONTEXT)
    assert cleaner.clean({}, {}, FACTS, creating=True, unread={"problem"}).refusals == ()
    assert [one.field for one in cleaner.clean({}, {}, FACTS, creating=True, unread={"labour"}).refusals] == ["problem"]
    # Whether it shows hangs on an answer nobody could read: what is wrong with it is told all the same.
    assert {field for field, _code in clean({"outcome": "lost", "why": "y" * 9999}, {"problem": "x"})[1]} == {
        "outcome",
        "why",
    }
