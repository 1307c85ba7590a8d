"""Whether an installation is complete, asked in plain SQL and from file names.

`gongdan serve` must not import the whole program to learn that nothing is to be done: this module imports neither
SQLAlchemy nor Alembic nor Flask-AppBuilder (tests/cli/test_lean_start.py).
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from app.config import Settings

#: The user name of the first administrator.
ADMINISTRATOR: Final = "admin"

_ROOT: Final = Path(__file__).parent.parent
#: What an installation is made from: code, packs, regions. Pages and translations are read as they are.
_MADE_FROM: Final = (("app", (".py", ".json")), ("migrations", (".py",)), ("ticket_templates", (".py", ".yaml")))
_NOT_MADE_FROM: Final = frozenset({"static", "__pycache__"})
_CONNECT_SECONDS: Final = 5
_SQLITE: Final = "sqlite:///"
#: What to do about a database that a newer version has written.
NEWER: Final = "run the newer version that has written it, or restore a backup"
#: How SQLite and PostgreSQL say that there is no table; and SQLite, that there is no file.
_NOTHING_YET: Final = ("no such table", "does not exist", "unable to open database file")


@dataclass(frozen=True, slots=True)
class Installed:
    """What a database says of itself: its schema's revision, and the program that completed it (empty: none did)."""

    revision: str = ""
    program: str = ""
    #: Fingerprints of the keys its personal data was written with (app/instance_keys.py).
    keys: frozenset[str] = frozenset()
    #: Why the database gave no answer; empty where it did, or where there is none yet.
    trouble: str = ""
    #: The file of an SQLite database that is not there; empty where it is.
    absent: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether everything is there and the schema is the newest."""
        return bool(self.program) and self.revision == newest_revision()

    @property
    def is_current(self) -> bool:
        """Whether it was completed by this very program, so that nothing is to be done."""
        return self.is_complete and self.program == fingerprint()


def look(settings: Settings) -> Installed:
    """Return what the database says; nothing where there is none, or none that answers."""
    try:
        with _connected(settings.url) as connection:
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            told = connection.execute("SELECT * FROM installation")
            # An older schema knows nothing of keys.
            row = dict(zip((one[0] for one in told.description), told.fetchone() or (), strict=False))
    except Exception as error:  # noqa: BLE001 - two drivers' errors, of which one may not be installed
        lines = str(error).strip().splitlines() or [type(error).__name__]
        trouble = "" if any(words in lines[0] for words in _NOTHING_YET) else lines[0]
        return Installed(trouble=trouble, absent=_absent(settings.url))
    keys = frozenset(str(row.get("keys", "")).split())
    return Installed(str(revision[0]) if revision else "", str(row.get("program", "")), keys)


class UnreadyError(Exception):
    """This program does not work on the database as it is; the message says what to do."""


def demand_complete(now: Installed) -> None:
    """UnreadyError unless the installation is complete, and of this version."""
    if now.absent:
        raise UnreadyError(
            f"nothing is installed at {now.absent}: correct GONGDAN_INSTANCE or GONGDAN_DATABASE_URL, or run "
            "`gongdan init` first"
        )
    if now.revision and now.revision not in _revisions():
        raise UnreadyError(f"the database is at revision {now.revision}, which this version does not know: {NEWER}")
    if now.revision and now.revision != newest_revision():
        raise UnreadyError(f"the database is of an older version ({now.revision}): run `gongdan init` first")
    if not now.is_complete:
        raise UnreadyError("the database is not ready: run `gongdan init` first")


def newest_revision() -> str:
    """Return the newest revision the program knows."""
    return max(_revisions())


def _revisions() -> set[str]:
    """Return the revisions the program knows; migrations are numbered by their file names."""
    return {path.name[:4] for path in (_ROOT / "migrations" / "versions").glob("[0-9]*.py")}


def fingerprint() -> str:
    """Return a hash of all an installation is made from: another program has perhaps more roles or packs."""
    whole = hashlib.sha256()
    for folder, endings in _MADE_FROM:
        for path in sorted((_ROOT / folder).rglob("*")):
            if path.suffix in endings and _NOT_MADE_FROM.isdisjoint(path.parts):
                whole.update(path.relative_to(_ROOT).as_posix().encode())
                whole.update(path.read_bytes())
    return whole.hexdigest()


def _file(url: str) -> Path:
    return Path(url.removeprefix(_SQLITE)).absolute()


def _absent(url: str) -> str:
    """Return the path of SQLite's file where there is none."""
    try:
        return str(_file(url)) if url.startswith(_SQLITE) and not _file(url).exists() else ""
    except OSError:
        # Who may not look into the folder is told so when the file is opened.
        return ""


@contextmanager
def _connected(url: str) -> Iterator[Any]:
    if url.startswith(_SQLITE):
        # Read only, so that a database that is not there is not made by looking for it.
        path = quote(str(_file(url)))
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            yield connection
        return
    import psycopg  # noqa: PLC0415 - an installation on SQLite does without

    with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=_CONNECT_SECONDS) as connection:
        yield connection
