"""Columns of days and instants as conditions compare them: with texts, by the second."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from sqlalchemy import Date, Dialect, and_, false, not_, or_
from sqlalchemy.sql.operators import in_op, not_in_op
from sqlalchemy.types import TypeDecorator

from app.core.columns import UtcDateTime

_SECOND: Final = timedelta(seconds=1)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)


class Day(TypeDecorator[str]):
    """A column of dates, compared with ``YYYY-MM-DD``."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - contract
        return None if value is None else date.fromisoformat(value)


class BySecond(TypeDecorator[str]):
    """A column of instants finer than a second, compared with ``YYYY-MM-DDTHH:MM:SSZ`` as if it were not.

    A second of a condition is all that happens in it, so each comparison is with where it begins or ends: the column
    itself is compared, and an index on it serves.
    """

    impl = UtcDateTime
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - contract
        # The comparisons below have made an instant of each text.
        return value

    class comparator_factory(TypeDecorator.Comparator[str]):  # noqa: N801 - SQLAlchemy's contract
        """Comparisons with seconds."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            compare = super().operate
            if op in _BY_SECOND and isinstance(other[0], str):
                return _BY_SECOND[op](compare, _instant(other[0]))
            if op in {in_op, not_in_op}:
                one_of = or_(false(), *(_within(compare, _instant(one)) for one in sorted(other[0])))
                return one_of if op is in_op else not_(one_of)
            return compare(op, *other, **kwargs)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _next(moment: datetime) -> datetime:
    return moment + _SECOND if moment <= _LATEST - _SECOND else _LATEST


def _within(operate: Any, moment: datetime) -> Any:
    return and_(operate(ge, moment), operate(lt, _next(moment)))


_BY_SECOND: Final[Mapping[Any, Callable[[Any, datetime], Any]]] = {
    lt: lambda operate, moment: operate(lt, moment),
    ge: lambda operate, moment: operate(ge, moment),
    le: lambda operate, moment: operate(lt, _next(moment)),
    gt: lambda operate, moment: operate(ge, _next(moment)),
    eq: _within,
    ne: lambda operate, moment: not_(_within(operate, moment)),
}
