"""What a field type declares of itself: the settings it has, the proofs of what it takes, and how it refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import DomainError
from app.core.i18n import Message


class FieldError(DomainError):
    """The raw value cannot become a value of this type; the caller puts the field's key before the places."""


class Moving(str):
    """A word for a moment that moves with time, where a template's author wrote it: nobody's answer."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a type: how the designer asks for it.

    ``kind``: int, decimal (a number, or one as text), text, bool, choice, formula, columns, value (any canonical
    value of the field itself).
    """

    name: str
    kind: str
    label: Message
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A proof: with these settings, ``raw`` cleans to ``value``, which shows as ``shown`` in English.

    ``options`` are those of the definition; ``stored`` is what the ticket holds before.
    """

    raw: Any
    value: Any
    shown: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[Any, ...] = ()
    stored: Any = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A proof: with these settings, ``raw`` is refused with this code."""

    raw: Any
    code: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[Any, ...] = ()
    stored: Any = None
