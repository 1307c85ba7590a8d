"""One of several options."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Final

from app.conditions.fields import ConditionField
from app.core.db import folded
from app.core.i18n import LOCALES, _, label_in
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import (
    DEFAULT,
    Case,
    Context,
    FieldError,
    FieldType,
    Refused,
    Setting,
    as_text,
)
from ticket_templates.field_types.inputs import TextInput
from ticket_templates.spec import Option

_KEY: Final = re.compile(r"[A-Za-z0-9_.\-]{1,60}")
MOST_OPTIONS: Final = 1000
_LONGEST: Final = 300

#: Options the proofs of option types are made with.
COLOURS = (
    Option("red", {"en": "Red", "zh_Hans": "红", "zh_Hant": "紅"}, "red"),
    Option("green", {"en": "Green", "zh_Hans": "绿", "zh_Hant": "綠"}, "green"),
    Option("old", {"en": "Old", "zh_Hans": "旧", "zh_Hant": "舊"}, retired=True),
    Option("7", {"en": "Seven", "zh_Hans": "七", "zh_Hant": "七"}),
)


class Optioned(FieldType):
    """Base of the types whose values are keys of options.

    A retired option is refused as a new value and kept where the ticket has it.
    """

    has_options = True
    settings: ClassVar[tuple[Setting, ...]] = (DEFAULT,)

    def check_definition(self) -> None:
        super().check_definition()
        check_options(self.spec.options)

    @cached_property
    def options(self) -> Mapping[str, Option]:
        """Return the options by key, retired ones too."""
        return {option.key: option for option in self.spec.options}

    @cached_property
    def _by_words(self) -> dict[str, str]:
        # A word that two options share names neither.
        found: dict[str, str] = {}
        for option in self.spec.options:
            for word in {folded(label) for label in option.labels.values()}:
                found[word] = "" if word in found else option.key
        return found

    def known(self, raw: Any, context: Context) -> str:
        """Return the key of an option that may be chosen now."""
        key = as_text(raw).strip()
        option = self.options.get(key)
        if option is None:
            raise FieldError(_("“%(value)s” is not one of the options.", value=key[:40]), code="not_an_option")
        stored = self.stored(context)
        if option.retired and key != stored and not (isinstance(stored, list) and key in stored):
            raise FieldError(_("“%(value)s” can no longer be chosen.", value=option.labels), code="retired")
        return key

    def option_label(self, key: str, locale: str) -> str:
        """Return the label of an option; an unknown key is shown as it is."""
        option = self.options.get(key)
        return (label_in(option.labels, locale) if option else "") or key

    def key_in_words(self, cell: str) -> str:
        """Return the key of an option given by key or by label in any language; else ``cell`` itself."""
        text = cell.strip()
        return text if text in self.options else self._by_words.get(folded(text[:_LONGEST])) or text

    def label_in_cell(self, key: str, locale: str) -> str:
        """Return the label a cell shows for ``key``, or the key where the label would not lead back to it."""
        label = self.option_label(key, locale)
        return label if self.key_in_words(label) == key else key

    def form_field(self) -> Any:
        return TextInput()

    def condition_field(self) -> ConditionField:
        return ConditionField(
            f"values.{self.spec.key}",
            self.kind,
            self.spec.labels,
            options={key: option.labels for key, option in self.options.items()},
            retired=frozenset(key for key, option in self.options.items() if option.retired),
        )


class OneOption(Optioned):
    """Base of choice and radio."""

    kind = "choice"

    def read(self, raw: Any, context: Context) -> str:
        return self.known(raw, context)

    def shown(self, value: Any, context: Context) -> str:
        return "" if value is None else self.option_label(value, context.locale)

    def to_excel(self, value: Any, context: Context) -> Any:
        return None if value is None else self.label_in_cell(value, context.locale)

    def from_excel(self, cell: Any, context: Context) -> Any:
        return self.clean(self.key_in_words(cell) if isinstance(cell, str) else cell, context)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.options)}


def check_options(options: tuple[Option, ...], path: str = "") -> None:
    """Raise FieldError unless keys are well-formed and unique, and labels tell the options apart."""
    if not options or len(options) > MOST_OPTIONS:
        raise bad_options(_("Between 1 and %(most)s options are needed.", most=MOST_OPTIONS), path)
    keys: set[str] = set()
    labels: set[tuple[str, str]] = set()
    for option in options:
        if not _KEY.fullmatch(option.key):
            raise bad_options(
                _("The option key “%(key)s” may hold letters, digits, “_”, “-” and “.” only.", key=option.key[:60]),
                path,
            )
        if option.key in keys:
            raise bad_options(_("The option key “%(key)s” is there twice.", key=option.key), path)
        keys.add(option.key)
        if not any(option.labels.get(locale) for locale in LOCALES):
            raise bad_options(_("The option “%(key)s” has no label.", key=option.key), path)
        said = {(locale, folded(label)) for locale, label in option.labels.items() if label}
        if not option.retired and (twice := said & labels):
            raise bad_options(_("Two options are called “%(label)s”.", label=min(twice)[1]), path)
        labels |= said if not option.retired else set()


def bad_options(message: Any, path: str) -> FieldError:
    """Return the refusal of a definition's options."""
    return FieldError(message, field=f"options.{path}" if path else "options", code="bad_options")


@FIELD_TYPES.register
class Choice(OneOption):
    """One option of a list. Canonical: its key."""

    name = "choice"
    label = _("Choice")
    purpose = _("One option of a list that may be long.")
    input = "choice"
    icon = "selector"
    cases = (
        Case("red", "red", "Red", options=COLOURS),
        Case(" green ", "green", "Green", options=COLOURS),
        Case(7, "7", "Seven", options=COLOURS),
        Case("", None, "", options=COLOURS),
        Case("old", "old", "Old", options=COLOURS, stored="old"),
    )
    refused = (
        Refused("blue", "not_an_option", options=COLOURS),
        Refused("old", "retired", options=COLOURS),
        Refused("old", "retired", options=COLOURS, stored="red"),
        Refused("<script>", "not_an_option", options=COLOURS),
        Refused(["red"], "not_text", options=COLOURS),
        Refused("x" * 10**5, "not_an_option", options=COLOURS),
        Refused("red\x00", "not_an_option", options=COLOURS),
    )
