"""Answers in JSON documents as SQL reads them: of their kind, or NULL, with no cast that could fail.

Each reading is told the document and the place of the answer twice, as SQLite writes it (``'$."brand"'``) and as
PostgreSQL does (``'brand'``). The place stands in the statement as it is, so that an index on it serves.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import orjson
from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, String, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class JsonKey(TypeDecorator[Any]):
    """A key in a document, a number or a text: `7` is not `"7"`."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    class OfColumn(TypeDecorator[Any]):
        """A column of numbers as keys: no text is one of them."""

        impl = BigInteger
        cache_ok = True

        def process_bind_param(self, value: Any, dialect: Dialect) -> int:  # noqa: ARG002 - contract
            return value if type(value) is int else -1


class _Reading(FunctionElement[Any]):
    """One reading. ``{d}`` is the document; ``{p}`` SQLite's path; ``{v}`` PostgreSQL's value, ``{t}`` its text."""

    sqlite: ClassVar[str]
    postgresql: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        # A reading is told apart by its class and what it is told: SQLAlchemy asks each class to say so.
        cls.inherit_cache = True
        super().__init_subclass__(**options)


@compiles(_Reading, "sqlite")
def _on_sqlite(element: _Reading, compiler: Any, **kwargs: Any) -> str:
    document, path, *more = (compiler.process(one, **kwargs) for one in element.clauses)
    return element.sqlite.format(*more[1:], d=document, p=path)


@compiles(_Reading)
def _on_postgresql(element: _Reading, compiler: Any, **kwargs: Any) -> str:
    document, _path, steps, *more = (compiler.process(one, **kwargs) for one in element.clauses)
    above, _arrow, last = f"{document} -> {steps}".rpartition(" -> ")
    return element.postgresql.format(*more, d=document, v=f"({above} -> {last})", t=f"({above} ->> {last})")


class text_in(_Reading):  # noqa: N801 - reads like the SQL function it is
    """A text, folded."""

    type = String()
    sqlite = "CASE json_type({d}, {p}) WHEN 'text' THEN nullif(folded(json_extract({d}, {p})), '') END"
    postgresql = "CASE jsonb_typeof({v}) WHEN 'string' THEN nullif(folded({t}), '') END"


class exact_in(_Reading):  # noqa: N801 - as above
    """A text that is compared as it is; it sorts by code point."""

    type = String()
    sqlite = "CASE json_type({d}, {p}) WHEN 'text' THEN nullif(json_extract({d}, {p}), '') END"
    postgresql = """(CASE jsonb_typeof({v}) WHEN 'string' THEN nullif({t}, '') END COLLATE "C")"""


class whole_in(_Reading):  # noqa: N801 - as above
    """A whole number."""

    type = BigInteger()
    sqlite = "CASE json_type({d}, {p}) WHEN 'integer' THEN json_extract({d}, {p}) END"
    postgresql = "CASE jsonb_typeof({v}) WHEN 'number' THEN ({t})::numeric END"


class truth_in(_Reading):  # noqa: N801 - as above
    """Yes or no."""

    type = Boolean()
    sqlite = "CASE json_type({d}, {p}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"
    postgresql = "CASE jsonb_typeof({v}) WHEN 'boolean' THEN ({t})::boolean END"


class key_in(_Reading):  # noqa: N801 - as above
    """The key of a thing."""

    type = JsonKey()
    sqlite = (
        "CASE json_type({d}, {p}) WHEN 'integer' THEN json_extract({d}, {p})"
        " WHEN 'text' THEN nullif(json_extract({d}, {p}), '') END"
    )
    postgresql = """CASE WHEN jsonb_typeof({v}) IN ('number', 'string') THEN nullif({v}, '""') END"""


class anything_in(_Reading):  # noqa: N801 - as above
    """Whatever is there, but nothing that is empty."""

    type = String()
    sqlite = (
        "CASE json_type({d}, {p}) WHEN 'text' THEN nullif(json_extract({d}, {p}), '')"
        " ELSE nullif(nullif(json_extract({d}, {p}), '[]'), '{{}}') END"
    )
    postgresql = (
        "CASE WHEN jsonb_typeof({v}) = 'null' THEN NULL WHEN {v} NOT IN ('\"\"', '[]', '{{}}') THEN ({v})::text END"
    )


class _some_key_in(_Reading):  # noqa: N801 - as above
    """Whether a list holds a key at all."""

    type = Boolean()
    sqlite = (
        "(json_type({d}, {p}) = 'array' AND EXISTS"
        " (SELECT 1 FROM json_each({d}, {p}) AS one WHERE one.type = 'text' AND one.value <> ''))"
    )
    postgresql = (
        "(jsonb_typeof({v}) = 'array' AND"
        """ jsonb_path_exists({v}, '$[*] ? (@.type() == "string" && @ != "")'))"""
    )


class _one_of_keys_in(_Reading):  # noqa: N801 - as above
    """Whether a list holds one of the keys given."""

    type = Boolean()
    sqlite = (
        "(json_type({d}, {p}) = 'array' AND EXISTS (SELECT 1 FROM json_each({d}, {p}) AS one"
        " WHERE one.type = 'text' AND one.value IN (SELECT value FROM json_each({0}))))"
    )
    postgresql = "(jsonb_typeof({v}) = 'array' AND jsonb_exists_any({v}, {0}))"


class _KeyList(TypeDecorator[Any]):
    """Keys as one parameter: an array, or a JSON list where there are no arrays."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Text()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else orjson.dumps(value).decode()


#: How each reading of `app.conditions.kinds` is done in SQL.
READINGS: Final[Mapping[str, type[_Reading]]] = {
    "text": text_in,
    "exact": exact_in,
    "whole": whole_in,
    "truth": truth_in,
    "key": key_in,
    "anything": anything_in,
}


def overlapping(place: tuple[Any, ...], keys: Sequence[str] | None) -> ColumnElement[bool]:
    """Return whether the list at a place holds one of ``keys``; None: any key at all."""
    if keys is None:
        return _some_key_in(*place)
    return _one_of_keys_in(*place, bindparam(None, list(keys), _KeyList(), unique=True))
