"""A cascade's answer is the whole path: who names an option alone is told which it is."""

import pytest

from tests.factories.field_types import bound, context
from ticket_templates.field_types.base import FieldError
from ticket_templates.field_types.cascade import FAULTS

HERE = "is not the whole path. Expected it from the first level on, such as"


@pytest.mark.parametrize(
    ("settings", "raw", "message"),
    [
        ({}, "leak", f"“leak” {HERE} “fridge/leak”."),
        ({}, "noise/bearing", f"“noise/bearing” {HERE} “washer/drum/noise/bearing”."),
        ({"any_level": True}, "drum", f"“drum” {HERE} “washer/drum”."),
        ({}, "dru", "“dru” is not one of the options."),
        ({}, "/", "“/” is not one of the options."),
    ],
)
def test_an_options_own_key_is_told_its_path(settings, raw, message):
    with pytest.raises(FieldError) as refused:
        bound("cascade", settings, FAULTS).clean(raw, context())
    (one,) = refused.value.refusals
    assert (one.message.in_("en"), one.code) == (message, "not_an_option")


def test_its_schema_shows_how_answers_are_written():
    assert bound("cascade", options=FAULTS).answer_schema(context())["examples"] == [
        "washer/drum/noise/bearing", "fridge/leak", "tv/power",
    ]  # fmt: skip
    above = bound("cascade", {"any_level": True}, FAULTS).answer_schema(context())["examples"]
    assert above == ["washer", "washer/drum", "washer/drum/noise"]
