"""What a wish names must be there: an empty list would look like an answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from app.core.errors import DomainError, Refusal
from app.core.i18n import Message, _
from app.core.work import Work
from app.tickets.queries.known import is_state, is_template
from app.tickets.queries.tags import tag_called


def refuse_unknown(work: Work, wish: Mapping[str, Any]) -> None:
    """Refuse the states, templates and the tag that a wish names and nobody ever defined, each by its name."""
    wrong: list[Refusal] = []
    for field, known in _KNOWN.items():
        named = wish.get(field, ())
        texts: Sequence[str] = [named] if isinstance(named, str) else named
        message = _WORDS[field]
        wrong += [Refusal(message.with_(name=one[:60]), field, "unknown") for one in texts if not known(work, one)]
    if wrong:
        raise DomainError.of(wrong)


def _is_tag(work: Work, name: str) -> bool:
    return tag_called(work, name) > 0


_KNOWN: Final[Mapping[str, Callable[[Work, str], bool]]] = {
    "state": is_state,
    "template": is_template,
    "tag": _is_tag,
}
_WORDS: Final[Mapping[str, Message]] = {
    "state": _("No template has a state “%(name)s”."),
    "template": _("There is no template “%(name)s”."),
    "tag": _("There is no tag “%(name)s”."),
}
