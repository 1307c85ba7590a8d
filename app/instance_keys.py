"""The installation's secrets: from the settings, or made once and kept in the instance folder (mode 600).

The database knows the keys of its personal data by their fingerprints, which tell nothing of them: with other keys it
is not opened, since what is there could not be read, and what came then not once the right ones are back.
"""

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from app import installed
from app.config import ConfigError, Settings

_DIGITS: Final = 16


class KeysError(ConfigError):
    """The keys are not those of the database."""


def session_secret(settings: Settings) -> str:
    """Return the secret that signs sessions."""
    return settings.secret_key or _kept(settings.instance / "secret.key")


def data_secrets(settings: Settings, *, make: bool = True) -> list[str]:
    """Return the secrets that encrypt personal data, newest first; KeysError if the database was filled with others.

    Where there are none yet they are made and kept; without ``make`` nothing is kept, for who only looks.
    """
    found = settings.given_keys
    kept = settings.instance / "data.key"
    there = installed.look(settings)
    if not found and not _read(kept) and there.program:
        raise KeysError(f"the key of this database's personal data is missing: {_remedy(kept)}")
    found = found or (_kept(kept) if make else _read(kept) or secrets.token_urlsafe(48)).splitlines()
    if not there.keys <= set(fingerprints(found)):
        raise KeysError(f"this database's personal data was written with another key: {_remedy(kept)}")
    return found


def fingerprints(keys: Iterable[str]) -> list[str]:
    """Return by what each of the keys is known, without saying anything of it: 16 hexadecimal digits."""
    return [hmac.new(one.encode(), b"gongdan fingerprint", hashlib.sha256).hexdigest()[:_DIGITS] for one in keys]


def _remedy(kept: Path) -> str:
    return f"put the file back as {kept.absolute()}, or set GONGDAN_DATA_KEYS as it was"


def _kept(path: Path) -> str:
    if not _read(path):
        _make(path)
    return _read(path)


def _read(path: Path) -> str:
    """Return what the file holds; empty: it is not there, or a disk that was full left nothing in it."""
    try:
        return path.read_text("ascii", errors="replace").strip()
    except FileNotFoundError:
        return ""


def _named(whole: Path, path: Path) -> None:
    """Give the file its name, unless somebody has it: two processes that start at once agree on the first secret."""
    try:
        os.link(whole, path)
    except FileExistsError:
        pass
    except OSError:
        # A file system without links, as of a memory card or some shares: there the last one would count.
        if not _read(path):
            whole.replace(path)


def _make(path: Path) -> None:
    """Keep a new secret, whole and on the disk before it has its name; one that was there first stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(descriptor)
        if not _read(path):
            path.unlink(missing_ok=True)
        _named(Path(name), path)
    finally:
        Path(name).unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
