"""The targets that take one of a list: what may be chosen, and what a text of the file already means to them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from sqlalchemy import select

from app.core.db import folded
from app.core.i18n import LOCALES, Label, Message
from app.core.work import Work
from app.exchange.mapping import ANSWERS, ImportMapping
from app.exchange.row_orders import PRIORITY_WORDS, states_by_word
from app.people import scope
from app.people.assignees import ASSIGNABLE
from app.people.models import Account, Outlet, Team
from app.tickets.priorities import PRIORITIES
from ticket_templates.field_types.base import Context, FieldError
from ticket_templates.versions import CompiledVersion

Word = Message | Label | str
#: Below this, a likeness is chance.
ENOUGH: Final = 0.6


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What one target takes. ``choices`` are (key, label); ``means`` tells the choice a text stands for, or None."""

    choices: tuple[tuple[str, Word], ...]
    means: Callable[[str], str | None]

    def label(self, key: str) -> Word:
        """Return how a choice is called."""
        return next((label for one, label in self.choices if one == key), key)

    def resembling(self, text: str) -> str:
        """Return the choice that is called most alike, or the empty text."""
        wanted = folded(text)
        best, found = ENOUGH, ""
        for key, label in self.choices:
            for word in _words(key, label):
                likeness = 0.9 if len(word) > 1 and word in wanted else SequenceMatcher(None, wanted, word).ratio()
                if likeness > best:
                    best, found = likeness, key
        return found


def vocabularies(work: Work, version: CompiledVersion, mapping: ImportMapping) -> dict[str, Vocabulary]:
    """Return the vocabulary of each target of ``mapping`` that has one."""
    known = {one.target: vocabulary(work, version, one.target) for one in mapping.columns}
    return {target: found for target, found in known.items() if found is not None}


def vocabulary(work: Work, version: CompiledVersion, target: str) -> Vocabulary | None:
    """Return what ``target`` takes, or None where that is no list."""
    if target.startswith(ANSWERS):
        return _answers(work, version, target.removeprefix(ANSWERS))
    return _columns(work, version, target)


def _columns(work: Work, version: CompiledVersion, target: str) -> Vocabulary | None:
    if target == "state":
        states = tuple((key, state.labels) for key, state in version.states.items())
        words = states_by_word(version)
        return Vocabulary(states, lambda text: words.get(folded(text.strip())))
    if target == "priority":
        priorities = tuple((str(number), label) for number, label in PRIORITIES.items())
        return Vocabulary(priorities, lambda text: _texts(PRIORITY_WORDS.get(folded(text.strip()))))
    if target == "outlet":
        rows = _rows(work, Outlet.code, Outlet.name, Outlet.active, scope.outlets(work.actor))
        return _named(rows, folded)
    if target == "team":
        return _named(_rows(work, Team.code, Team.name, Team.active), str)
    if target == "assignee":
        return _named(_rows(work, Account.username, Account.name, ASSIGNABLE), str)
    return None


def _rows(work: Work, code: Any, name: Any, active: Any, *reach: Any) -> list[tuple[str, str]]:
    return [(one, called) for one, called in work.session.execute(select(code, name).where(active, *reach))]


def _named(rows: Iterable[tuple[str, str]], same: Callable[[str], str]) -> Vocabulary:
    """Return a vocabulary of things with a code and a name; a name that two share means neither."""
    words: dict[str, str] = {}
    choices = sorted(((code, name or code) for code, name in rows), key=lambda one: one[1])
    for code, name in choices:
        words[same(name)] = "" if same(name) in words else code
    words |= {same(code): code for code, _name in choices}
    return Vocabulary(tuple(choices), lambda text: words.get(same(text.strip())) or None)


def _answers(work: Work, version: CompiledVersion, key: str) -> Vocabulary | None:
    field_type = version.types.get(key)
    if field_type is None or not field_type.spec.options:
        return None
    company = work.company
    context = Context(now=work.now, zone=company.zone, locale=work.actor.locale, currency=company.currency)

    def means(text: str) -> str | None:
        try:
            value = field_type.from_excel(text, context)
        except FieldError:
            return None
        return _texts(value)

    known = field_type.condition_field()
    # Of a tree, only where a way through it may end.
    options = (known.options or {}).items()
    choices = tuple((one, labels) for one, labels in options if one not in known.retired and means(one))
    return Vocabulary(choices, means)


def _texts(value: Any) -> str | None:
    """Return a canonical answer as the key of a choice; several answers stand beside each other."""
    if value is None:
        return None
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _words(key: str, label: Word) -> set[str]:
    if isinstance(label, Message):
        spoken = {label.in_(locale) for locale in LOCALES}
    else:
        spoken = {label} if isinstance(label, str) else set(label.values())
    return {folded(word) for word in (key, *spoken) if word}
