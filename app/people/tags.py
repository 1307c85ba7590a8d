"""What a tag is called: one short line, in which nothing stands that parts tags in a file."""

import re
import unicodedata
from typing import Final

from app.core.db import folded
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.text import clean_text, too_long

#: Letters of the longest name.
LONGEST: Final = 60
#: What stands between the tags of one cell or one line.
SEPARATORS: Final = re.compile(r"[,，;；、\n]")


def named(raw: str) -> str:
    """Return the name as it is stored, empty when nothing is left; DomainError for what no tag can be called.

    Full-width letters and digits become plain ones: nobody sees which of them were typed.
    """
    text = " ".join(unicodedata.normalize("NFKC", clean_text(raw, limit=LONGEST)).split())
    if len(text) > LONGEST:
        raise too_long(LONGEST)
    if SEPARATORS.search(text):
        raise DomainError(_("A tag holds no comma and no semicolon: they stand between tags."), code="separator")
    return text


def same(name: str) -> str:
    """Return what is equal for names of one tag."""
    return folded(name)[:200]
