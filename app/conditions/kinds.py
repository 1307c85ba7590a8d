"""Kinds of fields: what a fact must be to count as answered, and what a leaf may compare it with.

A fact that is not of its kind counts as unanswered, in every backend: no leaf ever compares a text with a number.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.core.db import folded
from app.core.i18n import Message, _

#: Whole numbers of any kind stay exact in JavaScript.
MAX_WHOLE: Final = 2**53 - 1
LONGEST_TEXT: Final = 1000


def chosen(fact: Any) -> list[str] | None:
    """Return the keys chosen, at least one."""
    found = [one for one in fact if type(one) is str and one] if isinstance(fact, list | tuple) else []
    return found or None


#: How a fact ``_`` is read: the comparable fact, or None. Generated code holds these expressions themselves; SQL and
#: `conditions.js` have their twins by the same names.
READINGS: Final[Mapping[str, str]] = {
    #: A text in the form in which texts are compared.
    "text": "(folded(_) or None) if type(_) is str else None",
    #: A whole number: a count, or a number or amount scaled to one.
    "whole": "_ if type(_) is int else None",
    #: A text that is compared as it is: a day, an instant, a key, a code.
    "exact": "_ if type(_) is str and _ else None",
    "truth": "_ if type(_) is bool else None",
    #: The key of a thing.
    "key": "_ if type(_) is int or (type(_) is str and _) else None",
    "keys": "chosen(_)",
    #: Whatever is there: such facts are asked about, never compared.
    "anything": "None if _ is None or _ in ('', [], {}, ()) else True",
}
#: What the readings call.
CALLED: Final[Mapping[str, Any]] = {
    "folded": folded,
    "chosen": chosen,
    "type": type,
    "int": int,
    "str": str,
    "bool": bool,
}
_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    name: eval(f"lambda _: {code}", dict(CALLED))  # noqa: S307 - the constants above
    for name, code in READINGS.items()
}
_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. ``reading`` names how its facts are read; ``fits`` says whether a leaf may compare with a value."""

    name: str
    label: Message
    reading: str
    fits: Callable[[Any], bool]
    #: How a fitting value looks, for the refusal of another.
    example: str
    #: Values may be limited to the field's options.
    has_options: bool = False

    @property
    def single(self) -> bool:
        """Whether a fact is one thing that is compared: what an index can hold in order."""
        return self.reading not in {"keys", "anything"}

    @property
    def read(self) -> Callable[[Any], Any]:
        """Return what makes the comparable fact of a fact, or None of what is no answer."""
        return _READERS[self.reading]


def _is_text(value: Any) -> bool:
    return _is_code(value) and bool(folded(value))


def _is_whole(value: Any) -> bool:
    return type(value) is int and abs(value) <= MAX_WHOLE


def _is_key(value: Any) -> bool:
    return _is_code(value) or (_is_whole(value) and value > 0)


def _is_code(value: Any) -> bool:
    # What no database takes for a text cannot be the text of any fact.
    return type(value) is str and 0 < len(value) <= LONGEST_TEXT and not _BROKEN.search(value)


def _reads(pattern: str, reader: Callable[[str], Any]) -> Callable[[Any], bool]:
    shape = re.compile(pattern, re.ASCII)

    def fits(value: Any) -> bool:
        if type(value) is not str or not shape.fullmatch(value):
            return False
        try:
            reader(value)
        except ValueError:
            return False
        return True

    return fits


_DAY: Final = _reads(r"\d{4}-\d{2}-\d{2}", dt.date.fromisoformat)
_INSTANT: Final = _reads(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", dt.datetime.fromisoformat)
_CLOCK: Final = _reads(r"\d{2}:\d{2}", dt.time.fromisoformat)

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("text", _("Text"), "text", _is_text, '"leak"'),
        Kind("number", _("Number"), "whole", _is_whole, "120"),
        Kind("money", _("Money"), "whole", _is_whole, "12000"),
        Kind("date", _("Date"), "exact", _DAY, '"2026-11-21"'),
        Kind("datetime", _("Date and time"), "exact", _INSTANT, '"2026-11-21T08:30:00Z"'),
        Kind("time", _("Time"), "exact", _CLOCK, '"08:30"'),
        Kind("choice", _("Choice"), "exact", _is_code, '"urgent"', has_options=True),
        Kind("choices", _("Several choices"), "keys", _is_code, '"urgent"', has_options=True),
        Kind("cascade", _("Cascading choice"), "exact", _is_code, '"washer/drum"', has_options=True),
        Kind("boolean", _("Yes or no"), "truth", lambda value: type(value) is bool, "true"),
        Kind("reference", _("Reference"), "key", _is_key, "7"),
        Kind("place", _("Place"), "exact", _is_code, '"110101"'),
        Kind("attachments", _("Files"), "anything", lambda _value: False, ""),
        Kind("table", _("Table"), "anything", lambda _value: False, ""),
        #: Personal data, encrypted: its facts are blind indexes, and so is what they are compared with.
        Kind("sealed", _("Personal data"), "exact", _is_text, '"13800138000"'),
        #: The same to whoever may not read it: equality would tell him what it is.
        Kind("masked", _("Masked personal data"), "anything", lambda _value: False, ""),
        Kind("coordinates", _("Coordinates"), "anything", lambda _value: False, ""),
    )
}
