"""A ticket as read: its columns, its version, and the values this reader may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from app.core.i18n import label_in
from app.core.work import Work
from app.tickets.change.read import NAMES
from app.tickets.merged import MERGED
from app.tickets.references import DatabaseReferences, Named
from ticket_templates import queries as templates
from ticket_templates.field_types.base import Context
from ticket_templates.spec import State
from ticket_templates.versions import CompiledVersion

#: Column of the ticket → kind of the thing it points at.
POINTERS: Mapping[str, str] = {
    "customer_id": "customer",
    "contact_id": "contact",
    "site_id": "site",
    "installed_product_id": "installed_product",
    "assignee_id": "user",
    "team_id": "team",
    "outlet_id": "outlet",
    "created_by_id": "user",
}

#: The column that points at several things.
TAGS: Final = "tags"


class Reader:
    """What turns stored things into words for one actor; labels are read once a page."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.actor = work.actor
        self.references = DatabaseReferences(work)
        self._contexts: dict[str, Context] = {}
        self._versions: dict[int, CompiledVersion] = {}

    def context(self, locale: str) -> Context:
        """Return the context of showing values in ``locale``."""
        context = self._contexts.get(locale)
        if context is None:
            context = self._contexts[locale] = Context(
                now=self.work.now,
                zone=self.work.company.zone,
                locale=locale,
                currency=self.work.company.currency,
                references=self.references,
                personal=self.actor.may("personal_data.read"),
            )
        return context

    def rows(
        self,
        records: Iterable[Sequence[Any]],
        *,
        pointers: Iterable[str] = (*POINTERS, "tags"),
        fields: Iterable[str] | None = None,
    ) -> list["TicketRow"]:
        """Return rows of database records (columns as `NAMES`), with all labels they need read at once.

        ``pointers`` and ``fields`` say which labels will be asked for; None: those of every field.
        """
        columns = [dict(zip(NAMES, record, strict=True)) for record in records]
        if missing := {one["version_id"] for one in columns} - self._versions.keys():
            self._versions.update(templates.versions(self.work, missing))
        rows = [TicketRow(one, self._versions[one["version_id"]], self) for one in columns]
        self._preload(rows, pointers, fields)
        return rows

    def _preload(self, rows: Sequence["TicketRow"], pointers: Iterable[str], fields: Iterable[str] | None) -> None:
        wanted: dict[str, set[Any]] = {}
        pointers = set(pointers)
        for name in pointers - {TAGS}:
            found = {row.columns[name] for row in rows} - {None}
            if found:
                wanted.setdefault(POINTERS[name], set()).update(found)
        if TAGS in pointers:
            wanted["tag"] = {one for row in rows for one in row.columns[TAGS] or ()}
        for row in rows:
            types, values = row.version.types, row.columns["values"]
            for key in values if fields is None else fields:
                value = values.get(key)
                if value is not None and key in types and key in row.readable and not types[key].personal:
                    for kind, one in types[key].references(value):
                        wanted.setdefault(kind, set()).add(one)
        self.references.preload_all(wanted)


@dataclass(slots=True)
class TicketRow:
    """One ticket for one reader. ``columns`` are the ticket's own, by name; answers come through `value`."""

    columns: dict[str, Any]
    version: CompiledVersion
    reader: Reader = field(repr=False)
    #: Whether it is this reader's to change; asked of the ticket a page is about (`queries.ticket`), not of lists.
    yours: bool = False

    @property
    def id(self) -> int:
        """Return the ticket's key."""
        return int(self.columns["id"])

    @property
    def number(self) -> str:
        """Return what people call it."""
        return str(self.columns["number"])

    @property
    def subject(self) -> str:
        """Return what it is about."""
        return str(self.columns["subject"])

    @property
    def priority(self) -> int:
        """Return 1 urgent to 4 low."""
        return int(self.columns["priority"])

    @property
    def category(self) -> str:
        """Return the state's category: new, open, pending, resolved, closed."""
        return str(self.columns["category"])

    @property
    def state(self) -> str:
        """Return the state's key."""
        return str(self.columns["state"])

    @property
    def state_spec(self) -> State | None:
        """Return the state as its version knows it; that of a merged ticket is no version's."""
        return MERGED if self.is_merged else self.version.states.get(self.state)

    @property
    def is_merged(self) -> bool:
        """Whether it was merged into another ticket."""
        return self.state == MERGED.key

    @property
    def lock_version(self) -> int:
        """Return the version an edit is to be based on."""
        return int(self.columns["version"])

    @property
    def readable(self) -> frozenset[str]:
        """Return the keys of the answers this reader may see."""
        return self.version.readable(self.reader.actor)

    @property
    def is_overdue(self) -> bool:
        """Whether the present step's time limit has passed."""
        due: datetime | None = self.columns["due_at"]
        return due is not None and due < self.reader.work.now and self.category not in ("resolved", "closed")

    @property
    def age(self) -> timedelta:
        """Return how long it took, or has taken until now."""
        age: timedelta = (self.columns["closed_at"] or self.reader.work.now) - self.columns["created_at"]
        return age

    @property
    def values(self) -> dict[str, Any]:
        """Return the answers this reader may see, personal ones unsealed."""
        readable = self.readable
        return self.version.unsealed({key: one for key, one in self.columns["values"].items() if key in readable})

    @property
    def every_value(self) -> dict[str, Any]:
        """Return all answers, whoever reads: what conditions are judged by, and never shown as it is."""
        return self.version.unsealed(self.columns["values"])

    @property
    def visible(self) -> set[str]:
        """Return the keys of the fields the ticket has as it is, whoever reads."""
        return self.version.visible(self.every_value, self.columns)

    def state_label(self, locale: str) -> str:
        """Return what the state is called."""
        state = self.state_spec
        return label_in(state.labels, locale) if state else self.state

    def value(self, key: str) -> Any:
        """Return one answer, unsealed; None when there is none, or none for this reader."""
        stored = self.columns["values"].get(key)
        if stored is None or key not in self.readable:
            return None
        return self.version.types[key].open(stored)

    def shown(self, key: str, locale: str) -> str:
        """Return one answer as a line of text."""
        value = self.value(key)
        return "" if value is None else self.version.types[key].shown(value, self.reader.context(locale))

    def named(self, column: str) -> str:
        """Return how the thing a column points at is called; empty when it points at nothing."""
        key = self.columns[column]
        return "" if key is None else self.reader.references.label(POINTERS[column], key) or f"#{key}"

    @property
    def tags(self) -> list[str]:
        """Return what its tags are called."""
        labelled = self.reader.references.label
        return [labelled("tag", one) or f"#{one}" for one in self.columns[TAGS] or ()]

    def parts(self, column: str) -> Named:
        """Return name and code of the thing a column points at, each for itself; both empty when at nothing."""
        key = self.columns[column]
        if key is None:
            return Named("")
        return self.reader.references.named(POINTERS[column], key) or Named(f"#{key}")
