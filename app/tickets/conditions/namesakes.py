"""What answers are called where the fields of all templates stand side by side: namesakes by their templates."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from app.core.i18n import LOCALES, Label, Message, label_in, spoken
from ticket_templates.versions import CompiledVersion

#: Templates that are named beside a field.
_MOST: Final = 3


def namesakes(versions: Sequence[CompiledVersion], fixed: Iterable[Message | Label]) -> frozenset[tuple[str, str]]:
    """Return what more than one field is called, by language; ``versions``: the newest first."""
    newest: dict[str, Label] = {}
    for version in versions:
        for key, one in version.types.items():
            newest.setdefault(key, one.spec.labels)
    counted = Counter(text for label in (*newest.values(), *fixed) for text in _texts(label))
    return frozenset(text for text, count in counted.items() if count > 1)


def told_apart(
    label: Message | Label, using: Iterable[CompiledVersion], shared: frozenset[tuple[str, str]]
) -> Message | Label:
    """Return what a field is called: with the templates that use it, if another one is called the same."""
    if shared.isdisjoint(_texts(label)):
        return label
    templates = {one.template_id: one.template_labels for one in using}
    return {locale: _beside(spoken(label, locale), list(templates.values()), locale) for locale in LOCALES}


def _texts(label: Message | Label) -> Iterator[tuple[str, str]]:
    return ((locale, spoken(label, locale)) for locale in LOCALES)


def _beside(text: str, templates: Sequence[Label], locale: str) -> str:
    named = [label_in(one, locale) for one in templates[:_MOST]] + ["…"] * (len(templates) > _MOST)
    return f"{text}（{'、'.join(named)}）" if locale.startswith("zh") else f"{text} ({', '.join(named)})"
