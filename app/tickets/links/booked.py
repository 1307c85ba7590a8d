"""Amounts that changed hands, which a merge would lose: nobody collects, pays or adds up what was merged away."""

from collections.abc import Mapping
from typing import Any

from app.core.i18n import Message, _, listing
from app.core.permissions import Actor
from ticket_templates import standing
from ticket_templates.field_types.base import Context
from ticket_templates.versions import CompiledVersion

#: A ticket's row, and the version of its template.
Told = tuple[Mapping[str, Any], CompiledVersion]


def lost(actor: Actor, source: Told, target: Told, context: Context) -> Message | None:
    """Return why ``source`` cannot be merged into ``target``; None: it has no amount on record."""
    row, version = source
    if not (here := _booked(row, version)):
        return None
    said = {"number": row["number"], "amounts": _amounts(actor, row, version, here, context)}
    other, others_version = target
    if there := _booked(other, others_version):
        return _(
            "Both tickets have amounts on record: %(number)s %(amounts)s; %(other)s %(others)s. They cannot be merged;"
            " link them as duplicates instead.",
            **said, other=other["number"], others=_amounts(actor, other, others_version, there, context),
        )  # fmt: skip
    return _(
        "%(number)s has %(amounts)s on record, which a merge would lose. Merge the other way round: %(other)s into it.",
        **said, other=other["number"],
    )  # fmt: skip


def _booked(row: Mapping[str, Any], version: CompiledVersion) -> list[str]:
    return [key for key in version.uses if version.rules.counts(key) and row["values"].get(key)]


def _amounts(
    actor: Actor, row: Mapping[str, Any], version: CompiledVersion, keys: list[str], context: Context
) -> Message:
    """Return the amounts as their fields show them; of those the actor may not see, only what they are called."""
    readable = version.readable(actor)
    return listing(
        _("%(field)s %(value)s", field=version.spec.fields[key].labels,
          value=standing.shown(version, key, row["values"][key], context))
        if key in readable
        else version.spec.fields[key].labels
        for key in keys
    )  # fmt: skip
