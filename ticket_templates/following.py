"""What goes along when a ticket gets another customer, contact, site or product: answers that came from the former.

What somebody typed himself is another answer than the former gave, and stays. Pure, over versions.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.core.errors import Refusal
from app.core.i18n import Label, Message, _, listing
from ticket_templates import standing
from ticket_templates.emptying import shortened, unread
from ticket_templates.field_types.base import Context
from ticket_templates.origins import ORIGINS
from ticket_templates.versions import Cleaned, Cleaner, CompiledVersion
from ticket_templates.versions.checking import DOUBTED

_NONE: Final = "–"


@dataclass(frozen=True, slots=True)
class Follower:
    """An answer that goes along: with which of the ticket's columns, and what it becomes (None: it is emptied)."""

    column: str
    value: Any
    #: Nothing was known before: what stands there is nothing, or what the template says of all.
    is_first: bool
    #: Nothing is known now, and it has to be answered: what stands there stays.
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What a ticket's records are known by, before and after: raw values by name (`ticket_templates.origins`)."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    #: The ticket's columns as they will be.
    columns: Mapping[str, Any]


def followers(
    cleaner: Cleaner, before: Mapping[str, Any], columns: Collection[str], known: Known, said: Collection[str]
) -> dict[str, Follower]:
    """Return by field what follows the ``columns`` that change; what the order ``said`` of a field holds."""
    found: dict[str, Follower] = {}
    seen = cleaner.rules.facts(known.columns, before)
    for key, name in cleaner.rules.origins.items():
        origin = ORIGINS.get(name)
        if origin is None or f"{origin.record}_id" not in columns or key in said:
            continue
        held = before.get(key)
        if held is not None and held != cleaner.begun(key, known.old, before):
            continue
        value = cleaner.begun(key, known.new, before)
        if value != held:
            stays = value is None and cleaner.rules.is_required(key, seen)
            is_first = held is None or name not in known.old
            found[key] = Follower(f"{origin.record}_id", held if stays else value, is_first, stays)
    return found


def settled(version: CompiledVersion, state: str, before: Mapping[str, Any], moves: Collection[str] = ()) -> set[str]:
    """Return the fields nobody changes in ``state``: settled there, or told with an amount on record."""
    return {*version.rules.standing(state).settled, *standing.booked(version, before, moves)}


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells at the column that changes what goes along with it; what one may not read is counted."""

    version: CompiledVersion
    before: Mapping[str, Any]
    cleaned: Cleaned
    found: Mapping[str, Follower]
    readable: Collection[str]
    #: By language; what is said is read in another one by others.
    contexts: Mapping[str, Context]

    def barred(self, state: str, moves: Collection[str] = ()) -> list[Refusal]:
        """Return what cannot be, since in ``state`` an answer stands that would go along."""
        stands = settled(self.version, state, self.before, moves)
        kept = self.version.rules.standing(state).kept
        stands |= {key for key in kept if self.cleaned.values.get(key) is None}
        return [
            Refusal(
                _(
                    "In the state “%(state)s” this cannot change: %(changes)s. First take a step to where it can.",
                    state=self.version.states[state].labels, changes=self._said(keys),
                ),
                column,
                "settled",
            )
            for column, keys in self._by_column(stands).items()
        ]  # fmt: skip

    def asked(self, besides: Mapping[str, Message]) -> list[Refusal]:
        """Return what somebody is asked about before it is saved: answers that are there become others.

        ``besides``: what else goes along with a column, in words.
        """
        found = self._by_column(self.found.keys())
        asked = []
        for column in dict.fromkeys((*found, *besides)):
            keys, also = found.get(column, []), [besides[column]] if column in besides else []
            # To fill in what nobody answered takes nothing away.
            if also or any(self.before.get(key) is not None for key in keys):
                changes = self._said(keys, also)
                asked.append(Refusal(_("Saving this also changes: %(changes)s.", changes=changes), column, DOUBTED))
        return [*asked, *self._staying()]

    def _staying(self) -> list[Refusal]:
        """Return what stays, though it came from the former: it has to be answered, and nobody knows it better."""
        by_column: dict[str, list[Message]] = {}
        for key, one in self.found.items():
            if one.stays and key in self.readable and key not in self.cleaned.hidden:
                label, answer = self.version.spec.fields[key].labels, self._shown(key, self.before)
                by_column.setdefault(one.column, []).append(_("%(field)s: %(answer)s", field=label, answer=answer))
        message = _("This has to be answered and stays as it is, please check: %(answers)s.")
        return [Refusal(message.with_(answers=listing(named)), column, DOUBTED) for column, named in by_column.items()]

    def _by_column(self, keys: Collection[str]) -> dict[str, list[str]]:
        by_column: dict[str, list[str]] = {}
        for key, one in self.found.items():
            changes = self.before.get(key) != self.cleaned.values.get(key)
            # What is hidden is said to be emptied.
            if key in keys and changes and key not in self.cleaned.hidden:
                by_column.setdefault(one.column, []).append(key)
        return by_column

    def _said(self, keys: Collection[str], also: Iterable[Message] = ()) -> Message:
        named = [self._change(key) for key in keys if key in self.readable]
        return listing([*named, *also, *unread(len(keys) - len(named))])

    def _change(self, key: str) -> Message:
        return changed(
            self.version.spec.fields[key].labels, self._shown(key, self.before), self._shown(key, self.cleaned.values)
        )

    def _shown(self, key: str, values: Mapping[str, Any]) -> Label | str:
        if values.get(key) is None:
            return _NONE
        ftype, value = self.version.types[key], values[key]
        return {locale: shortened(ftype.shown(value, context)) for locale, context in self.contexts.items()}


def changed(label: object, old: object, new: object) -> Message:
    """Return what changes, in words."""
    return _("%(field)s: %(old)s → %(new)s", field=label, old=old, new=new)
