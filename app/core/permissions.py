"""What a person may do (permissions) and on which rows (scope).

A permission is ``"ticket.change"``: a thing and a verb. Flask-AppBuilder stores it as the pair
``can_change`` on ``ticket``, so its role screen edits exactly what the services ask.
"""

from dataclasses import dataclass, field
from enum import IntEnum


class Scope(IntEnum):
    """Which rows a role reaches; a person has the widest of the roles held."""

    OWN = 1
    TEAM = 2
    OUTLET = 3
    ALL = 4


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with the rights held now. ``user_id`` None is the system itself, which may do everything."""

    user_id: int | None
    name: str = ""
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    scope: Scope = Scope.OWN
    team_ids: frozenset[int] = frozenset()
    outlet_ids: frozenset[int] = frozenset()
    locale: str = field(default="zh_Hans", compare=False)

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind this."""
        return self.user_id is None

    def may(self, permission: str) -> bool:
        """Whether the actor holds ``permission`` (``"ticket.change"``)."""
        return self.is_system or permission in self.permissions

    def plays(self, roles: frozenset[str]) -> bool:
        """Whether the actor has one of ``roles``; an empty set names everybody."""
        return self.is_system or not roles or bool(self.roles & roles)


#: The system: migrations, schedules, imports of shipped data. Rules act as their owner, never as this.
SYSTEM = Actor(user_id=None, name="system", scope=Scope.ALL)
