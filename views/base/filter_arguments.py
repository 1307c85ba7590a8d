"""The values filters are asked with, as their columns compare them. A REST list refuses what it cannot use."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, NoReturn

from dateutil import parser

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.numbers import read_decimal
from views.base.interface import HouseFilters, HouseInterface

_MANY: Final = frozenset({"in", "not_in"})
_EMPTY: Final = frozenset({"eq", "neq"})
_YES_NO: Final = {"y": True, "true": True, "1": True, "n": False, "false": False, "0": False}
_LARGEST: Final = 2**63 - 1


def usable_filter(datamodel: HouseInterface, offered: HouseFilters, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the filter with a value of the column's type; DomainError when it has none of what is offered."""
    column, operator, value = asked["col"], asked["opr"], asked["value"]
    operators = {one.arg_name for one in offered.get_search_filters().get(column, ())}
    if operator not in operators:
        _refuse(column)
    if operator in _MANY or (isinstance(value, list) and datamodel.is_relation(column)):
        items = value if isinstance(value, list) else [value]
        return {**asked, "value": [typed_value(datamodel, column, one) for one in items]}
    if value is None and operator in _EMPTY:
        return asked
    return {**asked, "value": typed_value(datamodel, column, value)}


def typed_value(datamodel: HouseInterface, column: str, value: Any) -> Any:
    """Return a filter's value as the column's type compares it; DomainError when it is none."""
    if value is None or isinstance(value, list):
        _refuse(column)
    if datamodel.is_relation(column):
        return _related(datamodel, column, value)
    if datamodel.is_boolean(column):
        truth = value if isinstance(value, bool) else _YES_NO.get(str(value).lower())
        return _refuse(column) if truth is None else truth
    if isinstance(value, bool):
        _refuse(column)
    if datamodel.is_integer(column):
        return _whole(column, value)
    if datamodel.is_date(column) or datamodel.is_datetime(column):
        return _moment(column, value, whole_day=datamodel.is_date(column))
    if datamodel.is_numeric(column) or datamodel.is_float(column):
        return _number(column, value)
    return str(value).replace("\x00", "")


def _related(datamodel: HouseInterface, column: str, value: Any) -> Any:
    """Return the key of a row of the other table."""
    other = datamodel.get_related_interface(column)
    key = _whole(column, value) if other.is_integer(other.get_pk_name()) else str(value)[:40]
    return _refuse(column) if datamodel.get_related_obj(column, key) is None else key


def _whole(column: str, value: Any) -> int:
    digits = str(value)
    if isinstance(value, bool) or not digits.removeprefix("-").isdecimal() or len(digits) > 19:  # noqa: PLR2004 - digits of 2^63
        _refuse(column)
    number = int(digits)
    return number if abs(number) <= _LARGEST else _refuse(column)


def _number(column: str, value: Any) -> Decimal:
    try:
        return read_decimal(str(value))
    except DomainError:
        _refuse(column)


def _moment(column: str, value: Any, *, whole_day: bool) -> date | datetime:
    try:
        found: datetime = parser.parse(str(value))
    except (ValueError, OverflowError):
        _refuse(column)
    if whole_day:
        return found.date()
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _refuse(column: str) -> NoReturn:
    message = _("The filter on “%(column)s” cannot be used with this value.", column=column[:60])
    raise DomainError(message, field="filters", code="bad_filter")
