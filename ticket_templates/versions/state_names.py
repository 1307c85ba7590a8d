"""What a state is called where the tickets of all templates stand side by side."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from app.core.i18n import label_in
from ticket_templates.spec import CATEGORIES
from ticket_templates.versions.version import CompiledVersion

#: Names of one state that are told.
_MOST: Final = 3


def state_names(versions: Iterable[CompiledVersion], locale: str) -> dict[str, str]:
    """Return what each state is called, by its key: as most templates say, then as others do; in order of progress."""
    places: dict[str, tuple[int, int]] = {}
    said: dict[tuple[str, str], set[str]] = {}
    for version in versions:
        for step, state in enumerate(version.states.values()):
            places.setdefault(state.key, (CATEGORIES.index(state.category), step))
            said.setdefault((state.key, label_in(state.labels, locale)), set()).add(version.template_key)
    named: dict[str, Counter[str]] = {key: Counter() for key in sorted(places, key=places.__getitem__)}
    for (key, text), templates in said.items():
        named[key][text] = len(templates)
    return {key: _listed([text for text, _count in counted.most_common()]) for key, counted in named.items()}


def _listed(names: list[str]) -> str:
    return " / ".join(names[:_MOST] + ["…"] * (len(names) > _MOST))
