"""The kinds of links, as they are seen from either end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.i18n import Message, _

#: What the journal calls a link: this and the end's name.
LINK: Final = "link."
#: What it calls that another ticket was merged into this one.
ABSORBED: Final = f"{LINK}absorbed"
#: That a ticket was split off, as either sees it, and how many notes went over.
SPLIT_INTO: Final = f"{LINK}split_into"
SPLIT_FROM: Final = f"{LINK}split_from"
MOVED: Final = "notes_moved"
#: A parent of a parent of a parent …: more levels than this nobody oversees.
MOST_LEVELS: Final = 6


@dataclass(frozen=True, slots=True)
class End:
    """A link as one of its tickets sees it; ``label`` says what the other ticket is to this one."""

    name: str
    kind: str
    #: Whether this ticket is the source.
    forward: bool
    label: Message
    #: How the other ticket sees it.
    other: str

    def ends(self, this: int, that: int) -> tuple[int, int]:
        """Return source and target of such a link from one ticket to another."""
        if self.name == self.other:
            return min(this, that), max(this, that)
        return (this, that) if self.forward else (that, this)


ENDS: Final[Mapping[str, End]] = {
    end.name: end
    for end in (
        End("relates", "relates", True, _("Related to"), "relates"),
        End("duplicates", "duplicates", True, _("Duplicate of"), "duplicated_by"),
        End("duplicated_by", "duplicates", False, _("Has the duplicate"), "duplicates"),
        End("blocks", "blocks", True, _("Blocks"), "blocked_by"),
        End("blocked_by", "blocks", False, _("Blocked by"), "blocks"),
        End("parent_of", "parent", True, _("Child ticket"), "child_of"),
        End("child_of", "parent", False, _("Parent ticket"), "parent_of"),
    )
}


#: What the journal's entries about other tickets are called, by name without `LINK`.
LABELS: Final[Mapping[str, Message]] = {
    **{end.name: end.label for end in ENDS.values()},
    "absorbed": _("Merged into this one"),
    "split_into": _("Split off"),
    "split_from": _("Split off from"),
}


def seen(kind: str, *, as_source: bool) -> End:
    """Return how a stored link of ``kind`` is seen from its source or its target."""
    ends = (end for end in ENDS.values() if end.kind == kind)
    return next(end for end in ends if end.forward == as_source or end.other == end.name)
