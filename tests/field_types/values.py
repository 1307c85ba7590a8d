"""Strategies of canonical values, per field type."""

import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import assume
from hypothesis import strategies as st

from app.core.text import clean_text
from tests.factories.field_types import bound
from ticket_templates.field_types.base import FieldType
from ticket_templates.field_types.choice import COLOURS

WHOLE = st.integers(-(10**15), 10**15)
KEYS = [option.key for option in COLOURS if not option.retired]


def texts(limit: int, *, lines: bool = False) -> st.SearchStrategy[str]:
    """Texts as they are stored."""
    raw = st.text(max_size=60)
    return raw.map(lambda text: clean_text(text, limit=limit, lines=lines)).filter(bool)


def instants() -> st.SearchStrategy[str]:
    moments = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001

    def once(moment: datetime) -> str:
        # Of an hour the clocks show twice a form shows the first only.
        assume(moment.astimezone(ZoneInfo("Asia/Shanghai")).fold == 0)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    # When Shanghai went by the sun, by an offset with seconds.
    return st.just("1900-01-02T00:00:00Z") | moments.map(once)


def in_order(keys: list[str]) -> list[str]:
    return [key for key in KEYS if key in keys]


STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "text": texts(200),
    "long_text": texts(4000, lines=True),
    "integer": WHOLE,
    "decimal": WHOLE,
    "money": WHOLE,
    "date": st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat),
    "datetime": instants(),
    "yes_no": st.booleans(),
    "choice": st.sampled_from(KEYS),
    "radio": st.sampled_from(KEYS),
    "choices": st.lists(st.sampled_from(KEYS), min_size=1, unique=True).map(in_order),
    "phone": st.integers(13000000000, 13999999999).map(lambda n: f"+86{n}"),
    "time": st.times().map(lambda time: time.strftime("%H:%M")),
    "duration": st.integers(0, 366 * 24 * 60),
    "rating": st.integers(1, 5),
    "cascade": st.sampled_from(["washer/drum/noise/bearing", "fridge/leak", "tv/power"]),
    "email": st.from_regex(r"[a-z0-9]{1,20}(\.[a-z]{1,9})?@[a-z]{2,20}\.(com|cn)", fullmatch=True),
    "url": st.from_regex(r"https?://[a-z]{1,20}\.com(/[a-z0-9%20]{0,20})?(\?[a-z]=[0-9])?", fullmatch=True).filter(
        lambda url: not re.search("%(?![0-9a-f]{2})", url)
    ),
    "barcode": st.from_regex(r"[A-Z0-9][A-Z0-9._/+*#:-]{0,59}", fullmatch=True),
    "user": st.just(5),
    "team": st.just(3),
    "customer": st.just(7),
    "product": st.just(2),
    "installed_product": st.just(9),
    "part": texts(200),
    "signature": st.just(12),
    "rich_text": texts(20_000, lines=True),
    "address": st.fixed_dictionaries({"line": texts(300)}, optional={"region": st.sampled_from(["110101", "11"])}),
    "location": st.fixed_dictionaries(
        {"lat": st.integers(-90_000_000, 90_000_000), "lng": st.integers(-180_000_000, 180_000_000)},
        optional={"accuracy": st.integers(0, 100_000)},
    ),
    "table": st.lists(
        st.fixed_dictionaries({"part": texts(200)}, optional={"qty": st.integers(1, 9), "state": st.just("new")}),
        min_size=1,
        max_size=5,
    ),
    "file": st.lists(st.sampled_from([12, 13]), min_size=1, unique=True),
}


def canonical_values(cls: type[FieldType]) -> tuple[FieldType, st.SearchStrategy[Any]]:
    """Return a bound type and the strategy of its canonical values."""
    case = next(case for case in cls.cases if case.value is not None)
    options = COLOURS if cls.name in {"choice", "choices", "radio"} else case.options
    plain = {name: value for name, value in case.settings.items() if name in {"columns", "formula", "result"}}
    return bound(cls.name, plain, options), STRATEGIES[cls.name]
