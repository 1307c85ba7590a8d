"""What a step answers by itself."""

from typing import Any

import pytest

from tests.ticket_templates import specs
from tests.ticket_templates.specs import CONTEXT
from ticket_templates.setting import set_by
from ticket_templates.spec import from_json


def found(values: dict[str, Any], **sets: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    data = specs.data()
    data["workflow"]["transitions"][2]["sets"] = [{"field": one, "formula": text} for one, text in sets.items()]
    version = specs.version(from_json(data))
    answers, refusals = set_by(version, version.transitions["back"], values, CONTEXT)
    return answers, [(one.field, one.code) for one in refusals]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("labour + 1.5", 5150),
        ("labour / 3", 1667),  # to the cent, half up
        ("sum(travel) - labour", -5000),
        ("travel * 2", None),  # nothing to work with: it is emptied
        ("0", 0),
    ],
)
def test_an_amount_follows_from_the_answers_there_are(formula: str, value: int | None) -> None:
    assert found({"labour": 5000}, travel=formula) == ({"travel": value}, [])


def test_a_text_is_put_together() -> None:
    assert found({"labour": 5000}, problem='concat("waived: ", labour)')[0] == {"problem": "waived: 50.00"}


def test_each_follows_from_what_was_there_before_the_step() -> None:
    assert found({"labour": 5000, "travel": 100}, travel="labour", problem='concat(travel, "")')[0] == {
        "travel": 5000, "problem": "1.00",
    }  # fmt: skip


def test_what_no_field_can_hold_is_refused_at_it() -> None:
    assert found({"labour": 10**15}, travel="labour * 1000") == ({}, [("travel", "out_of_range")])
