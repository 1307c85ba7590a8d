"""The fastest way each driver has to write many rows; values are encoded here, so no type decorator runs per cell."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, Table
from sqlalchemy.exc import IntegrityError

from app.core.columns import Json, UtcDateTime, instant_text

#: Dearer than a plain INSERT to set up, cheaper per row.
COPY_FROM = 20
_ARRAYS = {"big_integer": "bigint", "small_integer": "smallint", "integer": "integer", "boolean": "boolean"}

Encoder = Callable[[Any], Any] | None


def encoded_json(value: Any) -> str | None:
    """Return JSON as both databases take it; the same text for the same document."""
    return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


@lru_cache(maxsize=64)
def _instant(value: datetime) -> str:
    return instant_text(value)


def _optional_instant(value: datetime | None) -> str | None:
    return None if value is None else _instant(value)


@cache
def encoder(table: Table, name: str, dialect: str) -> Encoder:
    """Return what turns a value into the driver's; None: nothing to do."""
    kind = table.c[name].type
    if isinstance(kind, Json):
        return encoded_json
    if isinstance(kind, UtcDateTime) and dialect == "sqlite":
        return _optional_instant
    return None


def columns_of(rows: Sequence[Mapping[str, Any]], table: Table, names: Sequence[str], dialect: str) -> list[list[Any]]:
    """Return the rows turned by a quarter: one list a column, encoded."""
    columns = []
    for name in names:
        encode = encoder(table, name, dialect)
        values = [row.get(name) for row in rows]
        columns.append(values if encode is None else [encode(value) for value in values])
    return columns


def insert(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``; a name a row lacks is NULL."""
    if not rows:
        return
    dialect = connection.dialect.name
    records = list(zip(*columns_of(rows, table, names, dialect), strict=True))
    listed = ", ".join(f'"{name}"' for name in names)
    if dialect == "sqlite":
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({listed}) VALUES ({marks})', records)  # noqa: S608 - names of our own columns
    elif len(records) < COPY_FROM:
        marks = ", ".join(["%s"] * len(names))
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({listed}) VALUES ({marks})', records)  # noqa: S608 - names of our own columns
    else:
        _copy(connection, f'COPY "{table.name}" ({listed}) FROM STDIN', records)


def _copy(connection: Connection, statement: str, records: Sequence[tuple[Any, ...]]) -> None:
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for record in records:
                copy.write_row(record)
    except connection.dialect.loaded_dbapi.IntegrityError as error:
        raise IntegrityError(statement, None, error) from error
    finally:
        cursor.close()


def next_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Return ``count`` ids nobody else will get, in order."""
    if connection.dialect.name == "sqlite":
        # The write lock is held: nobody can come between.
        last = connection.exec_driver_sql(f'SELECT coalesce(max(id), 0) FROM "{table.name}"').scalar_one()  # noqa: S608 - our own table
        return list(range(last + 1, last + 1 + count))
    drawn = connection.exec_driver_sql(
        f"SELECT nextval(pg_get_serial_sequence('{table.name}', 'id')) FROM generate_series(1, %s)",  # noqa: S608 - our own table
        (count,),
    )
    return sorted(drawn.scalars())


def update(
    connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]], seen: Sequence[int]
) -> set[int]:
    """Write columns of rows by id, each only where its version is still the one ``seen``; return the ids written.

    What is equal for all rows is said once; the rest comes by a join.
    """
    dialect = connection.dialect.name
    columns = dict(zip(("id", *names), columns_of(rows, table, ("id", *names), dialect), strict=True))
    shared = [name for name in names if _all_equal(columns[name])]
    single = [name for name in names if name not in shared]
    statement = _update_statement(table, tuple(shared), tuple(single), dialect)
    constants = [columns[name][0] for name in shared]
    if dialect == "sqlite":
        records = zip(*(columns[name] for name in single), columns["id"], seen, strict=True)
        result = connection.exec_driver_sql(statement, [(*constants, *record) for record in records])
        if result.rowcount == len(rows):
            return set(columns["id"])
        return _still(connection, table, rows)
    written = connection.exec_driver_sql(
        statement, (*constants, columns["id"], list(seen), *(columns[name] for name in single))
    )
    return set(written.scalars())


def _all_equal(values: list[Any]) -> bool:
    return values.count(values[0]) == len(values)


@lru_cache(maxsize=512)
def _update_statement(table: Table, shared: tuple[str, ...], single: tuple[str, ...], dialect: str) -> str:
    if dialect == "sqlite":
        sets = ", ".join(f'"{name}" = ?' for name in (*shared, *single))
        return f'UPDATE "{table.name}" SET {sets} WHERE id = ? AND version = ?'  # noqa: S608 - names of our own columns
    casts = {name: "::jsonb" if isinstance(table.c[name].type, Json) else "" for name in (*shared, *single)}
    sets = ", ".join(
        [f'"{name}" = %s{casts[name]}' for name in shared] + [f'"{name}" = n."{name}"{casts[name]}' for name in single]
    )
    arrays = ", ".join(f"%s::{_array_of(table, name)}[]" for name in ("id", "version", *single))
    listed = ", ".join(f'"{name}"' for name in ("id", "seen", *single))
    return (
        f'UPDATE "{table.name}" AS t SET {sets} FROM unnest({arrays}) AS n({listed})'  # noqa: S608 - names of our own columns
        " WHERE t.id = n.id AND t.version = n.seen RETURNING t.id"
    )


def _array_of(table: Table, name: str) -> str:
    kind = table.c[name].type
    if isinstance(kind, Json):
        return "text"
    if isinstance(kind, UtcDateTime):
        return "timestamptz"
    return _ARRAYS.get(kind.__visit_name__, "text")


def _still(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return which rows of an incomplete write hold their new version."""
    wanted = {row["id"]: row["version"] for row in rows}
    marks = ", ".join("?" * len(wanted))
    found = connection.exec_driver_sql(f'SELECT id, version FROM "{table.name}" WHERE id IN ({marks})', tuple(wanted))  # noqa: S608 - our own table
    return {one for one, version in found if wanted[one] == version}
