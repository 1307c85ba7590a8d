"""What a field may ask besides its own value: the day and the place, the other answers, and things of other rooms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.core.i18n import DEFAULT_LOCALE


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a field may ask about an uploaded file."""

    filename: str
    media_type: str
    size_bytes: int


class References(Protocol):
    """What field types ask about things of other rooms; reads in batches, within the actor's scope.

    ``kind`` is customer, product, installed_product, user, team, region or file. Where names repeat, the label
    holds the code or number too, so that ``find(kind, label(kind, key)) == key``.
    """

    def label(self, kind: str, key: int | str) -> str | None:
        """Return how the thing is called, or None when there is none."""

    def find(self, kind: str, text: str) -> int | str | None:
        """Return the key of the one thing called ``text`` (code, number or exact name), for imports."""

    def count(self, kind: str, text: str) -> int:
        """Return how many things are called ``text``: why `find` found none."""

    def file(self, key: int) -> FileFacts | None:
        """Return the facts of an attachment this ticket has or this person uploaded; None: there is none."""


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
    #: What the ticket holds now, by field key (unsealed).
    stored: Mapping[str, Any] = field(default_factory=dict)
    #: The reader holds ``personal_data.read``: personal values are shown in full.
    personal: bool = False
    #: The next number within a scope, for auto numbers; None: none are given (a preview in the browser).
    sequence: Callable[[str], int] | None = None
    #: It is still being typed: of several parts, those that cannot be read yet are left out instead of refused.
    draft: bool = False
