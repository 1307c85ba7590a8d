"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Integer, String, Text, cast
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.core.keyring import KEYRING
from app.core.numbers import LARGEST_KEY, LARGEST_SMALL_KEY, whole_in

#: No key that is a text, such as the code of a region, is longer.
_LONGEST_KEY: Final = 100
#: The one name in a document as `SealedJson` stores it.
_SEALED: Final = "sealed"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. `timestamptz` on PostgreSQL; on SQLite text of fixed width, so that order is text order."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time cannot be stored: {value}")
        if dialect.name == "postgresql":
            return value
        return instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            moment: datetime = value
            return moment.astimezone(UTC)
        return datetime.fromisoformat(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        # One call a cell instead of the decorator's three: lists and batches read many.
        return _read_instant if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def instant_text(value: datetime) -> str:
    """Return the fixed-width text SQLite stores: ``2026-11-21T08:30:00.000000Z``."""
    return f"{value.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


def _read_instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _read_json(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)


class Json(TypeDecorator[Any]):
    """A JSON document: JSONB on PostgreSQL, text on SQLite. A value is replaced as a whole, never mutated."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            # None stays SQL NULL, so that "unanswered" has one form.
            return dialect.type_descriptor(JSONB(none_as_null=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return orjson.loads(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _read_json if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


class SealedJson(Json):
    """A JSON document that may name a person, encrypted at rest as a whole; what was stored before that is read too."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else super().process_bind_param(_sealed(value), dialect)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        document = super().process_result_value(value, dialect)
        if not isinstance(document, dict) or document.keys() != {_SEALED}:
            return document
        return orjson.loads(KEYRING.decrypt(document[_SEALED]))

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return TypeDecorator.result_processor(self, dialect, coltype)


def is_in_the_clear(column: Any) -> ColumnElement[bool]:
    """Return whether a column of `SealedJson` holds what was stored before it was sealed."""
    return cast(column, Text).not_like(f'{{"{_SEALED}":%')


def _sealed(document: Any) -> dict[str, str]:
    return {_SEALED: KEYRING.encrypt(orjson.dumps(document).decode())}


class Encrypted(TypeDecorator[str]):
    """Personal text, encrypted at rest; it can be read back, never searched (see `Keyring.blind_index`)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - contract
        return None if value is None else KEYRING.encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - contract
        return None if value is None else KEYRING.decrypt(value)


def key_of(kind: Any, text: str) -> int | str | None:
    """Return ``text`` as a key column of that type holds it; None when it cannot be one: PostgreSQL would fail."""
    if not isinstance(kind, Integer):
        return text if len(text) <= _LONGEST_KEY and "\0" not in text else None
    return whole_in(text, LARGEST_KEY if isinstance(kind, BigInteger) else LARGEST_SMALL_KEY)
