"""Attributes that name other records: one (a foreign key) or several (a relationship)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.records.attributes import Attribute, text_of
from app.core.records.lookups import LOOKUPS, Lookup
from app.core.work import Work

#: More is a mistake, or an attack.
MOST_CHOSEN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class One(Attribute):
    """The key of one record of ``kind``, within the actor's reach. ``name`` is the foreign-key column."""

    kind: str
    #: The relationship that shows it, ``outlet`` for ``outlet_id``.
    shown: str
    input: ClassVar[str] = "remote"

    @property
    def lookup(self) -> Lookup:
        return LOOKUPS[self.kind]

    def value_of(self, work: Work, raw: Any) -> int | str | None:
        key = self.lookup.read_key(raw)
        if key is not None and not self.lookup.known(work, key):
            raise DomainError(_("Choose one from the list; this one does not exist."), code="unknown")
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling(One):
    """Another line of the same owner, of those named ``lines``: by its key, or as ``contacts-0`` by its place."""

    lines: str
    input: ClassVar[str] = "sibling"

    def chosen(self, raw: Any, sent: Sequence[Any]) -> Any:
        """Return the row of ``raw`` among those ``sent`` (None: an empty line); DomainError when it is none."""
        text = text_of(raw, 40)
        if text is None:
            return None
        by_name = {f"{self.lines}-{place}": row for place, row in enumerate(sent)}
        by_name |= {str(getattr(row, self.lookup.key.key)): row for row in sent if row is not None and row.id}
        row = by_name.get(text)
        if row is None:
            raise DomainError(_("Choose one from the list; this one does not exist."), code="unknown")
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Many(Attribute):
    """Several records of ``kind``; the value is the list of rows, ``name`` the relationship."""

    kind: str
    input: ClassVar[str] = "remotes"

    @property
    def lookup(self) -> Lookup:
        return LOOKUPS[self.kind]

    def value_of(self, work: Work, raw: Any) -> list[Any]:
        given = raw if isinstance(raw, list | tuple) else [] if raw in (None, "") else [raw]
        if len(given) > MOST_CHOSEN:
            raise DomainError(_("Choose at most %(limit)s.", limit=MOST_CHOSEN), code="too_many")
        keys = [key for one in given if (key := self.lookup.read_key(one)) is not None]
        rows = self.lookup.rows(work, keys)
        if missing := [key for key in keys if key not in rows]:
            raise DomainError(_("“%(value)s” does not exist; choose from the list.", value=missing[0]), code="unknown")
        return [rows[key] for key in dict.fromkeys(keys)]
