"""What a template doubts rather than refuses: said with its numbers, for a reason that is new, and never of less."""

from typing import Any

import pytest

from app.core.permissions import SYSTEM
from tests.ticket_templates import specs
from tests.ticket_templates.specs import CONTEXT, FACTS, label
from ticket_templates.spec import TemplateSpec, from_json
from ticket_templates.validation import problems_of

ROLES = ("technician", "qa")
MUCH = {"field": "travel", "warn_when": "travel > labour", "message": label("{travel} is more than {labour}.")}


def spec(*checks: dict[str, Any]) -> TemplateSpec:
    return from_json(specs.data() | {"checks": list(checks)})


def doubts(of: TemplateSpec, answers: Any, stored: Any = None, **more: Any) -> list[tuple[str, str, str]]:
    cleaned = specs.version(of).clean(answers, stored or {}, actor=SYSTEM, context=CONTEXT, facts=FACTS, **more)
    assert not [one for one in cleaned.refusals if one.code == "check"]
    return [(one.field, one.code, str(one.message)) for one in cleaned.doubts]


@pytest.mark.parametrize(
    ("answers", "stored", "more", "is_doubted"),
    [
        ({"travel": "30", "labour": "20"}, {}, {}, True),
        ({"travel": "20", "labour": "20"}, {}, {}, False),
        ({"labour": "20"}, {"travel": 3000}, {}, True),  # the other one changed
        ({"problem": "x"}, {"travel": 3000, "labour": 2000}, {}, False),  # it stood so before
        ({"travel": "10"}, {"travel": 3000, "labour": 2000}, {"moves": {"travel": 1}}, True),
        ({"travel": "5"}, {"travel": 3000, "labour": 2000}, {"moves": {"travel": -1}}, False),  # too much becomes less
        ({"travel": "30", "labour": "20x"}, {}, {}, False),  # of what nobody could read nothing is said
    ],
)
def test_an_answer_may_be_doubted(answers: Any, stored: Any, more: Any, is_doubted: bool) -> None:
    assert [one[:2] for one in doubts(spec(MUCH), answers, stored, **more)] == (
        [("travel", "needs_confirmation")] if is_doubted else []
    )


def test_a_doubt_may_be_of_one_step_be_it_that_it_takes_off() -> None:
    of, stored, back = spec(MUCH | {"steps": ["start"]}), {"travel": 9000, "labour": 2000}, {"travel": -1}
    assert doubts(of, {"travel": "5"}, stored, step="start", moves=back)
    assert not doubts(of, {"travel": "5"}, stored, step="finish", moves=back)
    assert doubts(of, {"travel": "90"}, {"labour": 2000}, step="start")
    assert not doubts(of, {"travel": "90"}, {"labour": 2000})


def test_the_numbers_it_names_stand_as_their_fields_show_them() -> None:
    assert doubts(spec(MUCH), {"travel": "30", "labour": "20.5"}) == [
        ("travel", "needs_confirmation", "CN¥30.00 is more than CN¥20.50.")
    ]


def test_of_a_number_below_nothing_it_may_say_how_far() -> None:
    below = {"field": "travel", "warn_when": "travel < 0", "message": label("{-travel} and {-labour}")}
    assert [one[2] for one in doubts(spec(below), {"travel": "-30", "labour": "5"})] == ["CN¥30.00 and CN¥0.00"]


def test_what_is_refused_as_well_is_not_doubted_besides() -> None:
    of = spec(MUCH, {"field": "travel", "refuse_when": "travel > 100", "message": label("No.")})
    cleaned = specs.version(of).clean({"travel": "200", "labour": "1"}, {}, actor=SYSTEM, context=CONTEXT, facts=FACTS)
    assert ([one.code for one in cleaned.refusals], cleaned.doubts) == (["check"], ())


@pytest.mark.parametrize(
    ("check", "path", "code"),
    [
        ({"warn_when": ""}, "checks[0]", "contradicted"),
        ({"refuse_when": "travel > 1"}, "checks[0]", "contradicted"),
        ({"warn_when": "travel - 1"}, "checks[0].warn_when", "no_truth"),
        ({"warn_when": "no_such > 1"}, "checks[0].warn_when", "unknown_field"),
        ({"steps": ["no_such"]}, "checks[0].steps[0]", "unknown_transition"),
        ({"warn_when": "", "refuse_when": "travel > 1", "steps": ["start"]}, "checks[0].steps", "contradicted"),
        ({"message": label("Odd.") | {"en": "{problem} is odd."}}, "checks[0].message.en", "unknown_field"),
    ],
)
def test_doubts_nobody_could_have(check: Any, path: str, code: str) -> None:
    assert [(one.where, one.code) for one in problems_of(spec(MUCH | check), set(ROLES))] == [(path, code)]


def test_it_is_written_as_it_is_read() -> None:
    of = spec(MUCH)
    assert from_json(of.as_json()) == of
    assert "refuse_when" not in of.as_json()["checks"][0]
