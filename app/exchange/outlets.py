"""Outlets by name or code for an import, one statement for all; missing ones are made when the mapping says so."""

from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import select

from app.core.db import folded
from app.core.errors import ConflictError, DomainError, NotAllowedError
from app.core.records import service as records
from app.core.records.locks import one_at_a_time
from app.core.work import Work
from app.people import scope
from app.people.models import Outlet
from app.people.records import OUTLET


class Outlets:
    """The outlets within the actor's reach."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._ids = self._read()

    def find(self, text: str) -> int | None:
        """Return the id of the outlet with that code or name."""
        return self._ids.get(folded(text))

    def make(self, names: Iterable[str]) -> int:
        """Make those that do not exist, with a code made of the name; return how many."""
        missing = [name for name in names if self.find(name) is None]
        if missing:
            # Chunks of an import run at once and name the same outlets: the second waits and finds them made.
            one_at_a_time(self.work, "outlets of imports")
            self._ids = self._read()
        return sum(self._made(name) for name in missing if self.find(name) is None)

    def _made(self, name: str) -> bool:
        code = "IMP-" + sha256(folded(name).encode()).hexdigest()[:8].upper()
        try:
            outlet = records.create(self.work, OUTLET, {"code": code, "name": name, "active": True})
        except (ConflictError, NotAllowedError):
            raise
        except DomainError:
            # No name for an outlet: the rows that say it are refused at their column, the others come in.
            return False
        self._ids[folded(name)] = outlet.id
        return True

    def _read(self) -> dict[str, int]:
        reach = scope.outlets(self.work.actor)
        rows = self.work.session.execute(select(Outlet.id, Outlet.code, Outlet.name).where(reach)).all()
        return {folded(name): key for key, _code, name in rows} | {folded(code): key for key, code, _name in rows}
