"""The compiled version, as everybody else uses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.core.i18n import Label, label_in
from app.core.permissions import Actor
from ticket_templates.field_types.base import Context, FieldType
from ticket_templates.numbering import NumberFormat
from ticket_templates.spec import ChecklistItem, FieldUse, State, TemplateSpec, Transition
from ticket_templates.versions.cleaning import Cleaned, Cleaner
from ticket_templates.versions.compiled import CompiledSpec

#: Width of the ticket's column.
LONGEST_SUBJECT: Final = 300
#: What joins the parts of a subject and must not stay at its ends when a part is unanswered.
_JOINTS: Final = " ·-–—,，、/|:：;；"


@dataclass(frozen=True, slots=True)
class CompiledVersion:
    """A version of a template, ready for work on many tickets. Pure: it knows no database and no clock."""

    id: int
    number: int
    template_id: int
    template_key: str
    template_labels: Label
    withdrawn: bool
    rules: CompiledSpec

    @property
    def spec(self) -> TemplateSpec:
        """What the administrator defined."""
        return self.rules.spec

    @property
    def types(self) -> Mapping[str, FieldType]:
        """The bound field types of the fields in use, by key."""
        return self.rules.types

    @property
    def uses(self) -> Mapping[str, FieldUse]:
        """How each field is used, by key, in the order of the form."""
        return self.rules.uses

    @property
    def states(self) -> Mapping[str, State]:
        """The states, by key."""
        return self.rules.states

    @property
    def transitions(self) -> Mapping[str, Transition]:
        """The transitions, by key."""
        return self.rules.transitions

    @property
    def initial(self) -> str:
        """The key of the state tickets start in."""
        return self.spec.workflow.initial

    @property
    def numbers(self) -> NumberFormat:
        """How tickets are numbered."""
        return self.rules.numbers

    @property
    def personal(self) -> frozenset[str]:
        """Keys of the fields whose values are sealed at rest."""
        return self.rules.personal

    def label(self, locale: str) -> str:
        """Return the template's name in ``locale``."""
        return label_in(self.template_labels, locale)

    def cleaner(self, actor: Actor, context: Context) -> Cleaner:
        """Return what cleans the answers of ``actor`` for a batch of tickets, coercing each wish once."""
        return Cleaner(self.rules, actor, context)

    def clean(
        self,
        answers: Mapping[str, Any],
        stored: Mapping[str, Any],
        *,
        actor: Actor,
        context: Context,
        facts: Mapping[str, Any],
        creating: bool = False,
        origins: Mapping[str, Any] | None = None,
        moves: Mapping[str, int] | None = None,
        step: str = "",
    ) -> Cleaned:
        """Return the complete new values of one ticket, or the refusals (see `Cleaner.clean`)."""
        return self.cleaner(actor, context).clean(
            answers, stored, facts, creating=creating, origins=origins or {}, moves=moves or {}, step=step
        )

    def visible(self, values: Mapping[str, Any], facts: Mapping[str, Any]) -> set[str]:
        """Return the keys of the fields that show, given the ticket's columns and (unsealed) values."""
        return set(self.uses) - self.rules.hidden(self.rules.facts(facts, values))

    def items(self, values: Mapping[str, Any], facts: Mapping[str, Any]) -> list[ChecklistItem]:
        """Return the items of the checklist a ticket has, given its columns and (unsealed) values."""
        return self.rules.items(self.rules.facts(facts, values))

    def readable(self, actor: Actor) -> frozenset[str]:
        """Return the keys of the fields ``actor`` may see."""
        return self.rules.access(actor).readable

    def writable(self, actor: Actor, state: str | None = None) -> frozenset[str]:
        """Return the keys of the fields ``actor`` may type; on a ticket in ``state``, but for those settled there."""
        return self.rules.access(actor).writable - self.rules.standing(state).settled

    def recordable(self, actor: Actor) -> frozenset[str]:
        """Return the keys ``actor`` may fill for a ticket of the past: here only steps change what it had counted."""
        access = self.rules.access(actor)
        return access.writable | (access.movable & self.rules.recorded)

    def movable(self, actor: Actor, moves: Mapping[str, int], state: str | None) -> frozenset[str]:
        """Return which of what a step out of ``state`` ``moves`` is ``actor``'s to say an amount of."""
        return self.rules.access(actor).movable & moves.keys() - self.rules.standing(state).settled

    def missing(self, values: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
        """Return the visible fields that must be answered before the work counts as done, in order."""
        seen = self.rules.facts(facts, values)
        hidden = self.rules.hidden(seen)
        return [
            key
            for key in self.uses
            if key not in hidden and values.get(key) is None and self.rules.is_required(key, seen)
        ]

    def subject_of(self, values: Mapping[str, Any], context: Context) -> str:
        """Return the subject the template makes of the (unsealed) values; its own name when that is empty.

        Everybody who sees the ticket reads it, so what not everybody may see is left out.
        """
        parts = list(self.rules.subject_parts)
        for index in range(1, len(parts), 2):
            key = parts[index]
            value = None if key in self.rules.readers else values.get(key)
            parts[index] = "" if value is None or key not in self.types else self.types[key].shown(value, context)
        text = " ".join(_joined(parts).split()).strip(_JOINTS)
        return (text or self.label(context.locale))[:LONGEST_SUBJECT]

    def unsealed(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return stored values with the personal ones readable, as everything here takes them."""
        values = dict(stored)
        for key in self.personal & values.keys():
            values[key] = self.types[key].open(values[key])
        return values

    def sealed(self, values: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``values`` as they are stored; a personal one that did not change keeps the seal it has."""
        sealed = dict(values)
        for key in self.personal & sealed.keys():
            old = stored.get(key)
            if old is not None and self.types[key].open(old) == sealed[key]:
                sealed[key] = old
            else:
                sealed[key] = self.types[key].seal(sealed[key])
        return sealed


def _joined(parts: Sequence[str]) -> str:
    """Return the text of a pattern: words, value, words, value, words. A value that is empty takes its joint along."""
    text = parts[0]
    for value, words in zip(parts[1::2], parts[2::2], strict=True):
        text += value
        doubled = not value and not words.strip(_JOINTS) and text.rstrip()[-1:] in tuple(_JOINTS)
        text += " " if doubled else words
    return text
