"""What uses a record: counted before it is deleted, whatever the database would do with those rows by itself.

Found in the tables' own foreign keys, so that what a new table refers to is not forgotten; what names records in other
ways says so itself (`app.core.records.usages`). What belongs to the record alone (phones of a customer, teams a person
is in) is no use of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, inspect, literal, select, union_all

from app.core.db import Base
from app.core.errors import DomainError
from app.core.i18n import Label, Message, _, listing
from app.core.records.usages import USAGES
from app.core.records.usages.base import kind_and_key
from app.core.work import Work

#: Uses of one kind are counted no further.
MOST_COUNTED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Pointer:
    """A column by which other records name one: by its ``own`` attribute, mostly the key."""

    column: ColumnElement[Any]
    own: str

    @property
    def name(self) -> str:
        """Return the table and column, ``customer.outlet_id``."""
        return f"{self.column.table.name}.{self.column.name}"


@dataclass(frozen=True, slots=True)
class Use:
    """So many records name this one; ``by`` is the name of the pointer or usage, ``own`` what it points at."""

    by: str
    own: Any
    count: int

    @property
    def label(self) -> Message | str:
        """Return what those records are called."""
        if (usage := USAGES.get(self.by)) is not None:
            return usage.label
        table = self.by.partition(".")[0]
        return _NAMES.get(table, table)

    @property
    def said(self) -> Message:
        """Return their name and number."""
        count = f"{MOST_COUNTED}+" if self.count > MOST_COUNTED else self.count
        return _("%(thing)s (%(count)s)", thing=self.label, count=count)


class InUseError(DomainError):
    """Nothing in use is deleted; ``uses``: what uses it."""

    def __init__(self, name: Label | str, uses: Iterable[Use], instead: Message) -> None:
        self.uses = tuple(uses)
        super().__init__(
            _(
                "“%(name)s” is in use, so it cannot be deleted: %(uses)s. %(instead)s",
                name=name, uses=listing(one.said for one in self.uses), instead=instead,
            ),
            code="in_use",
        )  # fmt: skip


_NAMES: Final[dict[str, Message]] = {}


def call(names: Mapping[str, Message]) -> None:
    """Say what the records of tables are called, of which several use a record."""
    _NAMES.update(names)


def uses(work: Work, row: Any, more: Iterable[Pointer] = (), *, besides: Iterable[str] = ()) -> list[Use]:
    """Return what names ``row``, by columns in one statement; ``more``: pointers no foreign key tells of.

    ``besides``: tables that do not count, since they are written with it.
    """
    return [*_by_columns(work, row, more, set(besides)), *_otherwise(work, row)]


def _by_columns(work: Work, row: Any, more: Iterable[Pointer], besides: set[str]) -> list[Use]:
    pointers = {one.name: one for one in (*_pointers(type(row)), *more)}
    selects = [
        select(literal(name).label("by"), func.count().label("number")).select_from(
            select(one.column).where(one.column == getattr(row, one.own)).limit(MOST_COUNTED + 1).subquery()
        )
        for name, one in pointers.items()
        if name.partition(".")[0] not in besides
    ]
    if not selects:
        return []
    with work.session.no_autoflush:
        counted = {by: number for by, number in work.session.execute(union_all(*selects))}  # noqa: C416 - typed rows
    return [Use(name, getattr(row, one.own), counted[name]) for name, one in pointers.items() if counted.get(name)]


def _otherwise(work: Work, row: Any) -> Iterator[Use]:
    kind, key = kind_and_key(row)
    with work.session.no_autoflush:
        for usage in USAGES:
            if kind in usage.kinds and (count := usage().count(work, kind, key, MOST_COUNTED + 1)):
                yield Use(usage.name, key, count)


def named_by(row: Any, more: Iterable[Pointer] = ()) -> list[Use]:
    """Return by what ``row`` could be named, uncounted."""
    return [Use(one.name, getattr(row, one.own), 0) for one in (*_pointers(type(row)), *more)]


def _pointers(model: type[Any]) -> Iterator[Pointer]:
    table = inspect(model).local_table
    relations = inspect(model).relationships
    own = {one.secondary for one in relations if one.secondary is not None and not one.viewonly}
    own |= {one.mapper.local_table for one in relations if one.cascade.delete_orphan}
    for _name, other in sorted(Base.metadata.tables.items()):
        for key in sorted(other.foreign_keys, key=lambda one: one.parent.name):
            if key.column.table is table and other not in own:
                yield Pointer(key.parent, key.column.key)
