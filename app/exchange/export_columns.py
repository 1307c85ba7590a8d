"""Which columns a file of tickets has: those the list shows, or all fields, with what one sorts and reaches by.

In a file a name stands alone, so that it can be counted by; the code that tells two of one name apart, and by which an
import finds the thing again, has its own column before it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from app.core.i18n import Message
from app.core.work import Work
from app.exchange.headings import ADDRESS, CODES, PHONE, field_label, is_own, told_apart
from app.people.queries import Doors, doors
from app.tickets import columns as ticket_columns
from app.tickets import queries
from app.tickets.columns import COLUMNS, VALUE, Column
from app.tickets.queries import TicketQuery
from app.tickets.rows import TicketRow
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion


class Reach:
    """Phone and address of the tickets of one chunk, read in one statement."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._doors = Doors()

    def read(self, rows: Sequence[TicketRow]) -> None:
        """Read what the columns will be asked for; what was read before is let go."""
        customers = {row.columns["customer_id"] for row in rows} - {None}
        sites = {row.columns["site_id"] for row in rows} - {None}
        self._doors = doors(self._work, customers, sites)

    def columns(self) -> Iterator[Column]:
        """Yield the columns of both."""
        yield Column("phone", PHONE, lambda row, _locale: self._phone(row) or "", self._phone)
        yield Column("address", ADDRESS, lambda row, _locale: self._address(row) or "", self._address)

    def _phone(self, row: TicketRow) -> str | None:
        customer, contact = row.columns["customer_id"], row.columns["contact_id"]
        return self._doors.phones.get((customer, contact)) or self._doors.phones.get((customer, None))

    def _address(self, row: TicketRow) -> str | None:
        return self._doors.addresses.get(row.columns["site_id"]) or None


#: Columns, and the versions whose fields some of them are.
Chosen = tuple[list[Column], list[CompiledVersion]]


def shown(work: Work, query: TicketQuery) -> Chosen:
    """Return the columns the list itself shows, in its order."""
    names = query.columns or ticket_columns.DEFAULT
    # Only a template's own fields differ from version to version.
    asked = any(name.startswith(VALUE) for name in names)
    mine = _of_templates(work, query, queries.versions_used(work, query)) if asked else []
    found = ticket_columns.chosen(names, mine)
    readable = [
        one for one in found if one.field is None or any(one.field in version.readable(work.actor) for version in mine)
    ]
    return _told_apart(work, map(_named, readable), mine), mine


def every(work: Work, query: TicketQuery, reach: Reach) -> Chosen:
    """Return the basics and the custom fields: of a list of one template all, else those a ticket of the file answers.

    So the sheet of one template has one shape, whatever its tickets answer. Fields it had before come behind.
    """
    used = queries.versions_used(work, query)
    mine = _of_templates(work, query, used)
    answered = queries.answered(work, query)
    whole = _whole(query, mine, used)
    fields = dict.fromkeys(
        key
        for one in [*whole, *mine]
        for key in one.uses
        if (key in answered or one in whole) and key in one.readable(work.actor)
    )
    basics = [part for name in COLUMNS for part in _parts(name, reach)]
    return _told_apart(work, [*basics, *ticket_columns.chosen([VALUE + key for key in fields], mine)], mine), mine


def _whole(query: TicketQuery, mine: Sequence[CompiledVersion], used: Collection[int]) -> list[CompiledVersion]:
    """Return the newest version of the one template a list is of, by its filter or by what it holds; none: several."""
    keys = set(query.templates) or {one.template_key for one in mine if one.id in used}
    return [one for one in mine if one.template_key in keys][:1] if len(keys) == 1 else []


def known(work: Work, names: Sequence[str], version_ids: Sequence[int], reach: Reach) -> list[Column]:
    """Return columns found before, by name; what they are called was worked out then."""
    found = templates.versions(work, set(version_ids))
    mine = [found[one] for one in version_ids]
    basics = {part.name: part for name in COLUMNS for part in _parts(name, reach)}
    fields = {column.name: column for column in ticket_columns.chosen([n for n in names if n not in basics], mine)}
    return [basics[name] if name in basics else fields[name] for name in names]


def _parts(name: str, reach: Reach) -> Iterator[Column]:
    """Yield a column of the list as the columns of a file."""
    column = COLUMNS[name]
    if name in CODES:
        yield _code(column, CODES[name])
    yield _named(column)
    if name == "customer":
        yield from reach.columns()


def _code(column: Column, label: Message) -> Column:
    pointer = str(column.pointer)
    return Column(
        f"{column.name}_code", label,
        lambda row, _locale: row.parts(pointer).code, lambda row: row.parts(pointer).code or None,
    )  # fmt: skip


def _named(column: Column) -> Column:
    """Return a column as a file has it: things without their codes, figures with their unit in the heading."""
    label = column.file_label or column.label
    if (pointer := column.pointer) is None:
        return replace(column, label=label)

    def name(row: TicketRow) -> str:
        # Who has no name is called by the user name.
        parts = row.parts(pointer)
        return parts.name or parts.code

    return replace(column, label=label, text=lambda row, _locale: name(row), excel=lambda row: name(row) or None)


def _of_templates(work: Work, query: TicketQuery, used: Collection[int]) -> list[CompiledVersion]:
    """Return the versions ``used`` by the query's tickets and the published ones, of the templates in question.

    By template, the newest first. The published ones keep a column that the list shows and no ticket answers.
    """
    cards = [
        one for one in templates.templates(work, with_withdrawn=True) if one.key in (query.templates or (one.key,))
    ]
    order = {card.key: place for place, card in enumerate(cards)}
    wanted = set(used) | {card.version_id for card in cards if card.version_id}
    found = templates.versions(work, wanted).values()
    mine = [one for one in found if one.template_key in order]
    return sorted(mine, key=lambda one: (order[one.template_key], -one.number))


def _told_apart(work: Work, found: Iterable[Column], versions: Sequence[CompiledVersion]) -> list[Column]:
    """Return the columns with headings of their own.

    Fields of one name, and those called like a column of the ticket's own, say their template, or else their key.
    """
    locale = work.actor.locale
    columns = [
        replace(one, label={locale: field_label(_version_of(one.field, versions), one.field, locale)})
        if one.field
        else one
        for one in found
    ]
    for distinction in (_template_of, _key_of):
        counts = Counter(one.label_in(locale) for one in columns)
        columns = [
            replace(one, label={locale: told_apart(label, distinction(one.field, versions, locale))})
            if one.field and (counts[label := one.label_in(locale)] > 1 or is_own(label))
            else one
            for one in columns
        ]
    return columns


def _version_of(key: str, versions: Sequence[CompiledVersion]) -> CompiledVersion:
    return next(one for one in versions if key in one.types)


def _template_of(key: str, versions: Sequence[CompiledVersion], locale: str) -> str:
    return _version_of(key, versions).label(locale)


def _key_of(key: str, _versions: Sequence[CompiledVersion], _locale: str) -> str:
    return key
