"""What a list is as a file, whichever list it is: its columns, its title, and the file written of its cells."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from app.core.sealed import Sealing
from app.exchange.delimited import csv_stream
from app.exchange.workbook import Column, write_workbook


@dataclass(frozen=True, slots=True)
class Layout:
    """What the file of a list looks like, as JSON can keep it while a worker makes the file part by part."""

    sheet: tuple[Column, ...]
    title: str
    total: int
    #: What a last sheet says of the list, by label.
    about: tuple[tuple[str, str], ...] = ()
    #: Of tickets: the columns by name, and the versions whose fields are columns, in the order of the headings.
    names: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()
    #: Of records whose keys are texts: those keys. The numbers kept of the rows are then their places herein.
    keys: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Self:
        """Read what `as_json` returned."""
        return cls(
            tuple(Column(**one) for one in told["sheet"]), told["title"], told["total"],
            tuple((label, value) for label, value in told["about"]), tuple(told["names"]), tuple(told["versions"]),
            tuple(told.get("keys", ())),
        )  # fmt: skip


def write_file(file: Sealing, form: str, layout: Layout, cells: Iterable[Sequence[Any]], *, locale: str) -> None:
    """Write cells as a file of the form xlsx or csv."""
    if form == "csv":
        file.writelines(csv_stream([column.label for column in layout.sheet], cells))
        return
    facts: dict[str, Any] = {"sheet": layout.title, "about": layout.about, "expected_rows": layout.total}
    file.take(lambda path: write_workbook(path, layout.sheet, cells, **facts, locale=locale))
