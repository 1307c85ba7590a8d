"""What answers are called where the fields of all templates stand side by side; namesakes by templates or keys."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from app.core.i18n import LOCALES, Label, Message, label_in, spoken
from ticket_templates.versions import CompiledVersion

#: Templates that are named beside a field.
_MOST: Final = 3


def namesakes(versions: Sequence[CompiledVersion], fixed: Iterable[Message | Label]) -> frozenset[tuple[str, str]]:
    """Return what more than one field is called, by language; ``versions``: the newest first.

    With it what they are called beside their templates, if those are called the same too.
    """
    newest: dict[str, Label] = {}
    for version in versions:
        for key, one in version.types.items():
            newest.setdefault(key, one.spec.labels)
    shared = _more_than_once((*newest.values(), *fixed))
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
