"""The columns of a table field: definitions in, bound field types out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.core.formula import FormulaError
from app.core.i18n import Label
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import FieldType
from ticket_templates.field_types.inputs import ListInput
from ticket_templates.spec import FieldSpec, Option

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a field type bound to the column's own definition."""

    key: str
    labels: Label
    required: bool
    ftype: FieldType

    @property
    def takes_list(self) -> bool:
        """Whether its input sends several values under one name."""
        unbound = self.ftype.form_field()
        return issubclass(unbound.field_class, ListInput)

    @property
    def inputs(self) -> frozenset[str]:
        """The columns it is computed from; none where its formula cannot be read."""
        try:
            return self.ftype.inputs()
        except FormulaError:
            return frozenset()


def is_column(one: Any) -> bool:
    """Whether ``one`` defines a column: a key, a type that may stand in a table, labels."""
    if not isinstance(one, Mapping) or not isinstance(one.get("key"), str) or not isinstance(one.get("type"), str):
        return False
    cls = FIELD_TYPES.get(one["type"])
    options = one.get("options") or ()
    return bool(
        _KEY.fullmatch(one["key"])
        and cls is not None
        and cls.in_table
        and isinstance(one.get("labels"), Mapping)
        and isinstance(options, list | tuple)
        and all(_is_option(option) for option in options)
        and isinstance(one.get("settings") or {}, Mapping)
    )


def bound_column(one: Mapping[str, Any]) -> Column:
    """Return the column that `is_column` found well-formed."""
    options = tuple(_option(option) for option in one.get("options") or ())
    spec = FieldSpec(one["key"], one["type"], one["labels"], options=options, settings=one.get("settings") or {})
    return Column(one["key"], one["labels"], bool(one.get("required")), FIELD_TYPES[one["type"]](spec))


def _is_option(one: Any) -> bool:
    if isinstance(one, Option):
        return True
    if not isinstance(one, Mapping) or not isinstance(one.get("labels"), Mapping):
        return False
    children = one.get("children") or ()
    return isinstance(children, list | tuple) and all(_is_option(child) for child in children)


def _option(one: Any) -> Option:
    if isinstance(one, Option):
        return one
    children = tuple(_option(child) for child in one.get("children") or ())
    return Option(str(one.get("key", "")), one["labels"], one.get("color") or "", bool(one.get("retired")), children)
