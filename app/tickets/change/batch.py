"""What all orders of one batch share: who asks, the context of cleaning, compiled versions and their traits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.core.i18n import LOCALES
from app.core.permissions import Actor
from app.core.work import Work
from app.tickets.change.number import Sequences, take
from app.tickets.change.plan import Plan
from app.tickets.origins import Origins
from app.tickets.references import DatabaseReferences
from ticket_templates.field_types.base import Context
from ticket_templates.versions import Cleaner, CompiledVersion
from ticket_templates.workflow import Takers


@dataclass(frozen=True, slots=True)
class Traits:
    """The fields of a version that need more than their value, by key."""

    files: tuple[str, ...]
    references: tuple[str, ...]
    checklist: frozenset[str]
    #: Sealed values that conditions look at; the others stay sealed, since opening is dear.
    asked_personal: frozenset[str]

    @classmethod
    def of(cls, version: CompiledVersion) -> "Traits":
        types = version.types
        return cls(
            files=tuple(key for key, one in types.items() if one.kind == "attachments"),
            references=tuple(key for key, one in types.items() if one.kind == "reference"),
            checklist=frozenset(item.key for item in version.spec.checklist),
            asked_personal=version.personal & {key for key, _fact in version.rules.asked},
        )


class Batch:
    """The surroundings of a batch; made once, used by each order."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.actor: Actor = work.actor
        self.references = DatabaseReferences(work, within_reach=True, hold=work.kept is None)
        self.sequences = Sequences()
        self.context = self._context(personal=self.actor.may("personal_data.read"))
        #: A subject is read by everybody who sees the ticket, so personal answers are masked in it.
        self.public_context = self._context(personal=False)
        #: The context in each language.
        self.contexts = {locale: replace(self.context, locale=locale) for locale in LOCALES}
        #: Who took the steps last on which it depends whether the ordered ones may be taken, by ticket.
        self.takers: Mapping[int, Takers] = {}
        #: What the records are known by that its tickets name, and named until now.
        self.origins = Origins(work, within_reach=False)
        self._traits: dict[int, Traits] = {}
        self._cleaners: dict[int, Cleaner] = {}

    def _context(self, *, personal: bool) -> Context:
        return Context(
            now=self.work.now,
            zone=self.work.company.zone,
            locale=self.actor.locale,
            currency=self.work.company.currency,
            references=self.references,
            personal=personal,
            sequence=self.sequences,
        )

    def traits(self, version: CompiledVersion) -> Traits:
        """Return the traits of a version, worked out once a batch."""
        traits = self._traits.get(version.id)
        if traits is None:
            traits = self._traits[version.id] = Traits.of(version)
        return traits

    def cleaner(self, version: CompiledVersion) -> Cleaner:
        """Return what cleans answers for tickets of ``version``; equal wishes are coerced once."""
        cleaner = self._cleaners.get(version.id)
        if cleaner is None:
            cleaner = self._cleaners[version.id] = version.cleaner(self.actor, self.context)
        return cleaner

    def decide(self, plan: Plan[Any], answer: Callable[[], None]) -> None:
        """Decide on a plan's answers; where they ask for numbers, that is done again when these are taken."""
        before = len(self.sequences.asked)
        answer()
        if scopes := self.sequences.asked[before:]:
            plan.scopes, plan.fill_in = scopes, answer

    def numbered(self, plans: Sequence[Plan[Any]], tickets: Sequence[tuple[str, datetime]] = ()) -> list[str]:
        """Take all numbers the accepted plans need; return those of new tickets (see `take`)."""
        scopes = [scope for plan in plans for scope in plan.scopes]
        if not scopes and not tickets:
            return []
        taken = take(self.work, tickets, scopes)
        self.sequences.given(taken.following)
        for plan in plans:
            if plan.fill_in is not None:
                plan.fill_in()
        return taken.numbers

    def asked(self, version: CompiledVersion, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return stored values with those personal ones opened that a condition asks about."""
        sealed = self.traits(version).asked_personal & values.keys()
        if not sealed:
            return values
        return {**values, **{key: version.types[key].open(values[key]) for key in sealed}}

    def preload(self, wishes: Iterable[tuple[CompiledVersion, Mapping[str, Any]]]) -> None:
        """Read the labels of everything the answers point at, one statement a kind."""
        wanted: dict[str, set[int | str]] = {}
        for version, answers in wishes:
            for key in self.traits(version).references:
                raw = answers.get(key)
                for one in raw if isinstance(raw, list | tuple) else (raw,):
                    if isinstance(one, int | str) and one != "" and not isinstance(one, bool):
                        wanted.setdefault(version.types[key].name, set()).add(one)
        for kind, keys in wanted.items():
            self.references.preload(kind, keys)

    def preload_known(self, tickets: Iterable[tuple[CompiledVersion, Mapping[str, Any]]], origins: Origins) -> None:
        """Read the labels of everything that what is known of the records of ``tickets`` (columns) points at."""
        wanted: dict[str, set[int | str]] = {}
        for version, columns in tickets:
            for key, raw in origins.answers(version, columns).items():
                for kind, one in version.types[key].references(raw):
                    wanted.setdefault(kind, set()).add(one)
        self.references.preload_all(wanted)
