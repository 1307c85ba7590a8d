"""What a list is asked for by its address, brought within bounds: never an error.

What names no column, comparison or page is ignored. A value that a column cannot be compared with is said at its
filter, and the list is empty: a list of everything would be taken for the one that was asked for.
"""

import re
from typing import Any, Final

from flask import request
from sqlalchemy import false
from werkzeug.datastructures import MultiDict

from app.core.errors import DomainError
from app.core.numbers import whole_in
from views.base.filter_arguments import typed_value
from views.base.interface import COUNT_LIMIT, HouseFilters

PAGE_SIZES: Final = (10, 25, 50, 100)
LONGEST_VALUE: Final = 200
#: Nobody turns to a later one.
LAST_PAGE: Final = 999_999
#: Comparisons that need a value of the column's type; Flask-AppBuilder takes "True" for a text.
_COMPARED: Final = frozenset({"eq", "neq", "gt", "lt", "rel_o_m", "nrel_o_m"})
_FILTER: Final = re.compile(r"_flt_(\d{1,2})_([A-Za-z_][\w.]*)")


def numbers(prefix: str) -> dict[str, int]:
    """Return ``{view name: number}`` of the arguments ``<prefix><view name>``."""
    found = {}
    for name, value in request.args.items():
        if name.startswith(prefix) and (number := whole_in(value, LAST_PAGE)) is not None:
            found[name.removeprefix(prefix)] = number
    return found


def orders() -> dict[str, tuple[str, str]]:
    """Return ``{view name: (column, "asc" or "desc")}``; the view still checks the column against its own."""
    found = {}
    for name, column in request.args.items():
        direction = request.args.get(f"_od_{name.removeprefix('_oc_')}")
        if name.startswith("_oc_") and direction in {"asc", "desc"}:
            found[name.removeprefix("_oc_")] = (column, str(direction))
    return found


def page_of(page: int | None, size: int) -> int:
    """Return the page within what is counted; further rows are reached by filtering or sorting."""
    return min(max(page or 0, 0), COUNT_LIMIT // size)


def last_page(count: int, size: int) -> int:
    """Return the last page of so many rows, counted from 0."""
    return max(0, count - 1) // size


def size_of(size: int | None, usual: int) -> int:
    """Return one of the sizes offered."""
    return size if size in PAGE_SIZES else usual


def add_filters(filters: HouseFilters) -> None:
    """Add the filters the address names (``_flt_<which>_<column>``) and the view offers."""
    offered: dict[str, list[Any]] = filters.get_search_filters()
    for name in request.args:
        match = _FILTER.fullmatch(name)
        if not match:
            continue
        which, column = int(match[1]), match[2]
        values: list[Any] = [value[:LONGEST_VALUE].replace("\x00", "") for value in request.args.getlist(name)[:10]]
        if which < len(offered.get(column, ())):
            if offered[column][which].arg_name in _COMPARED:
                values = _typed(filters, offered[column][which].arg_name, column, values)
            if values:
                filters.add_filter_index(column, which, values)
        elif any(one.strip() for one in values):
            filters.strange.append(name)
    if filters.unread or filters.strange:
        filters.conditions.append(false())


def _typed(filters: HouseFilters, how: str, column: str, values: list[str]) -> list[Any]:
    """Return the values as the column's; those that are none are noted, but one that was left empty asks nothing."""
    found = []
    for one in values:
        try:
            found.append(typed_value(filters.datamodel, column, one))
        except DomainError:
            if one.strip():
                filters.unread[column] = (how, one)
    return [] if column in filters.unread else found


def filter_values() -> MultiDict[str, str]:
    """Return ``{column: value}`` of the filters the address names, to fill the search form with."""
    found = ((_FILTER.fullmatch(name), value) for name, value in request.args.items(multi=True))
    return MultiDict([(match[2], value[:LONGEST_VALUE]) for match, value in found if match])
