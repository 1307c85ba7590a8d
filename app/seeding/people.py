"""Who takes a step: somebody whose role may, and who did not take the one before that others have to look at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

#: Whose work a step is where several may take it, by its key; of others it is whoever has the ticket.
_DISPATCHERS: Final = ("dispatcher", "clerk")
_CLERKS: Final = ("clerk", "dispatcher")
_INSPECTORS: Final = ("qa", "outlet_manager")
WHOSE: Final[Mapping[str, Sequence[str]]] = {
    "assign": _DISPATCHERS, "approve_return": _DISPATCHERS, "approve_refund_only": _DISPATCHERS, "reject": _DISPATCHERS,
    "schedule": _CLERKS, "reschedule": _CLERKS, "parts_arrived": _CLERKS, "follow_up": _CLERKS, "close": _CLERKS,
    "cancel": _CLERKS, "shipped": _CLERKS,
    "approve": _INSPECTORS, "approve_refund": _INSPECTORS, "approve_exchange": _INSPECTORS,
}  # fmt: skip
#: Who is asked else, in this order.
_ROLES: Final = ("clerk", "dispatcher", "qa", "finance", "outlet_manager", "technician", "administrator")
#: So often the manager of the outlet looks at the work, not somebody of the company.
_MANAGED: Final = 0.25


@dataclass(frozen=True, slots=True)
class People:
    """Who is there to take steps, by role; managers by outlet besides; and what each of them plays."""

    by_role: Mapping[str, Sequence[int]] = field(default_factory=dict)
    managers: Mapping[int | None, Sequence[int]] = field(default_factory=dict)
    roles_of: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def clerks(self) -> Sequence[int]:
        """Return who answers customers at a desk."""
        return self.by_role.get("clerk", ())

    def taker(
        self, dice: Random, step: str, roles: frozenset[str] | None, worker: int | None, outlet_id: int | None,
        *, barred: Collection[int | None],
    ) -> int | None:  # fmt: skip
        """Return who takes a step that ``roles`` may take; of a small shop, where nobody plays one: the worker."""
        whose = WHOSE.get(step, ())
        if whose is _INSPECTORS and dice.random() < _MANAGED:
            whose = whose[::-1]
        for role in (*whose, "", *_ROLES):
            if role and roles is not None and role not in roles:
                continue
            able = [one for one in self._players(role, roles, worker, outlet_id) if one not in barred]
            if able:
                return able[0] if len(able) == 1 else dice.choice(able)
        return worker

    def _players(
        self, role: str, roles: frozenset[str] | None, worker: int | None, outlet_id: int | None
    ) -> Sequence[int]:
        """Return who plays a role where the ticket is; of no role: who has the ticket, if that is one of ``roles``."""
        if role == "outlet_manager":
            return self.managers.get(outlet_id, ())
        if role:
            return self.by_role.get(role, ())
        if worker is None:
            return ()
        return (worker,) if roles is None or not roles.isdisjoint(self.roles_of.get(worker, ())) else ()
