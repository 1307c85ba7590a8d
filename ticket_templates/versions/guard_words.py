"""What is said of a guard that does not hold, with the numbers of the ticket in it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.conditions.fields import ConditionField
from app.core.i18n import Message
from ticket_templates.facts import PLACE, Said, filled, guard_sentence, number_shown
from ticket_templates.field_types.base import Context, FieldType
from ticket_templates.spec import Transition, Workflow


class GuardWords:
    """The words of each guard: those the template has for it, or the guard itself as a sentence."""

    def __init__(self, flow: Workflow, types: Mapping[str, FieldType], known: Mapping[str, ConditionField]) -> None:
        self._types = types
        self._messages = {one.key: one.message for one in flow.transitions}
        self._words = {
            one.key: Said.of(one.message) if one.message else guard_sentence(one.guard, known)
            for one in flow.transitions
            if one.guard is not None
        }
        #: Transition → the numbers its words name, with their decimal places.
        self._numbers = {
            one.key: {key: known[f"values.{key}"].scale for key in named}
            for one in flow.transitions
            if (named := _named(one) & types.keys())
        }

    def said(self, key: str, facts: Mapping[str, Any], context: Context | None = None) -> Message:
        """Return what is said while the guard of a transition does not hold.

        The numbers of the ticket stand in it as their fields show them in ``context``: amounts with their currency.
        """
        words, scales = self._words[key], self._numbers.get(key)
        if not scales:
            return words

        def number(name: str, locale: str) -> str:
            if name not in scales:
                return ""
            value = facts.get(f"values.{name}") or 0
            if context is None:
                return number_shown(scales[name], value, locale)
            return self._types[name].shown(value, replace(context, locale=locale))

        return Said.of(filled(self._messages[key], number))


def _named(one: Transition) -> set[str]:
    return {key for text in one.message.values() for key in PLACE.findall(text)}
