"""What a template is made of, besides its workflow: fields and their uses, checklist, checks, numbers, the report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.i18n import Label


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
    #: It is doubted with these steps only, be it that they take off from the field; empty: with whatever adds to it.
    steps: tuple[str, ...] = ()

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
