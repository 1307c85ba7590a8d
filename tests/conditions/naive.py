"""The meaning of conditions.md, written as plainly as it can be: the oracle every backend must agree with."""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from app.conditions.standpoint import Standpoint
from app.conditions.tree import Group, Leaf


def fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def answer(kind: str, fact: Any) -> Any:  # noqa: PLR0911 - one line a kind, to be read beside conditions.md
    """The fact as its kind reads it; None when it is no answer."""
    if kind == "text":
        return (fold(fact) or None) if isinstance(fact, str) else None
    if kind in {"number", "money"}:
        return fact if isinstance(fact, int) and not isinstance(fact, bool) else None
    if kind == "boolean":
        return fact if isinstance(fact, bool) else None
    if kind == "choices":
        return ([one for one in fact if isinstance(one, str) and one] or None) if isinstance(fact, list) else None
    if kind == "reference":
        return (
            fact if (isinstance(fact, int) and not isinstance(fact, bool)) or (isinstance(fact, str) and fact) else None
        )
    if kind in {"attachments", "table", "coordinates", "masked"}:
        return None if fact is None or fact in ("", [], {}) else "something"
    return fact if isinstance(fact, str) and fact else None


def local(kind: str, fact: str, at: Standpoint) -> dt.date:
    """The day of a date or an instant, on the company's calendar."""
    return dt.date.fromisoformat(fact) if kind == "date" else dt.datetime.fromisoformat(fact).astimezone(at.zone).date()


def value_of(value: Any, kind: str, at: Standpoint | None) -> Any:
    """One value of a leaf, as facts are."""
    if kind == "text":
        return fold(value)
    if not isinstance(value, dict):
        return value
    assert at is not None
    here = at.now.astimezone(at.zone)
    if "start_of" in value:
        day = here.date()
        while not begins(value["start_of"], day):
            day -= dt.timedelta(days=1)
        moment = dt.datetime(day.year, day.month, day.day, tzinfo=at.zone)
    else:
        moment = moved(here, value["now"])
    return moment.date().isoformat() if kind == "date" else instant(moment)


def begins(part: str, day: dt.date) -> bool:
    return {
        "day": True,
        "week": day.isoweekday() == 1,
        "month": day.day == 1,
        "quarter": day.day == 1 and day.month in {1, 4, 7, 10},
        "year": (day.month, day.day) == (1, 1),
    }[part]


def instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat()[:19] + "Z"


def moved(here: dt.datetime, span: str) -> dt.datetime:
    sign, number, unit = re.fullmatch(r"([+-]?)(\d+)([a-z]+)", span).groups()  # type: ignore[union-attr]
    count = -int(number) if sign == "-" else int(number)
    if unit in {"min", "h"}:
        there = here.astimezone(dt.UTC) + dt.timedelta(minutes=count * (60 if unit == "h" else 1))
        return there.astimezone(here.tzinfo)
    if unit in {"d", "w"}:
        day = here.date() + dt.timedelta(days=count * (7 if unit == "w" else 1))
        return dt.datetime.combine(day, here.time(), here.tzinfo)
    year, month = here.year, here.month
    for _step in range(abs(count) * (12 if unit == "y" else 1)):
        month += 1 if count > 0 else -1
        if month in {0, 13}:
            year, month = (year - 1, 12) if month == 0 else (year + 1, 1)
    day_of_month = here.day
    while True:
        try:
            return dt.datetime.combine(dt.date(year, month, day_of_month), here.time(), here.tzinfo)
        except ValueError:
            day_of_month -= 1


def in_period(name: str, day: dt.date, today: dt.date) -> bool:
    which, _, part = name.rpartition("_")
    shift = {"yesterday": -1, "today": 0, "tomorrow": 1}.get(name, {"last": -1, "this": 0, "next": 1}.get(which))
    counted = {
        "week": lambda one: (one.toordinal() - one.weekday()) // 7,
        "month": lambda one: one.year * 12 + one.month,
        "quarter": lambda one: one.year * 4 + (one.month - 1) // 3,
        "year": lambda one: one.year,
    }.get(part, lambda one: one.toordinal())
    return counted(day) - counted(today) == shift


def leaf_holds(  # noqa: C901, PLR0911, PLR0912 - one line an operator
    leaf: Leaf, facts: Mapping[str, Any], at: Standpoint | None, before: Mapping[str, Any]
) -> bool:
    kind, name = leaf.field.kind, leaf.operator.name
    fact, was = answer(kind, facts.get(leaf.field.name)), answer(kind, before.get(leaf.field.name))
    plain = name not in {"is_within_last", "is_within_next", "is_in_period", "matches"} and leaf.value is not None
    values = (
        [value_of(one, kind, at) for one in (leaf.value if isinstance(leaf.value, tuple) else [leaf.value])]
        if plain
        else []
    )
    first = values[0] if values else leaf.value
    match name:
        case "is_empty":
            return fact is None
        case "changed":
            return fact != was
        case "changed_to":
            return fact == first and was != first
        case "changed_from":
            return was == first and fact != first
        case "was":
            return was == first
    if fact is None:
        return False
    match name:
        case "is_not_empty":
            return True
        case "is":
            return fact == first
        case "is_not":
            return fact != first
        case "is_any_of":
            return fact in values
        case "is_none_of":
            return fact not in values
        case "contains":
            return first in fact
        case "does_not_contain":
            return first not in fact
        case "starts_with":
            return fact[: len(first)] == first
        case "matches":
            return re.fullmatch(unicodedata.normalize("NFKC", leaf.value).casefold(), fact) is not None
        case "is_less_than" | "is_before":
            return fact < first
        case "is_at_least":
            return fact >= first
        case "is_after":
            return fact > first
        case "is_between":
            return first <= fact <= values[1]
        case "includes_any":
            return any(value in fact for value in values)
        case "includes_all":
            return all(value in fact for value in values)
        case "includes_none":
            return not any(value in fact for value in values)
        case "is_below" if kind == "place":
            return fact[: len(first)] == first
        case "is_below":
            return fact.split("/")[: len(first.split("/"))] == first.split("/")
    assert at is not None
    match name:
        case "is_me":
            return fact == at.user_id
        case "is_in_my_team":
            return fact in (at.team_ids if leaf.field.refers_to == "team" else at.colleague_ids)
        case "is_in_period":
            # What is no day, or the last of all days, is in no period.
            return fact[:1].isdigit() and fact[:4] != "9999" and in_period(leaf.value, local(kind, fact, at), at.today)
        case "is_within_last" | "is_within_next":
            here = at.now.astimezone(at.zone)
            other = moved(here, f"-{leaf.value}" if name == "is_within_last" else leaf.value)
            low, high = sorted([here, other], key=lambda one: one.timestamp())
            if kind == "date":
                return low.date().isoformat() <= fact <= high.date().isoformat()
            return instant(low) <= fact <= instant(high)
    raise AssertionError(name)


def holds(
    part: Group | Leaf,
    facts: Mapping[str, Any],
    at: Standpoint | None = None,
    before: Mapping[str, Any] | None = None,
) -> bool:
    if isinstance(part, Leaf):
        return leaf_holds(part, facts, at, before or {})
    answers = [holds(one, facts, at, before) for one in part.parts]
    if part.joint == "all":
        return all(answers)
    return any(answers) if part.joint == "any" else not any(answers)
