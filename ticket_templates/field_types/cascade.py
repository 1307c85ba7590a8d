"""One leaf of a tree of options."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, Final

from app.conditions.fields import ConditionField
from app.core.db import folded
from app.core.i18n import Label, Message, _, label_in
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, Case, Context, FieldError, FieldType, Refused, Setting, as_text
from ticket_templates.field_types.choice import bad_options, check_options
from ticket_templates.spec import Option

MOST_LEVELS: Final = 8
MOST_NODES: Final = 5000
_LONGEST: Final = 600
_STEP: Final = " / "
#: Paths that show a program how an answer is written.
_EXAMPLES: Final = 3


def _node(key: str, label: str, *children: Option, retired: bool = False) -> Option:
    return Option(key, {"en": label, "zh_Hans": label}, retired=retired, children=children)


#: The tree the proofs are made with.
FAULTS: Final = (
    _node("washer", "Washer", _node("drum", "Drum", _node("noise", "Noise", _node("bearing", "Bearing")))),
    _node("fridge", "Fridge", _node("leak", "Leak"), _node("old", "Old fault", retired=True)),
    _node("tv", "TV", _node("power", "On/Off")),
)


@FIELD_TYPES.register
class Cascade(FieldType):
    """Level by level to the answer. Canonical: the keys from the root, joined by “/”: ``washer/drum/noise``.

    So “is in” (`is_below`) is a prefix, and a level more can be asked for later without touching old answers.
    """

    name = "cascade"
    label = _("Cascading choice")
    purpose = _("Level by level: product line, part, fault.")
    kind = "cascade"
    input = "cascade"
    icon = "sitemap"
    has_options = True
    settings = (Setting("any_level", "bool", _("A level above the last may be the answer"), default=False), DEFAULT)
    cases = (
        Case(
            "washer/drum/noise/bearing", "washer/drum/noise/bearing", "Washer / Drum / Noise / Bearing", options=FAULTS
        ),
        Case(["fridge", "leak"], "fridge/leak", "Fridge / Leak", options=FAULTS),
        Case(["tv", "power", ""], "tv/power", "TV / On/Off", options=FAULTS),
        Case("washer/drum", "washer/drum", "Washer / Drum", {"any_level": True}, options=FAULTS),
        Case("fridge/old", "fridge/old", "Fridge / Old fault", options=FAULTS, stored="fridge/old"),
        Case("", None, "", options=FAULTS),
    )
    refused = (
        Refused("washer/drum", "not_a_leaf", options=FAULTS),
        Refused("washer/nope", "not_an_option", options=FAULTS),
        Refused("drum", "not_an_option", options=FAULTS),
        Refused("washer//drum", "not_an_option", options=FAULTS),
        Refused("fridge/old", "retired", options=FAULTS),
        Refused(["fridge", 1], "not_an_option", options=FAULTS),
        Refused([["fridge"]], "not_an_option", options=FAULTS),
        Refused("x/" * 10**5, "not_an_option", options=FAULTS),
        Refused({"a": "fridge/leak"}, "not_text", options=FAULTS),
        Refused(True, "not_text", options=FAULTS),
    )

    def check_definition(self) -> None:
        super().check_definition()
        self._check_level(self.spec.options, "", 1)
        if len(self.nodes) > MOST_NODES:
            raise bad_options(_("At most %(most)s options.", most=MOST_NODES), "")

    def _check_level(self, options: tuple[Option, ...], path: str, level: int) -> None:
        if level > MOST_LEVELS:
            raise bad_options(_("At most %(most)s levels.", most=MOST_LEVELS), path)
        check_options(options, path)
        for option in options:
            if option.children:
                self._check_level(option.children, f"{path}/{option.key}".lstrip("/"), level + 1)

    @cached_property
    def nodes(self) -> Mapping[str, tuple[Option, ...]]:
        """Return the options from the root to each node, by path."""
        return dict(_walk(self.spec.options, ()))

    @cached_property
    def _by_words(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path, options in self.nodes.items():
            for word in {folded(label) for label in self._labels(options).values()}:
                found[word] = "" if word in found else path
        return found

    def _labels(self, options: tuple[Option, ...]) -> Label:
        languages = {language for option in options for language in option.labels}
        return {language: _STEP.join(label_in(option.labels, language) for option in options) for language in languages}

    def read(self, raw: Any, context: Context) -> str:
        if isinstance(raw, list | tuple):
            steps = [step for step in raw if step != ""]
            path = "/".join(steps) if all(isinstance(step, str) for step in steps) else ""
        else:
            path = as_text(raw).strip()
        options = self.nodes.get(path)
        if options is None:
            raise FieldError(self._unknown(path), code="not_an_option")
        if path == self.stored(context):
            return path
        if any(option.retired for option in options):
            raise FieldError(_("“%(value)s” can no longer be chosen.", value=self._labels(options)), code="retired")
        if options[-1].children and not self.setting("any_level"):
            raise FieldError(_("Choose down to the last level."), code="not_a_leaf")
        return path

    def _unknown(self, path: str) -> Message:
        """Return that there is no such way; of the end of one, which it is."""
        ends = [one for one in self.nodes if path and one.endswith(f"/{path}")]
        if not ends:
            return _("“%(value)s” is not one of the options.", value=path[:40])
        return _(
            "“%(value)s” is not the whole path. Expected it from the first level on, such as “%(path)s”.",
            value=path[:40], path=next((one for one in ends if self._is_answer(one)), ends[0]),
        )  # fmt: skip

    def _is_answer(self, path: str) -> bool:
        options = self.nodes[path]
        return not any(one.retired for one in options) and bool(self.setting("any_level") or not options[-1].children)

    def shown(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        options = self.nodes.get(value)
        return (label_in(self._labels(options), context.locale) if options else "") or value

    def to_excel(self, value: Any, context: Context) -> Any:
        if value is None:
            return None
        words = self.shown(value, context)
        return words if self._by_words.get(folded(words)) == value else value

    def from_excel(self, cell: Any, context: Context) -> Any:
        if isinstance(cell, str) and len(cell) <= _LONGEST and cell.strip() not in self.nodes:
            cell = self._by_words.get(folded(cell)) or cell
        return self.clean(cell, context)

    def condition_field(self) -> ConditionField:
        return ConditionField(
            f"values.{self.spec.key}",
            self.kind,
            self.spec.labels,
            options={path: self._labels(options) for path, options in self.nodes.items()},
            retired=frozenset(path for path, options in self.nodes.items() if any(one.retired for one in options)),
        )

    def limits(self, context: Context) -> dict[str, Any]:
        del context
        return {"examples": list(islice(filter(self._is_answer, self.nodes), _EXAMPLES))}

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "pattern": r"^[A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)*$"}


def _walk(options: tuple[Option, ...], above: tuple[Option, ...]) -> Iterator[tuple[str, tuple[Option, ...]]]:
    for option in options:
        here = (*above, option)
        yield "/".join(one.key for one in here), here
        yield from _walk(option.children, here)
