"""What a ticket that others are merged into lacks, and could take over from them."""

from collections.abc import Mapping
from typing import Any, Final

from app.core.permissions import Actor
from ticket_templates.versions import CompiledVersion

#: Columns that say what a ticket is about.
ABOUT: Final = ("customer_id", "contact_id", "site_id", "installed_product_id")
#: What a new ticket has before anything is said: all that can be taken over is lacking.
_NOTHING: Final[Mapping[str, Any]] = {**dict.fromkeys(ABOUT), "values": {}}


def fillable(
    actor: Actor,
    source: Mapping[str, Any],
    source_version: CompiledVersion,
    target: Mapping[str, Any],
    target_version: CompiledVersion,
) -> dict[str, Any]:
    """Return what ``source`` says and ``target`` (rows of tickets) does not: columns, and answers as ``values.KEY``.

    Only what the actor may read there and write here; files stay where they are, and are seen on both, and what
    changed hands stays on the books of the ticket it was received or paid for.
    """
    found: dict[str, Any] = {}
    if target["customer_id"] in (None, source["customer_id"]):
        found |= {name: source[name] for name in ABOUT if target[name] is None and source[name] is not None}
    # What is not there yet begins in the first state.
    state = target.get("state") or target_version.initial
    writable, readable = target_version.writable(actor, state), source_version.readable(actor)
    for key, kind in target_version.types.items():
        stored = source["values"].get(key)
        other = source_version.types.get(key)
        if stored is None or other is None or target["values"].get(key) is not None:
            continue
        if source_version.rules.counts(key) or target_version.rules.counts(key):
            continue
        fits = other.name == kind.name and other.kind == kind.kind and kind.kind != "attachments" and not kind.derived
        seen = key in readable and key in writable and (actor.may("personal_data.read") or not other.personal)
        if fits and seen:
            found[f"values.{key}"] = other.open(stored)
    return found


def carried_over(
    actor: Actor, source: Mapping[str, Any], source_version: CompiledVersion, version: CompiledVersion
) -> dict[str, Any]:
    """Return what a ticket that is split off ``source`` begins with: all that fits, but what is charged or paid back.

    Fees stay where they are, and goods are returned once: what the new ticket charges is said there.
    """
    found = fillable(actor, source, source_version, _NOTHING, version)
    apart = {f"values.{key}" for key in source_version.rules.charged | version.rules.charged}
    return {name: value for name, value in found.items() if name not in apart}
