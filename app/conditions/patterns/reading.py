r"""Reads a pattern, character by character: ``KFR-\d+`` becomes nodes, or a refusal with its place."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from app.conditions.patterns.nodes import LAST, Characters, Choice, Node, Ranges, Repeat, Sequence, merged, opposite
from app.core.i18n import Message, _

MOST_REPEATS: Final = 100
MOST_GROUPS: Final = 10
_COUNT: Final = re.compile(r"\{(\d{1,3})(,(\d{0,3}))?\}", re.ASCII)
_CLASSES: Final = {
    "d": ((0x30, 0x39),),
    "w": ((0x30, 0x39), (0x5F, 0x5F), (0x61, 0x7A)),
    "s": ((0x20, 0x20),),
}


class PatternError(ValueError):
    """The pattern cannot be read; ``place`` counts characters from 1."""

    def __init__(self, reason: Message, place: int) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.place = place


def read(text: str) -> Node:
    """Return what a pattern is made of."""
    broken = next((place for place, one in enumerate(text, 1) if _is_broken(one)), 0)
    if broken:
        raise PatternError(_("This character is broken. Please type it again."), broken)
    return _Reader(unicodedata.normalize("NFC", text)).whole()


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    depth: int = 0

    def whole(self) -> Node:
        if self.text.startswith("^"):
            self.at = 1
        node = self.choice()
        if self.text[self.at :] == "$":
            return node
        if self.at < len(self.text):
            raise self.wrong(
                _("This bracket was never opened.") if self.next == ")" else _("This stands at the end only.")
            )
        return node

    @property
    def next(self) -> str:
        return self.text[self.at : self.at + 1]

    def wrong(self, reason: Message) -> PatternError:
        return PatternError(reason, self.at + 1)

    def taken(self, character: str) -> bool:
        """Whether ``character`` comes next; then it is behind us."""
        if self.next != character or not character:
            return False
        self.at += 1
        return True

    def choice(self) -> Node:
        parts = [self.sequence()]
        while self.taken("|"):
            parts.append(self.sequence())
        return Choice(tuple(parts)) if len(parts) > 1 else parts[0]

    def sequence(self) -> Node:
        parts = []
        while self.next and self.next not in "|)$":
            parts.append(self.repeated(self.atom()))
        return Sequence(tuple(parts))

    def repeated(self, node: Node) -> Node:
        if self.next not in {"*", "+", "?", "{"}:
            return node
        least, most = self.counts()
        # Lazy or greedy: over the whole text it is the same.
        self.taken("?")
        if self.next in {"*", "+", "?", "{"}:
            raise self.wrong(_("There is nothing here to repeat."))
        return Repeat(node, least, most) if node.size else node

    def counts(self) -> tuple[int, int | None]:
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.taken(sign):
                return counts
        found = _COUNT.match(self.text, self.at)
        if found is None:
            raise self.wrong(_("Expected a count such as {2} or {2,5}."))
        least = int(found[1])
        most = least if found[2] is None else int(found[3]) if found[3] else None
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            raise self.wrong(_("A count is at most %(limit)s, and the smaller comes first.", limit=MOST_REPEATS))
        self.at = found.end()
        return least, most

    def atom(self) -> Node:
        character = self.next
        if character in {"*", "+", "?", "{"}:
            raise self.wrong(_("There is nothing here to repeat."))
        if character in {"^", "}", "]"}:
            raise self.wrong(_("Write “\\%(sign)s” for the sign itself.", sign=character))
        self.at += 1
        if character == "(":
            return self.group()
        if character == "[":
            return self.characters()
        if character == ".":
            return Characters(((0, LAST),))
        if character == "\\":
            return self.escaped()
        return _literal(character)

    def group(self) -> Node:
        self.depth += 1
        if self.depth > MOST_GROUPS:
            raise self.wrong(_("Groups nest at most %(limit)s deep.", limit=MOST_GROUPS))
        if self.text.startswith("?", self.at) and not self.text.startswith("?:", self.at):
            raise self.wrong(_("Only plain groups are understood: ( ) and (?: )."))
        if self.taken("?"):
            self.at += 1
        inner = self.choice()
        if not self.taken(")"):
            raise self.wrong(_("A bracket is missing."))
        self.depth -= 1
        return inner

    def escaped(self) -> Node:
        character = self.next
        self.at += 1
        if character.lower() in _CLASSES and character:
            return Characters(opposite(_CLASSES[character.lower()]) if character.isupper() else _CLASSES[character])
        if not character or character.isalnum():
            self.at -= 1
            raise self.wrong(_("“\\%(sign)s” is not understood here.", sign=character))
        return _literal(character)

    def characters(self) -> Node:
        negated = self.taken("^")
        ranges: list[tuple[int, int]] = []
        while not self.taken("]") or not ranges:
            if not self.next:
                raise self.wrong(_("A bracket is missing."))
            ranges += self.span()
        kept = opposite(merged(ranges)) if negated else merged(ranges)
        if not kept:
            raise self.wrong(_("This leaves no character."))
        return Characters(kept)

    def span(self) -> Ranges:
        first = self.one()
        if isinstance(first, tuple):
            return first
        if self.next == "-" and self.text[self.at + 1 : self.at + 2] not in {"]", ""}:
            self.at += 1
            last = self.one()
            if isinstance(last, tuple) or last < first:
                raise self.wrong(_("This range of characters is empty."))
            return ((first, last),)
        return ((first, first),)

    def one(self) -> int | Ranges:
        r"""Return a character within brackets, or the ranges of a class such as ``\d``."""
        character = self.next
        self.at += 1
        if character == "\\":
            node = self.escaped()
        elif character in {"[", "]", ""}:
            self.at -= 1
            raise self.wrong(_("Write “\\%(sign)s” for the sign itself.", sign=character or "]"))
        else:
            node = _literal(character)
        if not isinstance(node, Characters):
            raise self.wrong(_("This letter is several letters here."))
        single = len(node.ranges) == 1 and node.ranges[0][0] == node.ranges[0][1]
        return node.ranges[0][0] if single else node.ranges


def _is_broken(character: str) -> bool:
    """Whether this is half of a character: no text holds one, and no engine reads it."""
    return unicodedata.category(character) == "Cs"


def _literal(character: str) -> Node:
    """Return a character as texts are folded, where ``ß`` is two."""
    folded = " " if character.isspace() else unicodedata.normalize("NFKC", character).casefold()
    nodes = tuple(Characters(((ord(one), ord(one)),)) for one in folded)
    return nodes[0] if len(nodes) == 1 else Sequence(nodes)
