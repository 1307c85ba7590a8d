"""What the column step shows: each heading with samples, and the targets to choose from in groups."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from app.core.i18n import Label, Message, _
from app.core.work import Work
from app.exchange import spool
from app.exchange.mapping import ANSWERS, TARGETS, ColumnMap, target_label
from app.exchange.reader.table import day_or_more
from app.exchange.suggestions import beside
from app.exchange.vocabulary import vocabulary
from app.exchange.workbook import hours
from forms.imports import ALSO, COLUMN, EMPTY_CELL, FIXED, FIXED_VALUE, MOST_FIXED
from ticket_templates.versions import CompiledVersion

_SAMPLED: Final = 200
_SAMPLES: Final = 3
_LONGEST: Final = 60

Choice = tuple[str, Message | Label | str]


@dataclass(frozen=True, slots=True)
class Picks:
    """What the form shows as chosen: the targets of each column, and what is the same in all rows."""

    columns: Mapping[int, Sequence[str]]
    fixed: Sequence[tuple[str, str]]
    source: str = ""
    #: What stands where a cell of a column is empty.
    empties: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of_mapping(cls, maps: Iterable[ColumnMap], headings: Sequence[str], source: str) -> "Picks":
        """Return what a mapping says; a column of the mapping that the table has not is left out."""
        columns: dict[int, list[str]] = {}
        empties: dict[int, str] = {}
        fixed = []
        for one in maps:
            if one.column in headings:
                place = headings.index(one.column)
                if place not in columns and one.default is not None:
                    empties[place] = str(one.default)
                columns.setdefault(place, []).append(one.target)
            elif not one.column:
                fixed.append((one.target, str(one.default)))
        return cls(columns, fixed, source, empties)

    @classmethod
    def of_form(cls, form: Mapping[str, str], headings: Sequence[str]) -> "Picks":
        """Return what was sent, to be put right."""
        columns = {
            place: [target for name in (COLUMN, ALSO) if (target := form.get(f"{name}{place}", ""))]
            for place in range(len(headings))
        }
        rows = [(form.get(f"{FIXED}{place}", ""), form.get(f"{FIXED_VALUE}{place}", "")) for place in range(MOST_FIXED)]
        empties = {place: form.get(f"{EMPTY_CELL}{place}", "") for place in columns}
        return cls(columns, [one for one in rows if any(one)], form.get("source", ""), empties)


def columns_facts(work: Work, version: CompiledVersion, table: spool.Spool, picks: Picks) -> dict[str, Any]:
    """Return the facts of the page."""
    samples = _samples(table)
    required = _required(version)
    needed = {ANSWERS + key for key, _label in required}
    taken = {target for targets in picks.columns.values() for target in targets} | {one for one, _value in picks.fixed}
    missing = [(ANSWERS + key, label) for key, label in required if ANSWERS + key not in taken]
    feeding = {one: table.headings[place] for place, targets in picks.columns.items() for one in targets if one}
    fits = beside(table.headings, version, work.actor, feeding)
    rows = [
        {"heading": heading, "beside": _beside(version, fits.get(heading, ""), feeding),
         "samples": samples[place], "chosen": [*picks.columns.get(place, ()), "", ""][:2],
         "filled": table.tallies[place].filled, "empty": table.total - table.tallies[place].filled,
         "default": picks.empties.get(place, ""), "needed": bool(needed.intersection(picks.columns.get(place, ())))}
        for place, heading in enumerate(table.headings)
    ]  # fmt: skip
    # Room to say what is the same in every row: what must be there and is not, and one line more.
    fixed = [*picks.fixed, *((target, "") for target, _label in missing), ("", "")]
    return {
        "table": table, "token": table.token, "version": version, "rows": rows, "groups": _groups(work, version),
        "fixed": [(*one, choices_of(work, version, one[0])) for one in fixed[:MOST_FIXED]],
        "source": picks.source, "required": missing,
    }  # fmt: skip


def choices_of(work: Work, version: CompiledVersion, target: str) -> Sequence[Choice]:
    """Return what may be chosen for a target that takes one of a list."""
    known = vocabulary(work, version, target) if target else None
    return known.choices if known else ()


def _beside(version: CompiledVersion, target: str, feeding: Mapping[str, str]) -> Message | None:
    """Return why a column is skipped that resembles what another one becomes."""
    if not target:
        return None
    label = target_label(version, target)
    return _("Skipped: “%(target)s” comes from the column “%(column)s”.", target=label, column=feeding[target])


def _samples(table: spool.Spool) -> list[list[str]]:
    """Return up to three different values of each column."""
    found: list[list[str]] = [[] for _heading in table.headings]
    for row in islice(table.rows(), _SAMPLED):
        for place, cell in enumerate(row.cells):
            text = _written(day_or_more(cell))[:_LONGEST]
            if text and len(found[place]) < _SAMPLES and text not in found[place]:
                found[place].append(text)
    return found


def _written(cell: Any) -> str:
    """Return a cell as the table shows it: instants to the minute, lengths of time in hours."""
    if isinstance(cell, timedelta):
        return hours(cell)
    return cell.isoformat(" ", "minutes") if isinstance(cell, datetime) else "" if cell is None else str(cell)


def _groups(work: Work, version: CompiledVersion) -> list[tuple[Message | Label, list[Choice]]]:
    """Return the targets: the ticket's own columns, then the fields by section."""
    groups: list[tuple[Message | Label, list[Choice]]] = [(_("Ticket"), list(TARGETS.items()))]
    writable = version.recordable(work.actor)
    for section in version.spec.sections:
        fields: list[Choice] = [
            (ANSWERS + use.field, version.spec.fields[use.field].labels)
            for use in section.fields
            if use.field in writable and version.types[use.field].kind != "attachments"
        ]
        if fields:
            groups.append((section.labels, fields))
    return groups


def _required(version: CompiledVersion) -> list[tuple[str, Label]]:
    """Return the fields no ticket can be opened without."""
    return [
        (use.field, version.spec.fields[use.field].labels)
        for section in version.spec.sections
        if section.on_create
        for use in section.fields
        if use.required and use.field not in version.rules.defaults
    ]
