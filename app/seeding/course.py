"""The way a ticket takes through its workflow: which steps, when in working hours, by whom, with which word."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

from app.seeding.sayings import NOTES, WORDED
from ticket_templates.spec import Transition
from ticket_templates.versions import CompiledVersion

#: Minutes a step takes after the one before, at least and at most; of other steps half an hour to half a day.
LASTS: Final = {
    "assign": (3, 25), "accept": (5, 70), "schedule": (10, 60), "submit": (35, 150), "submit_unsigned": (35, 150),
    "wait_for_parts": (30, 60),
    "parts_arrived": (24 * 60, 72 * 60), "approve": (60, 20 * 60),
    "follow_up": (18 * 60, 50 * 60), "close": (30, 26 * 60),
    "cancel": (20, 8 * 60), "reject": (60, 10 * 60), "respond": (10, 100), "receive": (24 * 60, 72 * 60),
}  # fmt: skip
_OTHERWISE: Final = (30, 12 * 60)
OPENS, CLOSES = time(8, 30), time(19, 30)
#: Who takes a step, by its key; others are the technician's.
BY_DISPATCHER: Final = frozenset({"assign", "rework", "approve_return", "approve_refund_only", "reject"})
BY_CLERK: Final = frozenset(
    {"schedule", "reschedule", "follow_up", "close", "cancel", "refunded", "shipped", "parts_arrived"}
)
BY_QA: Final = frozenset({"approve", "approve_refund", "approve_exchange"})
#: Chance that a step has a note where it need not.
_NOTED: Final = 0.22
#: How often a ticket ends in a state; others of the ended ones share what is left.
ENDS: Final = {"closed": 70, "followed_up": 12, "completed": 9, "cancelled": 5, "rejected": 4}


@dataclass(frozen=True, slots=True)
class Stop:
    """One step taken."""

    transition: Transition
    at: datetime
    by: int | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Who is there to take steps, by what they are; empty lists where nobody is."""

    dispatchers: Sequence[int] = ()
    clerks: Sequence[int] = ()
    inspectors: Sequence[int] = ()


@dataclass(slots=True)
class Ways:
    """The ways of one template: to each state, with those a ticket may end in or be held up in."""

    paths: dict[str, list[Transition]]
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
        return cls(paths, ends, [ENDS.get(key, 4) for key in ends], held)

    def drawn(self, dice: Random, *, held: bool, fresh: bool) -> list[Transition]:
        """Return the steps of a ticket that comes to its end, or is held up; only a fresh one waits for its first."""
        if held and self.held:
            return self.paths[dice.choice(self.held)] or ([] if fresh else self.paths[self.held[-1]])
        return self.paths[dice.choices(self.ends, self.weights)[0]]


def _paths(version: CompiledVersion, closed: frozenset[str]) -> dict[str, list[Transition]]:
    """Return the shortest way from the first state to each; a step that asks for something comes before a bare one."""
    paths: dict[str, list[Transition]] = {version.initial: []}
    waiting = deque([version.initial])
    while waiting:
        state = waiting.popleft()
        for step in sorted(version.rules.leading_from(state), key=lambda one: not one.required):
            if step.key not in closed and step.target not in paths:
                paths[step.target] = [*paths[state], step]
                waiting.append(step.target)
    return paths


@dataclass(frozen=True, slots=True)
class Times:
    """When a ticket was made, when somebody comes, and until when anything can have happened; all local."""

    created: datetime
    visit: datetime
    now: datetime


def walked(
    dice: Random, path: Sequence[Transition], times: Times, people: People, worker: int | None, *, chatty: bool = True
) -> list[Stop]:
    """Return the steps taken until now; ``worker`` is who does the work. Not ``chatty``: notes only where they must."""
    stops: list[Stop] = []
    moment = times.created
    for step in path:
        least, most = LASTS.get(step.key, _OTHERWISE)
        moment = working(moment + timedelta(minutes=dice.randrange(least, most + 1)))
        if step.key == "start":
            moment = max(moment, times.visit)
        if moment >= times.now:
            break
        words = NOTES.get(step.key, ())
        noted = words and (step.key in WORDED or (chatty and dice.random() < _NOTED))
        stops.append(Stop(step, moment, _by(dice, step.key, people, worker), dice.choice(words) if noted else ""))
    return stops


def working(moment: datetime) -> datetime:
    """Return ``moment`` if somebody works then; else early on the next day."""
    if moment.time() < OPENS:
        return moment.replace(hour=OPENS.hour, minute=OPENS.minute) + timedelta(minutes=moment.minute % 30)
    if moment.time() > CLOSES:
        day = moment + timedelta(days=1)
        return day.replace(hour=OPENS.hour, minute=OPENS.minute) + timedelta(minutes=moment.minute)
    return moment


def _by(dice: Random, key: str, people: People, worker: int | None) -> int | None:
    group: Sequence[int] = ()
    if key in BY_DISPATCHER:
        group = people.dispatchers
    elif key in BY_CLERK:
        group = people.clerks
    elif key in BY_QA:
        group = people.inspectors
    return dice.choice(group) if group else worker
