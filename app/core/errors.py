"""Refusals: what a person can put right. A bug is never one of these; it crashes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from app.core.i18n import Message


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, at the field it is about (`""`: about the whole), with a stable code for programs."""

    message: Message
    #: A place within a field is named by its path: ``parts[0].quantity``.
    field: str = ""
    code: str = "invalid"
    #: The same as it is said at that very place, which need not be named there.
    here: Message | None = None

    @property
    def root(self) -> str:
        """Return the field that holds the place the refusal is about."""
        return self.field.partition("[")[0]


class DomainError(Exception):
    """The wish cannot be granted; the unit of work is rolled back and the input stays as typed."""

    def __init__(self, message: Message, *, field: str = "", code: str = "invalid") -> None:
        super().__init__(message)
        self.refusals: tuple[Refusal, ...] = (Refusal(message, field, code),)

    @classmethod
    def of(cls, refusals: Iterable[Refusal]) -> "DomainError":
        """Return one error that carries several refusals; there must be at least one."""
        several = tuple(refusals)
        error = cls(several[0].message, field=several[0].field, code=several[0].code)
        error.refusals = several
        return error

    def __str__(self) -> str:
        return "; ".join(_at_its_field(one.field, str(one.message)) for one in self.refusals)


class NotAllowedError(DomainError):
    """The actor may not do this (HTTP 403)."""


class NotFoundError(DomainError):
    """There is no such thing within the actor's scope (HTTP 404); out of scope looks the same."""


class ConflictError(DomainError):
    """Somebody else changed the thing since it was read (HTTP 409)."""


class TooLargeError(DomainError):
    """What was sent is larger than anybody needs (HTTP 413)."""


class TooOftenError(DomainError):
    """The actor does this faster than anybody needs to (HTTP 429); ``wait``: when to try again at the latest."""

    def __init__(self, message: Message, *, wait: timedelta) -> None:
        super().__init__(message, code="too_often")
        self.wait = wait


def _at_its_field(field: str, message: str) -> str:
    # Some messages begin with the place, since where they are shown no field stands.
    return f"{field}: {message}" if field and not message.startswith(field) else message
