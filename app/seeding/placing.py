"""Which step brings which answers: those it asks for, and with them what stands beside them on the form.

An answer is given where somebody who takes the step may write it and the state the step is taken from leaves it open;
what no step of a ticket's way asks for, or what comes with steps that are still ahead, is not answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from app.seeding.course import GIVEN_UP
from ticket_templates import asking
from ticket_templates.spec import Transition
from ticket_templates.versions import CompiledVersion

Path = tuple[Transition, ...]


class Places:
    """Where the answers of one version's tickets are given; each way is thought through once."""

    def __init__(self, version: CompiledVersion, belongs: Mapping[str, str]) -> None:
        self.version = version
        self._belongs = belongs
        self._asking = {key: self._steps_asking(key) for key in version.uses}
        self._known: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {}
        self._roles: dict[tuple[str, str, tuple[str, ...]], frozenset[str] | None] = {}

    @cached_property
    def first(self) -> tuple[str, ...]:
        """The fields a new ticket has answered, where their answers are known then: not those a step asks for."""
        settled = self.version.rules.standing(self.version.initial).settled
        return tuple(
            key
            for key, use in self.version.uses.items()
            if self.version.rules.section_of[key].on_create
            and key not in settled
            and key not in self._belongs
            and not use.read_only
            and (use.required or not self._asking[key])
        )

    @cached_property
    def later(self) -> tuple[str, ...]:
        """The other fields somebody answers."""
        derived = self.version.rules.derived
        return tuple(key for key in self.version.uses if key not in derived and key not in self.first)

    @cached_property
    def seeing_themselves(self) -> frozenset[str]:
        """The fields that show once they are answered: whether they are asked for is seen without their answer."""
        uses = self.version.uses
        return frozenset(key for key, use in uses.items() if f"values.{key}" in str(use.visible_when))

    def given(self, path: Path) -> tuple[tuple[str, ...], ...]:
        """Return which fields are answered with each step of a way."""
        way = tuple([one.key for one in path])
        if way not in self._known:
            found: list[list[str]] = [[] for _step in path]
            for key in self.later:
                if (place := self._place(key, path)) is not None:
                    found[place].append(key)
            self._known[way] = tuple(map(tuple, found))
        return self._known[way]

    def brought(self, step: Transition, state: str, placed: frozenset[str]) -> tuple[str, ...]:
        """Return the fields answered with a step beside the way, but for those ``placed`` on it."""
        asked = dict.fromkeys([*step.moves, *step.askable, *step.shows])
        return tuple(
            key for key in asked if key in self.later and key not in placed and self._may_bring(key, step, state)
        )

    def roles(self, step: Transition, state: str, keys: tuple[str, ...]) -> frozenset[str] | None:
        """Return who may take a step out of ``state`` and answer ``keys`` with it; None: everybody."""
        known = (step.key, state, keys)
        if known not in self._roles:
            self._roles[known] = self._may_write(step, state, keys)
        return self._roles[known]

    def _may_write(self, step: Transition, state: str, keys: Sequence[str]) -> frozenset[str] | None:
        sets = [step.roles, *(self.version.uses[key].write_roles for key in keys)]
        if not asking.asked_with(self.version, step).issuperset(keys):
            sets.append(self.version.states[state].editable_by)
        sets = [one for one in sets if one]
        return frozenset.intersection(*sets) if sets else None

    def _steps_asking(self, key: str) -> frozenset[str]:
        """Return the steps anywhere in the workflow that ask for an answer, or for an amount of it."""
        steps = self.version.spec.workflow.transitions
        return frozenset(one.key for one in steps if key in one.askable or key in one.moves)

    def _place(self, key: str, path: Path) -> int | None:
        """Return with which step of a way a field is answered; None: with none."""
        for place in self._candidates(key, path):
            step = path[place]
            state = path[place - 1].target if place else self.version.initial
            if self._may_bring(key, step, state):
                return place
        return None

    def _may_bring(self, key: str, step: Transition, state: str) -> bool:
        if key in self.version.rules.standing(state).settled:
            return False
        if self.version.uses[key].read_only and key not in step.moves:
            return False
        roles = self._may_write(step, state, (key,))
        return roles is None or bool(roles)

    def _candidates(self, key: str, path: Path) -> Iterator[int]:
        """Yield the steps with which a field may be answered, the best first."""
        places = range(len(path))
        if step := self._belongs.get(key):
            yield from (place for place in places if path[place].key.startswith(step))
            return
        yield from (place for place in places if path[place].key in self._asking[key])
        yield from (place for place in places if key in path[place].shows)
        if self._asking[key]:
            # It is asked for on another way, or later on this one.
            return
        beside = [other for other in self._beside(key) if self._asking[other]]
        asked = [place for other in beside for place in places if path[place].key in self._asking[other]]
        yield from asked
        if asked or not beside:
            yield from (place for place in places if self._is_done(path[place]))

    def _beside(self, key: str) -> list[str]:
        """Return the fields of the same section: those after it, then those before it, the nearest first."""
        section = [use.field for use in self.version.rules.section_of[key].fields]
        place = section.index(key)
        return [*section[place + 1 :], *reversed(section[:place])]

    def _is_done(self, step: Transition) -> bool:
        """Whether the work is written down with a step: its end, or where it is checked off."""
        ended = self.version.states[step.target].category in ("resolved", "closed")
        return step.checklist or (ended and step.key not in GIVEN_UP)
