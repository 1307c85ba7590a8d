"""Which steps are open to a seeded ticket: what the templates ask of people holds for made-up tickets too."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from app.core.errors import DomainError
from app.seeding.course import GIVEN_UP, Ways
from app.seeding.scenes import SOME_DAY, AtStep
from ticket_templates.facts import REQUIRABLE, mentioned
from ticket_templates.field_types.base import Context
from ticket_templates.spec import Transition
from ticket_templates.versions import CompiledVersion

#: Steps by which money goes back: of a story nothing is paid before its end, and what is paid then is right.
_PAYING_BACK: Final = frozenset({"cancel_refund", "give_back", "recover"})


class Doors:
    """The steps of a version that open to some of its tickets only; alike tickets are looked at once."""

    def __init__(self, version: CompiledVersion) -> None:
        self.version = version
        self._steps = [one for one in version.transitions.values() if one.key not in GIVEN_UP]
        self._needed = [key for key in _asked(self._steps) if version.types[key].name != "file"]
        self._known: dict[Any, Ways] = {}

    def ways(self, answers: Mapping[str, Any], columns: Mapping[str, Any], context: Context) -> Ways:
        """Return the ways of a ticket with these raw answers and columns: round the steps that it cannot take.

        Their guard does not hold, or something is asked for that the story does not tell: a signature, say. Pictures no
        story has, and one that is given up was not told to its end: nothing had been paid by then.
        """
        untold = tuple(key for key in self._needed if answers.get(key) in (None, "", []))
        values, named = self._looked_at
        told = tuple(_hashable(answers.get(key)) for key in values)
        alike = (untold, told, tuple(columns.get(name) is None for name in named))
        if alike not in self._known:
            facts = {name: columns.get(name) for name in named}
            facts |= {f"values.{key}": self._fact(key, answers.get(key), context) for key in values}
            self._known[alike] = Ways.of(self.version, self._closed(frozenset(untold), facts))
        return self._known[alike]

    @cached_property
    def _looked_at(self) -> tuple[list[str], list[str]]:
        """Return the fields and the columns that decide which steps are open."""
        steps = [one for one in self._steps if one.key not in _PAYING_BACK]
        trees = [tree for one in steps for tree in (one.guard, *(need.when for need in one.required_when))]
        trees += [self.version.uses[key].visible_when for key in self._needed]
        names = sorted({name for tree in trees for name in mentioned(tree)})
        values = [name.removeprefix("values.") for name in names if name.startswith("values.")]
        return values, [name for name in names if not name.startswith("values.")]

    def _closed(self, untold: frozenset[str], facts: Mapping[str, Any]) -> frozenset[str]:
        rules = self.version.rules
        hidden = {key for key in self._needed if key in rules.visible_when and not rules.visible_when[key](facts)}
        return frozenset(
            step.key
            for step in self._steps
            if step.key in _PAYING_BACK
            or not _opens(rules.guards.get(step.key), facts)
            or not (untold - hidden).isdisjoint(rules.needed(step, facts))
            or _is_idle(step, hidden)
        )

    def _fact(self, key: str, raw: Any, context: Context) -> Any:
        """Return what conditions see of a raw answer; nothing where it is worked out from others, or is none."""
        field_type = self.version.types[key]
        if raw is None or field_type.derived:
            return None
        try:
            value = field_type.clean(raw.on(SOME_DAY) if isinstance(raw, AtStep) else raw, context)
        except DomainError:
            return None
        return None if value is None else field_type.fact(value)


def _asked(steps: Iterable[Transition]) -> list[str]:
    return sorted({key for one in steps for key in one.askable if key not in REQUIRABLE})


def _is_idle(step: Transition, hidden: set[str]) -> bool:
    """Whether all a step is there to ask for is no matter of this ticket: a visit where nobody goes."""
    asked = [key for key in step.required if key not in REQUIRABLE]
    return bool(asked) and hidden.issuperset(asked)


def _opens(guard: Any, facts: Mapping[str, Any]) -> bool:
    return guard is None or bool(guard(facts))


def _hashable(raw: Any) -> Any:
    return str(raw) if isinstance(raw, list) else raw
