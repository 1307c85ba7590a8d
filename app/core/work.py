"""`work`: who acts, when, why, and in which transaction. The first argument of every service."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Engine
from sqlalchemy.orm import Session

from app.core.company import Company
from app.core.permissions import Actor

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Cause:
    """What led here: ``kind`` is person, rule, bulk, import, schedule, channel or system; ``ref`` names which one."""

    kind: str
    ref: str = ""
    parent: "Cause | None" = None

    def as_json(self) -> dict[str, Any]:
        """Return the chain as it is journaled, nearest cause first."""
        chain: dict[str, Any] = {"kind": self.kind}
        if self.ref:
            chain["ref"] = self.ref
        if self.parent:
            chain["parent"] = self.parent.as_json()
        return chain


@dataclass(slots=True)
class Work:
    """One unit of work. ``now`` is one aware UTC instant for all of it; services never read the wall clock."""

    session: Session
    actor: Actor
    now: datetime
    cause: Cause
    company: Company
    events: list[Any] = field(default_factory=list)
    #: What a work that only reads has read already; None: it may write, and reads anew.
    kept: dict[Hashable, Any] | None = None

    def publish(self, event: Any) -> None:
        """Say that something happened; the switchboard tells who listens, before the commit."""
        self.events.append(event)

    def once(self, what: Hashable, read: Callable[[], _Found]) -> _Found:
        """Return what ``read`` returns, asked once where several parts of a page ask the same."""
        if self.kept is None:
            return read()
        if what not in self.kept:
            self.kept[what] = read()
        return cast("_Found", self.kept[what])

    def rows(self, query: Any, parameters: Mapping[str, Any] | None = None) -> CursorResult[*tuple[Any, ...]]:
        """Return plain rows, by the connection: a session would prepare each for the ORM, though none is an object."""
        self.session.flush()
        return self.session.connection().execute(query, parameters)

    @property
    def dialect(self) -> str:
        """Return ``"sqlite"`` or ``"postgresql"``."""
        bind = self.session.get_bind()
        return (bind if isinstance(bind, Engine) else bind.engine).dialect.name


#: A listener: takes the work and the event; runs inside the same transaction.
Handler = Callable[[Work, Any], None]
