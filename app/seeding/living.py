"""One ticket step by step, by the template's own rules: when it is taken, by whom, and with which answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from app.seeding.course import GIVEN_UP, Times, after
from app.seeding.placing import Path
from app.seeding.sayings import ANYWAY, NOTES
from app.seeding.scenes import AtStep, Scene
from app.seeding.world import Hands, Kind, World
from app.tickets.backfill.histories import PastNote, PastStep
from app.tickets.change.plan import Plan
from app.tickets.orders import OpenTicket
from ticket_templates.spec import CHECKLIST, Transition
from ticket_templates.versions.cleaning import Cleaner

#: With a step that says so, somebody is there.
_ARRIVALS: Final = frozenset({"arrived_at", "received_at"})
#: Chance that a step has a note where it need not.
_NOTED: Final = 0.22


@dataclass(slots=True)
class Life:
    """What is told of one ticket: all the answers it may come to, its way, and who does the work."""

    kind: Kind
    answers: Mapping[str, Any]
    scene: Scene
    hands: Hands | None
    path: Path
    times: Times


@dataclass(slots=True)
class Living:
    """A ticket under way: who took which steps, and what it says by now."""

    life: Life
    plan: Plan[OpenTicket]
    world: World
    #: What cleans the answers of a person.
    cleaner_of: Callable[[int | None], Cleaner]
    dice: Random
    #: What local times are before those of the clocks of the world.
    offset: timedelta
    #: The answers as people read them; those the plan holds are sealed where they are personal.
    values: dict[str, Any]
    steps: list[PastStep] = field(default_factory=list)
    notes: list[PastNote] = field(default_factory=list)
    _takers: dict[str, int | None] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _columns: dict[str, Any] = field(init=False)
    _moment: datetime = field(init=False)
    _state: str = field(init=False)

    def __post_init__(self) -> None:
        self._columns = dict(self.plan.new)
        self._moment, self._state = self.life.times.created, self.plan.version.initial

    def live(self) -> None:
        """Take the steps of the way until now, or until one cannot be taken."""
        given = self.life.kind.places.given(self.life.path)
        placed = frozenset(key for keys in given for key in keys)
        self._told.update(self.life.kind.places.first)
        for step, keys in zip(self.life.path, given, strict=True):
            if not self._takes(step, keys):
                return
            self._pays(placed)

    def _pays(self, placed: frozenset[str]) -> None:
        """Record what was paid where no step of the way does, once all of the bill is written."""
        for step in self.plan.version.rules.steps_from(self._state):
            if (step.target or self._state) == self._state and any(self._is_due(key, placed) for key in step.adds):
                self._takes(step, self.life.kind.places.brought(step, self._state, placed))

    def _is_due(self, key: str, placed: frozenset[str]) -> bool:
        answers = self.life.answers
        if key in placed or key in self._told or key not in answers:
            return False
        section = self.plan.version.rules.section_of[key]
        bill = {use.field for use in section.fields if use.field in answers and not self._is_paid_with(use.field)}
        return bill <= self._told

    def _is_paid_with(self, key: str) -> bool:
        """Whether a field is answered by who pays or is paid, not by who writes the bill."""
        steps = self.plan.version.rules.steps_from(self._state)
        return any(step.moves and key in (*step.askable, *step.moves) for step in steps)

    def _takes(self, step: Transition, keys: Sequence[str]) -> bool:
        """Take a step with the answers to ``keys``, if it is so far and its guard lets it through."""
        life, version = self.life, self.plan.version
        told = tuple(key for key in keys if key in life.answers and self._is_asked(key))
        moment = after(self.dice, self._moment, step.key)
        if not _ARRIVALS.isdisjoint(told):
            moment = max(self._moment + timedelta(minutes=5), life.times.arrival)
        roles = life.kind.places.roles(step, self._state, told)
        if moment >= life.times.now or (roles is not None and not roles):
            return False
        barred = {self._takers.get(one) for one in step.other_than}
        columns = self._columns | self._handed_out(step)
        worker, outlet = columns.get("assignee_id"), columns["outlet_id"]
        by = self.world.people.taker(self.dice, step.key, roles, worker, outlet, barred=barred)
        if by is None and life.hands:
            by = life.hands.user_id
        given = {key: raw.on(moment) if isinstance(raw := life.answers[key], AtStep) else raw for key in told}
        cleaner = self.cleaner_of(by)
        values = cleaner.clean(given, self.values, columns, moves=step.moves).values if given else self.values
        guard = version.rules.guards.get(step.key)
        judged = self.values if step.guard_first else values
        if guard is not None and not guard(version.rules.facts(columns, judged)):
            return False
        ticks = self._ticks(step, values, columns, self._instant(moment).isoformat(), by)
        if any(key in values for key in step.clears):
            values = cleaner.clean({}, values, columns, clears=step.clears).values
        self._moment = moment
        self._told.update(keys)
        self._takers[step.key] = by
        self._write(step, values, columns, ticks, by)
        return True

    def _is_asked(self, key: str) -> bool:
        """Whether the form shows a field before it is answered."""
        if key not in self.life.kind.places.seeing_themselves:
            return True
        rules = self.plan.version.rules
        return rules.visible_when[key](rules.facts(self._columns, {**self.values, key: None}))

    def _handed_out(self, step: Transition) -> dict[str, int]:
        """Return who gets the ticket with a step: the one that asks for somebody, or else the first of all."""
        path = self.life.path
        hands = self.life.hands
        if hands is None or self._columns.get("assignee_id") or step.key in GIVEN_UP:
            return {}
        if "assignee" not in step.askable and (self.steps or any("assignee" in one.askable for one in path)):
            return {}
        given = {"assignee_id": hands.user_id, "team_id": hands.team_id}
        return {name: one for name, one in given.items() if one is not None}

    def _ticks(
        self, step: Transition, values: Mapping[str, Any], columns: Mapping[str, Any], at: str, by: int | None
    ) -> dict[str, Any]:
        """Return what is ticked with a step that asks for the checklist."""
        if not step.checklist:
            return {}
        ticked = self.plan.new["checklist"]
        items = self.plan.version.items(values, columns)
        return {item.key: {"at": at, "by": by} for item in items if item.key not in ticked}

    def _write(
        self, step: Transition, values: dict[str, Any], columns: dict[str, Any], ticks: dict[str, Any], by: int | None
    ) -> None:
        """Put a step into the journal, and what it changes into the ticket."""
        plan, version = self.plan, self.plan.version
        stored, before = plan.new["values"], self.values
        changes: dict[str, list[Any]] = {}
        for key in before.keys() | values.keys() if values is not before else ():
            if before.get(key) != values.get(key):
                new = values.get(key)
                kept = version.types[key].seal(new) if new is not None and key in version.personal else new
                changes[f"values.{key}"] = [stored.pop(key, None), kept]
                if kept is not None:
                    stored[key] = kept
        for name in ("assignee_id", "team_id"):
            if columns.get(name) != self._columns.get(name):
                changes[name] = [None, columns[name]]
                plan.new[name] = columns[name]
        changes |= {f"checklist.{key}": [None, tick] for key, tick in ticks.items()}
        plan.new["checklist"] = plan.new["checklist"] | ticks
        if CHECKLIST in step.clears:
            changes |= {f"checklist.{key}": [tick, None] for key, tick in plan.new["checklist"].items()}
            plan.new["checklist"] = {}
        at, state = self._instant(self._moment), step.target or self._state
        self.steps.append(PastStep(step.key, step.target, at, changes, by))
        if note := self._note(step):
            self.notes.append(PastNote(at, by, note))
        self.values, self._state = values, state
        self._columns = columns | {"state": state, "category": version.states[state].category}

    def _note(self, step: Transition) -> str:
        """Return what is written with a step: what it asks for, or at times what one would."""
        if word := self.life.scene.words.get(step.key):
            return word
        words = NOTES.get(f"{self.plan.version.template_key}.{step.key}", NOTES.get(step.key, ()))
        if step.note_required:
            return self.dice.choice(words or ANYWAY)
        noted = words and not self.life.kind.is_internal and self.dice.random() < _NOTED
        return self.dice.choice(words) if noted else ""

    def _instant(self, local: datetime) -> datetime:
        return (local - self.offset).replace(tzinfo=UTC)
