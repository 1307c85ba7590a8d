"""What follows from answers: fields they hide are cleared, and derived ones computed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ticket_templates.field_types.base import Context, FieldError
from ticket_templates.formulas import derived

if TYPE_CHECKING:
    from ticket_templates.versions.compiled import CompiledSpec


#: A result no field can hold.
_TOO_LARGE: Final = object()


class Settled(NamedTuple):
    """The facts conditions are asked of, the fields that are hidden, and those whose result is too large to be kept."""

    facts: dict[str, Any]
    hidden: set[str]
    beyond: frozenset[str]


class Settler:
    """Settles the values of many tickets of one version; what is alike among them is worked out once."""

    def __init__(self, rules: "CompiledSpec", context: Context) -> None:
        self.rules = rules
        self.context = context
        self._followed: dict[tuple[Any, ...], Any] = {}
        self._settled: dict[tuple[Any, ...], tuple[set[str], frozenset[str], list[tuple[str, Any]]]] = {}

    def settle(self, values: dict[str, Any], stored: Mapping[str, Any], columns: Mapping[str, Any]) -> Settled:
        """Clear hidden fields and compute derived ones, each after what it looks at.

        A batch makes many tickets that are alike in what decides it: for those it is worked out once.
        """
        rules = self.rules
        if stored or rules.draws:
            return self._worked_out(values, stored, columns)
        given = (*map(values.get, rules.settled_by), *map(columns.get, rules.settled_by_columns))
        try:
            known = self._settled.get(given)
        except TypeError:  # lists and records are seldom equal, and never keys
            return self._worked_out(values, stored, columns)
        if known is None:
            found = self._worked_out(values, stored, columns)
            followed = [(key, values.get(key)) for key in rules.derived - found.hidden]
            self._settled[given] = found.hidden, found.beyond, followed
            return found
        hidden, beyond, followed = known
        for key in hidden:
            values.pop(key, None)
        for key, value in followed:
            if value is None:
                values.pop(key, None)
            else:
                values[key] = value
        return Settled(rules.facts(columns, values), hidden, beyond)

    def _worked_out(self, values: dict[str, Any], stored: Mapping[str, Any], columns: Mapping[str, Any]) -> Settled:
        rules = self.rules
        facts = rules.facts(columns, values)
        hidden: set[str] = set()
        beyond: set[str] = set()
        for key in rules.dynamic:
            condition = rules.visible_when.get(key)
            if condition is not None and not condition(facts):
                hidden.add(key)
                values.pop(key, None)
                facts[rules.fact_names[key]] = None
            elif key in rules.derived and not self._stays(key, values, stored):
                value = self._derived(key, values, stored)
                if value is _TOO_LARGE:
                    beyond.add(key)
                    value = None
                if value is None:
                    values.pop(key, None)
                else:
                    values[key] = value
                facts[rules.fact_names[key]] = None if value is None else rules.types[key].fact(value)
        return Settled(facts, hidden, frozenset(beyond))

    def _derived(self, key: str, values: Mapping[str, Any], stored: Mapping[str, Any]) -> Any:
        """Return the value of a derived field, or `_TOO_LARGE`; what follows from equal answers is worked out once."""
        inputs = self.rules.inputs[key]
        given: tuple[Any, ...] = (key, *[values.get(name) for name in inputs])
        # A number is drawn for each ticket; lists and records are seldom equal, and never keys.
        repeats = bool(inputs) and not any(isinstance(one, list | dict) for one in given)
        if repeats and given in self._followed:
            return self._followed[given]
        context = replace(self.context, values=values, stored=stored)
        try:
            value = derived(self.rules.types[key], context, self.rules.types)
        except FieldError:
            value = _TOO_LARGE
        if repeats:
            self._followed[given] = value
        return value

    def _stays(self, key: str, values: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
        """Whether a derived field was computed before and nothing it is computed from has changed since."""
        return stored.get(key) is not None and all(
            values.get(name) == stored.get(name) for name in self.rules.inputs[key]
        )
