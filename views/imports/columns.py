"""What the column step shows: each heading with samples, and the targets to choose from in groups."""

from itertools import islice
from typing import Any, Final

from app.core.i18n import Label, Message, _
from app.core.work import Work
from app.exchange import spool
from app.exchange.mapping import ANSWERS, TARGETS
from ticket_templates.versions import CompiledVersion

_SAMPLED: Final = 200
_SAMPLES: Final = 3
_LONGEST: Final = 60

Choice = tuple[str, Message | Label]


def columns_facts(
    work: Work, version: CompiledVersion, table: spool.Spool, draft: spool.Draft, chosen: dict[str, str]
) -> dict[str, Any]:
    """Return the facts of the page."""
    samples = _samples(table)
    mapping = draft.mapping
    fixed = [one for one in mapping.columns if not one.column] if mapping else []
    outlet = mapping.get("outlet") if mapping else None
    return {
        "table": table,
        "token": table.token,
        "version": version,
        "rows": [
            {"heading": heading, "samples": samples[place], "chosen": chosen.get(heading, "")}
            for place, heading in enumerate(table.headings)
        ],
        "groups": _groups(work, version),
        "fixed": fixed,
        "source": mapping.source if mapping else "",
        "create_outlets": bool(outlet and outlet.create),
        "required": [one for one in _required(version) if ANSWERS + one[0] not in {item.target for item in fixed}],
    }


def _samples(table: spool.Spool) -> list[list[str]]:
    """Return up to three different values of each column."""
    found: list[list[str]] = [[] for _heading in table.headings]
    for row in islice(table.rows(), _SAMPLED):
        for place, cell in enumerate(row.cells):
            text = "" if cell is None else str(cell)[:_LONGEST]
            if text and len(found[place]) < _SAMPLES and text not in found[place]:
                found[place].append(text)
    return found


def _groups(work: Work, version: CompiledVersion) -> list[tuple[Message | Label, list[Choice]]]:
    """Return the targets: the ticket's own columns, then the fields by section."""
    groups: list[tuple[Message | Label, list[Choice]]] = [(_("Ticket"), list(TARGETS.items()))]
    writable = version.writable(work.actor)
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
        if use.required and use.default is None
    ]
