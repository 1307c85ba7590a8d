"""The folder of uploaded files: random names, two levels deep, written whole or not at all."""

import hashlib
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final

from app.core.errors import DomainError, TooLargeError
from app.core.i18n import _
from app.core.text import clean_text

log = logging.getLogger(__name__)

_BLOCK: Final = 1 << 16
_LONGEST_NAME: Final = 120
#: Characters that mean something to a file system, a shell or a header.
_UNSAFE: Final = re.compile(r'[\\/:*?"<>|;%\x00-\x1f\x7f]+')
_KEY: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}")
_FIRST_LEVEL: Final = re.compile(r"[0-9a-f]{2}")
#: What accounts other than the server's own might do.
_OTHERS: Final = 0o077
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file on disk that no row names yet."""

    key: str
    path: Path
    size_bytes: int
    sha256: str


def keep(folder: Path, stream: BinaryIO, most_bytes: int) -> Kept:
    """Copy ``stream`` into the folder, never more than ``most_bytes``; the caller deletes it when it is refused."""
    name = token_hex(16)
    key = f"{name[:2]}/{name[2:4]}/{name}"
    path = folder / key
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in (path.parent.parent, path.parent):
        one.mkdir(mode=0o700, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with open(path, "xb", opener=_for_us_alone) as target:
            while block := stream.read(_BLOCK):
                size += len(block)
                if size > most_bytes:
                    break
                digest.update(block)
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
        _check_size(size, most_bytes)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Kept(key, path, size, digest.hexdigest())


def _for_us_alone(path: str, flags: int) -> int:
    """Open a file that nobody else of this machine reads: photos, signatures."""
    return os.open(path, flags, 0o600)


def open_to_others(folder: Path) -> list[Path]:
    """Return the folders of uploads that other accounts of this machine may look into: a former version let them."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(
        one for one in found
        if _FIRST_LEVEL.fullmatch(one.name) and one.is_dir() and not one.is_symlink() and one.stat().st_mode & _OTHERS
    )  # fmt: skip


def close_to_others(folder: Path) -> None:
    """Let nobody else read what lies in the folders `open_to_others` names; it goes on where it was stopped."""
    for one in open_to_others(folder):
        try:
            for inner in one.rglob("*"):
                if not inner.is_symlink():
                    inner.chmod(0o700 if inner.is_dir() else 0o600)
            # Last: a folder that is closed is looked at no more.
            one.chmod(0o700)
        except PermissionError:
            log.warning("uploads of another account stay readable for others: %s", one)


def _check_size(size: int, most_bytes: int) -> None:
    if not size:
        raise DomainError(_("The file is empty."), field="file", code="empty_file")
    if size > most_bytes:
        limit = most_bytes // (1024 * 1024)
        raise TooLargeError(_("A file may have at most %(limit)s MB.", limit=limit), field="file", code="too_large")


def path_of(folder: Path, key: str) -> Path:
    """Return where a stored file lies; a key that is not one of ours is a bug or an attack."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return folder / key


def thumbnail_of(path: Path, edge: int) -> Path:
    """Return where the small version of an image lies."""
    return path.with_name(f"{path.name}.{edge}.jpg")


def remove(folder: Path, key: str) -> None:
    """Delete a file and its small versions; one that is gone already is fine."""
    path = path_of(folder, key)
    for one in (*path.parent.glob(f"{path.name}.*.jpg"), path):
        one.unlink(missing_ok=True)


def safe_name(raw: str, extensions: tuple[str, ...]) -> str:
    """Return a name that is safe in headers, archives and file systems, with an extension that tells the truth."""
    last = re.split(r"[\\/]", raw)[-1]
    try:
        text = clean_text(last, limit=1_000)
    except DomainError:
        text = ""
    text = _UNSAFE.sub("_", text).strip(" .")
    stem, dot, extension = text.rpartition(".")
    if not dot or extension.lower() not in extensions:
        stem, extension = text, extensions[0]
    stem = stem.strip(" .")[: _LONGEST_NAME - len(extension) - 1].rstrip() or "file"
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    return f"{stem}.{extension.lower()}"
