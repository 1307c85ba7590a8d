"""Trees as they come in, checked leaf by leaf: a parsed tree is one every backend can evaluate.

A refusal's ``field`` is the path of what is wrong: ``any[1].all[0].value``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS, Kind
from app.conditions.operators import OPERATORS
from app.conditions.operators.base import Operator
from app.core.errors import DomainError, Refusal
from app.core.i18n import Message, _

MAX_LEAVES: Final = 200
MAX_LEVELS: Final = 5
MAX_VALUES: Final = 200
JOINTS: Final = ("all", "any", "none")

OPERATORS.scan()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One question about one field. ``value`` is as stored; a tuple where the operator takes many."""

    field: ConditionField
    operator: type[Operator]
    value: Any = None

    @property
    def kind(self) -> Kind:
        """The kind of the field."""
        return KINDS[self.field.kind]

    @property
    def wanted(self) -> Any:
        """Return the value as `Operator.holds` compares it: texts folded, several as a frozenset."""
        if self.operator.takes == "none":
            return None
        if self.operator.takes == "many":
            return frozenset(self._comparable(one) for one in self.value)
        return self._comparable(self.value)

    def _comparable(self, value: Any) -> Any:
        comparable = self.kind.read(value) if self.field.kind == "text" else value
        return self.operator.prepared(comparable, self.field.kind)


@dataclass(frozen=True, slots=True)
class Group:
    """Leaves and groups under ``all``, ``any`` or ``none``."""

    joint: str
    parts: tuple["Group | Leaf", ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A checked tree. ``as_json`` is what was parsed, and what is stored."""

    root: Group | Leaf
    as_json: Mapping[str, Any]

    @property
    def leaves(self) -> list[Leaf]:
        """All leaves, in reading order."""
        found: list[Leaf] = []

        def collect(part: Group | Leaf) -> None:
            if isinstance(part, Leaf):
                found.append(part)
            else:
                for one in part.parts:
                    collect(one)

        collect(self.root)
        return found

    def as_script(self) -> dict[str, Any]:
        """Return the tree for `conditions.js`: each leaf with its kind, and the scale of its number."""
        return _as_script(self.root)


def parse(json: Any, fields: Mapping[str, ConditionField]) -> Tree:
    """Return the tree, or raise one DomainError with a refusal for every fault and its path."""
    reader = _Reader(fields)
    root = reader.node(json, "", 1)
    if reader.leaves > MAX_LEAVES:
        reader.refuse("", _("A condition has at most %(limit)s parts.", limit=MAX_LEAVES), "too_many")
    if reader.refusals or root is None:
        raise DomainError.of(reader.refusals)
    return Tree(root, json)


@dataclass(slots=True)
class _Reader:
    fields: Mapping[str, ConditionField]
    leaves: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, path: str, message: Message, code: str) -> None:
        self.refusals.append(Refusal(message, path, code))

    def node(self, json: Any, path: str, level: int) -> Group | Leaf | None:
        if not isinstance(json, Mapping):
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
        found: list[Group | Leaf] = []
        for index, part in enumerate(parts):
            if self.leaves > MAX_LEAVES:
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
        if asked.kind not in operator.kinds:
            message = _("“%(operator)s” cannot be asked of “%(field)s”.", operator=operator.label, field=asked.label)
            self.refuse(f"{at}op", message, "wrong_operator")
            return None
        return self.with_value(asked, operator, json, f"{at}value")

    def with_value(
        self, asked: ConditionField, operator: type[Operator], json: Mapping[str, Any], path: str
    ) -> Leaf | None:
        value = json.get("value")
        if operator.takes == "none":
            if value is not None:
                self.refuse(path, _("“%(operator)s” takes no value.", operator=operator.label), "no_value")
                return None
            return Leaf(asked, operator)
        if operator.takes == "one":
            return Leaf(asked, operator, value) if self.fits(asked, value, path) else None
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_VALUES:
            self.refuse(path, _("Expected a list of 1 to %(limit)s values.", limit=MAX_VALUES), "not_a_list")
            return None
        fitting = [self.fits(asked, one, f"{path}[{index}]") for index, one in enumerate(value)]
        return Leaf(asked, operator, tuple(value)) if all(fitting) else None

    def fits(self, asked: ConditionField, value: Any, path: str) -> bool:
        kind = KINDS[asked.kind]
        if not kind.fits(value):
            message = _(
                "Expected a value such as %(example)s for “%(field)s”.", example=kind.example, field=asked.label
            )
            self.refuse(path, message, "wrong_value")
            return False
        if kind.has_options and asked.options is not None:
            if value not in asked.options:
                message = _("“%(field)s” has no option “%(value)s”.", field=asked.label, value=_short(value))
                self.refuse(path, message, "unknown_option")
                return False
            if value in asked.retired:
                message = _("The option “%(value)s” is retired.", value=asked.options[value])
                self.refuse(path, message, "retired")
                return False
        return True


def _as_script(part: Group | Leaf) -> dict[str, Any]:
    if isinstance(part, Group):
        return {part.joint: [_as_script(one) for one in part.parts]}
    leaf: dict[str, Any] = {"field": part.field.name, "kind": part.field.kind, "op": part.operator.name}
    if part.operator.takes != "none":
        leaf["value"] = list(part.value) if part.operator.takes == "many" else part.value
    if part.field.scale:
        leaf["scale"] = part.field.scale
    return leaf


def _names(json: Mapping[str, Any], known: Any) -> str:
    return ", ".join(_short(name) for name in json if name not in known)[:100]


def _short(value: Any) -> str:
    return str(value)[:60]
