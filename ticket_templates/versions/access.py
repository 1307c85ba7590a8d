"""Who may see and type which fields of a version."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from app.core.permissions import Actor
from ticket_templates.field_types.base import FieldType
from ticket_templates.formulas import inputs_of
from ticket_templates.spec import FieldUse

#: There are never that many sets of roles; a bound all the same.
_MOST_KNOWN: Final = 1000


@dataclass(frozen=True, slots=True)
class Access:
    """What people of one set of roles may see and type."""

    readable: frozenset[str]
    writable: frozenset[str]
    #: Where a step may let an amount in or out: nobody types over what is read-only, but a step moves it.
    movable: frozenset[str]


class Accesses:
    """The fields each set of roles may see and type, worked out when the first of those people asks."""

    def __init__(self, uses: Mapping[str, FieldUse], types: Mapping[str, FieldType], derived: Collection[str]) -> None:
        self.readers = readers(uses, types)
        self._uses = uses
        self._derived = frozenset(derived)
        self._known: dict[frozenset[str] | None, Access] = {}

    def of(self, actor: Actor) -> Access:
        """Return what ``actor`` may see and type."""
        roles = None if actor.is_system else actor.roles
        found = self._known.get(roles)
        if found is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            found = self._known[roles] = self._of(actor)
        return found

    def _of(self, actor: Actor) -> Access:
        readable = frozenset(
            key for key in self._uses if all(actor.plays(roles) for roles in self.readers.get(key, ()))
        )
        movable = frozenset(key for key in readable - self._derived if actor.plays(self._uses[key].write_roles))
        writable = frozenset(key for key in movable if actor.is_system or not self._uses[key].read_only)
        return Access(readable, writable, movable)


def readers(uses: Mapping[str, FieldUse], types: Mapping[str, FieldType]) -> dict[str, tuple[frozenset[str], ...]]:
    """Return, for each field not everybody may see, the sets of roles a reader must have one of each of.

    What is computed from a field tells it, so a derived field is for those who may see all it is computed from.
    """
    found: dict[str, tuple[frozenset[str], ...]] = {}
    for key in uses:
        seen: set[str] = set()
        waiting = [key]
        while waiting:
            one = waiting.pop()
            if one in uses and one not in seen:
                seen.add(one)
                if types[one].derived:
                    waiting += inputs_of(types[one])
        if restricted := tuple(dict.fromkeys(uses[one].read_roles for one in sorted(seen) if uses[one].read_roles)):
            found[key] = restricted
    return found
