"""Telling a full disk from other trouble, whoever noticed it."""

import errno
from typing import Final

#: No space, no more of one's share, a file system that has turned read-only.
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
#: How libraries say it that wrap the system's error: the writer of workbooks, SQLite, PostgreSQL.
_SAID: Final = ("no space left on device", "os error 28", "disk is full", "could not extend file")


def is_full(error: BaseException) -> bool:
    """Whether ``error`` says that nothing more can be written."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in FULL
    said = str(getattr(error, "orig", error)).lower()
    return any(words in said for words in _SAID)
