"""The typed content of a template version: fields, sections, workflow, checklist, numbering, print.

Everything is frozen and self-contained: a version carries the field definitions as they were when it was
published. `as_json` / `from_json` are exact inverses; the JSON is what `template_version.spec` holds.
Conditions are trees of `app.conditions` over the fields of the ticket.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import Label

#: Categories every state belongs to, whatever a company calls its states.
CATEGORIES = ("new", "open", "pending", "resolved", "closed")


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
    """A field definition as this version knows it. ``settings`` are those of its type."""

    key: str
    type: str
    labels: Label
    help: Label = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldUse:
    """How one section uses a field. Empty role sets name everybody. ``width`` is of 12 columns."""

    field: str
    required: bool = False
    required_when: Mapping[str, Any] | None = None
    visible_when: Mapping[str, Any] | None = None
    read_only: bool = False
    default: Any = None
    width: int = 6
    read_roles: frozenset[str] = frozenset()
    write_roles: frozenset[str] = frozenset()


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


@dataclass(frozen=True, slots=True)
class Transition:
    """A way from states to a state: who may take it, and what must be true then."""

    key: str
    labels: Label
    sources: tuple[str, ...]
    target: str
    roles: frozenset[str] = frozenset()
    #: Keys of fields that must be answered, `assignee` among them where somebody must hold the ticket.
    required: tuple[str, ...] = ()
    guard: Mapping[str, Any] | None = None
    note_required: bool = False
    #: Every required item of the checklist must be ticked.
    checklist: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """States and transitions; tickets start in ``initial``."""

    initial: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to have done before the ticket may close."""

    key: str
    labels: Label
    required: bool = True


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
    subject: str = ""
