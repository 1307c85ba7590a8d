"""The value step: which texts of the file become which choice, and the mapping that a person's answers make of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from app.core.db import folded
from app.core.errors import DomainError, Refusal
from app.core.i18n import _
from app.exchange.mapping import ColumnMap, ImportMapping
from app.exchange.tally import Tally
from app.exchange.vocabulary import Vocabulary, Word

#: How a form says what becomes of a text, besides the key of a choice: it stays, or the cell is left empty.
KEEP: Final = "="
EMPTY: Final = "-"
#: Inputs of a target are named ``value-TARGET-3``, ``otherwise-TARGET`` and ``default-TARGET``.
VALUE: Final = "value-"
OTHERWISE: Final = "otherwise-"
DEFAULT: Final = "default-"
CREATE: Final = "create_outlets"


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One text of a column. ``status``: understood, replaced, empty, suggested, new (made on the way) or unknown."""

    text: str
    count: int
    status: str
    #: What the form shows as chosen.
    chosen: str
    #: How the choice it stands for already is called.
    means: Word = ""


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """One column of the file whose target takes one of a list."""

    map: ColumnMap
    vocabulary: Vocabulary
    #: None: it holds too many different texts to list.
    rows: tuple[ValueRow, ...] | None
    empty: int
    creates: bool

    @property
    def unknown(self) -> int:
        """Return how many rows of the file hold a text nobody has an answer to."""
        return sum(one.count for one in self.rows or () if one.status == "unknown")

    @property
    def open(self) -> bool:
        """Whether a person should look at it."""
        return self.rows is None or any(one.status in ("unknown", "suggested") for one in self.rows)


def value_columns(
    mapping: ImportMapping, headings: tuple[str, ...], tallies: tuple[Tally, ...], known: Mapping[str, Vocabulary],
    total: int,
) -> list[ValueColumn]:  # fmt: skip
    """Return the columns of the value step, in the order of the file."""
    found = []
    for one in sorted(mapping.columns, key=lambda item: headings.index(item.column) if item.column else 0):
        vocabulary = known.get(one.target)
        if vocabulary is None or not one.column:
            continue
        tally = tallies[headings.index(one.column)]
        rows = None if tally.values is None else tuple(_rows(one, vocabulary, tally))
        found.append(ValueColumn(one, vocabulary, rows, total - tally.filled, one.create))
    return found


def _rows(one: ColumnMap, vocabulary: Vocabulary, tally: Tally) -> Iterator[ValueRow]:
    for text, count in _folded(tally):
        means = vocabulary.means(text)
        if folded(text) in one.values:
            wanted = one.values[folded(text)]
            known = EMPTY if wanted in (None, "") else vocabulary.means(str(wanted)) or KEEP
            yield ValueRow(text, count, {EMPTY: "empty", KEEP: "unknown"}.get(known, "replaced"), known)
        elif one.otherwise is not None:
            yield ValueRow(text, count, "replaced", KEEP, vocabulary.label(str(one.otherwise)))
        elif means is not None:
            yield ValueRow(text, count, "understood", KEEP, vocabulary.label(means))
        elif one.create:
            yield ValueRow(text, count, "new", KEEP)
        elif like := vocabulary.resembling(text):
            yield ValueRow(text, count, "suggested", like)
        else:
            yield ValueRow(text, count, "unknown", KEEP)


def _folded(tally: Tally) -> list[tuple[str, int]]:
    """Return the texts as replacements see them: those that differ by case or width only are one."""
    found: dict[str, tuple[str, int]] = {}
    for text, count in tally.values or ():
        first, number = found.get(folded(text), (text, 0))
        found[folded(text)] = (first, number + count)
    return list(found.values())


def settled(mapping: ImportMapping, known: Mapping[str, Vocabulary]) -> ImportMapping:
    """Return ``mapping`` with the keys of the choices its defaults name, in whatever language they name them."""

    def choice(one: ColumnMap) -> ColumnMap:
        vocabulary = known.get(one.target)
        key = vocabulary.means(str(one.default)) if vocabulary and one.default is not None else None
        return replace(one, default=key) if key else one

    return replace(mapping, columns=tuple(map(choice, mapping.columns)))


def chosen_values(form: Mapping[str, str], mapping: ImportMapping, columns: list[ValueColumn]) -> ImportMapping:
    """Return ``mapping`` with what the form says about its texts; a DomainError names every choice there is none of."""
    refusals: list[Refusal] = []
    made = {one.map.target: _chosen(form, one, refusals.append) for one in columns}
    if refusals:
        raise DomainError.of(refusals)
    return replace(mapping, columns=tuple(made.get(one.target, one) for one in mapping.columns))


def _chosen(form: Mapping[str, str], column: ValueColumn, refuse: Callable[[Refusal], None]) -> ColumnMap:
    one, vocabulary = column.map, column.vocabulary

    def key(name: str, wanted: str) -> str | None:
        found = vocabulary.means(wanted)
        if found is None:
            message = _("“%(value)s” is not one of the choices.", value=wanted[:40])
            refuse(Refusal(message, name, "not_a_choice"))
        return found

    values: dict[str, Any] = dict(one.values)
    for place, row in enumerate(column.rows or ()):
        name = f"{VALUE}{one.target}-{place}"
        wanted = form.get(name, KEEP).strip() or KEEP
        values.pop(folded(row.text), None)
        if wanted != KEEP:
            values[folded(row.text)] = None if wanted == EMPTY else key(name, wanted)
    changes: dict[str, Any] = {"values": values}
    for attribute, prefix in (("otherwise", OTHERWISE), ("default", DEFAULT)):
        if (told := form.get(prefix + one.target)) is not None:
            changes[attribute] = key(prefix + one.target, told.strip()) if told.strip() else None
    if one.target == "outlet":
        changes["create"] = bool(form.get(CREATE))
    return replace(one, **changes)
