"""Values of the audit record in words: nothing is shown as the program writes it."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final

from app.core.i18n import LOCALES, Message, _, listing

#: What stands in the record for what is kept secret.
HIDDEN: Final = "•••"
#: Of a value with many parts so many are said.
_MOST_PARTS: Final = 20
_LONGEST: Final = 200


def pair(old: Any, new: Any, words: Callable[[Any], Any] | None = None) -> tuple[Any, Any]:
    """Return a value before and after in words; of a secret that it changed, since no more is kept."""
    if old == new == HIDDEN:
        return None, _("changed; what it was and is, is not recorded")
    before, after = (say(words(one) if words else one) for one in (old, new))
    return before, after


def say(value: Any, names: Mapping[str, Message] | None = None) -> Any:
    """Return a value as people read it: a label, a word, a text, or a list of those; ``names``: of its parts."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list | tuple):
        return _parts(say(one, names) for one in value) if value else None
    if isinstance(value, dict):
        return _of_mapping(value, names or {})
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}…"
    return value


def _of_mapping(value: dict[str, Any], names: Mapping[str, Message]) -> Any:
    if value.keys() <= set(LOCALES):
        return value or None
    if isinstance(value.get("labels"), dict):
        # An option, a column of a table: called by its label.
        return value["labels"]
    said = ((key, say(one, names)) for key, one in value.items() if one not in (None, "", [], {}))
    return _parts(_("%(thing)s: %(field)s", thing=names.get(key, key), field=one) for key, one in said)


def _parts(several: Any) -> Message:
    parts = list(islice(several, _MOST_PARTS + 1))
    return listing(parts if len(parts) <= _MOST_PARTS else [*parts[:_MOST_PARTS], "…"])
