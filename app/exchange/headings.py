"""How the columns of our files are headed, and what an import takes such a heading for: one page for both ways.

A heading of a ticket's own column stands for that column, in every language; a field called the same says its template.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from app.core.db import folded
from app.core.i18n import LOCALES, Message, _, label_in
from app.exchange.mapping import TARGETS
from app.tickets.columns import COLUMNS
from ticket_templates.versions import CompiledVersion

#: Column of a thing → what the code of the thing is called.
CODES: Final[Mapping[str, Message]] = {
    "customer": _("Customer code"),
    "installed_product": _("Serial number of the installed product"),
    "assignee": _("User name of the assignee"),
    "team": _("Team code"),
    "outlet": _("Outlet code"),
}
PHONE: Final = _("Phone of the customer")
ADDRESS: Final = _("Address of the site")
#: Columns that an import takes by another name, or as the number a row is known by.
_TARGETS: Final = {"created": "created_at", "phone": "customer_phone", "number": "external_id"}
#: So many headings of a file, the ticket's number among them, and it is one of ours.
_OURS: Final = 3
BETWEEN: Final = " · "
#: What people put around a heading.
_AROUND: Final = " *＊:：()（）"


def plain(heading: str) -> str:
    """Return a heading as headings are compared: without case, width, underscores and what marks a required one."""
    return folded(heading).replace("_", " ").strip(_AROUND)


def field_label(version: CompiledVersion, key: str, locale: str) -> str:
    """Return what a file calls a field: an amount in another currency than the company's says in which."""
    label = label_in(version.spec.fields[key].labels, locale)
    return f"{label} ({currency})" if (currency := _currency(version, key)) else label


def told_apart(label: str, distinction: str) -> str:
    """Return a heading that says of what it is."""
    return f"{label}{BETWEEN}{distinction}"


def is_own(label: str) -> bool:
    """Whether a heading is that of a ticket's own column in any language."""
    return any(plain(label) in words for words in _own().values())


def own_targets(headings: Iterable[str]) -> dict[str, str]:
    """Return what the headings of a ticket's own columns become, by heading; the empty text: nothing.

    What an import takes is meant in any language. The others are meant in the language of a file that is ours: 管道 is
    a channel in one language and a pipe in another.
    """
    words = {plain(heading): heading for heading in headings}
    found: dict[str, str] = {}
    for own in _own().values():
        known = {word: target for word, target in own.items() if word in words}
        ours = len(known) >= _OURS and "external_id" in known.values()
        found |= {words[word]: target for word, target in known.items() if target or ours}
    return found


def field_words(version: CompiledVersion, key: str) -> Iterator[str]:
    """Yield the headings that mean one field in a file of ours, in any language."""
    for locale in LOCALES:
        label, template = field_label(version, key, locale), version.label(locale)
        if not is_own(label):
            yield label
        yield told_apart(label, template)
        yield told_apart(told_apart(label, template), key)


def codes_beside(headings: Sequence[str]) -> set[str]:
    """Return the headings of names beside which a column says the code that an import goes by."""
    there = {plain(heading): heading for heading in headings}
    return {
        there[name]
        for locale in LOCALES
        for column, code in CODES.items()
        if (name := plain(COLUMNS[column].label_in(locale))) in there and plain(code.in_(locale)) in there
    }


@cache
def _own() -> Mapping[str, Mapping[str, str]]:
    """Return the target of each heading, as headings are compared, by language."""
    labels: list[tuple[str, Message]] = [(name, code) for name, code in CODES.items()]
    labels += [("phone", PHONE), ("address", ADDRESS)]
    found: dict[str, dict[str, str]] = {}
    for locale in LOCALES:
        words = {column.label_in(locale): name for name, column in COLUMNS.items()}
        words |= {one.file_label.in_(locale): name for name, one in COLUMNS.items() if one.file_label}
        words |= {label.in_(locale): name for name, label in labels}
        found[locale] = {plain(word): _target(name) for word, name in words.items()}
    return found


def _target(name: str) -> str:
    target = _TARGETS.get(name, name)
    return target if target in TARGETS else ""


def _currency(version: CompiledVersion, key: str) -> str:
    """Return the currency of an amount that is not in the company's."""
    kind = version.types[key].condition_field()
    return kind.currency if kind.currency and kind.currency != version.rules.currency else ""
