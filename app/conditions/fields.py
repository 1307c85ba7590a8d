"""What a condition may ask about: fields of one kind each, under the names of the facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from babel.numbers import get_currency_precision

from app.conditions.sources import History, Source
from app.core.i18n import Label, Message


@dataclass(frozen=True, slots=True)
class ConditionField:
    """One field a tree may name. ``name`` is the fact's: ``state``, ``values.fault_code``.

    ``options`` are the keys a leaf may compare with (None: any), and their labels; retired ones are listed in
    ``retired``. ``show`` turns a canonical value into words for sentences.
    """

    name: str
    kind: str
    label: Message | Label
    options: Mapping[str, Label] | None = None
    retired: frozenset[str] = frozenset()
    #: Decimal places of the whole numbers compared.
    scale: int = 0
    #: Of amounts their currency, which has the places; empty: the company's (`counted_in`).
    currency: str | None = None
    show: Callable[[object, str], str] | None = None
    #: Of numbers that they are minutes: they are said, and asked for, with a unit.
    in_minutes: bool = False
    #: What facts are compared with, of what a leaf says; DomainError where that cannot be an answer. None: by its kind.
    reads: Callable[[str], str] | None = None
    #: What a reference refers to: user, team, customer, …
    refers_to: str = ""
    #: How the fact is read in SQL; None: it is known in Python only.
    source: Source | None = None
    #: Where what it was is read in SQL; None: its changes are not journaled, so nothing can be asked about them.
    history: History | None = None

    def counted_in(self, currency: str) -> Self:
        """Return the field as a company of that currency compares it."""
        if self.currency is None:
            return self
        return replace(self, scale=int(get_currency_precision(self.currency or currency)))
