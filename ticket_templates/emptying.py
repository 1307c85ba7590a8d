"""What an answer empties: the answers it hides, told with their values before they are gone. Pure, over versions."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from app.core.errors import Refusal
from app.core.i18n import LOCALES, Label, _, label_in, listing
from ticket_templates.field_types.base import Context
from ticket_templates.standing import shown
from ticket_templates.versions import Cleaned, CompiledVersion
from ticket_templates.versions.checking import DOUBTED

#: So much of a long answer says which one it is.
_LONGEST: Final = 40


def emptied(
    version: CompiledVersion, before: Mapping[str, Any], cleaned: Cleaned, *,
    readable: Collection[str], context: Context, clears: Collection[str] = (),
) -> list[Refusal]:  # fmt: skip
    """Return at each answer just given which others it empties; of those nobody here may read, nothing is said.

    What a step ``clears`` it says itself.
    """
    rules, after = version.rules, cleaned.values
    gone = [key for key in rules.sight_of if key in cleaned.hidden and before.get(key) is not None and key in readable]
    found: dict[str, list[Label]] = {}
    for key in gone:
        changed = (one for one in rules.sight_of[key] if after.get(one) != before.get(one))
        cause = next((one for one in changed if one not in cleaned.hidden and one not in clears), None)
        if cause is not None and key not in clears:
            found.setdefault(cause, []).append(_named(version, key, before[key], context))
    return [
        Refusal(_("Saving this empties: %(answers)s.", answers=listing(names)), cause, DOUBTED)
        for cause, names in found.items()
    ]


def is_booked(version: CompiledVersion, values: Mapping[str, Any]) -> bool:
    """Whether amounts that changed hands are counted here: then nothing beside them is emptied without a question."""
    return any(values.get(key) for key in version.uses if version.rules.counts(key))


def _named(version: CompiledVersion, key: str, value: Any, context: Context) -> Label:
    labels, values = version.spec.fields[key].labels, shown(version, key, value, context)
    return {locale: f"{label_in(labels, locale)} {_short(values[locale])}" for locale in LOCALES}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
