"""The keys of the installation: encryption at rest and blind indexes.

Loaded once at the start from the settings. Encryption rotates (the first key writes, all read); the key of the
blind index does not, since an index made with another key finds nothing.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet


class Keyring:
    """Encrypts personal data and computes the blind index by which exact values are found again."""

    def __init__(self) -> None:
        self._fernet: MultiFernet | None = None
        self._index_key = b""

    def load(self, secrets: Sequence[str]) -> None:
        """Take the data secrets, newest first; the last (oldest) one also keys the blind index."""
        self._fernet = MultiFernet([Fernet(urlsafe_b64encode(_derived(s, b"encryption"))) for s in secrets])
        self._index_key = _derived(secrets[-1], b"blind index")

    def encrypt(self, text: str) -> str:
        """Return a token that differs each time."""
        return self._loaded().encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Return the text of a token made with any key of the ring."""
        return self._loaded().decrypt(token.encode()).decode()

    def blind_index(self, text: str) -> str:
        """Return 64 hexadecimal digits, equal for equal texts and meaningless without the key."""
        self._loaded()
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest()

    def _loaded(self) -> MultiFernet:
        if self._fernet is None:
            raise RuntimeError("the keyring is empty: load the settings first")
        return self._fernet


def _derived(secret: str, purpose: bytes) -> bytes:
    return hmac.new(secret.encode(), b"gongdan " + purpose, hashlib.sha256).digest()


KEYRING = Keyring()
