"""One row of a table as the order it asks for, or the cells that stand in its way."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from app.core.db import folded
from app.core.errors import Refusal
from app.core.i18n import Message, _
from app.core.work import Work
from app.exchange.customers import CustomersByPhone
from app.exchange.mapping import REFERENCES, ColumnMap, ImportMapping
from app.exchange.outlets import Outlets
from app.exchange.reader import SourceRow, Unreadable
from app.exchange.workbook import hours
from app.people.tags import SEPARATORS
from app.tickets.orders import NoteOrder, OpenTicket
from app.tickets.references import DatabaseReferences
from ticket_templates.field_types.base import Context, FieldError, FieldType
from ticket_templates.versions import CompiledVersion

PRIORITY_WORDS: Final[Mapping[str, int]] = {
    "1": 1, "urgent": 1, "紧急": 1, "緊急": 1, "2": 2, "high": 2, "高": 2,
    "3": 3, "normal": 3, "普通": 3, "一般": 3, "中": 3, "4": 4, "low": 4, "低": 4,
}  # fmt: skip
_MOMENT: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?(Z)?)?"
)
#: Excel's day 0, for dates that came as a number; days before 1954 and after 2119 are taken for plain numbers.
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no zone
_SERIALS: Final = range(20_000, 80_000)
#: No ticket is older than this, and the last year leaves room for every zone.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 9999
#: Kinds of fields that hold words: a number or date in the cell is read as it is written.
_WORDS: Final = frozenset({"text"})
#: What an empty cell means: its column is not named in the order at all.
_EMPTY: Final = object()
_UNREAD: Final = object()
_ALL_READ: Final[frozenset[str]] = frozenset()
UNNUMBERED: Final = _("Fill in the external number: the rows of “%(source)s” are told apart by it.")
#: What the order calls what a column of the mapping feeds.
_ORDERED: Final[Mapping[str, str]] = {
    "customer_phone": "customer_id", **{name: f"{name}_id" for name in (*REFERENCES, "outlet")},
}  # fmt: skip


class CellError(Exception):
    """A cell that cannot become what its column is mapped to."""

    def __init__(self, message: Message, code: str = "invalid") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class _Place:
    """One column of the mapping: where its cell stands, and what cells met before mean."""

    __slots__ = ("is_answer", "map", "name", "place", "read")

    def __init__(self, one: ColumnMap, place: int) -> None:
        self.map = one
        self.place = place
        self.is_answer = bool(one.answer)
        self.name = one.answer or one.target
        self.read: dict[Any, Any] = {}


class RowOrders:
    """Turns the rows of one chunk into orders; what it looks up is kept for the chunk."""

    def __init__(
        self, work: Work, version: CompiledVersion, mapping: ImportMapping, headings: tuple[str, ...], source: str
    ) -> None:
        self.work = work
        self.version = version
        self.source = source
        #: The name that many files share; without one, the source is the content of this file.
        self.named = mapping.source
        self.references = DatabaseReferences(work, within_reach=True)
        self.context = Context(
            now=work.now, zone=work.company.zone, locale=work.actor.locale, currency=work.company.currency,
            references=self.references, personal=work.actor.may("personal_data.read"),
        )  # fmt: skip
        places = {heading: index for index, heading in enumerate(headings)}
        self.places = [_Place(one, places[one.column] if one.column else -1) for one in mapping.columns]
        self._today = work.now.astimezone(work.company.zone).date()
        self.width = len(headings)
        self.phones = CustomersByPhone(work)
        self.outlets = Outlets(work) if mapping.get("outlet") else None
        self.states = states_by_word(version)
        self._columns: Mapping[str, Callable[[ColumnMap, Any], Any]] = {
            "external_id": lambda _map, cell: _plain(cell),
            "subject": lambda _map, cell: _plain(cell),
            "note": lambda _map, cell: NoteOrder(_plain(cell)),
            "created_at": self._moment,
            "state": self._state,
            "priority": _priority,
            "tags": lambda _map, cell: [one for one in SEPARATORS.split(_plain(cell)) if one.strip()],
            "outlet": self._outlet,
            "customer_phone": self._by_phone,
        }

    def order(self, row: SourceRow) -> tuple[OpenTicket, list[Refusal]]:
        """Return the order of a row and what is wrong with its cells; the order knows what it lacks for that."""
        refusals: list[Refusal] = []
        unread: set[str] = set()
        if row.overlong:
            message = _("This row has more cells than there are headings (%(count)s).", count=self.width)
            refusals.append(Refusal(message, code="overlong"))
            unread.add("cells")
        answers: dict[str, Any] = {}
        columns: dict[str, Any] = {}
        for one in self.places:
            cell = row.cells[one.place] if one.place >= 0 else None
            # 1, True and 1.0 are equal, and not the same.
            key = cell if type(cell) is str else (type(cell), cell)
            value = one.read.get(key, _UNREAD)
            if value is _UNREAD:
                value = one.read[key] = self._understood(one.map, one.map.replaced(cell))
            if value is _EMPTY:
                continue
            if type(value) is Refusal:
                refusals.append(value)
                unread.add(one.name if one.is_answer else _ORDERED.get(one.name, one.name))
            else:
                (answers if one.is_answer else columns)[one.name] = value
        if self.named and not {"external_id"} & (columns.keys() | unread):
            # Its place says nothing: another file of the same source has another row there.
            refusals.append(Refusal(UNNUMBERED.with_(source=self.named), "external_id", "required"))
            unread.add("external_id")
        return self._opened(row, answers, columns, unread), refusals

    def defaults(self) -> list[Refusal]:
        """Return what is wrong with the values that stand in every row, or where a cell is empty, by target."""
        understood = (
            (one.map.target, self._understood(one.map, one.map.default))
            for one in self.places
            # An outlet that is made on the way need not be there yet.
            if one.map.default is not None and not one.map.create
        )
        return [replace(value, field=target) for target, value in understood if isinstance(value, Refusal)]

    def _understood(self, one: ColumnMap, cell: Any) -> Any:
        if cell is None:
            return _EMPTY
        if isinstance(cell, Unreadable):
            return Refusal(cell.why, one.answer or one.target, "unreadable")
        try:
            if one.answer:
                return self._answer(self.version.types[one.answer], cell)
            return self._columns.get(one.target, self._reference)(one, cell)
        except FieldError as error:
            return Refusal(error.refusals[0].message, one.answer, error.refusals[0].code)
        except CellError as error:
            return Refusal(error.message, one.target, error.code)

    def _opened(self, row: SourceRow, answers: dict[str, Any], columns: dict[str, Any], unread: set[str]) -> OpenTicket:
        fields: dict[str, Any] = {name: columns[name] for name in ("subject", "priority", "tags") if name in columns}
        if "customer_phone" in columns:
            columns.setdefault("customer", columns["customer_phone"])
        fields |= {f"{name}_id": columns[name] for name in (*REFERENCES, "outlet") if name in columns}
        return OpenTicket(
            template=self.version.template_key,
            version_id=self.version.id,
            fields=fields,
            answers=answers,
            channel="import",
            note=columns.get("note"),
            external_source=self.source,
            # Without a number of its own, a row is known by its place in this very file.
            external_id=columns.get("external_id") or f"row {row.number}",
            created_at=columns.get("created_at"),
            state=columns.get("state"),
            unread=frozenset(unread) if unread else _ALL_READ,
            meant=True,
        )

    def _answer(self, field_type: FieldType, cell: Any) -> Any:
        if not isinstance(cell, str) and field_type.kind in _WORDS:
            cell = _plain(cell)
        return field_type.from_excel(cell, self.context)

    def _state(self, _map: ColumnMap, cell: Any) -> str:
        found = self.states.get(folded(_plain(cell)))
        if found is None:
            raise CellError(_("“%(value)s” is not a state of this template.", value=_plain(cell)[:40]), "unknown_state")
        return found

    def _outlet(self, _map: ColumnMap, cell: Any) -> int:
        found = self.outlets.find(_plain(cell)) if self.outlets else None
        if found is None:
            raise CellError(_("There is no outlet called “%(value)s”.", value=_plain(cell)[:60]), "not_found")
        return found

    def _reference(self, one: ColumnMap, cell: Any) -> Any:
        kind, text = REFERENCES[one.target], _plain(cell)
        found = self.references.find(kind, text)
        if found is not None:
            return found
        count = self.references.count(kind, text)
        if count > 1:
            message = _(
                "%(count)s entries are called “%(value)s”. Give a code or number.", count=count, value=text[:60]
            )
            raise CellError(message, "several")
        raise CellError(_("“%(value)s” was not found.", value=text[:60]), "not_found")

    def _by_phone(self, _map: ColumnMap, cell: Any) -> int:
        typed = _plain(cell)
        found = self.phones.find(typed)
        if found is not None:
            return found
        if (count := self.phones.count(typed)) > 1:
            raise CellError(_("%(count)s customers have this phone. Give the customer's code.", count=count), "several")
        raise CellError(_("No customer has this phone."), "not_found")

    def _moment(self, one: ColumnMap, cell: Any) -> datetime:
        """Return an instant: as it stands in the company's zone; a bare date is at the mapping's time of day."""
        found = _read_moment(cell)
        if found is None:
            message = _("“%(value)s” is not a date. Write it as 2026-11-21 or 2026-11-21 08:30.", value=str(cell)[:40])
            raise CellError(message, "not_date")
        if not FIRST_YEAR <= found.year < LAST_YEAR:
            raise CellError(_("This date is out of range."), "out_of_range")
        zone = self.work.company.zone
        if isinstance(found, datetime):
            return found if found.tzinfo else found.replace(tzinfo=zone)
        moment = datetime.combine(found, one.at, zone)
        # Noon of today may not have been yet; what happened today happened by now. A time that was written stays.
        return min(moment, self.work.now) if found == self._today else moment


def _read_moment(cell: Any) -> datetime | date | None:
    """Return the time a cell means, with a zone only where it names one; a date where it has no time; or None."""
    if isinstance(cell, datetime):
        # Excel knows no bare dates: midnight to the second is one.
        return cell if cell.time() != time() else cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int) and not isinstance(cell, bool) and cell in _SERIALS:
        return (_EPOCH + timedelta(days=cell)).date()
    found = _MOMENT.fullmatch(cell.strip()) if isinstance(cell, str) else None
    try:
        return _written(*found.groups()) if found else None
    except ValueError:
        return None


def _written(year: str, month: str, day: str, hour: str | None, *more: str | None) -> datetime | date:
    written, (minute, second, utc) = date(int(year), int(month), int(day)), more
    if hour is None:
        return written
    return datetime.combine(written, time(int(hour), int(minute or 0), int(second or 0), tzinfo=UTC if utc else None))


def _priority(_map: ColumnMap, cell: Any) -> int:
    found = PRIORITY_WORDS.get(folded(_plain(cell)))
    if found is None:
        raise CellError(_("“%(value)s” is not a priority: urgent, high, normal or low.", value=_plain(cell)[:40]))
    return found


def states_by_word(version: CompiledVersion) -> dict[str, str]:
    """Return the states by key and by label in any language; a key wins over a label."""
    found = {folded(label): key for key, state in version.states.items() for label in state.labels.values() if label}
    return found | {folded(key): key for key in version.states}


def number_in(one: ColumnMap, cell: Any) -> str:
    """Return the external number a cell stands for; the empty text where there is none, or none that can be read."""
    value = one.replaced(cell)
    return "" if value is None or isinstance(value, Unreadable) else _plain(value)


def _plain(cell: Any) -> str:
    """Return a cell as a person would type it."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    if isinstance(cell, timedelta):
        return hours(cell)
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell).strip()
