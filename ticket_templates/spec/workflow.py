"""States and the ways between them, as an administrator defines them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from app.core.i18n import Label

#: Categories every state belongs to, whatever a company calls its states.
CATEGORIES = ("new", "open", "pending", "resolved", "closed")
#: What a step that clears names beside fields and holders: all ticks. No field is called so.
CHECKLIST: Final = "checklist"


@dataclass(frozen=True, slots=True)
class State:
    """A state of the workflow. ``limit_minutes``: how long a ticket may stay, by the wall clock for now."""

    key: str
    labels: Label
    category: str
    color: str = "blue"
    limit_minutes: int | None = None
    #: Who may change what a ticket says while it is in this state; empty: everybody who may change tickets.
    editable_by: frozenset[str] = frozenset()
    #: Whom a ticket in this state waits for: to approve it, to pay. Empty: whoever holds it.
    awaits: frozenset[str] = frozenset()
    #: While it waits for them only under a condition.
    awaits_when: Mapping[str, Any] | None = None
    #: Whom it waits for besides, whatever that condition says.
    awaits_always: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Need:
    """What a step asks for under a condition only: fields, and whatever `Transition.required` may name."""

    fields: tuple[str, ...]
    when: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SetField:
    """What a step answers by itself: the result of a formula over the answers there are when it is taken."""

    field: str
    formula: str


@dataclass(frozen=True)
class Transition:
    """A way from states to a state: who may take it, and what must be true then."""

    key: str
    labels: Label
    sources: tuple[str, ...]
    #: Empty: it leads nowhere, the ticket stays in the state it is in and its time there runs on.
    target: str = ""
    roles: frozenset[str] = frozenset()
    #: Keys of fields that must be answered, `assignee` among them where somebody must hold the ticket.
    required: tuple[str, ...] = ()
    #: What must be answered besides, where the condition holds.
    required_when: tuple[Need, ...] = ()
    guard: Mapping[str, Any] | None = None
    #: The guard is asked of the ticket as it stands, before what is typed with the step: whether anything is due, say.
    guard_first: bool = False
    #: What is said while the guard does not hold; empty: the guard itself, in words.
    message: Label = field(default_factory=dict)
    note_required: bool = False
    #: What is asked for by the note: a reason, say; empty: “Note”.
    note_labels: Label = field(default_factory=dict)
    #: Every required item of the checklist must be ticked.
    checklist: bool = False
    #: Fields the step empties, `checklist` among them for all ticks: what has to be said anew afterwards. `assignee`
    #: and `team`: whose hands it takes the ticket out of.
    clears: tuple[str, ...] = ()
    #: Fields the step answers by itself, whoever may type them: what is waived, say.
    sets: tuple[SetField, ...] = ()
    #: Fields the dialog of the step has beside those it asks for: computed ones to read, others to answer or to leave.
    shows: tuple[str, ...] = ()
    #: Transitions, by key: whoever took one of these last does not take this one.
    other_than: tuple[str, ...] = ()
    #: Transitions, by key: only where one of these was taken before is this one possible.
    after: tuple[str, ...] = ()
    #: Fields it asks for or shows where what is typed is what comes in this time: it is added to what is there.
    adds: tuple[str, ...] = ()
    #: As `adds`, of what goes out: it is taken off what is there.
    takes_off: tuple[str, ...] = ()
    #: What is asked for by that amount: “Given back this time”; empty: the field's name, and that it is of this time.
    amount_labels: Label = field(default_factory=dict)

    @cached_property
    def ways(self) -> Mapping[str, str]:
        """From which state it leads to which."""
        return {source: self.target or source for source in self.sources}

    @cached_property
    def moves(self) -> Mapping[str, int]:
        """The fields of which an amount comes in (1) or goes out (-1) with it."""
        return dict.fromkeys(self.adds, 1) | dict.fromkeys(self.takes_off, -1)

    @cached_property
    def gives(self) -> bool:
        """Whether it gives a ticket to somebody, who must be named to take it."""
        return "assignee" in self.required

    @cached_property
    def asks(self) -> bool:
        """Whether who takes it is asked for anything, or has to see something first."""
        return bool(self.required or self.required_when or self.note_required or self.checklist or self.shows)

    @cached_property
    def askable(self) -> tuple[str, ...]:
        """All that may have to be answered to take it, each once."""
        conditional = [key for need in self.required_when for key in need.fields]
        return tuple(dict.fromkeys([*self.required, *conditional]))


@dataclass(frozen=True, slots=True)
class Workflow:
    """States and transitions; tickets start in ``initial``."""

    initial: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
