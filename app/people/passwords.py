"""Which passwords are refused."""

import unicodedata
from typing import Final

from app.core.db import folded
from app.core.errors import DomainError
from app.core.i18n import Message, _

SHORTEST: Final = 10
#: scrypt reads all of it: a bound on what one request may cost.
LONGEST: Final = 128
_FEWEST_CHARACTERS: Final = 4
#: A shorter user name is part of many good passwords.
_TELLING_USERNAME: Final = 4
#: The start of every list of leaked passwords, as far as they are long enough to be allowed at all.
_COMMON: Final = frozenset(
    """1234567890 12345678910 0123456789 qwertyuiop 1q2w3e4r5t password123 password12 administrator 1111111111
    0000000000 a123456789 987654321a passw0rd123 q1w2e3r4t5 abcdefghij qwerty12345 123456789a woaini1314 woaini520
    1qaz2wsx3edc zxcvbnm123 iloveyou123 welcome123 letmein123 admin12345 gongdan123 gongdan1234""".split()  # noqa: SIM905 - a list to read
)


def check_password(password: str, username: str) -> None:
    """Refuse a password that would be guessed. Length decides; no rules about kinds of characters (NIST 800-63B)."""
    text = unicodedata.normalize("NFC", password)
    message: Message | None = None
    if len(text) < SHORTEST:
        message = _("A password has at least %(limit)s characters.", limit=SHORTEST)
    elif len(text) > LONGEST:
        message = _("A password has at most %(limit)s characters.", limit=LONGEST)
    elif "\x00" in text or len(set(text)) < _FEWEST_CHARACTERS or folded(text) in _COMMON:
        message = _("This password is easy to guess. Please choose another one.")
    elif len(username) >= _TELLING_USERNAME and username in folded(text):
        message = _("The password must not contain the user name.")
    if message:
        raise DomainError(message, field="password", code="weak_password")
