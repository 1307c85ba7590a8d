"""What stands on a ticket: what its state settles, amounts that only grow, answers every ticket in its state has.

Of a refused answer this is told before all else: nothing else that is typed there would be taken either. Pure, over
compiled versions.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.core.errors import Refusal
from app.core.i18n import LOCALES, Label, Message, _, listing
from ticket_templates.field_types.base import Context
from ticket_templates.spec import Transition
from ticket_templates.versions import CompiledVersion


def refusals(
    version: CompiledVersion,
    state: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    answered: Collection[str],
    facts: Mapping[str, Any],
    context: Context,
    moves: Collection[str] = (),
) -> list[Refusal]:
    """Return what of a ticket in ``state`` the change of its (unsealed) values would overturn, one refusal a field.

    ``answered`` are the fields somebody answered otherwise than before, in whatever way; ``facts`` its columns.
    ``moves`` are the amounts that come in or go out with a step: of these it is said what went back.
    """
    stands = version.rules.standing(state)
    found = {one.field: one for one in settled(version, state, answered)}
    for key in sorted(stands.growing.difference(moves)):
        held = before.get(key) or 0
        if (after.get(key) or 0) < held and key not in found:
            found[key] = Refusal(_lowered(version, state, key, held, context), key, "lowered")
    told = booked(version, before, moves).intersection(answered) - found.keys()
    found |= {key: Refusal(_told_with(version, key), key, "booked") for key in sorted(told)}
    emptied = [key for key in answered if key in stands.kept and before.get(key) is not None and after.get(key) is None]
    if emptied:
        # What another answer hides goes with it, as everywhere.
        emptied = sorted(version.visible(after, facts).intersection(emptied) - found.keys())
    return [*found.values(), *(Refusal(_kept(version, state, key), key, "kept") for key in emptied)]


def settled(version: CompiledVersion, state: str, keys: Iterable[str]) -> list[Refusal]:
    """Return why the answers of ``keys`` cannot be changed while the ticket is in ``state``, whoever it is."""
    found = []
    for key in sorted(version.rules.standing(state).settled.intersection(keys)):
        message = _(
            "“%(field)s” cannot be changed in the state “%(state)s”, only in: %(states)s.",
            field=version.spec.fields[key].labels, state=version.states[state].labels,
            states=_states(version, version.uses[key].editable_in),
        )  # fmt: skip
        found.append(Refusal(message, key, "settled"))
    return found


def booked(version: CompiledVersion, values: Mapping[str, Any], moves: Collection[str] = ()) -> set[str]:
    """Return the answers that were told with an amount on record: only with the next amount something else is told."""
    return {
        key
        for key, amounts in version.rules.told_of.items()
        if values.get(key) is not None and amounts.isdisjoint(moves) and any(map(values.get, amounts))
    }


def _told_with(version: CompiledVersion, key: str) -> Message:
    steps = [one for one in version.transitions.values() if not one.target and key in version.rules.told_with(one)]
    return _(
        "“%(field)s” was recorded with an amount; it changes only with the next one, by: %(steps)s.",
        field=version.spec.fields[key].labels, steps=listing(_("“%(step)s”", step=one.labels) for one in steps),
    )  # fmt: skip


def _lowered(version: CompiledVersion, state: str, key: str, held: int, context: Context) -> Message:
    return _(
        "“%(field)s” counts everything up to now: %(amount)s is there already and does not become less. What went back"
        " is said by: %(steps)s.",
        field=version.spec.fields[key].labels, amount=shown(version, key, held, context),
        steps=listing(_("“%(step)s”", step=one.labels) for one in _lowering(version, state, key)),
    )  # fmt: skip


def _lowering(version: CompiledVersion, state: str, key: str) -> list[Transition]:
    """Return the steps that lead to where an amount becomes less: from ``state``, or from wherever there are such."""
    ways = version.rules.lowering(key)
    return [one for one in ways if state in one.sources] or ways


def _kept(version: CompiledVersion, state: str, key: str) -> Message:
    return _(
        "Every ticket in the state “%(state)s” has “%(field)s”: it can be changed there, not emptied.",
        field=version.spec.fields[key].labels, state=version.states[state].labels,
    )  # fmt: skip


def shown(version: CompiledVersion, key: str, value: Any, context: Context) -> Label:
    """Return what the answer of a field reads like in each language."""
    return {locale: version.types[key].shown(value, replace(context, locale=locale)) for locale in LOCALES}


def _states(version: CompiledVersion, keys: Iterable[str]) -> Message:
    return listing(_("“%(state)s”", state=version.states[key].labels) for key in keys)
