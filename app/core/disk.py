"""Telling a full disk from other trouble, whoever noticed it."""

import errno
import shutil
import sqlite3
from pathlib import Path
from typing import Final

#: No space, no more of one's share, a file system that has turned read-only.
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
#: What the databases call it in any language: PostgreSQL's `disk_full`, SQLite's own.
_SQLSTATE: Final = "53100"
_SQLITE: Final = sqlite3.SQLITE_FULL
#: With less than this the next page of a database may not fit.
_LITTLE_BYTES: Final = 16 * 1024 * 1024
#: How libraries say it that wrap the system's error and keep no code, the writer of workbooks among them.
_SAID: Final = ("no space left on device", "os error 28", "disk is full", "could not extend file")


def has_no_room(folder: Path) -> bool:
    """Whether the disk ``folder`` lies on, or will, has so little left that whoever writes there soon cannot."""
    try:
        there = next(one for one in (folder, *folder.parents) if one.exists())
        return shutil.disk_usage(there).free < _LITTLE_BYTES
    except OSError:
        return False


def is_full(error: BaseException) -> bool:
    """Whether ``error``, or what it came of, says that nothing more can be written.

    SQLite takes a transaction back by itself when it finds no room; that its savepoints are gone is what is heard last.
    """
    heard: BaseException | None = error
    while heard is not None:
        if _says_so(heard):
            return True
        heard = heard.__cause__ or heard.__context__
    return False


def _says_so(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in FULL
    orig = getattr(error, "orig", error)
    if getattr(orig, "sqlstate", "") == _SQLSTATE or getattr(orig, "sqlite_errorcode", 0) == _SQLITE:
        return True
    said = str(orig).lower()
    return any(words in said for words in _SAID)
