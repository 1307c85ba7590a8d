"""A list divided: a heading for each group with its count; the one that is open has its tickets beneath it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import url_for

from app.core.deadline import TooLongError
from app.core.errors import DomainError
from app.core.i18n import _, label_in
from app.core.work import Work
from app.tickets import queries
from app.tickets.merged import MERGED
from app.tickets.queries import Count, Group
from forms.ticket_list import ListState
from ticket_templates import queries as templates
from ticket_templates.versions import state_names
from views.base import current_locale

#: What an address calls those without a value.
_NONE: Final = "none"
_EMPTY: Final = Count(0, exact=True)


@dataclass(frozen=True, slots=True)
class Heading:
    """A group's heading; its address opens it, or closes it again."""

    label: str
    count: Count | None
    url: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Headings:
    """All of them, in their order; ``late``: there was no time to count them, so the list is not divided."""

    every: Sequence[Heading] = ()
    late: bool = False
    #: Whether tickets are shown without one that is open.
    shown: bool = False
    #: Whether there are more of them than are shown.
    cut: bool = False
    #: How many tickets all groups have.
    total: Count = _EMPTY

    @property
    def is_open(self) -> bool:
        """Whether tickets are shown."""
        return self.shown or any(one.is_open for one in self.every)

    @property
    def above(self) -> Sequence[Heading]:
        """The headings down to the open one, all of them where none is open."""
        place = next((place for place, one in enumerate(self.every) if one.is_open), len(self.every) - 1)
        return self.every[: place + 1]

    @property
    def below(self) -> Sequence[Heading]:
        """The headings after the open one."""
        return self.every[len(self.above) :]


def grouped(work: Work, state: ListState) -> Headings:
    """Return the headings of a list by its own ``group``; what opens a group is the filter of the same name."""
    name = state.group
    emptied: dict[str, Any] = {name: "", "cursor": ""}
    whole = replace(state, **emptied)
    try:
        divided = queries.groups(work, whole.query(), name)
    except DomainError as error:
        # What is wrong with the address, the list itself says.
        return Headings(shown=True, late=isinstance(error, TooLongError))
    found = divided.every
    total = Count(
        sum(one.count.number for one in found), exact=divided.complete and all(one.count.exact for one in found)
    )
    known = _KNOWN[name](work, found)
    base = url_for("TicketView.index")
    opened = getattr(state, name)
    rows = sorted(
        ((*known.get(one.value, (len(known), f"#{one.value}", str(one.value))), one) for one in found),
        key=lambda row: (row[0], row[1]),
    )
    if opened and opened not in {key for _place, _label, key, _group in rows}:
        # Nothing is in the group that is open; its heading says so.
        empty = Heading(_("No tickets").in_(current_locale()), Count(0, exact=True), whole.url(base), is_open=True)
        every = (empty, *(_heading(whole, base, row, opened) for row in rows[: queries.MOST_GROUPS]))
        return Headings(every, total=total)
    shown = [row for place, row in enumerate(rows) if place < queries.MOST_GROUPS or row[2] == opened]
    cut = not divided.complete or len(shown) < len(rows)
    return Headings(tuple(_heading(whole, base, row, opened) for row in shown), cut=cut, total=total)


def _heading(whole: ListState, base: str, row: tuple[int, str, str, Group], opened: str) -> Heading:
    _place, label, key, group = row
    is_open = key == opened
    return Heading(label, group.count, whole.url(base, **({} if is_open else {whole.group: key})), is_open)


#: Place, label and the address's word of each value of a group.
_Known = Mapping[Any, tuple[int, str, str]]


def _states(work: Work, _found: Sequence[Group]) -> _Known:
    locale = current_locale()
    names = state_names(templates.catalogue(work).versions, locale)
    known = {key: (place, name, key) for place, (key, name) in enumerate(names.items())}
    # What was merged is in no workflow's state.
    return known | {MERGED.key: (len(known), label_in(MERGED.labels, locale), MERGED.key)}


def _templates(work: Work, _found: Sequence[Group]) -> _Known:
    locale = current_locale()
    cards = templates.catalogue(work).cards
    return {one.id: (place, label_in(one.labels, locale), one.key) for place, one in enumerate(cards)}


def _people(_work: Work, found: Sequence[Group]) -> _Known:
    return {None: (-1, _("Unassigned").in_(current_locale()), _NONE)} | _named(found)


def _outlets(_work: Work, found: Sequence[Group]) -> _Known:
    return {None: (-1, _("Without an outlet").in_(current_locale()), _NONE)} | _named(found)


def _named(found: Sequence[Group]) -> dict[Any, tuple[int, str, str]]:
    """Return the names of things, the largest group first."""
    largest = sorted((one for one in found if one.value is not None), key=lambda one: -one.count.number)
    return {one.value: (place, one.name or f"#{one.value}", str(one.value)) for place, one in enumerate(largest)}


_KNOWN: Final[Mapping[str, Callable[[Work, Sequence[Group]], _Known]]] = {
    "state": _states,
    "template": _templates,
    "assignee": _people,
    "outlet": _outlets,
}
