"""The door to the lists of records, for who makes them into files: the screens stand above this room, and open it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

from app.core.permissions import Actor
from app.exchange.made_file import Layout


class RecordList(Protocol):
    """A list of records as somebody asked for it."""

    def listed(self) -> tuple[Layout, Sequence[int | str]]:
        """Return what its file looks like, and the keys of all its rows in order."""
        ...

    def cells_of(self, keys: Sequence[int | str]) -> Iterator[list[Any]]:
        """Yield the cells of these rows in their order, of those in reach."""
        ...


class Screens(Protocol):
    """All lists of records."""

    def opened(self, name: str, query: str, actor: Actor) -> AbstractContextManager[RecordList]:
        """Open the list ``name`` for somebody, filtered and sorted as the address's ``query`` says."""
        ...


class RecordLists:
    """Where a process finds the lists. They are made ready when the first is asked for: most workers need none."""

    def __init__(self) -> None:
        self._make: Callable[[], Screens] | None = None
        self._screens: Screens | None = None

    def offered_by(self, make: Callable[[], Screens]) -> None:
        """Say what makes the lists ready."""
        self._make, self._screens = make, None

    def opened(self, name: str, query: str, actor: Actor) -> AbstractContextManager[RecordList]:
        """Open a list, as `Screens.opened` says."""
        if self._screens is None:
            if self._make is None:
                raise RuntimeError("nobody offers lists of records in this process")
            self._screens = self._make()
        return self._screens.opened(name, query, actor)


RECORD_LISTS: Final = RecordLists()
