"""Lists of what is few enough to be read whole (roles, field definitions): searched, filtered and sorted here.

They look and answer like the lists of `HouseModelView`: the same box, the same arguments' bounds, the same files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import request, url_for

from app.core.db import folded
from app.core.i18n import Label, Message, _, spoken
from app.core.numbers import whole_in
from app.core.work import Work
from views.base.answers import current_locale
from views.base.house_view import HouseView
from views.base.list_args import LAST_PAGE, LONGEST_VALUE, page_of, size_of
from views.base.list_export import cell, csv_answer, stem_of, xlsx_answer
from views.base.person import current_actor


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads somewhere; files hold its text."""

    text: Message | Label | str
    url: str

    def __str__(self) -> str:
        return spoken(self.text, current_locale())


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: what it shows of a row (text, `Message`, number, `Link`, or a list of them)."""

    name: str
    label: Message
    value: Callable[[Any], Any]
    #: A second, quieter line under the first.
    note: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class TableFilter:
    """A select above the list: ``options`` by word, and whether a row has the word."""

    name: str
    label: Message
    options: Mapping[str, Message | Label | str]
    holds: Callable[[Any, str], bool]


@dataclass(frozen=True, slots=True)
class TableState:
    """What the address asks for, within bounds."""

    text: str
    chosen: Mapping[str, str]
    sort: str
    descending: bool
    page: int
    size: int


class TableView(HouseView):
    """Say ``columns``, `rows` and `filters`; expose the list and its files with their permissions."""

    columns: ClassVar[tuple[TableColumn, ...]]
    list_title: ClassVar[Message]
    search_hint: ClassVar[Message] = _("Search this list")
    page_size: ClassVar[int] = 50
    table_template: ClassVar[str] = "records/table.html"

    def rows(self, work: Work) -> Sequence[Any]:
        """Return all rows this person may see, in their usual order."""
        raise NotImplementedError

    def filters(self, rows: Sequence[Any]) -> Sequence[TableFilter]:
        """Return the filters, whose options may follow from all ``rows``."""
        del rows
        return ()

    def address(self, row: Any) -> str:
        """Return where a row's first column leads."""
        raise NotImplementedError

    def list_page(self, **facts: Any) -> str:
        """Draw the list as the address asks for it."""
        rows, filters, state = self._found()
        pages = max(1, -(-len(rows) // state.size))
        page = min(state.page, pages - 1)
        shown = rows[page * state.size : (page + 1) * state.size]
        html: str = self.render_template(
            self.table_template, title=self.list_title, columns=self.columns, rows=shown, count=len(rows),
            filters=filters, state=state, page=page, pages=pages, address=self.address, search_hint=self.search_hint,
            export_urls=self._export_urls(), with_argument=_with_argument, **facts,
        )  # fmt: skip
        return html

    def csv_file(self) -> Any:
        """Send the rows that fit, all of them, as CSV."""
        return csv_answer(stem_of(self.route_base), *self._file())

    def xlsx_file(self) -> Any:
        """Send the rows that fit, all of them, as a workbook."""
        return xlsx_answer(stem_of(self.route_base), self.list_title, *self._file())

    def _file(self) -> tuple[list[str], Iterator[list[Any]]]:
        rows, _filters, _state = self._found()
        headings = [one.label.in_(current_locale()) for one in self.columns]
        return headings, iter([[cell(_said(one.value(row))) for one in self.columns] for row in rows])

    def _found(self) -> tuple[list[Any], Sequence[TableFilter], TableState]:
        with self.reading() as work:
            rows = list(self.rows(work))
        filters = self.filters(rows)
        state = self._state(filters)
        kept = [
            row
            for row in rows
            if all(one.holds(row, state.chosen[one.name]) for one in filters if one.name in state.chosen)
            and (not state.text or folded(state.text) in self._searched(row))
        ]
        if state.sort:
            column = next(one for one in self.columns if one.name == state.sort)
            # Rows with the same value stay in their usual order, whichever way the list is turned.
            kept.sort(key=lambda row: _rank(column.value(row)), reverse=state.descending)
        return kept, filters, state

    def _searched(self, row: Any) -> str:
        values = [one.value(row) for one in self.columns] + [one.note(row) for one in self.columns if one.note]
        return folded(" ".join(str(_said(value)) for value in values))

    def _state(self, filters: Sequence[TableFilter]) -> TableState:
        given = {one.name: request.args.get(one.name, "") for one in filters}
        sort = request.args.get("sort", "")
        size = size_of(_number("size"), self.page_size)
        return TableState(
            text=request.args.get("q", "").replace("\x00", "").strip()[:LONGEST_VALUE],
            chosen={one.name: given[one.name] for one in filters if given[one.name] in one.options},
            sort=sort if sort in {one.name for one in self.columns} else "",
            descending=request.args.get("descending") == "1",
            page=page_of(_number("page"), size),
            size=size,
        )

    def _export_urls(self) -> dict[str, str]:
        if not current_actor().may(f"{self.class_permission_name}.export"):
            return {}
        name, arguments = type(self).__name__, request.args.to_dict()
        return {kind: url_for(f"{name}.export_{kind}", **arguments) for kind in ("csv", "xlsx")}  # type: ignore[arg-type]


def _with_argument(**changed: str | int | None) -> str:
    """Return this page's address with other arguments; a changed one starts at the first page, None leaves it out."""
    arguments: dict[str, Any] = {**request.args.to_dict(), "page": None, **changed}
    return url_for(str(request.endpoint), **{name: value for name, value in arguments.items() if value is not None})


def _number(name: str) -> int | None:
    return whole_in(request.args.get(name), LAST_PAGE)


def _said(value: Any) -> Any:
    """Return a cell's value in the reader's words."""
    if isinstance(value, list | tuple):
        return ", ".join(str(_said(one)) for one in value)
    if isinstance(value, Message | Mapping):
        return spoken(value, current_locale())
    return str(value) if isinstance(value, Link) else value


def _rank(value: Any) -> tuple[bool, bool, Any]:
    """Return what a value is sorted by: numbers as numbers, all else by its words, nothing last."""
    said = _said(value)
    if isinstance(said, int | float):
        return False, False, said
    return said in (None, ""), True, folded(str(said or ""))
