"""The journal in words: labels of fields, old and new values as people read them, hidden fields left out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from babel.dates import format_datetime

from app.core.i18n import Label, Message, _, label_in, spoken
from app.tickets.columns import CHANNELS, VALUE
from app.tickets.links import naming
from app.tickets.links.kinds import LABELS as LINKED
from app.tickets.links.kinds import LINK, MOVED
from app.tickets.merged import MERGED
from app.tickets.priorities import PRIORITIES
from app.tickets.rows import POINTERS, TAGS, TicketRow
from ticket_templates.field_types.base import listed
from ticket_templates.field_types.text import JOINT

ITEM: Final = "checklist."
LABELS: Final[Mapping[str, Message]] = {
    "subject": _("Subject"),
    "state": _("State"),
    "priority": _("Priority"),
    "channel": _("Channel"),
    "customer_id": _("Customer"),
    "contact_id": _("Contact"),
    "site_id": _("Site"),
    "installed_product_id": _("Installed product"),
    "assignee_id": _("Assignee"),
    "team_id": _("Team"),
    "outlet_id": _("Outlet"),
    "tags": _("Tags"),
    "created_at": _("Created"),
    "external_id": _("External number"),
    "watcher": _("Watcher"),
    MOVED: _("Notes moved"),
}
_LINK_LABELS: Final[Mapping[str, Message]] = {
    **{LINK + name: label for name, label in LINKED.items()},
    naming.MERGED_INTO: _("Merged into"),
}
_WORDS: Final[Mapping[str, Mapping[Any, Message]]] = {"priority": PRIORITIES, "channel": CHANNELS}
#: Kept for replaying, of no interest to a reader.
_SILENT: Final = frozenset(
    {"number", "template_id", "version_id", "created_by_id", "external_source", "submission_key", "state_since"}
)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's change: its name in the journal, label, and both values as text ("" for none)."""

    field: str
    label: Message | Label
    old: str
    new: str
    #: Ids of files that left the field; they stay with the ticket.
    gone: tuple[int, ...] = ()
    #: An answer as it was stored before: two values may read the same.
    stored: Any = None
    #: What came in or went out with the step: “+¥100.00” of an amount, the new number of a text that becomes longer.
    moved: str = ""
    #: Said once more as it stood, beside an amount that moved: by which way it was paid, say.
    again: bool = False


class Wording:
    """Puts the journal of one ticket into its reader's language."""

    def __init__(self, detail: TicketRow) -> None:
        self.detail = detail
        self.reader = detail.reader
        self.locale = detail.reader.actor.locale
        #: Numbers of other tickets the journal names, as far as they are within reach.
        self.numbers: dict[int, str] = {}

    def preload(self, changes: Iterable[Mapping[str, Sequence[Any]]], people: Iterable[int | None]) -> None:
        """Read the labels all ``changes`` mention, one statement a kind."""
        changes = list(changes)
        self.numbers |= naming.numbers(self.reader.work, set().union(*map(naming.others, changes)))
        wanted: dict[str, set[Any]] = {"user": {one for one in people if one is not None}}
        types, readable = self.detail.version.types, self.detail.readable
        for change in changes:
            for name, pair in change.items():
                key = name.removeprefix(VALUE)
                for one in (value for value in pair if value is not None):
                    if name in POINTERS or name == "watcher":
                        wanted.setdefault(POINTERS.get(name, "user"), set()).add(one)
                    elif name == TAGS:
                        wanted.setdefault("tag", set()).update(one)
                    elif name.startswith(VALUE) and key in readable and not types[key].personal:
                        for kind, other in types[key].references(one):
                            wanted.setdefault(kind, set()).add(other)
        self.reader.references.preload_all(wanted)

    def person(self, user_id: int | None) -> str:
        """Return who did it; the system has no name of its own."""
        if user_id is None:
            return _("System").in_(self.locale)
        return self.reader.references.label("user", user_id) or f"#{user_id}"

    def transition(self, key: str | None) -> str | None:
        """Return what the step taken is called."""
        if key is None:
            return None
        known = self.detail.version.transitions.get(key)
        return label_in(known.labels, self.locale) if known else key

    def changes(self, changes: Mapping[str, Sequence[Any]], transition: str | None = None) -> tuple[FieldChange, ...]:
        """Return the changes this reader may see, in the order of the journal; ``transition`` made them, if one did."""
        found = [self._change(name, old, new) for name, (old, new) in changes.items() if name not in _SILENT]
        step = self.detail.version.transitions.get(transition or "")
        moves = {f"{VALUE}{key}" for key in step.moves} if step else set[str]()
        return tuple(
            replace(one, moved=self._amount(one.field, *changes[one.field])) if one.field in moves else one
            for one in found
            if one is not None
        )

    def moved(self, changes: Sequence[FieldChange], transition: str | None) -> str:
        """Return what came in or went out with a step, and what was told with it: “Received +¥50.00 · Cash”, or ""."""
        step = self.detail.version.transitions.get(transition or "")
        rules = self.detail.version.rules
        moved = [one for one in changes if one.moved]
        if step is None or not moved:
            return ""
        told = {f"{VALUE}{key}" for key in rules.told_with(step)}
        # The amount leads, by its name: what is received more of came in, what is refunded more of went out.
        amounts = {one.field for one in moved if rules.counts(one.field.removeprefix(VALUE))}
        named = [f"{spoken(one.label, self.locale)} {one.moved}" for one in moved if one.field in amounts]
        beside = [one.moved for one in moved if one.field not in amounts]
        return " · ".join([*named, *beside, *(one.new for one in changes if one.field in told and one.new)])

    def _amount(self, name: str, old: Any, new: Any) -> str:
        """Return by how much an amount became more or less, and by what a text became longer."""
        kind = self.detail.version.types[name.removeprefix(VALUE)]
        if isinstance(new, str) and isinstance(old, str | None):
            return new.removeprefix(old or "").removeprefix(JOINT)
        before, after = ((0 if one is None else kind.open(one)) for one in (old, new))
        if not (isinstance(before, int) and isinstance(after, int)):
            return ""
        shown = kind.shown(abs(after - before), self.reader.context(self.locale))
        return f"+{shown}" if after > before else f"\u2212{shown}"

    def _change(self, name: str, old: Any, new: Any) -> FieldChange | None:
        version = self.detail.version
        if name.startswith(VALUE):
            key = name.removeprefix(VALUE)
            if key not in self.detail.readable:
                return None
            label: Message | Label = version.spec.fields[key].labels
            gone = self._gone(key, old, new)
            return FieldChange(
                name, label, self._value(key, old), self._value(key, new), gone, stored=old, again=old == new
            )
        if name.startswith(ITEM):
            item = name.removeprefix(ITEM)
            label = next((one.labels for one in version.spec.checklist if one.key == item), {"en": item})
            return FieldChange(name, label, self._ticked(old), self._ticked(new))
        if naming.is_naming(name):
            before, after = (self.numbers.get(one, "") for one in (old, new))
            known = before or after
            return FieldChange(name, _LINK_LABELS[name], before, after) if known else None
        if name == "state" and old == new:
            return None  # a step that stays where it is says so by its own name
        label = LABELS.get(name, {"en": name})
        return FieldChange(name, label, self._column(name, old), self._column(name, new))

    def _value(self, key: str, stored: Any) -> str:
        if stored is None:
            return ""
        kind = self.detail.version.types[key]
        return kind.in_full(kind.open(stored), self.reader.context(self.locale))

    def _gone(self, key: str, old: Any, new: Any) -> tuple[int, ...]:
        kind = self.detail.version.types[key]
        if old is None or kind.kind != "attachments":
            return ()
        kept = set(kind.files(new)) if new is not None else set()
        return tuple(one for one in kind.files(old) if one not in kept)

    def _ticked(self, tick: Any) -> str:
        return _("done").in_(self.locale) if tick else ""

    def _column(self, name: str, value: Any) -> str:
        if value is None:
            return ""
        if name == "state":
            state = MERGED if value == MERGED.key else self.detail.version.states.get(value)
            return label_in(state.labels, self.locale) if state else str(value)
        if name in POINTERS or name == "watcher":
            return self.reader.references.label(POINTERS.get(name, "user"), value) or f"#{value}"
        if name == TAGS:
            return listed([self.reader.references.label("tag", one) or f"#{one}" for one in value], self.locale)
        if name == "created_at":
            moment = datetime.fromisoformat(value).astimezone(self.reader.work.company.zone)
            return str(format_datetime(moment, "yyyy-MM-dd HH:mm", locale=self.locale))
        words = _WORDS.get(name, {})
        return words[value].in_(self.locale) if value in words else str(value)
