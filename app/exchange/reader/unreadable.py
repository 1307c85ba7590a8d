"""Cells Excel itself cannot read: a value that says where it stands and why, so that only its row is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.i18n import Message, _

FORMULA_ERROR: Final = "error"
NO_NUMBER: Final = "number"
NO_DATE: Final = "date"
NO_DAY: Final = "serial"
NO_BOOLEAN: Final = "boolean"
NO_TEXT: Final = "text"
NO_RESULT: Final = "formula"

_SHOWN: Final = 40
_WHY: Final[Mapping[str, Message]] = {
    FORMULA_ERROR: _("Cell %(place)s holds the error %(value)s."),
    NO_NUMBER: _("Cell %(place)s should hold a number and holds “%(value)s”."),
    NO_DATE: _("Cell %(place)s should hold a date and holds “%(value)s”."),
    NO_DAY: _("Cell %(place)s is shown as a date, and %(value)s is not the number of a day."),
    NO_BOOLEAN: _("Cell %(place)s should hold TRUE or FALSE and holds “%(value)s”."),
    NO_TEXT: _("Cell %(place)s refers to text %(value)s, which is not in the workbook."),
    NO_RESULT: _("Cell %(place)s holds a formula without its result. Open the file in Excel and save it."),
}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands in such a cell. A mapping may replace its text, as that of any cell."""

    kind: str
    #: As Excel calls it: ``Sheet1!B3``.
    place: str
    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def why(self) -> Message:
        """Return what is wrong, for the person whose file it is."""
        shown = self.text if len(self.text) <= _SHOWN else f"{self.text[:_SHOWN]}…"
        return _WHY[self.kind].with_(place=self.place, value=shown)
