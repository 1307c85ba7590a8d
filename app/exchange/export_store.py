"""The folder of a file that is made in the background: what it is made of, and the file until it is fetched.

A folder of the storage, outside the web root, named by a random token. Whatever is written twice is written the same:
a part or a file appears whole under its name or not at all, so a worker that died leaves nothing half done. All of it
is sealed.
"""

import re
import secrets
import shutil
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy.exc import SQLAlchemyError

from app.core import sealed
from app.core.company import Company
from app.core.disk import is_full
from app.core.errors import DomainError, NotFoundError
from app.core.i18n import _
from app.exchange.cells import kept, told

FOLDER: Final = "exports"
#: How long a file is kept: what was asked for on a Friday evening is there on Monday, and no list of customers for
#: longer than that.
KEPT: Final = timedelta(days=3)
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
#: Eight bytes a number: the ids of a million tickets are 8 MB, and a part is read without the others.
_NUMBERS: Final = "q"
_PLAN, _IDS, _RESULT = "plan", "ids", "result"


@dataclass(frozen=True, slots=True)
class Store:
    """One such folder."""

    folder: Path

    def keep_plan(self, plan: dict[str, Any], ids: Sequence[int]) -> None:
        """Keep what every part needs, and the ids of all rows in order."""
        with told_when_full():
            sealed.make_folder(self.folder)
            sealed.seal(self.folder / _IDS, array(_NUMBERS, ids).tobytes())
            sealed.seal(self.folder / _PLAN, orjson.dumps(plan))

    def plan(self) -> dict[str, Any]:
        """Return what `keep_plan` kept."""
        found: dict[str, Any] = orjson.loads(sealed.content(self._at(_PLAN)))
        return found

    def ids(self, first: int, count: int) -> list[int]:
        """Return the ids of ``count`` rows from the ``first`` on; rows are counted from 0."""
        numbers = array(_NUMBERS)
        size = numbers.itemsize
        with sealed.unsealed(self._at(_IDS)) as file:
            file.seek(first * size)
            numbers.frombytes(file.read(count * size))
        return numbers.tolist()

    def keep_part(self, number: int, rows: Iterable[Sequence[Any]]) -> int:
        """Keep the rows of one part; return how many they are."""
        count = 0
        with told_when_full(), sealed.sealing(self.folder / f"part-{number}") as file:
            for count, row in enumerate(rows, start=1):  # noqa: B007 - the last number is how many there were
                file.write(kept(row) + b"\n")
        return count

    def rows(self, parts: int) -> Iterator[list[Any]]:
        """Yield the rows of all parts in order."""
        for number in range(parts):
            with sealed.unsealed(self._at(f"part-{number}")) as file:
                for line in file:
                    yield told(line)

    @contextmanager
    def result(self) -> Iterator[sealed.Sealing]:
        """Yield the file to write; when the block ends it is there, and what it was made of is gone."""
        with told_when_full(), sealed.sealing(self.folder / _RESULT) as file:
            yield file
        for one in self.folder.iterdir():
            if one.name != _RESULT:
                one.unlink(missing_ok=True)

    def file(self) -> Path:
        """Return the finished file, sealed; NotFoundError when it is not there any more."""
        return self._at(_RESULT)

    def is_there(self) -> bool:
        """Whether the finished file can still be fetched."""
        return (self.folder / _RESULT).is_file()

    def remove(self) -> None:
        """Take all of it away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _at(self, name: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise NotFoundError(_("This file is no longer there. Export the list again."), code="not_found")
        return path


def new_token() -> str:
    """Return the name of a new folder, which nobody guesses."""
    return secrets.token_hex(16)


def store_of(company: Company, token: str) -> Store:
    """Return the folder of that name."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("no token of an export")
    return Store(company.storage / FOLDER / token)


def sweep(company: Company, now: datetime) -> int:
    """Remove what is past its keeping; return how many folders that were."""
    swept = 0
    for folder in (company.storage / FOLDER).glob("*"):
        # Another process may sweep at the same time.
        with suppress(FileNotFoundError):
            if datetime.fromtimestamp(folder.stat().st_mtime, tz=now.tzinfo) < now - KEPT:
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
    return swept


@contextmanager
def told_when_full() -> Iterator[None]:
    """Turn a full disk into a refusal that says what to do: the files', the workbook's or the database's."""
    try:
        yield
    except (OSError, SQLAlchemyError) as error:
        if not is_full(error):
            raise
        message = _("The server's disk is full, so the file was not made. Free some space, then export the list again.")
        raise DomainError(message, code="storage") from error
