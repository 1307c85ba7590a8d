"""Trees as they come in, checked leaf by leaf: a parsed tree is one every backend can evaluate.

A refusal's ``field`` is the path of what is wrong: ``any[1].all[0].value``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from typing import Any, Final

from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS, Kind
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Operator
from app.conditions.patterns import Pattern
from app.conditions.standpoint import Standpoint, View
from app.core.errors import DomainError, Refusal
from app.core.i18n import Message, _
from app.core.text import as_sent

MAX_LEAVES: Final = 200
MAX_LEVELS: Final = 5
JOINTS: Final = ("all", "any", "none")

OPERATORS.scan()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One question about one field. ``value`` is as stored; a tuple where there are several."""

    field: ConditionField
    operator: type[Operator]
    value: Any = None

    @property
    def kind(self) -> Kind:
        """The kind of the field."""
        return KINDS[self.field.kind]

    @property
    def is_relative(self) -> bool:
        """Whether what is wanted depends on who asks and when."""
        return View.STANDPOINT in self.operator.needs or self.operator.takes.is_relative(self.value)

    @property
    def needs(self) -> View:
        """What must be there to ask it, besides facts."""
        return self.operator.needs | (View.STANDPOINT if self.is_relative else View.FACTS)

    def wanted(self, at: Standpoint | None = None) -> Any:
        """Return what the fact is compared with: texts folded, several as a frozenset, relative times resolved."""
        return self.operator.wanted(self.value, self.field, at)


@dataclass(frozen=True, slots=True)
class Group:
    """Leaves and groups under ``all``, ``any`` or ``none``."""

    joint: str
    parts: tuple["Group | Leaf", ...]


@dataclass(frozen=True, eq=False)
class Tree:
    """A checked tree, itself alone: what is compiled from it is kept by it. ``as_json`` is what was parsed."""

    root: Group | Leaf
    as_json: Mapping[str, Any]

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """All leaves, in reading order."""
        return tuple(_leaves(self.root))

    @cached_property
    def needs(self) -> View:
        """What must be there to ask it, besides facts."""
        return reduce(or_, (leaf.needs for leaf in self.leaves), View.FACTS)

    def as_script(self, at: Standpoint | None = None) -> dict[str, Any]:
        """Return the tree for `conditions.js`: each leaf with its kind and what is wanted, as seen from ``at``."""
        return _as_script(self.root, at)


def parse(json: Any, fields: Mapping[str, ConditionField], view: View = View.FACTS) -> Tree:
    """Return the tree, or raise one DomainError with a refusal for every fault and its path.

    ``view`` says what there will be when it is asked; what needs more is refused.
    """
    reader = _Reader(fields, view)
    root = reader.node(json, "", 1)
    if reader.is_full:
        reader.refuse("", _("A condition has at most %(limit)s parts.", limit=MAX_LEAVES), "too_many")
    if reader.refusals or root is None:
        raise DomainError.of(reader.refusals)
    return Tree(root, json)


def fields_named(json: Any) -> set[str]:
    """Return the names of fields a tree mentions, as far as trees may be wide and deep."""
    return {one["field"] for one in raw_leaves(json) if isinstance(one.get("field"), str)}


def raw_leaves(json: Any) -> list[Mapping[str, Any]]:
    """Return what stands where leaves do, as far as trees may be wide and deep; none of it is checked."""
    found: list[Mapping[str, Any]] = []
    level: list[Any] = [json]
    for _level in range(MAX_LEVELS + 1):
        nodes = [one for one in level[: MAX_LEAVES + 1] if isinstance(one, Mapping)]
        found += [one for one in nodes if "field" in one]
        lists = [one[joint] for one in nodes for joint in JOINTS if isinstance(one.get(joint), list | tuple)]
        level = [part for parts in lists for part in parts[: MAX_LEAVES + 1]]
    return found


@dataclass(slots=True)
class _Reader:
    fields: Mapping[str, ConditionField]
    view: View
    leaves: int = 0
    groups: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether there is more than anybody writes; empty groups are parts too."""
        return max(self.leaves, self.groups) > MAX_LEAVES

    def refuse(self, path: str, message: Message, code: str) -> None:
        self.refusals.append(Refusal(message, path, code))

    def node(self, json: Any, path: str, level: int) -> Group | Leaf | None:
        if not isinstance(json, Mapping) or not json:
            self.refuse(path, _("Expected a condition: “all”, “any”, “none”, or “field” and “op”."), "not_a_condition")
            return None
        joints = [joint for joint in JOINTS if joint in json]
        if not joints:
            return self.leaf(json, path)
        if len(json) > 1:
            message = _(
                "“%(joint)s” stands alone; found also: %(others)s.", joint=joints[0], others=_names(json, joints[:1])
            )
            self.refuse(path, message, "unknown_part")
            return None
        return self.group(joints[0], json[joints[0]], f"{path}.{joints[0]}".lstrip("."), level)

    def group(self, joint: str, parts: Any, path: str, level: int) -> Group | None:
        if level > MAX_LEVELS:
            self.refuse(path, _("Conditions nest at most %(limit)s levels deep.", limit=MAX_LEVELS), "too_deep")
            return None
        if not isinstance(parts, list | tuple):
            self.refuse(path, _("Expected a list of conditions."), "not_a_list")
            return None
        self.groups += 1
        found: list[Group | Leaf] = []
        for index, part in enumerate(parts):
            if self.is_full:
                break
            one = self.node(part, f"{path}[{index}]", level + 1)
            if one is not None:
                found.append(one)
        return Group(joint, tuple(found))

    def leaf(self, json: Mapping[str, Any], path: str) -> Leaf | None:
        self.leaves += 1
        at = f"{path}." if path else ""
        if others := _names(json, ("field", "op", "value")):
            self.refuse(path, _("A condition has no part “%(name)s”.", name=others), "unknown_part")
            return None
        name, op = json.get("field"), json.get("op")
        asked = self.fields.get(name) if isinstance(name, str) else None
        if asked is None:
            self.refuse(f"{at}field", _("There is no field “%(name)s”.", name=_short(name)), "unknown_field")
            return None
        operator = OPERATORS.get(op) if isinstance(op, str) else None
        if operator is None:
            self.refuse(f"{at}op", _("There is no operator “%(name)s”.", name=_short(op)), "unknown_operator")
            return None
        if not operator.serves(asked):
            message = _("“%(operator)s” cannot be asked of “%(field)s”.", operator=operator.label, field=asked.label)
            self.refuse(f"{at}op", message, "wrong_operator")
            return None
        return self.with_value(asked, operator, json.get("value"), at)

    def with_value(self, asked: ConditionField, operator: type[Operator], value: Any, at: str) -> Leaf | None:
        refusals = list(operator.takes.refusals(value, asked, f"{at}value"))
        self.refusals += refusals
        if refusals:
            return None
        leaf = Leaf(asked, operator, tuple(value) if isinstance(value, list) else value)
        if View.CHANGE in leaf.needs and View.CHANGE not in self.view:
            message = _("“%(operator)s” can be asked only where something changes.", operator=operator.label)
            self.refuse(f"{at}op", message, "no_change")
            return None
        if View.STANDPOINT in leaf.needs and View.STANDPOINT not in self.view:
            message = _("Times counted from now and “me” cannot be asked about here.")
            self.refuse(f"{at}{'op' if View.STANDPOINT in operator.needs else 'value'}", message, "no_standpoint")
            return None
        return leaf


def _leaves(part: Group | Leaf) -> Iterator[Leaf]:
    if isinstance(part, Leaf):
        yield part
    else:
        for one in part.parts:
            yield from _leaves(one)


def _as_script(part: Group | Leaf, at: Standpoint | None) -> dict[str, Any]:
    if isinstance(part, Group):
        return {part.joint: [_as_script(one, at) for one in part.parts]}
    leaf: dict[str, Any] = {"field": part.field.name, "kind": part.field.kind, "op": part.operator.name}
    wanted = part.wanted(at)
    if isinstance(wanted, Pattern):
        leaf["value"] = wanted.machine
    elif wanted is not None:
        leaf["value"] = list(wanted) if isinstance(wanted, frozenset | tuple) else wanted
    return leaf


def _names(json: Mapping[str, Any], known: Any) -> str:
    return ", ".join(_short(name) for name in json if name not in known)[:100]


def _short(value: Any) -> str:
    return as_sent(value, 60)
