"""Rows of one file with the same external number: the first of them counts, each later one is told which that is."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from app.core.errors import Refusal
from app.core.i18n import _
from app.exchange.mapping import ImportMapping
from app.exchange.reader import SourceRow
from app.exchange.row_orders import number_in

_DIGEST: Final = 16


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row whose external number stood in the file before."""

    #: The first row with it.
    first: int
    #: Whether the row says the same as that one, in all columns that are imported.
    same: bool

    @property
    def told(self) -> Refusal:
        """Return what is told of it: why it is refused, or why nothing of it is lost."""
        if self.same:
            return Refusal(_("Row %(row)s of this file says the same.", row=self.first), "external_id", "repeated")
        message = _(
            "Row %(row)s of this file has the same external number and says something else. Keep one of the two, or"
            " give this one its own number.",
            row=self.first,
        )
        return Refusal(message, "external_id", "repeated")


class Repeats:
    """Finds them in rows that are told from the top of the file on."""

    def __init__(self, mapping: ImportMapping, headings: tuple[str, ...]) -> None:
        number = mapping.get("external_id")
        self._map = number
        self._place = headings.index(number.column) if number and number.column else -1
        self._places = sorted({headings.index(one.column) for one in mapping.columns if one.column})
        self._first: dict[str, tuple[int, bytes]] = {}
        self.found: dict[int, Repeat] = {}

    def add(self, rows: Iterable[SourceRow]) -> None:
        """Look at more rows."""
        if self._map is None:
            return
        for row in rows:
            number = number_in(self._map, row.cells[self._place] if self._place >= 0 else None)
            if number:
                first, before = self._first.setdefault(number, (row.number, said := self._said(row)))
                if first != row.number:
                    self.found[row.number] = Repeat(first, same=said == before)

    def _said(self, row: SourceRow) -> bytes:
        cells = repr([row.cells[place] for place in self._places])
        return blake2b(cells.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()


def repeats_in(mapping: ImportMapping, headings: tuple[str, ...], rows: Iterable[SourceRow]) -> dict[int, Repeat]:
    """Return the rows that repeat the number of an earlier one, by their own number in the file."""
    repeats = Repeats(mapping, headings)
    repeats.add(rows)
    return repeats.found
