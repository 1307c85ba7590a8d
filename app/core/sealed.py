"""Sealed files: what may hold personal data and lies on the disk for a while, encrypted with the keyring.

Each file has a key of its own, which stands at its beginning, encrypted as personal columns are; so a file of a former
key is read as they are. Its content follows in blocks that are authenticated with their place and with whether one is
the last, so that any place is read without the rest, and a file that was cut off or changed is refused, never read as
a shorter one. A file appears whole under its name or not at all; nothing of it is in the clear on the way.
"""

import io
import os
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.keyring import KEYRING

BLOCK: Final = 1 << 16
_TAG: Final = 16
_SEALED: Final = BLOCK + _TAG
_MAGIC: Final = b"gongdan sealed 1 "
_LONGEST_HEADER: Final = 512
_OPEN_FILES: Final = Path("/proc/self/fd")


class Sealing:
    """A file that is being written."""

    def __init__(self, file: BinaryIO, folder: Path) -> None:
        key = AESGCM.generate_key(256)
        file.write(_MAGIC + KEYRING.encrypt(key.hex()).encode() + b"\n")
        self._file, self._folder, self._cipher = file, folder, AESGCM(key)
        self._waiting = bytearray()
        self._blocks = 0

    def write(self, data: bytes) -> None:
        """Add to the content."""
        self._waiting += data
        # The last block is known at the end only, so one is always held back.
        while len(self._waiting) > BLOCK:
            self._seal(bytes(self._waiting[:BLOCK]), last=False)
            del self._waiting[:BLOCK]

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Add one piece after the other."""
        for piece in pieces:
            self.write(piece)

    def tell(self) -> int:
        """Return how long the content is so far."""
        return self._blocks * BLOCK + len(self._waiting)

    def take(self, make: Callable[[Path], Any]) -> None:
        """Add what ``make`` writes, which needs a path to write to."""
        with unnamed(self._folder) as path:
            make(path)
            with path.open("rb") as file:
                while piece := file.read(BLOCK):
                    self.write(piece)

    def end(self) -> None:
        """Seal what is left, as the last block."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, block: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._blocks, last=last), block, None))
        self._blocks += 1


@contextmanager
def sealing(path: Path) -> Iterator[Sealing]:
    """Yield a file to write; when the block ends it is there, when the block fails it is not."""
    # Two processes may write the same file, one of them given up for dead.
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            writer = Sealing(file, path.parent)
            yield writer
            writer.end()
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def seal(path: Path, content: bytes) -> None:
    """Write a small file as a whole."""
    with sealing(path) as file:
        file.write(content)


def unsealed(path: Path) -> BinaryIO:
    """Open a sealed file, at any place of which one may read; DomainError when it is damaged or not whole."""
    file = path.open("rb")
    try:
        return io.BufferedReader(_Unsealed(file), BLOCK)
    except BaseException:
        file.close()
        raise


def content(path: Path) -> bytes:
    """Return all of a small file."""
    with unsealed(path) as file:
        return file.read()


def size(path: Path) -> int:
    """Return how long the content of a file is."""
    with unsealed(path) as file:
        return file.seek(0, os.SEEK_END)


def make_folder(path: Path) -> None:
    """Make a folder, and the one it lies in, that only this account of the machine may look into."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def unnamed(folder: Path) -> Iterator[Path]:
    """Yield the path of an empty file in the clear that has no name in ``folder`` and ends with this process.

    Where the system shows no open files, it has a name for as long as the block lasts.
    """
    shown = _OPEN_FILES.is_dir()
    with tempfile.TemporaryFile(dir=folder) if shown else tempfile.NamedTemporaryFile(dir=folder) as file:
        yield _OPEN_FILES / str(file.fileno()) if shown else Path(file.name)


class _Unsealed(io.RawIOBase):
    """Gives the content block by block."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._at = 0
        header = file.readline(_LONGEST_HEADER)
        self._begin = len(header)
        sealed = os.fstat(file.fileno()).st_size - self._begin
        self._last = max(sealed - 1, 0) // _SEALED
        self._size = sealed - (self._last + 1) * _TAG
        if not header.startswith(_MAGIC) or self._size < 0:
            raise _damaged()
        try:
            self._cipher = AESGCM(bytes.fromhex(KEYRING.decrypt(header[len(_MAGIC) :].decode().rstrip("\n"))))
        except (InvalidToken, ValueError):
            raise _damaged() from None
        # Whether it is whole is known before anything of it is used.
        self._block(self._last)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        number, skipped = divmod(self._at, BLOCK)
        piece = self._block(number)[skipped : skipped + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _block(self, number: int) -> bytes:
        self._file.seek(self._begin + number * _SEALED)
        try:
            return self._cipher.decrypt(_nonce(number, last=number == self._last), self._file.read(_SEALED), None)
        except InvalidTag:
            raise _damaged() from None


def _nonce(number: int, *, last: bool) -> bytes:
    """Return what makes each block of a file's own key another one."""
    return number.to_bytes(11) + bytes([last])


def _damaged() -> DomainError:
    message = _("A file kept on the server is damaged. Upload the table, or export the list, once more.")
    return DomainError(message, code="damaged")
