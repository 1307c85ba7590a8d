"""Three languages: messages a program says and labels an administrator types.

A *message* is an English sentence with named parameters, translated where a person reads it:
``_("At most %(limit)s characters.", limit=80)``. A *label* is a mapping of locale to text, typed by an
administrator. Domain code never knows which language its reader speaks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Self

from babel.support import NullTranslations, Translations

LOCALES: Final = ("zh_Hans", "zh_Hant", "en")
DEFAULT_LOCALE: Final = "zh_Hans"
CATALOGUES: Final = Path(__file__).parent.parent / "translations"

#: A label an administrator typed, per locale: ``{"zh_Hans": "状态", "zh_Hant": "狀態", "en": "State"}``.
Label = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence and its parameters; a parameter may itself be a message."""

    id: str
    params: Mapping[str, object] = field(default_factory=dict)

    def in_(self, locale: str) -> str:
        """Return the sentence in ``locale``, its parameters filled in."""
        text = catalogue(locale).gettext(self.id) if self.id else ""
        return text % {key: spoken(value, locale) for key, value in self.params.items()} if self.params else text

    def __str__(self) -> str:
        return self.in_("en")

    def __hash__(self) -> int:
        return hash((self.id, tuple(self.params)))

    def with_(self, **params: object) -> Self:
        """Return the same sentence with more parameters."""
        return type(self)(self.id, {**self.params, **params})


class Listing(Message):
    """Several messages, labels or values as one list: "A, B", 「A、B」."""

    __slots__ = ()

    def in_(self, locale: str) -> str:
        """Return the list in ``locale``."""
        separator = "、" if locale.startswith("zh") else ", "
        return separator.join(spoken(value, locale) for value in self.params.values())


def listing(values: Iterable[object]) -> Message:
    """Return ``values`` (messages, labels, texts) as one message, joined as the reader's language joins them."""
    return Listing("", {str(index): value for index, value in enumerate(values)})


def _(message_id: str, **params: object) -> Message:
    """Mark ``message_id`` for extraction and bind its parameters."""
    return Message(message_id, params)


@cache
def catalogue(locale: str) -> NullTranslations:
    """Return the compiled catalogue of ``locale``; English sentences are their own translation."""
    return Translations.load(CATALOGUES, [locale])


def spoken(value: object, locale: str) -> str:
    """Return a message, label or plain value as text in ``locale``."""
    if isinstance(value, Message):
        return value.in_(locale)
    if isinstance(value, Mapping):
        return label_in(value, locale)
    return str(value)


def label_in(label: Label, locale: str) -> str:
    """Return the text of ``label`` in ``locale``, or in the first language that has one."""
    return label.get(locale) or next((label[other] for other in LOCALES if label.get(other)), "")
