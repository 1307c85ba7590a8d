"""The contract of a field type: one class owns a field's whole life.

An instance is bound to one `FieldSpec` (a definition as a version knows it), is made once per version and
shared by all tickets of it, and so holds no state of a ticket. A *value* is canonical JSON, or None for
"unanswered"; ``raw`` is what came in: a string or list from a form, JSON from the API, a cell from Excel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from wtforms import Field

from app.core.errors import DomainError
from app.core.i18n import DEFAULT_LOCALE, Message, label_in
from ticket_templates.spec import FieldSpec


class FieldError(DomainError):
    """The raw value cannot become a value of this type; the caller adds the field's key."""


class References(Protocol):
    """What field types ask about things of other rooms; reads in batches, within the actor's scope.

    ``kind`` is customer, product, installed_product, user, team, region or file.
    """

    def label(self, kind: str, key: int | str) -> str | None:
        """Return how the thing is called, or None when there is none."""

    def find(self, kind: str, text: str) -> int | str | None:
        """Return the key of the one thing called ``text`` (code, number or exact name), for imports."""


@dataclass(frozen=True, slots=True)
class Context:
    """What cleaning and showing may need besides the value."""

    now: datetime
    zone: ZoneInfo
    locale: str = DEFAULT_LOCALE
    currency: str = "CNY"
    references: References | None = None
    #: Values of the other fields, for computed ones.
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a type: how the designer asks for it. ``kind``: int, decimal, text, bool, choice, formula, columns."""

    name: str
    kind: str
    label: Message
    default: Any = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A proof: with these settings, ``raw`` cleans to ``value``, which shows as ``shown`` in English."""

    raw: Any
    value: Any
    shown: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A proof: with these settings, ``raw`` is refused with this code."""

    raw: Any
    code: str
    settings: Mapping[str, Any] = field(default_factory=dict)


class FieldType:
    """Base of all field types. A subclass overrides what differs; the defaults serve plain text."""

    #: Stored name, equal to the file's name, never renamed.
    name: ClassVar[str]
    label: ClassVar[Message]
    #: Kind of the condition language: text, number, money, date, datetime, choice, choices, boolean, reference, place,
    #: attachments.
    kind: ClassVar[str] = "text"
    #: Name of the Jinja partial that draws the input: ``templates/field_inputs/NAME.html``.
    input: ClassVar[str] = "text"
    #: Icon of the sprite, shown in the library.
    icon: ClassVar[str] = "forms"
    #: A person may not type it (computed, auto number).
    derived: ClassVar[bool] = False
    #: Texts of it belong into the full-text search.
    searchable: ClassVar[bool] = False
    #: Excel number format of `to_excel`'s values.
    excel_format: ClassVar[str] = "General"
    settings: ClassVar[tuple[Setting, ...]] = ()
    cases: ClassVar[tuple[Case, ...]] = ()
    refused: ClassVar[tuple[Refused, ...]] = ()

    def __init__(self, spec: FieldSpec) -> None:
        self.spec = spec

    def setting(self, name: str) -> Any:
        """Return the definition's setting, or the type's default."""
        declared = next(one for one in self.settings if one.name == name)
        return self.spec.settings.get(name, declared.default)

    def check_definition(self) -> None:
        """Raise FieldError (field = the setting's name) when options or settings cannot work."""

    def clean(self, raw: Any, context: Context) -> Any:
        """Return the canonical value of ``raw``; None when it is empty; FieldError when it cannot be one."""
        raise NotImplementedError

    def form_field(self) -> Field:
        """Return the unbound WTForms field that reads this input; drawing is the partial's business."""
        raise NotImplementedError

    def form_value(self, value: Any, context: Context) -> Any:
        """Return what the input shows for ``value``: the inverse of reading the form."""
        raise NotImplementedError

    def shown(self, value: Any, context: Context) -> str:
        """Return ``value`` as one line of plain text: list cell, history, CSV, PDF."""
        raise NotImplementedError

    def to_excel(self, value: Any, context: Context) -> Any:
        """Return a typed cell: str, int, Decimal, date, datetime (naive, in the zone) or None."""
        return None if value is None else self.shown(value, context)

    def from_excel(self, cell: Any, context: Context) -> Any:
        """Return the canonical value of a cell; accepts what `to_excel` gives and what people type instead."""
        return self.clean(cell, context)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a value that is not null."""
        raise NotImplementedError

    def search_text(self, value: Any) -> str:
        """Return what the full-text search indexes, where `searchable`."""
        return value if isinstance(value, str) else ""

    def files(self, value: Any) -> Sequence[int]:
        """Return the ids of the attachments in ``value``."""
        del value
        return ()

    def label_in(self, locale: str) -> str:
        """Return the field's label in ``locale``."""
        return label_in(self.spec.labels, locale)
