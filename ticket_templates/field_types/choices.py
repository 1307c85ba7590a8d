"""Several of several options."""

import re
from functools import cached_property
from typing import Any, Final

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, Case, Context, FieldError, Refused, Setting, listed
from ticket_templates.field_types.choice import COLOURS, Optioned
from ticket_templates.field_types.inputs import ListInput

#: What parts options in a cell.
_SEPARATORS: Final = re.compile(r"[,，;；、\n]")


@FIELD_TYPES.register
class Choices(Optioned):
    """Any number of options. Canonical: their keys, each once, in the order of the definition."""

    name = "choices"
    label = _("Several choices")
    purpose = _("Any number of options: symptoms, accessories, services.")
    kind = "choices"
    input = "choices"
    icon = "checkbox"
    settings = (
        Setting("min", "int", _("Fewest options"), 0),
        Setting("max", "int", _("Most options"), 0),
        DEFAULT,
    )
    cases = (
        Case(["red"], ["red"], "Red", options=COLOURS),
        Case(["green", "red", "red"], ["red", "green"], "Red, Green", options=COLOURS),
        Case("green", ["green"], "Green", options=COLOURS),
        Case([], None, "", options=COLOURS),
        Case([""], None, "", options=COLOURS),
        Case(["old", "red"], ["red", "old"], "Red, Old", options=COLOURS, stored=["old"]),
    )
    refused = (
        Refused(["blue"], "not_an_option", options=COLOURS),
        Refused(["red", "old"], "retired", options=COLOURS),
        Refused(["red", None], "not_text", options=COLOURS),
        Refused([["red"]], "not_text", options=COLOURS),
        Refused({"red": True}, "not_a_list", options=COLOURS),
        Refused(["red"], "too_few", {"min": 2}, options=COLOURS),
        Refused(["red", "green"], "too_many", {"max": 1}, options=COLOURS),
        Refused(["red"] * 10**5, "too_many", options=COLOURS),
    )

    def read(self, raw: Any, context: Context) -> list[str]:
        items = [raw] if isinstance(raw, str | int) and not isinstance(raw, bool) else raw
        if not isinstance(items, list | tuple):
            raise FieldError(_("Choose from the list."), code="not_a_list")
        if len(items) > 2 * len(self.options) + 10:
            raise too_many(len(self.options))
        chosen = {self.known(item, context) for item in items if item != ""}
        if len(chosen) < self.setting("min"):
            raise FieldError(_("Choose at least %(limit)s.", limit=self.setting("min")), code="too_few")
        if 0 < self.setting("max") < len(chosen):
            raise too_many(self.setting("max"))
        return [key for key in self.options if key in chosen]

    def form_field(self) -> Any:
        return ListInput()

    def form_value(self, value: Any, context: Context) -> list[str]:
        del context
        return list(value or ())

    def shown(self, value: Any, context: Context) -> str:
        return listed([self.option_label(key, context.locale) for key in value or ()], context.locale)

    def to_excel(self, value: Any, context: Context) -> Any:
        if value is None:
            return None
        labels = [self.label_in_cell(key, context.locale) for key in value]
        # “Red; Green” may be one option or two: where it is not what is read back, each has a line of its own.
        ways = ("; ".join(labels), "\n".join(labels))
        return next((cell for cell in ways if self._keys(cell) == value), "; ".join(value))

    def from_excel(self, cell: Any, context: Context) -> Any:
        if not isinstance(cell, str):
            return self.clean(cell, context)
        if len(cell) > 200 * (len(self.options) + 1):
            raise too_many(len(self.options))
        return self.clean(self._keys(cell), context)

    def _keys(self, cell: str) -> list[str]:
        """Return the keys of what a cell lists; a label that holds a separator itself is read whole."""
        bounds = [0, *(place for found in _SEPARATORS.finditer(cell) for place in found.span()), len(cell)]
        starts, ends = bounds[::2], bounds[1::2]
        keys, at = [], 0
        while at < len(starts):
            runs = range(min(len(starts), at + self._most_parts), at, -1)
            whole = (one for one in runs if self.key_in_words(cell[starts[at] : ends[one - 1]]) in self.options)
            after = next(whole, at + 1)
            if part := cell[starts[at] : ends[after - 1]].strip():
                keys.append(self.key_in_words(part))
            at = after
        return keys

    @cached_property
    def _most_parts(self) -> int:
        """Return into how many parts at most the separators in a label would cut it."""
        labels = [label for option in self.options.values() for label in option.labels.values()]
        return 1 + max((len(_SEPARATORS.findall(label)) for label in labels), default=0)

    def sent(self, raw: Any, context: Context) -> Any:
        if isinstance(raw, list) and "" in raw:
            # A form sends it for nothing; a program has the empty list.
            self.known("", context)
        return raw

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {"type": "string", "enum": list(self.options)},
            "minItems": 1,
            "uniqueItems": True,
        }

    def limits(self, context: Context) -> dict[str, Any]:
        del context
        told = {"minItems": max(self.setting("min"), 1)}
        return told | ({"maxItems": self.setting("max")} if self.setting("max") > 0 else {})


def too_many(limit: int) -> FieldError:
    """Return the refusal of more than ``limit`` options."""
    return FieldError(_("Choose at most %(limit)s.", limit=limit), code="too_many")
