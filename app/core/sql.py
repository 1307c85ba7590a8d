"""SQL that both databases understand differently: texts folded for comparing, one language of a label."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, and_, case, func, literal, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from app.core.columns import UtcDateTime
from app.core.db import folded
from app.core.i18n import LOCALES


class folded_text(FunctionElement[str]):  # noqa: N801 - reads like the SQL function it is
    """A column in the form of `app.core.db.folded`, worked out row by row: for tables of reference data."""

    type = String()
    inherit_cache = True
    name = "folded_text"


@compiles(folded_text)
def _folded(element: Any, compiler: Any, **kwargs: Any) -> str:
    # SQLite's is Python's own (`app.core.db`), PostgreSQL's is made by migration 0006.
    return f"folded({compiler.process(element.clauses, **kwargs)})"


class minutes_between(FunctionElement[int]):  # noqa: N801 - reads like the SQL function it is
    """Whole minutes from one instant to another, of which only the seconds count; towards zero where it is past."""

    type = BigInteger()
    inherit_cache = True
    name = "minutes_between"

    def __init__(self, begin: Any, end: Any) -> None:
        super().__init__(*(literal(one, UtcDateTime()) if isinstance(one, datetime) else one for one in (begin, end)))


@compiles(minutes_between, "sqlite")
def _minutes_sqlite(element: Any, compiler: Any, **kwargs: Any) -> str:
    begin, end = (compiler.process(one, **kwargs) for one in element.clauses)
    # The text to its seconds: the function itself rounds what is finer.
    seconds = "CAST(strftime('%s', substr({}, 1, 19)) AS INTEGER)"
    return f"(({seconds.format(end)} - {seconds.format(begin)}) / 60)"


@compiles(minutes_between)
def _minutes(element: Any, compiler: Any, **kwargs: Any) -> str:
    begin, end = (f"floor(extract(epoch FROM {compiler.process(one, **kwargs)}))" for one in element.clauses)
    return f"(CAST({end} - {begin} AS BIGINT) / 60)"


class _text_at(FunctionElement[str]):  # noqa: N801 - reads like the SQL function it is
    """The text under a key of a JSON object, NULL where there is none."""

    type = String()
    inherit_cache = True
    name = "text_at"


@compiles(_text_at, "sqlite")
def _text_at_sqlite(element: Any, compiler: Any, **kwargs: Any) -> str:
    document, key = (compiler.process(one, **kwargs) for one in element.clauses)
    return f"json_extract({document}, '$.' || {key})"


@compiles(_text_at)
def _text_at_key(element: Any, compiler: Any, **kwargs: Any) -> str:
    document, key = (compiler.process(one, **kwargs) for one in element.clauses)
    return f"({document} ->> CAST({key} AS TEXT))"


def contains(column: Any, typed: str) -> ColumnElement[bool]:
    """Return whether a text contains what was typed: width and case of letters do not matter, wildcards are texts."""
    return folded_text(column).contains(folded(typed), autoescape=True)


def label_text(labels: Any, locale: str) -> ColumnElement[str]:
    """Return what readers of ``locale`` are shown of a column of labels; see `app.core.i18n.label_in`."""
    return func.coalesce(*(_text_at(labels, one) for one in (locale, *(one for one in LOCALES if one != locale))))


def label_contains(labels: Any, typed: str) -> ColumnElement[bool]:
    """Return whether a label contains what was typed, in any language."""
    return or_(*(contains(_text_at(labels, one), typed) for one in LOCALES))


def holds(dialect: str, document: Any, part: Any) -> ColumnElement[bool]:
    """Return whether a JSON document holds a part of its own form, as PostgreSQL understands it (``@>``).

    Keys of objects are there with what they hold, every part of a list is in some place; a number is no text.
    """
    if dialect == "postgresql":
        found: ColumnElement[bool] = type_coerce(document, JSONB()).contains(part)
        return found
    return _held(type_coerce(document, String()), "$", part)


def _held(document: Any, path: str, part: Any) -> ColumnElement[bool]:
    if isinstance(part, Mapping):
        is_object = func.json_type(document, path) == "object"
        return and_(is_object, *(_held(document, f'{path}."{key}"', one) for key, one in part.items()))
    if isinstance(part, list):
        is_list = func.json_type(document, path) == "array"
        return and_(is_list, *(_in_some_place(document, path, one) for one in part))
    found: ColumnElement[bool] = func.json_extract(document, path) == literal(part)
    return found


def _in_some_place(document: Any, path: str, part: Any) -> ColumnElement[bool]:
    each = func.json_each(document, path).table_valued("value", "type")
    if not isinstance(part, Mapping | list):
        held: ColumnElement[bool] = each.c.value == literal(part)
    else:
        # What is no object or list is no JSON by itself, and reading it as such would fail.
        held = case((each.c.type.in_(("object", "array")), _held(each.c.value, "$", part)), else_=False)
    return select(literal(1)).select_from(each).where(held).exists()
