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


# A new ticket's instants are mostly one, in several columns.
@lru_cache(maxsize=4096)
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


def encoded(table: Table, name: str, values: list[Any], dialect: str) -> list[Any]:
    """Return one column's values as the driver takes them."""
    encode = encoder(table, name, dialect)
    return values if encode is None else [encode(value) for value in values]


def insert(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``; a name a row lacks is NULL, and one that all lack is not said at all."""
    if rows:
        dialect = connection.dialect.name
        held = set().union(*rows)
        names = [name for name in names if name in held]
        columns = [encoded(table, name, [row.get(name) for row in rows], dialect) for name in names]
        insert_encoded(connection, table, names, list(zip(*columns, strict=True)))


def insert_encoded(
    connection: Connection, table: Table, names: Sequence[str], records: Sequence[tuple[Any, ...]]
) -> None:
    """Insert records whose values are as the driver takes them already."""
    if not records:
        return
    listed = ", ".join(f'"{name}"' for name in names)
    sqlite = connection.dialect.name == "sqlite"
    if sqlite or len(records) < COPY_FROM:
        marks = ", ".join(["?" if sqlite else "%s"] * len(names))
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({listed}) VALUES ({marks})', list(records))  # noqa: S608 - names of our own columns
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


def upsert(
    connection: Connection,
    table: Table,
    key: Sequence[str],
    names: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    where: str,
) -> None:
    """Insert ``rows``, no two of one ``key``; a row that is there already takes over what is not its key.

    It does so where ``where`` holds, our own SQL of the row that is there and of ``excluded``, the new one.
    """
    if not rows:
        return
    dialect = connection.dialect.name
    columns = [encoded(table, name, [row[name] for row in rows], dialect) for name in names]
    statement = _upsert(table, tuple(key), tuple(names), where, dialect)
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)) if dialect == "sqlite" else tuple(columns))


@lru_cache(maxsize=64)
def _upsert(table: Table, key: tuple[str, ...], names: tuple[str, ...], where: str, dialect: str) -> str:
    marks = ", ".join("?" if dialect == "sqlite" else f"%s::{_array_of(table, name)}[]" for name in names)
    rows = f"VALUES ({marks})" if dialect == "sqlite" else f"SELECT * FROM unnest({marks})"  # noqa: S608 - marks and types
    listed, held = (", ".join(f'"{name}"' for name in some) for some in (names, key))
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in key)
    return f'INSERT INTO "{table.name}" ({listed}) {rows} ON CONFLICT ({held}) DO UPDATE SET {sets} WHERE {where}'


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
    connection: Connection, table: Table, ids: Sequence[int], seen: Sequence[int], columns: Mapping[str, list[Any]]
) -> set[int]:
    """Write ``columns`` (a list of values each) of rows, each only where its version is the one ``seen``.

    Return the ids written. What is equal for all rows is said once; the rest comes by a join.
    """
    dialect = connection.dialect.name
    shared = {name: encoded(table, name, values[:1], dialect)[0] for name, values in columns.items() if _equal(values)}
    single = {name: encoded(table, name, values, dialect) for name, values in columns.items() if name not in shared}
    if dialect == "postgresql":
        statement = _update_by_join(table, tuple(shared), tuple(single))
        given = (*shared.values(), list(ids), list(seen), *single.values())
        return set(connection.exec_driver_sql(statement, given).scalars())
    if single or not _equal(seen):
        statement = _update_one(table, (*shared, *single))
        records = [(*shared.values(), *record) for record in zip(*single.values(), ids, seen, strict=True)]
        result = connection.exec_driver_sql(statement, records)
    else:
        statement = _update_all(table, tuple(shared))
        result = connection.exec_driver_sql(statement, (*shared.values(), seen[0], orjson.dumps(ids).decode()))
    return set(ids) if result.rowcount == len(ids) else _still(connection, table, ids, columns["version"])


def _equal(values: Sequence[Any]) -> bool:
    first = values[0]
    return all(value is first or value == first for value in values)


@lru_cache(maxsize=512)
def _update_by_join(table: Table, shared: tuple[str, ...], single: tuple[str, ...]) -> str:
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


@lru_cache(maxsize=512)
def _update_one(table: Table, names: tuple[str, ...]) -> str:
    sets = ", ".join(f'"{name}" = ?' for name in names)
    return f'UPDATE "{table.name}" SET {sets} WHERE id = ? AND version = ?'  # noqa: S608 - names of our own columns


@lru_cache(maxsize=512)
def _update_all(table: Table, names: tuple[str, ...]) -> str:
    sets = ", ".join(f'"{name}" = ?' for name in names)
    return f'UPDATE "{table.name}" SET {sets} WHERE version = ? AND id IN (SELECT value FROM json_each(?))'  # noqa: S608 - names of our own columns


def _array_of(table: Table, name: str) -> str:
    kind = table.c[name].type
    if isinstance(kind, Json):
        return "text"
    if isinstance(kind, UtcDateTime):
        return "timestamptz"
    return _ARRAYS.get(kind.__visit_name__, "text")


def _still(connection: Connection, table: Table, ids: Sequence[int], versions: Sequence[int]) -> set[int]:
    """Return which rows of an incomplete write hold their new version."""
    wanted = dict(zip(ids, versions, strict=True))
    marks = ", ".join("?" * len(wanted))
    found = connection.exec_driver_sql(f'SELECT id, version FROM "{table.name}" WHERE id IN ({marks})', tuple(wanted))  # noqa: S608 - our own table
    return {one for one, version in found if wanted[one] == version}
