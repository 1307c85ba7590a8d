"""Lookups: finding a record by what a person types, and naming the ones already chosen. Never all rows at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, select, true
from sqlalchemy.orm import InstrumentedAttribute

from app.core.db import folded
from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.numbers import LARGEST_SMALL_KEY, whole_in
from app.core.permissions import Actor
from app.core.records.attributes import text_of
from app.core.work import Work

#: A remote select shows no more.
MOST: Final = 20
#: Tables whose labels are JSON are small, and matched here rather than in SQL; no more rows than this are read.
SMALL_TABLE: Final = 500


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of a lookup."""

    id: int | str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """How records of one kind are found and named; ``permissions``: any one of them opens it."""

    kind: str
    model: Any
    key: InstrumentedAttribute[Any]
    permissions: tuple[str, ...]
    #: The condition for a typed text that is not empty; None: a small table, its texts are matched here.
    matches: Callable[[Work, str], ColumnElement[bool]] | None
    text: Callable[[Any, str], str]
    hint: Callable[[Any, str], str] = lambda _row, _locale: ""
    order: tuple[Any, ...] = ()
    #: Which rows the actor may choose; a chosen one out of reach does not exist.
    reach: Callable[[Actor], ColumnElement[bool]] = lambda _actor: true()
    #: Which of them a record may be given to; None: every one within ``reach``.
    yours: Callable[[Actor], ColumnElement[bool]] | None = None
    #: Narrows what is offered (active ones), not what stays chosen.
    offered: ColumnElement[bool] | None = None
    options: Sequence[Any] = ()

    def allowed(self, actor: Actor) -> bool:
        """Whether the actor may look here at all."""
        return any(actor.may(permission) for permission in self.permissions)

    def search(self, work: Work, typed: str, limit: int = MOST, *, naming: bool = False) -> list[Found]:
        """Return the first rows that match ``typed`` (all, when it is empty), within the actor's reach.

        ``naming``: of those only what a record may be given to, for forms that write; filters read.
        """
        if not self.allowed(work.actor):
            raise NotAllowedError(_("You may not look this up."), code="not_allowed")
        text = text_of(typed[:200], 200) or ""
        query = self._within(work.actor).order_by(*(self.order or (self.key,)))
        if naming and self.yours is not None:
            query = query.where(self.yours(work.actor))
        if self.offered is not None:
            query = query.where(self.offered)
        if text and self.matches is None:
            rows: Iterable[Any] = work.session.scalars(query.limit(SMALL_TABLE))
            rows = [row for row in rows if folded(text) in folded(f"{self.text(row, work.actor.locale)} {row}")]
        else:
            if text and self.matches is not None:
                query = query.where(self.matches(work, text))
            rows = work.session.scalars(query.limit(limit))
        return [self.found(row, work.actor.locale) for row in list(rows)[:limit]]

    def found(self, row: Any, locale: str) -> Found:
        """Return a row as an answer."""
        return Found(getattr(row, self.key.key), self.text(row, locale), self.hint(row, locale))

    def rows(self, work: Work, keys: Iterable[int | str]) -> dict[int | str, Any]:
        """Return the rows of ``keys`` within reach, in one statement."""
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return {}
        found = work.session.scalars(self._within(work.actor).where(self.key.in_(wanted)))
        return {getattr(row, self.key.key): row for row in found}

    def known(self, work: Work, key: int | str) -> bool:
        """Whether there is such a row the actor may name in a record."""
        query = select(self.key).where(self.key == key, (self.yours or self.reach)(work.actor))
        return work.session.scalar(query) is not None

    def named(self, work: Work, keys: Iterable[int | str]) -> dict[int | str, str]:
        """Return the texts of ``keys`` within reach."""
        return {key: self.text(row, work.actor.locale) for key, row in self.rows(work, keys).items()}

    def read_key(self, raw: Any) -> int | str | None:
        """Return ``raw`` as a key of this kind; None when empty; DomainError when it cannot be one."""
        text = text_of(raw, 40)
        if text is None:
            return None
        if isinstance(self.key.type, String):
            return text
        if (key := whole_in(text, LARGEST_SMALL_KEY)) is None:
            raise DomainError(_("Choose one from the list."), code="unknown")
        return key

    def _within(self, actor: Actor) -> Select[Any]:
        return select(self.model).where(self.reach(actor)).options(*self.options)


LOOKUPS: Final[dict[str, Lookup]] = {}


def register(*lookups: Lookup) -> None:
    """Make lookups known by their kind; a second of the same kind is a bug."""
    for lookup in lookups:
        if LOOKUPS.setdefault(lookup.kind, lookup) is not lookup:
            raise ValueError(f"the lookup {lookup.kind} exists")


def lookup_of(kind: str, lookups: Mapping[str, Lookup] = LOOKUPS) -> Lookup:
    """Return the lookup of a kind that came from outside."""
    try:
        return lookups[kind]
    except KeyError:
        raise NotFoundError(_("There is nothing of this kind to look up."), code="not_found") from None
