"""How fields are read in SQL: from a column, an answer in a JSON document, a row of another table.

A source puts a question about its fact into the statement. The fact it hands over is NULL where the field is not
answered, and of the form its kind compares, exactly as `app.conditions.kinds` reads it in Python.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, and_, exists, func, literal_column, not_, select, type_coerce
from sqlalchemy.types import BigInteger, TypeEngine

from app.conditions.json_facts import READINGS, JsonKey, anything_in, overlapping
from app.conditions.kinds import Kind
from app.conditions.moments import BySecond, Day
from app.conditions.standpoint import Standpoint
from app.core.sql import folded_text

#: As what a column is compared with what leaves want; other kinds are texts and truths, in columns too.
_COMPARED: Final[Mapping[str, Callable[[], TypeEngine[Any]]]] = {
    "number": BigInteger,
    "money": BigInteger,
    "reference": JsonKey.OfColumn,
    "date": Day,
    "datetime": BySecond,
}

Question = Callable[[Any], ColumnElement[bool]]
ChangeQuestion = Callable[[Any, Any], ColumnElement[bool]]

#: Names within a document: of fields (`state`, `values.brand`), never anything JSON paths would read as more.
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


class Source(Protocol):
    """Where a field is read."""

    def where(self, kind: Kind, asks: Question, at: Standpoint | None) -> ColumnElement[bool]:
        """Return the question, asked of the row at hand; it may be NULL where the field is not answered."""


class History(Protocol):
    """Where what a field was is read."""

    def where(self, kind: Kind, asks: ChangeQuestion) -> ColumnElement[bool]:
        """Return whether some change of the row at hand answers the question (of what was, and what then was) yes."""


class Keys:
    """Base of the facts of fields with several keys, which no column alone can be."""

    __slots__ = ()

    @property
    def answered(self) -> ColumnElement[bool]:
        """Whether there is a key at all."""
        raise NotImplementedError

    def overlaps(self, keys: Iterable[str]) -> ColumnElement[bool]:
        """Whether one of ``keys`` is among them."""
        raise NotImplementedError


def answered(fact: Any) -> ColumnElement[bool]:
    """Whether there is a fact."""
    found: ColumnElement[bool] = fact.answered if isinstance(fact, Keys) else fact.is_not(None)
    return found


@dataclass(frozen=True, slots=True)
class Stored:
    """A column of the table. ``folded``: it holds its text folded already."""

    column: Any
    folded: bool = False

    def where(self, kind: Kind, asks: Question, at: Standpoint | None) -> ColumnElement[bool]:
        del at
        return asks(self._fact(kind))

    def _fact(self, kind: Kind) -> Any:
        if kind.reading == "text":
            return func.nullif(self.column if self.folded else folded_text(self.column), "")
        compared = _COMPARED.get(kind.name)
        return self.column if compared is None else type_coerce(self.column, compared())


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in a JSON document: ``path`` is names, and numbers within lists."""

    document: Any
    path: tuple[str | int, ...]

    def __post_init__(self) -> None:
        if wrong := [one for one in self.path if isinstance(one, str) and not _NAME.fullmatch(one)]:
            raise ValueError(f"not a name of an answer: {wrong[0]!r}")

    def where(self, kind: Kind, asks: Question, at: Standpoint | None) -> ColumnElement[bool]:
        del at
        return asks(self.fact(kind))

    def fact(self, kind: Kind) -> Any:
        """Return the fact itself."""
        place = (self.document, *self._places())
        return _JsonKeys(place) if kind.reading == "keys" else READINGS[kind.reading](*place)

    def _places(self) -> tuple[Any, Any]:
        """Return the path as SQLite and as PostgreSQL write it; their names were checked when this was made."""
        path = "".join(f'."{one}"' if isinstance(one, str) else f"[{one}]" for one in self.path)
        steps = [f"'{one}'" if isinstance(one, str) else str(one) for one in self.path]
        return literal_column(f"'${path}'"), literal_column(" -> ".join(steps))


@dataclass(frozen=True, slots=True)
class _JsonKeys(Keys):
    place: tuple[Any, ...]

    @property
    def answered(self) -> ColumnElement[bool]:
        return overlapping(self.place, None)

    def overlaps(self, keys: Iterable[str]) -> ColumnElement[bool]:
        return overlapping(self.place, sorted(keys))

    def is_distinct_from(self, other: "_JsonKeys") -> ColumnElement[bool]:
        return anything_in(*self.place).is_distinct_from(anything_in(*other.place))


@dataclass(frozen=True, slots=True)
class Blind:
    """An answer in a JSON document that is encrypted: ``among`` says of which rows it is one of several marks."""

    answer: Answer
    among: Callable[[Sequence[str]], ColumnElement[bool]]

    def where(self, kind: Kind, asks: Question, at: Standpoint | None) -> ColumnElement[bool]:
        del at
        return asks(_Unread(self.answer.fact(kind), self.among))


@dataclass(frozen=True, slots=True, eq=False)
class _Unread:
    """A fact that is compared without being read, as operators compare columns."""

    there: Any
    among: Callable[[Sequence[str]], ColumnElement[bool]]

    __hash__ = None  # type: ignore[assignment] # comparing makes conditions, as of columns

    def __eq__(self, mark: object) -> ColumnElement[bool]:  # type: ignore[override] # as above
        return self.in_([str(mark)])

    def __ne__(self, mark: object) -> ColumnElement[bool]:  # type: ignore[override] # as above
        return self.not_in([str(mark)])

    def in_(self, marks: Sequence[str]) -> ColumnElement[bool]:
        return and_(self.is_not(None), self.among(marks))

    def not_in(self, marks: Sequence[str]) -> ColumnElement[bool]:
        return and_(self.is_not(None), not_(self.among(marks)))

    def is_not(self, nothing: None) -> ColumnElement[bool]:
        found: ColumnElement[bool] = self.there.is_not(nothing)
        return found


@dataclass(frozen=True, slots=True)
class Through:
    """A fact of another table's row: ``local`` holds its key, ``remote``."""

    local: Any
    remote: Any
    source: Source

    def where(self, kind: Kind, asks: Question, at: Standpoint | None) -> ColumnElement[bool]:
        # A set of keys is worked out once, where a subquery for each row would be worked out for each row.
        found: ColumnElement[bool] = self.local.in_(select(self.remote).where(self.source.where(kind, asks, at)))
        return found


@dataclass(frozen=True, slots=True)
class Several(Keys):
    """Keys on rows of another table: ``owner`` is the row's they hang on, whose key ``local`` holds.

    ``some``, if there is such a column, is NULL in rows on which no key hangs.
    """

    local: Any
    owner: Any
    key: Any
    some: Any = None

    def where(self, kind: Kind, asks: Question, at: Standpoint | None) -> ColumnElement[bool]:
        del kind, at
        return asks(self)

    @property
    def answered(self) -> ColumnElement[bool]:
        hung = self.local.in_(select(self.owner)) if self.some is None else self.some.is_not(None)
        found: ColumnElement[bool] = hung
        return found

    def overlaps(self, keys: Iterable[str]) -> ColumnElement[bool]:
        wanted = [int(one) if self.key.type.python_type is int else one for one in sorted(keys)]
        found: ColumnElement[bool] = self.local.in_(select(self.owner).where(self.key.in_(wanted)))
        return found


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A fact worked out from columns and the time at which it is asked."""

    expression: Callable[[Standpoint], ColumnElement[Any]]

    def where(self, kind: Kind, asks: Question, at: Standpoint | None) -> ColumnElement[bool]:
        del kind
        if at is None:
            raise TypeError("what is reckoned from the time needs a standpoint")
        return asks(self.expression(at))


@dataclass(frozen=True, slots=True)
class Among:
    """A fact only some rows tell: elsewhere it counts as unanswered."""

    rows: ColumnElement[bool]
    source: Source

    def where(self, kind: Kind, asks: Question, at: Standpoint | None) -> ColumnElement[bool]:
        return and_(self.rows, self.source.where(kind, asks, at))


@dataclass(frozen=True, slots=True)
class Journal:
    """Changes as rows of a journal: ``document`` holds ``{name: [before, after]}``, ``owner`` the key of ``local``.

    ``rows``: which of them are changes, if not all are.
    """

    local: Any
    owner: Any
    document: Any
    name: str
    rows: ColumnElement[bool] | None = None

    def where(self, kind: Kind, asks: ChangeQuestion) -> ColumnElement[bool]:
        before, after = (Answer(self.document, (self.name, index)).fact(kind) for index in (0, 1))
        rows = [] if self.rows is None else [self.rows]
        return exists().where(self.owner == self.local, *rows, asks(before, after))
