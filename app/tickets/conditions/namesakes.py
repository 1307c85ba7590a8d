"""What answers are called where the fields of all templates stand side by side; namesakes by templates or keys."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from app.core.i18n import LOCALES, Label, Message, label_in, spoken
from ticket_templates.versions import CompiledVersion

#: Templates that are named beside a field.
_MOST: Final = 3


class Namesakes:
    """What more than one field is called, beside fixed fields of the labels given.

    Templates are changed seldom, and asked for by every list with a condition: what came of them last is kept.
    """

    def __init__(self, fixed: Iterable[Message | Label]) -> None:
        self._fixed = tuple(fixed)
        self._last: tuple[object, frozenset[tuple[str, str]]] = (None, frozenset())

    def among(self, versions: Sequence[CompiledVersion]) -> frozenset[tuple[str, str]]:
        """Return what more than one field is called, by language; ``versions``: the newest first.

        With it what they are called beside their templates, if those are called the same too.
        """
        asked = [(one.rules, one.template_id, one.template_labels) for one in versions]
        known, shared = self._last
        if known != asked:
            shared = self._found(versions)
            self._last = asked, shared
        return shared

    def _found(self, versions: Sequence[CompiledVersion]) -> frozenset[tuple[str, str]]:
        newest: dict[str, Label] = {}
        for version in versions:
            for key, one in version.types.items():
                newest.setdefault(key, one.spec.labels)
        shared = _more_than_once((*newest.values(), *self._fixed))
        alike = [key for key, label in newest.items() if not shared.isdisjoint(_texts(label))]
        return shared | _more_than_once(
            _beside(newest[key], [version for version in versions if key in version.types]) for key in alike
        )


def told_apart(
    label: Message | Label, key: str, using: Iterable[CompiledVersion], shared: frozenset[tuple[str, str]]
) -> Message | Label:
    """Return what a field is called: with the templates that use it, and its key, if another is called the same."""
    if shared.isdisjoint(_texts(label)):
        return label
    beside = _beside(label, using)
    if shared.isdisjoint(_texts(beside)):
        return beside
    return {locale: f"{text} · {key}" for locale, text in beside.items()}


def _more_than_once(labels: Iterable[Message | Label]) -> frozenset[tuple[str, str]]:
    counted = Counter(text for label in labels for text in _texts(label))
    return frozenset(text for text, count in counted.items() if count > 1)


def _beside(label: Message | Label, using: Iterable[CompiledVersion]) -> dict[str, str]:
    templates = list({one.template_id: one.template_labels for one in using}.values())
    return {locale: _in_brackets(spoken(label, locale), templates, locale) for locale in LOCALES}


def _texts(label: Message | Label) -> Iterator[tuple[str, str]]:
    return ((locale, spoken(label, locale)) for locale in LOCALES)


def _in_brackets(text: str, templates: Sequence[Label], locale: str) -> str:
    named = [label_in(one, locale) for one in templates[:_MOST]] + ["…"] * (len(templates) > _MOST)
    return f"{text}（{'、'.join(named)}）" if locale.startswith("zh") else f"{text} ({', '.join(named)})"
