"""Flask-AppBuilder's way to the database, inside our units of work and within bounds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask_appbuilder.models.filters import Filters
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import ColumnElement, String, asc, desc, func, select
from sqlalchemy.orm import selectinload

from app.core.columns import Encrypted, Json, UtcDateTime, key_of
from app.core.db import WRITES
from app.core.permissions import Actor
from app.core.pinyin import by_pinyin
from app.core.work import Work
from views.base.house_view import PERSON
from views.base.person import actor, house
from views.base.tree_filters import HouseFilterConverter

#: Lists count and page no further: telling 100,001 from 1,000,000 rows costs more than it says.
COUNT_LIMIT = 100_000


class HouseFilters(Filters):
    """Filters that do not work out anew, at each request, which filters every column has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        #: What the search box asks, beside the filters of columns.
        self.conditions: list[ColumnElement[bool]] = []
        #: By column: how it is to be compared, and the value that cannot be. A list asked for so is empty.
        self.unread: dict[str, tuple[str, str]] = {}
        #: What the address names as a filter and is none of this list; that list is empty, too.
        self.strange: list[str] = []
        super().__init__(*args, **kwargs)

    def _get_filters(self, cols: list[str]) -> dict[str, list[Any]]:
        known: dict[tuple[str, ...], dict[str, list[Any]]] = self.datamodel.known_filters
        key = tuple(cols)
        if key not in known:
            known[key] = super()._get_filters([col for col in cols if self.datamodel.is_searchable(col)])
        return known[key]

    def get_joined_filters(self, filters: Filters) -> "HouseFilters":
        joined = HouseFilters(self.filter_converter, self.datamodel)
        joined.filters = self.filters + filters.filters
        joined.values = self.values + filters.values
        joined.conditions, joined.unread, joined.strange = self.conditions, self.unread, self.strange
        return joined

    def copy(self) -> "HouseFilters":
        copied = HouseFilters(self.filter_converter, self.datamodel, self.search_columns)
        copied.filters, copied.values, copied.conditions = list(self.filters), list(self.values), list(self.conditions)
        return copied


#: Gives the condition for the rows an actor reaches.
Scoped = Callable[[Actor], ColumnElement[bool]]
#: Gives the expression to sort by, for the person of this request.
Orders = Mapping[str, Callable[[], Any]]


def sorted_by(column: Any, joined: ColumnElement[bool]) -> Callable[[], Any]:
    """Return how to sort by a column of the row that ``joined`` names: a customer's outlet by its name."""
    by = by_sound(select(column).where(joined).scalar_subquery())
    return lambda: by


def by_sound(column: Any) -> Any:
    """Return what a list is sorted by for ``column``: texts by their sound, as lists of tickets and people are."""
    return by_pinyin(column) if isinstance(column.type, String) else column


class HouseInterface(SQLAInterface):
    """The data of one model, as far as ``scope`` of the person who asks reaches.

    Writing needs a unit of work around it (`writing`), which alone commits. Columns of JSON and of encrypted text
    are never offered to forms, searches or sorting: Flask-AppBuilder would store the one as text, and a filter on
    the other would let people guess what they may not read.
    """

    filter_converter_class = HouseFilterConverter

    def __init__(
        self, obj: Any, session: Any = None, *, scope: Scoped | None = None, orders: Orders | None = None
    ) -> None:
        self.scope = scope
        #: What a list is sorted by under the name of a column that is no plain one: a relation, a label.
        self.orders: Orders = orders or {}
        self.known_filters: dict[tuple[str, ...], dict[str, list[Any]]] = {}
        #: Relations that lists show, loaded with one statement each instead of one a row.
        self.shown_relations: tuple[str, ...] = ()
        super().__init__(obj, session)

    def get(self, id: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: A002 - Flask-AppBuilder's
        key = key_of(self.get_pk().type, str(id))
        return None if key is None else super().get(key, *args, **kwargs)

    def get_related_obj(self, col_name: str, value: Any) -> Any:
        key = key_of(self.get_related_interface(col_name).get_pk().type, str(value))
        return None if key is None else super().get_related_obj(col_name, key)

    @contextmanager
    def writing(self) -> Iterator[Work]:
        """Yield a unit of work on the request's own session, which holds the write lock before anything is read."""
        session = self.session()
        session.rollback()
        session.connection(execution_options=WRITES)
        with house().transactions.unit_of_work(actor(), PERSON, session=session) as work:
            yield work

    def add(self, item: Any, commit: bool = True) -> None:  # noqa: ARG002 - the unit of work commits
        self._inside().add(item)
        self._inside().flush()

    def edit(self, item: Any, commit: bool = True) -> None:  # noqa: ARG002 - the unit of work commits
        self._inside().flush()

    def delete(self, item: Any, commit: bool = True) -> None:  # noqa: ARG002 - the unit of work commits
        self._inside().delete(item)
        self._inside().flush()

    def delete_all(self, items: list[Any]) -> None:
        for item in items:
            self._inside().delete(item)
        self._inside().flush()

    def _inside(self) -> Any:
        if "work" not in self.session.info:
            raise RuntimeError("this writes outside a unit of work; open HouseInterface.writing() first")
        return self.session

    def get_filters(self, search_columns: Any = None, search_filters: Any = None) -> HouseFilters:
        return HouseFilters(self.filter_converter_class, self, search_columns or [], search_filters)

    def query_count(self, query: Any, filters: Any = None, select_columns: Any = None) -> int:
        """Count up to one more than `COUNT_LIMIT`."""
        return self._counted(self._apply_inner_all(query, filters, select_columns=select_columns, aliases_mapping={}))

    def is_longer(self, filters: Any, limit: int) -> bool:
        """Whether more than ``limit`` rows fit the filters."""
        return self._counted(self.apply_filters(self.session.query(self.obj), filters), limit) > limit

    def keys_in_order(self, filters: Any, order_column: str, order_direction: str) -> list[Any]:
        """Return the keys of all rows that fit the filters, in the list's order."""
        query = self.apply_filters(self.session.query(self.obj), filters)
        ordered = self.apply_order_by(query, order_column, order_direction)
        return [key for (key,) in ordered.with_entities(self.get_pk())]

    def rows_of(self, keys: Sequence[Any], filters: Any) -> list[Any]:
        """Return the rows of these keys that fit the filters, in the order of the keys."""
        query = self.apply_all(self.session.query(self.obj), filters).filter(self.get_pk().in_(keys))
        found = {self.get_pk_value(row): row for row in query}
        return [found[key] for key in keys if key in found]

    def _counted(self, query: Any, limit: int | None = None) -> int:
        limit = COUNT_LIMIT if limit is None else limit
        some = query.order_by(None).with_entities(self.get_pk()).limit(limit + 1).subquery()
        return int(self.session.scalar(select(func.count()).select_from(some)) or 0)

    def apply_all(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        query = super().apply_all(query, *args, **kwargs)
        return query.options(*(selectinload(getattr(self.obj, name)) for name in self.shown_relations))

    def apply_filters(self, query: Any, filters: Any) -> Any:
        """Every list, count, export and single row passes here."""
        query = super().apply_filters(query, filters)
        conditions = list(getattr(filters, "conditions", ()))
        if self.scope:
            conditions.append(self.scope(actor()))
        return query.filter(*conditions) if conditions else query

    def apply_order_by(  # noqa: PLR0917 - Flask-AppBuilder's
        self, query: Any, order_column: str, order_direction: str, aliases_mapping: Any = None,
        bypass_many_to_many: bool = False, add_pk: bool = False,
    ) -> Any:  # fmt: skip
        """Sort with the key as the last word, so that no row is on two pages; what is empty comes last."""
        key = self.get_pk()
        if not order_column:
            return query.order_by(key)
        if "." in order_column:
            return super().apply_order_by(
                query, order_column, order_direction, aliases_mapping, bypass_many_to_many, add_pk
            )
        given = self.orders.get(order_column)
        direction = asc if order_direction == "asc" else desc
        by = direction(given() if given else self._plain_order(order_column))
        if given or self.is_nullable(order_column):
            by = by.nulls_last()
        return query.order_by(by, direction(key))

    def _plain_order(self, name: str) -> Any:
        """Return what a column of the rows themselves is sorted by; a key is what an index is in the order of."""
        column = getattr(self.obj, name)
        return column if self.is_pk(name) or self.is_relation(name) else by_sound(column)

    def get_inner_filters(self, filters: Any) -> Any:
        """Flask-AppBuilder leaves out the filters of dotted columns here; ours have none."""
        return self.get_filters([]) if filters is None else filters

    def is_searchable(self, name: str) -> bool:
        """Whether the column may be filtered by."""
        return self.is_relation(name) or not isinstance(self._type(name), Json | Encrypted)

    def is_string(self, col_name: str) -> bool:
        return not isinstance(self._type(col_name), UtcDateTime | Json) and bool(super().is_string(col_name))

    def is_text(self, col_name: str) -> bool:
        return not isinstance(self._type(col_name), UtcDateTime | Json | Encrypted) and bool(super().is_text(col_name))

    def is_datetime(self, col_name: str) -> bool:
        return isinstance(self._type(col_name), UtcDateTime) or bool(super().is_datetime(col_name))

    def _type(self, name: str) -> Any:
        column = self.list_columns.get(name)
        return None if column is None else column.type
