"""What pages draw by the dozen: whatever it is given, it is escaped, spoken in the reader's language, and said once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import g
from jinja2 import Undefined

from app.core.i18n import _
from app.tickets.priorities import PRIORITIES
from views.language import at_least
from views.marks import marks

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def drawn(webs):
    with webs("sqlite").test_request_context("/"):
        yield marks()


@pytest.mark.parametrize("draw", [
    lambda mark: mark.icon(HOSTILE, HOSTILE),
    lambda mark: mark.badge(HOSTILE, HOSTILE, HOSTILE),
    lambda mark: mark.state({"en": HOSTILE, "zh_Hans": HOSTILE}, HOSTILE),
    lambda mark: mark.value(HOSTILE),
    lambda mark: mark.value([HOSTILE]),
    lambda mark: mark.value({"zh_Hans": HOSTILE, "en": HOSTILE}),
])  # fmt: skip
def test_what_people_typed_is_no_markup(drawn, draw):
    assert "<script" not in draw(drawn)


@pytest.mark.parametrize("nothing", [None, "", [], Undefined()])
def test_nothing_is_a_dash(drawn, nothing):
    assert ">—<" in drawn.value(nothing)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (Decimal("1.50"), "1.50"), ("a & b", "a &amp; b"), (date(2026, 11, 21), "2026-11-21"),
        (False, "#minus"), (True, "#check"), (_("Saved."), "已保存。"), (["x", "y"], 'gray">x</span> <span'),
        (datetime(2026, 11, 21, 5, 30, tzinfo=UTC), 'datetime="2026-11-21T05:30:00+00:00"'),
    ],
)  # fmt: skip
def test_a_value_is_said_by_its_kind(drawn, value, text):
    assert text in drawn.value(value)


@pytest.mark.parametrize(
    ("number", "chinese", "english"),
    [(10_001, "1万", "10,000"), (3_089, "3,000", "3,000"), (20_345, "2万", "20,000"), (123_456, "10万", "100,000"),
     (7, "7", "7"), (0, "0", "0")],
)  # fmt: skip
def test_a_number_that_is_passed_is_said_in_round_figures(drawn, number, chinese, english):
    del drawn
    assert at_least(number) == chinese
    g.locale = "en"
    assert at_least(number) == english


def test_a_priority_unknown_looks_like_a_normal_one(drawn):
    assert drawn.priority(9) == drawn.priority(3)
    assert "visually-hidden" in drawn.priority(1, words=False)
    assert "visually-hidden" not in drawn.priority(1)


@pytest.mark.parametrize("number", PRIORITIES)
def test_every_priority_is_told_by_its_word_and_its_icon(drawn, number):
    mark = drawn.priority(number)
    assert PRIORITIES[number].in_("zh_Hans") in mark
    assert (drawn.priority(number) == drawn.priority(3)) == (number == 3)
