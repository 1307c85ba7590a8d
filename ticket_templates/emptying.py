"""What a change empties: the answers it hides, told with their values before they are gone. Pure, over versions."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from app.core.errors import Refusal
from app.core.i18n import LOCALES, Label, Message, _, label_in, listing
from ticket_templates.field_types.base import Context
from ticket_templates.standing import shown
from ticket_templates.versions import Cleaned, CompiledVersion
from ticket_templates.versions.checking import DOUBTED

#: So much of a long answer says which one it is.
_LONGEST: Final = 40
_NOTHING: Final[Mapping[str, str]] = {}


def emptied(
    version: CompiledVersion, before: Mapping[str, Any], cleaned: Cleaned, *,
    readable: Collection[str], context: Context, clears: Collection[str] = (), columns: Collection[str] = (),
    follows: Mapping[str, str] = _NOTHING, by_answers: bool = True,
) -> list[Refusal]:  # fmt: skip
    """Return at each answer just given, and at each of the ticket's ``columns`` that change, what it empties.

    ``follows`` are the answers that go along with a column. Without ``by_answers`` only what the columns empty. What
    a step ``clears`` it says itself.
    """
    found: dict[str, list[str]] = {}
    for key in version.rules.sight_of:
        if key in cleaned.hidden and before.get(key) is not None and key not in clears:
            answer = _answer(version, key, before, cleaned, clears)
            column = next(iter(sorted(version.rules.columns_of_sight[key].intersection(columns))), None)
            if answer and (its := follows.get(answer)):
                answer, column = None, its
            if cause := (answer if by_answers else None) if answer else column:
                found.setdefault(cause, []).append(key)
    return [
        Refusal(_("Saving this empties: %(answers)s.", answers=said), cause, DOUBTED)
        for cause, keys in found.items()
        if (said := _said(version, keys, before, readable, context))
    ]


def _answer(
    version: CompiledVersion, key: str, before: Mapping[str, Any], cleaned: Cleaned, clears: Collection[str]
) -> str | None:
    """Return the nearest answer that changed and on which it depends whether ``key`` shows."""
    changed = (one for one in version.rules.sight_of[key] if cleaned.values.get(one) != before.get(one))
    return next((one for one in changed if one not in cleaned.hidden and one not in clears), None)


def _said(
    version: CompiledVersion, keys: Collection[str], before: Mapping[str, Any], readable: Collection[str],
    context: Context,
) -> Message:  # fmt: skip
    named: list[Label | Message] = [_named(version, key, before[key], context) for key in keys if key in readable]
    return listing([*named, *unread(len(keys) - len(named))])


def unread(number: int) -> list[Message]:
    """Return how so many answers are called to who may not read them; nothing for none."""
    if not number:
        return []
    return [_("one answer you may not read") if number == 1 else _("%(count)s answers you may not read", count=number)]


def is_booked(version: CompiledVersion, values: Mapping[str, Any]) -> bool:
    """Whether amounts that changed hands are counted here: then nothing beside them is emptied without a question."""
    return any(values.get(key) for key in version.uses if version.rules.counts(key))


def _named(version: CompiledVersion, key: str, value: Any, context: Context) -> Label:
    labels, values = version.spec.fields[key].labels, shown(version, key, value, context)
    return {locale: f"{label_in(labels, locale)} {shortened(values[locale])}" for locale in LOCALES}


def shortened(text: str) -> str:
    """Return so much of an answer as says which one it is."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
