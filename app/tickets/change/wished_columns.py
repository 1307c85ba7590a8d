"""Raw wishes for the ticket's own columns, made canonical or refused at their name."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.core.errors import DomainError, Refusal
from app.core.i18n import Message, _
from app.core.numbers import whole_in
from app.core.text import clean_text
from app.tickets.change.plan import ASKABLE, HOLDERS
from app.tickets.change.tags import wished as tags_wished
from app.tickets.priorities import PRIORITIES

LONGEST_SUBJECT = 300
LONGEST_NOTE = 20_000
LONGEST_REASON = 1_000
LARGEST_ID = 2**63 - 1
#: Of accounts, teams and outlets.
LARGEST_SMALL_ID = 2**31 - 1


def plain_text(raw: Any, limit: int, *, lines: bool = False) -> tuple[str | None, Message | None]:
    """Return the text as it is stored, or why it cannot be."""
    if raw is None:
        return None, None
    if not isinstance(raw, str):
        return None, _("This must be text.")
    try:
        return clean_text(raw, limit=limit, lines=lines) or None, None
    except DomainError as error:
        return None, error.refusals[0].message


#: Columns that hold no number.
_OTHER: Final[Mapping[str, Callable[[Any], tuple[Any, Message | None]]]] = {
    "subject": lambda raw: plain_text(raw, LONGEST_SUBJECT),
    "tags": tags_wished,
}


def columns_wished(fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[Refusal]]:
    """Return the named columns with canonical values, and what is wrong with the others."""
    wished: dict[str, Any] = {}
    refusals: list[Refusal] = []
    for name, raw in fields.items():
        if name not in ASKABLE:
            refusals.append(
                Refusal(_("A ticket has no field “%(name)s”.", name=str(name)[:60]), str(name), "unknown_field")
            )
            continue
        value, problem = _one(name, raw)
        if problem:
            refusals.append(Refusal(problem, name))
        else:
            wished[name] = value
    return wished, refusals


def _one(name: str, raw: Any) -> tuple[Any, Message | None]:
    if name in _OTHER:
        return _OTHER[name](raw)
    number = _whole(raw)
    if name == "priority":
        if number not in PRIORITIES:
            return None, _("Choose a priority: 1 urgent, 2 high, 3 normal or 4 low.")
        return number, None
    if raw is None or raw == "":
        return None, None
    if number is None or not 0 < number <= (LARGEST_SMALL_ID if name in HOLDERS else LARGEST_ID):
        return None, _("This is not the number of anything that exists.")
    return number, None


def _whole(raw: Any) -> int | None:
    if isinstance(raw, bool):
        return None
    return raw if isinstance(raw, int) else whole_in(raw)
