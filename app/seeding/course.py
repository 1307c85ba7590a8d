"""The way a ticket takes through its workflow: which steps, and when in working hours."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

from ticket_templates.spec import Transition
from ticket_templates.versions import CompiledVersion

#: Minutes a step takes after the one before, at least and at most; of other steps half an hour to half a day.
LASTS: Final = {
    "assign": (3, 25), "accept": (5, 70), "schedule": (10, 60), "start": (5, 60), "quote": (20, 90),
    "submit": (35, 150), "submit_unsigned": (35, 150), "resolve": (15, 120), "wait_for_parts": (30, 60),
    "parts_arrived": (24 * 60, 72 * 60), "approve": (60, 20 * 60), "collect": (20, 8 * 60),
    "follow_up": (18 * 60, 50 * 60), "close": (30, 26 * 60),
    "cancel": (20, 8 * 60), "reject": (60, 10 * 60), "respond": (10, 100), "receive": (24 * 60, 72 * 60),
    "refunded": (60, 26 * 60), "compensate": (60, 26 * 60), "shipped": (4 * 60, 30 * 60),
}  # fmt: skip
_OTHERWISE: Final = (30, 12 * 60)
OPENS, CLOSES = time(8, 30), time(19, 30)
#: So long it takes at most until a visit is agreed, and when that is if it comes to the next day.
_AGREED: Final = sum((timedelta(minutes=LASTS[one][1]) for one in ("assign", "accept", "schedule")), timedelta())
_NEXT_DAY: Final = time(12, 30)
#: Steps by which work is given up, and those from which on it is not given up so lightly.
GIVEN_UP: Final = frozenset({"cancel", "reject"})
_BEGUN: Final = frozenset({"start", "receive"})
#: How often a ticket ends in a state; others of the ended ones share what is left.
ENDS: Final = {"closed": 70, "followed_up": 12, "completed": 9, "cancelled": 5, "rejected": 4}
#: Chance that a ticket takes another way to its end than the shortest: somebody calls the customer first, say.
_ANOTHER: Final = 0.6


@dataclass(slots=True)
class Ways:
    """The ways of one template: to each state, with those a ticket may end in or be held up in."""

    paths: dict[str, tuple[Transition, ...]]
    #: To some states: ways that come there from elsewhere.
    others: dict[str, list[tuple[Transition, ...]]]
    ends: list[str] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    #: Where work waits for something or somebody.
    held: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, version: CompiledVersion, closed: frozenset[str] = frozenset()) -> "Ways":
        """Return the ways of a version round the steps that are ``closed`` to a ticket."""
        paths = _paths(version, closed)
        states = [version.states[key] for key in paths]
        ends = [one.key for one in states if one.category in ("resolved", "closed")] or list(paths)
        held = [one.key for one in states if one.category not in ("resolved", "closed")]
        others = {end: _others(version, closed, paths, end) for end in ends}
        return cls(paths, others, ends, [ENDS.get(key, 4) for key in ends], held)

    def drawn(self, dice: Random, *, held: bool, fresh: bool) -> tuple[Transition, ...]:
        """Return the steps of a ticket that comes to its end, or is held up; only a fresh one waits for its first."""
        if held and self.held:
            return self.paths[dice.choice(self.held)] or (() if fresh else self.paths[self.held[-1]])
        end = dice.choices(self.ends, self.weights)[0]
        others = self.others[end]
        return dice.choice(others) if others and dice.random() < _ANOTHER else self.paths[end]


def _paths(version: CompiledVersion, closed: frozenset[str]) -> dict[str, tuple[Transition, ...]]:
    """Return the shortest way from the first state to each; a step that asks for something comes before a bare one."""
    paths: dict[str, tuple[Transition, ...]] = {version.initial: ()}
    waiting = deque([version.initial])
    while waiting:
        state = waiting.popleft()
        for step in sorted(version.rules.leading_from(state), key=lambda one: not one.required):
            if step.key not in closed and step.target not in paths:
                paths[step.target] = (*paths[state], step)
                waiting.append(step.target)
    return paths


def _others(
    version: CompiledVersion, closed: frozenset[str], paths: dict[str, tuple[Transition, ...]], end: str
) -> list[tuple[Transition, ...]]:
    """Return ways to ``end`` whose last step is taken from another state than that of the shortest."""
    found = []
    for step in version.spec.workflow.transitions:
        if step.target != end or step.key in closed:
            continue
        for source in step.sources:
            path = paths.get(source)
            if path is None or (*path, step) == paths[end] or any(one.target == end for one in path):
                continue
            if version.states[source].category == "closed":
                continue
            if step.key in GIVEN_UP and not _BEGUN.isdisjoint(one.key for one in path):
                continue
            found.append((*path, step))
    return found


@dataclass(frozen=True, slots=True)
class Times:
    """When a ticket was made, when somebody comes, and until when anything can have happened; all local."""

    created: datetime
    arrival: datetime
    now: datetime


def after(dice: Random, moment: datetime, step: str) -> datetime:
    """Return when a step is taken after one that was taken at ``moment``."""
    least, most = LASTS.get(step, _OTHERWISE)
    return working(moment + timedelta(minutes=dice.randrange(least, most + 1)))


def working(moment: datetime) -> datetime:
    """Return ``moment`` if somebody works then; else early on the next day."""
    if moment.time() < OPENS:
        return moment.replace(hour=OPENS.hour, minute=OPENS.minute) + timedelta(minutes=moment.minute % 30)
    if moment.time() > CLOSES:
        day = moment + timedelta(days=1)
        return day.replace(hour=OPENS.hour, minute=OPENS.minute) + timedelta(minutes=moment.minute)
    return moment


def agreed_by(created: datetime) -> datetime:
    """Return by when it is agreed that somebody comes, whoever is slow."""
    begun = working(created)
    agreed = begun + _AGREED
    if agreed.date() == begun.date() and agreed.time() <= CLOSES:
        return agreed
    return datetime.combine(begun.date() + timedelta(days=1), _NEXT_DAY)
