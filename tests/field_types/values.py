"""Strategies of canonical values, per field type."""

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

    return moments.map(once)


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
    "file": st.lists(st.sampled_from([12, 13]), min_size=1, unique=True),
}


def canonical_values(cls: type[FieldType]) -> tuple[FieldType, st.SearchStrategy[Any]]:
    """Return a bound type and the strategy of its canonical values."""
    case = next(case for case in cls.cases if case.value is not None)
    options = COLOURS if cls.name in {"choice", "choices", "radio"} else case.options
    plain = {name: value for name, value in case.settings.items() if name in {"columns", "formula", "result"}}
    return bound(cls.name, plain, options), STRATEGIES[cls.name]
