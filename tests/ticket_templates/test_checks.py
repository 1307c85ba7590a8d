"""What several answers may not say together; amounts in conditions mean what people mean by them."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.permissions import SYSTEM
from tests.ticket_templates import specs
from tests.ticket_templates.specs import CONTEXT, FACTS, NOW, label
from ticket_templates.spec import TemplateSpec, from_json
from ticket_templates.validation import problems_of


def spec(*checks: dict[str, Any], guard: Any = None, message: Any = None) -> TemplateSpec:
    data = specs.data()
    data["fields"].append({"key": "arrived", "type": "datetime", "labels": label("Arrived")})
    data["sections"][0]["fields"].append({"field": "arrived"})
    data["checks"] = [{"message": label("Please check."), **one} for one in checks]
    close = data["workflow"]["transitions"][3]
    close |= {"guard": guard} if guard else {}
    close |= {"message": label(message)} if message else {}
    return from_json(data)


def refused(of: TemplateSpec, answers: Any, stored: Any = None, **facts: Any) -> list[tuple[str, str, str]]:
    cleaned = specs.version(of).clean(answers, stored or {}, actor=SYSTEM, context=CONTEXT, facts=FACTS | facts)
    return [(one.field, one.code, str(one.message)) for one in cleaned.refusals]


MORE = {"field": "travel", "refuse_when": "travel > labour"}


@pytest.mark.parametrize(
    ("answers", "stored", "is_refused"),
    [
        ({"travel": "30", "labour": "20"}, {}, True),
        ({"travel": "20", "labour": "20"}, {}, False),
        ({"travel": "30"}, {}, False),  # nothing to compare it with
        ({"labour": "20"}, {"travel": 3000}, True),  # the other one changed
        ({"problem": "x"}, {"travel": 3000, "labour": 2000}, False),  # it stood so before
        ({"travel": "abc", "labour": "1"}, {}, False),  # refused as a number, which comes first
        ({"travel": "30", "labour": "20", "arrived": "soon"}, {}, True),  # told with what is wrong elsewhere
        ({"travel": "30", "labour": "20x"}, {}, False),  # of what nobody could read nothing is said
    ],
)
def test_answers_that_do_not_go_together(answers: Any, stored: Any, is_refused: bool) -> None:
    assert (("travel", "check", "Please check.") in refused(spec(MORE), answers, stored)) is is_refused


@pytest.mark.parametrize(
    "formula", ["travel > 1", "not (travel > 1)", "if(travel > 1, True)", "travel > 1 and now > now"]
)
def test_a_check_that_can_answer_is_taken(formula: str) -> None:
    assert problems_of(spec({"field": "travel", "refuse_when": formula}), set(ROLES)) == []


def test_a_check_knows_when_the_ticket_was_made() -> None:
    of = spec({"field": "arrived", "refuse_when": "days_between(arrived, created_at) > 0"})
    assert refused(of, {"arrived": "2026-11-21T10:00"}, created_at=NOW) == []
    assert refused(of, {"arrived": "2026-11-19T10:00"}, created_at=NOW) == [("arrived", "check", "Please check.")]
    assert refused(of, {"arrived": "2026-11-19T10:00"}, created_at=NOW - timedelta(days=3)) == []


@pytest.mark.parametrize(
    ("check", "path", "code"),
    [
        ({"field": "no_such", "refuse_when": "travel > 1"}, "checks[0].field", "unknown_field"),
        ({"field": "travel", "refuse_when": "now"}, "checks[0].refuse_when", "no_truth"),
        ({"field": "travel", "refuse_when": "travel - 1"}, "checks[0].refuse_when", "no_truth"),
        ({"field": "travel", "refuse_when": "if(travel > 1, 1, 2)"}, "checks[0].refuse_when", "no_truth"),
        ({"field": "travel", "refuse_when": "no_such > 1"}, "checks[0].refuse_when", "unknown_field"),
        ({"field": "travel", "refuse_when": "travel >"}, "checks[0].refuse_when", "syntax"),
    ],
)
def test_checks_nobody_could_ask(check: Any, path: str, code: str) -> None:
    assert [(one.where, one.code) for one in problems_of(spec(check), set(ROLES))] == [(path, code)]


ROLES = ("technician", "qa")


@pytest.mark.parametrize(
    ("value", "minor", "holds"),
    [(1000, 100_000, True), (1000, 99_999, False), ("0.01", 1, True), ("0.01", 0, False), ("1,000.50", 100_050, True)],
)
def test_an_amount_in_a_condition_is_an_amount(value: Any, minor: int, holds: bool) -> None:
    version = specs.version(spec(guard={"field": "values.total", "op": "is_at_least", "value": value}))
    assert version.rules.guards["close"](version.rules.facts(FACTS, {"total": minor})) is holds


def test_a_guard_says_what_was_written_for_it() -> None:
    guard = {"field": "values.total", "op": "is_at_least", "value": "12.5"}
    assert str(specs.version(spec(guard=guard, message="Pay first.")).rules.guard_said("close", {})) == "Pay first."
    said = str(specs.version(spec(guard=guard)).rules.guard_said("close", {}))
    assert said == "Only possible when: Total is at least “12.5”."


def test_an_amount_finer_than_the_currency_is_refused() -> None:
    of = spec(guard={"field": "values.total", "op": "is_at_least", "value": "0.001"})
    assert [one.code for one in problems_of(of, set(ROLES))] == ["wrong_value"]
