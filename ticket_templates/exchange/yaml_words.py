"""What is wrong with a file as YAML, in our own words: the library knows only English, and names its own parts."""

import re
from typing import Final

from app.core.i18n import Message, _

_LIST = _("A list in [ ] goes on or ends here: expected “,” or “]”.")
_RECORD = _("A mapping in { } goes on or ends here: expected “,” or “}”.")
_QUOTES = _("A quoted text does not end: its closing quote is missing.")
_TAB = _("Indent with spaces; a tab is not allowed here.")
_KEY = _("Expected a key, such as “name:”, indented like those above it.")
_COLON = _("Expected “:” after the key.")
_INDENT = _("Expected the same indentation as in the first line.")

#: What the library says (both of its parsers) → what we say; the first that is found in it.
_WORDS: Final[tuple[tuple[str, Message], ...]] = (
    (r"',' or '\]'", _LIST),
    (r"',' or '\}'", _RECORD),
    (r"\btab\b|'\\t'", _TAB),
    (r"control characters|special characters|not allowed in the stream", _("Control characters are not allowed here.")),
    (r"unexpected end of stream|unexpected document separator", _QUOTES),
    (r"mapping values are not allowed",
     _("A colon stands where none is expected: put a text with a colon in quotes, or mend the indentation.")),
    (r"expected '-' indicator|sequence entries are not allowed",
     _("Expected the next item of the list, “- …”, indented like those above it.")),
    (r"cannot start any token", _("A text may not begin with this character; put the text in quotes.")),
    (r"unknown escape", _("There is no such character after “\\”; in single quotes everything is taken as it is.")),
    (r"expected comment or|comment or a line break", _("After “|” or “>” the text begins on the next line.")),
    (r"expected ':'", _COLON),
    (r"expected key|expected <block end>", _KEY),
    (r"alphabetic or numeric", _("Anchors and aliases (& and *) are not allowed; repeat the text.")),
    (r"expected '>'|expected '!'|\btag\b", _("Tags (!) are not allowed.")),
    (r"document start", _INDENT),
    (r"incompatible|%YAML|directive", _("Lines that begin with % are not allowed.")),
)  # fmt: skip
ANYTHING: Final = _("The text cannot be read here; look at indentation, colons, quotes and brackets.")


def reason(said: str) -> Message:
    """Return in our words what the library ``said``."""
    return next((words for pattern, words in _WORDS if re.search(pattern, said)), ANYTHING)
