"""Relative times: on the calendar of the company's zone, whatever its clocks do at midnight."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from app.conditions.standpoint import Standpoint, around_now, is_relative, period, read_span, resolved, start_of

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str, zone: str = "Asia/Shanghai") -> Standpoint:
    return Standpoint(dt.datetime.fromisoformat(text), ZoneInfo(zone))


@pytest.mark.parametrize(
    ("now", "value", "day", "instant"),
    [
        ("2026-11-21T08:30:00Z", {"now": "0d"}, "2026-11-21", "2026-11-21T08:30:00Z"),
        ("2026-11-20T16:00:00Z", {"now": "0d"}, "2026-11-21", "2026-11-20T16:00:00Z"),
        ("2026-11-20T15:59:59Z", {"now": "0d"}, "2026-11-20", "2026-11-20T15:59:59Z"),
        ("2026-11-21T08:30:00Z", {"now": "-3d"}, "2026-11-18", "2026-11-18T08:30:00Z"),
        ("2026-11-21T08:30:00Z", {"now": "+2w"}, "2026-12-05", "2026-12-05T08:30:00Z"),
        ("2026-03-31T08:30:00Z", {"now": "-1mo"}, "2026-02-28", "2026-02-28T08:30:00Z"),
        ("2024-02-29T08:30:00Z", {"now": "1y"}, "2025-02-28", "2025-02-28T08:30:00Z"),
        ("2026-11-21T08:30:00Z", {"now": "-13mo"}, "2025-10-21", "2025-10-21T08:30:00Z"),
        ("2026-11-21T08:30:00Z", {"now": "8h"}, "2026-11-22", "2026-11-21T16:30:00Z"),
        ("2026-11-21T08:30:00Z", {"start_of": "day"}, "2026-11-21", "2026-11-20T16:00:00Z"),
        ("2026-11-21T08:30:00Z", {"start_of": "week"}, "2026-11-16", "2026-11-15T16:00:00Z"),
        ("2026-11-21T08:30:00Z", {"start_of": "month"}, "2026-11-01", "2026-10-31T16:00:00Z"),
        ("2026-11-21T08:30:00Z", {"start_of": "quarter"}, "2026-10-01", "2026-09-30T16:00:00Z"),
        ("2026-11-21T08:30:00Z", {"start_of": "year"}, "2026-01-01", "2025-12-31T16:00:00Z"),
    ],
)
def test_a_relative_time_is_a_day_and_an_instant(now, value, day, instant):
    assert resolved(value, "date", at(now)) == day
    assert resolved(value, "datetime", at(now)) == instant


def test_a_day_is_a_day_though_clocks_change():
    # New York's clocks went back on 1 November: noon the day before is 25 hours ago.
    here = at("2026-11-01T17:00:00Z", "America/New_York")
    assert resolved({"now": "-1d"}, "datetime", here) == "2026-10-31T16:00:00Z"
    assert resolved({"now": "-24h"}, "datetime", here) == "2026-10-31T17:00:00Z"
    assert period("today", "datetime", here) == ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")


def test_a_day_without_a_midnight_begins_where_it_begins():
    # São Paulo's clocks jumped from midnight to one.
    assert period("today", "datetime", at("2018-11-04T12:00:00Z", "America/Sao_Paulo"))[0] == "2018-11-04T03:00:00Z"


@pytest.mark.parametrize("shift", [-1, 0, 1])
@pytest.mark.parametrize("part", ["day", "week", "month", "quarter", "year"])
def test_periods_follow_each_other_without_a_gap(part, shift):
    here = at("2028-02-29T20:00:00Z")
    assert start_of(part, here, shift) < start_of(part, here, shift + 1)
    names = {-1: ("last", "yesterday"), 0: ("this", "today"), 1: ("next", "tomorrow")}
    name = names[shift][1] if part == "day" else f"{names[shift][0]}_{part}"
    assert period(name, "date", here) == tuple(start_of(part, here, one).isoformat() for one in (shift, shift + 1))


def test_around_now_both_ends_are_within():
    here = at("2026-11-21T08:30:00Z")
    assert around_now("3d", "date", here, ahead=False) == ("2026-11-18", "2026-11-22")
    assert around_now("2h", "datetime", here, ahead=True) == ("2026-11-21T08:30:00Z", "2026-11-21T10:30:01Z")


@pytest.mark.parametrize(
    "text", ["3", "d", "3 d", "３d", "1.5d", "999999999d", "101y", "--3d", "3D", "", None, 3, ["3d"]]
)
def test_what_is_no_span_is_none(text):
    assert read_span(text) is None
    assert not is_relative({"now": text})
