"""The columns of ticket lists: the same for the screen, Excel and CSV. Custom fields are ``values.KEY``."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from babel.dates import format_timedelta

from app.core.i18n import Label, Message, _, spoken
from app.tickets.models import Ticket
from app.tickets.priorities import PRIORITIES
from app.tickets.rows import TAGS, TicketRow
from ticket_templates.field_types.base import listed
from ticket_templates.versions import CompiledVersion

VALUE: Final = "values."
CATEGORIES: Final[Mapping[str, Message]] = {
    "new": _("New"),
    "open": _("Open"),
    "pending": _("Pending"),
    "resolved": _("Resolved"),
    "closed": _("Closed"),
}
CHANNELS: Final[Mapping[str, Message]] = {
    "desk": _("Desk"),
    "phone": _("Telephone"),
    "portal": _("Customer portal"),
    "mail": _("E-mail"),
    "api": _("API"),
    "import": _("Import"),
    "wechat": _("WeChat"),
    "douyin": _("Douyin"),
}
#: Kinds of answers a list may be sorted by.
SORTED_KINDS: Final = frozenset({
    "text", "number", "money", "date", "datetime", "time", "boolean", "place", "choice", "cascade",
})  # fmt: skip
INSTANT_FORMAT: Final = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is called, sorted, written as text and as an Excel cell."""

    name: str
    label: Message | Label
    #: One line in the reader's language.
    text: Callable[[TicketRow, str], str]
    #: str, int, Decimal, date, datetime (naive, in the company's zone) or None.
    excel: Callable[[TicketRow], Any]
    excel_format: str = "General"
    #: Sort keys: (column, descending when the list is ascending); none: it cannot be sorted by.
    sort: tuple[tuple[Any, bool], ...] = ()
    #: It is sorted by what is worked out ticket by ticket (`app/tickets/sorting.py`).
    reckoned: bool = False
    #: The ticket's column that points at the thing shown, so that its labels are read at once.
    pointer: str | None = None
    #: What a file calls it, where a figure stands without its unit.
    file_label: Message | None = None

    @property
    def sortable(self) -> bool:
        """Whether a list may be sorted by it."""
        return bool(self.sort) or self.reckoned

    @property
    def field(self) -> str | None:
        """Return the key of the custom field, if it is one."""
        return self.name.removeprefix(VALUE) if self.name.startswith(VALUE) else None

    def label_in(self, locale: str) -> str:
        """Return the heading in ``locale``."""
        return spoken(self.label, locale)


def _text_column(name: str, label: Message, text: Callable[[TicketRow, str], str], **more: Any) -> Column:
    return Column(name, label, text, lambda row: text(row, row.reader.actor.locale) or None, **more)


def _pointer(name: str, label: Message) -> Column:
    column = f"{name}_id"
    return _text_column(name, label, lambda row, _locale: row.named(column), pointer=column, reckoned=True)


def _instant(name: str, label: Message, **more: Any) -> Column:
    column = f"{name}_at"

    def local(row: TicketRow) -> datetime | None:
        moment: datetime | None = row.columns[column]
        return moment and moment.astimezone(row.reader.work.company.zone).replace(tzinfo=None)

    def text(row: TicketRow, _locale: str) -> str:
        moment = local(row)
        return moment.isoformat(" ", "minutes") if moment else ""

    return Column(name, label, text, local, INSTANT_FORMAT, **more)


def _hours(span: timedelta) -> Decimal:
    """Return a length of time in hours, so that a sum of many is right to the minute."""
    return (Decimal(span // timedelta(microseconds=1)) / 3_600_000_000).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _listed(words: Mapping[Any, Message], key: Any, locale: str) -> str:
    return words[key].in_(locale) if key in words else str(key)


_NEWEST = ((Ticket.created_at, True), (Ticket.id, True))


def _sorted_by(column: Any) -> tuple[tuple[Any, bool], ...]:
    """Return the sort keys of what many tickets share: newest first within each."""
    return ((column, False), *_NEWEST)


def _word(name: str, label: Message, words: Mapping[Any, Message], **more: Any) -> Column:
    return _text_column(name, label, lambda row, locale: _listed(words, row.columns[name], locale), **more)


COLUMNS: Final[Mapping[str, Column]] = {
    column.name: column
    for column in (
        _text_column("number", _("Number"), lambda row, _locale: row.number,
                     sort=((Ticket.number, False), (Ticket.id, False))),
        _text_column("subject", _("Subject"), lambda row, _locale: row.subject, reckoned=True),
        _text_column("template", _("Template"), lambda row, locale: row.version.label(locale),
                     sort=_sorted_by(Ticket.template_id)),
        _text_column("state", _("State"), lambda row, locale: row.state_label(locale), sort=_sorted_by(Ticket.state)),
        _word("category", _("Progress"), CATEGORIES, sort=_sorted_by(Ticket.category)),
        _word("priority", _("Priority"), PRIORITIES, sort=_sorted_by(Ticket.priority)),
        _pointer("customer", _("Customer")),
        _pointer("installed_product", _("Installed product")),
        _pointer("assignee", _("Assignee")),
        _pointer("team", _("Team")),
        _pointer("outlet", _("Outlet")),
        Column("tags", _("Tags"), lambda row, locale: listed(row.tags, locale),
               lambda row: "; ".join(row.tags) or None),
        _word("channel", _("Channel"), CHANNELS, reckoned=True),
        _instant("created", _("Created"), sort=((Ticket.created_at, False), (Ticket.id, False))),
        _instant("changed", _("Changed"), sort=((Ticket.changed_at, False), (Ticket.id, False))),
        _instant("due", _("Due"), sort=((Ticket.due_at, False), (Ticket.id, False))),
        _instant("resolved", _("Resolved at"), reckoned=True),
        _instant("closed", _("Closed at"), reckoned=True),
        Column("age", _("Age"), lambda row, locale: str(format_timedelta(row.age, locale=locale)),
               lambda row: _hours(row.age), "0.00", file_label=_("Age (hours)"), reckoned=True),
        _text_column("creator", _("Created by"), lambda row, _locale: row.named("created_by_id"),
                     pointer="created_by_id", reckoned=True),
        _text_column("external_id", _("External number"), lambda row, _locale: row.columns["external_id"] or "",
                     reckoned=True),
    )
}  # fmt: skip

#: What a list shows until somebody chooses.
DEFAULT: Final = (
    "number", "subject", "customer", "template", "state", "priority", "assignee", "outlet", "due", "created",
)  # fmt: skip


def custom(key: str, versions: Iterable[CompiledVersion]) -> Column | None:
    """Return the column of a custom field as the first of ``versions`` that has it knows it; None: none has it."""
    version = next((one for one in versions if key in one.types), None)
    if version is None:
        return None
    kind = version.types[key]

    def excel(row: TicketRow) -> Any:
        value = row.value(key)
        return (
            None
            if value is None
            else row.version.types[key].to_excel(value, row.reader.context(row.reader.actor.locale))
        )

    # What is encrypted has no order.
    reckoned = kind.kind in SORTED_KINDS and not kind.personal
    return Column(
        VALUE + key, kind.spec.labels, lambda row, locale: row.shown(key, locale), excel,
        kind.excel_format_in(version.rules.currency), reckoned=reckoned,
    )  # fmt: skip


def chosen(names: Sequence[str], versions: Sequence[CompiledVersion]) -> list[Column]:
    """Return the columns called ``names``, in that order; names nobody knows are left out."""
    found = []
    for name in dict.fromkeys(names):
        column = custom(name.removeprefix(VALUE), versions) if name.startswith(VALUE) else COLUMNS.get(name)
        if column is not None:
            found.append(column)
    return found


def pointers(names: Iterable[str]) -> list[str]:
    """Return the ticket's columns whose labels the columns ``names`` show; that of its tags points at several."""
    found = [TAGS if name == TAGS else COLUMNS[name].pointer for name in names if name in COLUMNS]
    return [one for one in found if one]
