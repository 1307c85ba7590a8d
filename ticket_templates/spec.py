"""The typed content of a template version: fields, sections, workflow, checklist, numbering, print.

Everything is frozen and self-contained: a version carries the field definitions as they were when it was
published. `as_json` / `from_json` are exact inverses; the JSON is what `template_version.spec` holds.
Conditions are trees of `app.conditions` over the fields of the ticket.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from app.core.i18n import Label, _
from ticket_templates.codec import (
    Flag,
    Keyed,
    LabelText,
    ListOf,
    OneOf,
    Optional,
    Path,
    Plain,
    PlainMapping,
    Problem,
    ProblemsError,
    Shape,
    Text,
    Whole,
)

#: Categories every state belongs to, whatever a company calls its states.
CATEGORIES = ("new", "open", "pending", "resolved", "closed")
#: What a step that clears names beside fields and holders: all ticks. No field is called so.
CHECKLIST: Final = "checklist"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a field. Retired: old values stay readable, new ones are refused. Children: a cascade."""

    key: str
    labels: Label
    color: str = ""
    retired: bool = False
    children: tuple["Option", ...] = ()


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field definition as this version knows it. ``settings`` are those of its type.

    ``indexed`` is the library's alone: it says nothing of what a ticket is, so versions do not carry it.
    """

    key: str
    type: str
    labels: Label
    help: Label = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class FieldUse:
    """How one section uses a field. Empty role sets name everybody. ``width`` is of 12 columns; 0: its type's own."""

    field: str
    required: bool = False
    required_when: Mapping[str, Any] | None = None
    visible_when: Mapping[str, Any] | None = None
    read_only: bool = False
    default: Any = None
    #: What of the ticket's customer, site or product answers it when nobody did (`ticket_templates.origins`).
    default_from: str = ""
    width: int = 0
    read_roles: frozenset[str] = frozenset()
    write_roles: frozenset[str] = frozenset()
    #: States in which its answer may be changed; empty: all. Elsewhere it is settled, what was approved say.
    editable_in: tuple[str, ...] = ()
    #: An amount that changed hands only grows, but for these states, where what went back is said; empty: no such.
    lowered_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of fields, in order. ``on_create`` False: filled later, during the work."""

    key: str
    labels: Label
    fields: tuple[FieldUse, ...]
    on_create: bool = True


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


@dataclass(frozen=True, slots=True)
class Need:
    """What a step asks for under a condition only: fields, and whatever `Transition.required` may name."""

    fields: tuple[str, ...]
    when: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
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

    @property
    def ways(self) -> Mapping[str, str]:
        """From which state it leads to which."""
        return {source: self.target or source for source in self.sources}

    @property
    def moves(self) -> Mapping[str, int]:
        """The fields of which an amount comes in (1) or goes out (-1) with it."""
        return dict.fromkeys(self.adds, 1) | dict.fromkeys(self.takes_off, -1)

    @property
    def asks(self) -> bool:
        """Whether who takes it is asked for anything, or has to see something first."""
        return bool(self.required or self.required_when or self.note_required or self.checklist or self.shows)

    @property
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


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to have done before the ticket may close; ``when``: only a ticket of which that holds has it."""

    key: str
    labels: Label
    required: bool = True
    when: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """What several answers may not say together: the answer of ``field`` is refused while a formula is true.

    Or what they rarely say: it is doubted then, and taken once somebody says that it is right. The formula knows the
    fields by key, ``created_at``, when the ticket was made, and ``now``, when it is answered.
    """

    field: str
    message: Label
    #: One of the two.
    refuse_when: str = ""
    warn_when: str = ""

    @property
    def formula(self) -> str:
        """When it says something."""
        return self.refuse_when or self.warn_when


@dataclass(frozen=True, slots=True)
class Numbering:
    """``WX-{yyyy}{mm}{dd}-{seq:4}``: the text before ``{seq}`` is the scope within which numbers have no gap."""

    pattern: str


@dataclass(frozen=True, slots=True)
class PrintLayout:
    """The service report: its title, the sections printed in order (empty: all), and what else it shows."""

    title: Label
    sections: tuple[str, ...] = ()
    photos: bool = True
    checklist: bool = True
    signature: bool = True
    footer: Label = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateSpec:
    """All a ticket needs to know of its template. ``subject`` is a pattern of field keys: ``{product} {fault}``."""

    fields: Mapping[str, FieldSpec]
    sections: tuple[Section, ...]
    workflow: Workflow
    numbering: Numbering
    print: PrintLayout
    checklist: tuple[ChecklistItem, ...] = ()
    checks: tuple[Check, ...] = ()
    #: What a new ticket must name besides its fields: customer, contact, site, installed_product.
    required: tuple[str, ...] = ()
    subject: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the plain data `from_json` reads back as this; defaults are left out, sets are sorted."""
        return TEMPLATE.write(self)

    def checksum(self) -> str:
        """Return the SHA-256 of the canonical JSON: equal exactly when two specs say the same."""
        return hashlib.sha256(orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)).hexdigest()


def from_json(data: Any) -> TemplateSpec:
    """Return the spec ``data`` describes; ProblemsError, with the path of each problem, when it describes none.

    Only the form is checked here; whether the parts fit together is `validation`'s question.
    """
    problems: list[Problem] = []
    spec: TemplateSpec = TEMPLATE.read(data, (), problems)
    if problems:
        raise ProblemsError(problems)
    return spec


MOST_FIELDS: Final = 300
MOST_OPTIONS: Final = 5000
MOST_STATES: Final = 60
MOST_TRANSITIONS: Final = 300

#: Keys of fields, options, sections, states, transitions, checklist items and templates.
KEY: Final = Text(
    60,
    pattern=re.compile(r"[a-z][a-z0-9_]*"),
    shape=_("a key of small letters, digits and _ that begins with a letter"),
)
#: States and transitions are stored in narrower columns.
SHORT_KEY: Final = Text(40, pattern=KEY.pattern, shape=KEY.shape)
#: Options may be called what the outside world calls them: E-07, 3.1.
OPTION_KEY: Final = Text(
    60, pattern=re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*"), shape=_("a key of letters, digits and _ . -")
)
COLOR: Final = Text(20, pattern=re.compile(r"[a-z0-9-]*"), shape=_("the name of a colour, e.g. blue"))
LABEL: Final = LabelText(120)
HELP: Final = LabelText(1000, empty=True, lines=True)
MESSAGE: Final = LabelText(300)
TREE: Final = PlainMapping()
CONDITION: Final = Optional(TREE)
ROLES: Final = ListOf(Text(64, empty=False), 50, unordered=True)


class _Options(ListOf):
    """Options in options: a cascade."""

    def __init__(self) -> None:
        super().__init__(Plain(), MOST_OPTIONS)

    def read(self, raw: Any, path: Path, problems: list[Problem]) -> Any:
        return ListOf(OPTION, MOST_OPTIONS).read(raw, path, problems)

    def write(self, value: Any) -> list[Any]:
        return ListOf(OPTION, MOST_OPTIONS).write(value)


OPTIONS: Final = _Options()
OPTION: Final = Shape(Option, key=OPTION_KEY, labels=LABEL, color=COLOR, retired=Flag(), children=OPTIONS)
FIELD: Final = Shape(
    FieldSpec,
    key=KEY,
    type=Text(40, empty=False),
    labels=LABEL,
    help=HELP,
    options=OPTIONS,
    settings=PlainMapping(),
    indexed=Flag(),
)
USE: Final = Shape(
    FieldUse,
    field=KEY,
    required=Flag(),
    required_when=CONDITION,
    visible_when=CONDITION,
    read_only=Flag(),
    default=Plain(),
    default_from=Text(60),
    width=Whole(1, 12),
    read_roles=ROLES,
    write_roles=ROLES,
    editable_in=ListOf(SHORT_KEY, MOST_STATES),
    lowered_in=ListOf(SHORT_KEY, MOST_STATES),
)
SECTION: Final = Shape(Section, key=KEY, labels=LABEL, on_create=Flag(), fields=ListOf(USE, MOST_FIELDS))
STATE: Final = Shape(
    State,
    key=SHORT_KEY,
    labels=LABEL,
    category=OneOf(CATEGORIES),
    color=COLOR,
    limit_minutes=Optional(Whole(1, 5_256_000)),
    editable_by=ROLES,
    awaits=ROLES,
    awaits_when=CONDITION,
)
TRANSITION: Final = Shape(
    Transition,
    key=SHORT_KEY,
    labels=LABEL,
    sources=ListOf(SHORT_KEY, MOST_STATES),
    target=SHORT_KEY,
    roles=ROLES,
    required=ListOf(KEY, MOST_FIELDS),
    required_when=ListOf(Shape(Need, fields=ListOf(KEY, MOST_FIELDS), when=TREE), 50),
    guard=CONDITION,
    message=LabelText(300, empty=True),
    note_required=Flag(),
    note_labels=LabelText(120, empty=True),
    checklist=Flag(),
    clears=ListOf(KEY, MOST_FIELDS),
    shows=ListOf(KEY, MOST_FIELDS),
    other_than=ListOf(SHORT_KEY, MOST_TRANSITIONS),
    after=ListOf(SHORT_KEY, MOST_TRANSITIONS),
    adds=ListOf(KEY, MOST_FIELDS),
    takes_off=ListOf(KEY, MOST_FIELDS),
    amount_labels=LabelText(120, empty=True),
)
WORKFLOW: Final = Shape(
    Workflow, initial=SHORT_KEY, states=ListOf(STATE, MOST_STATES), transitions=ListOf(TRANSITION, MOST_TRANSITIONS)
)
TEMPLATE: Final = Shape(
    TemplateSpec,
    fields=Keyed(FIELD, MOST_FIELDS),
    sections=ListOf(SECTION, 50),
    workflow=WORKFLOW,
    checklist=ListOf(Shape(ChecklistItem, key=KEY, labels=LABEL, required=Flag(), when=CONDITION), 100),
    checks=ListOf(Shape(Check, field=KEY, refuse_when=Text(1000), warn_when=Text(1000), message=MESSAGE), 50),
    numbering=Shape(Numbering, pattern=Text(60, empty=False)),
    required=ListOf(KEY, 10),
    subject=Text(200),
    print=Shape(
        PrintLayout,
        title=LABEL,
        sections=ListOf(KEY, 50),
        photos=Flag(),
        checklist=Flag(),
        signature=Flag(),
        footer=HELP,
    ),
)
