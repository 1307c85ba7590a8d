"""Which list an address asks for: what it says itself, over what its saved view keeps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flask import current_app, g, request

from app.core.errors import DomainError, Refusal
from app.core.i18n import Message, _
from app.core.permissions import Actor
from app.core.work import Work
from app.desk import queries as desk
from app.desk.queries import ViewCard
from app.desk.service import GONE
from app.tickets.conditions import from_text, said
from forms.ticket_list import EVERY, FILTERS, LABELS, PARAMETERS, ListState

#: Where a process holds the views it last read for each person, with all rights they were read by.
NAMES: Final = "gongdan-view-names"
_PEOPLE: Final = 500
#: What else belongs to an address of ours: which tickets and fields a file has, which column of a board is drawn on.
_OF_OURS: Final = frozenset({"only", "fields", "column"})
#: What mail programs and messengers add to the address of a page somebody passes on: it asks for nothing.
_ADDED: Final = re.compile(
    r"utm_\w+=.*|(?:fbclid|gclid|msclkid|spm|isappinstalled|nsukey)=.*|from=(?:singlemessage|groupmessage|timeline)",
    re.DOTALL,
)
#: How many strange names of an address are told.
_MOST_TOLD: Final = 10
#: A step down a tree, in the path of a fault.
_STEP: Final = re.compile(r"\b(?:all|any|none)\[(\d+)\]")
_UNKNOWN: Final = "unknown_filter"
_NO_VIEW: Final = "no_view"


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as its address asks for it. With ``faults`` it has no tickets: without a filter it would look right."""

    state: ListState
    #: Every view its reader sees, and the one this list began as.
    views: Sequence[ViewCard] = ()
    view: ViewCard | None = None
    #: Its condition in words.
    sentence: str = ""
    faults: Sequence[Refusal] = field(default=())

    @property
    def told(self) -> list[tuple[Message | None, Message]]:
        """Where each fault is, if it is anywhere, and what it is."""
        return [(_place(one), one.message) for one in self.faults]

    @property
    def is_where(self) -> bool:
        """Whether its condition is at fault, not one of its filters alone."""
        return any(one.code != _UNKNOWN for one in self.faults)

    @property
    def is_lost(self) -> bool:
        """Whether it names a view that its reader does not see."""
        return any(one.code == _NO_VIEW for one in self.faults)


def asked(work: Work) -> Asked:
    """Return the list this request asks for."""
    views = views_of(work)
    wanted = request.args.get("view", "")
    view = next((one for one in views if str(one.id) == wanted), None)
    state = ListState.of(request.args, view.query if view else None)
    if view is None and wanted.strip() not in ("", EVERY):
        return Asked(state, views, faults=(Refusal(GONE, "view", _NO_VIEW),))
    faults = [_unread(name, value) for name, value in state.unread.items() if name in FILTERS]
    faults += _strange()
    if view and state.q == view.query.get("q") == desk.FORGOTTEN:
        faults.append(Refusal(desk.NUMBER_FORGOTTEN, "q", _UNKNOWN))
    try:
        sentence = said(work, from_text(state.where)) if state.where else ""
    except DomainError as error:
        return Asked(state, views, view, faults=(*faults, *error.refusals))
    return Asked(state, views, view, sentence, faults)


def readable(work: Work) -> ListState:
    """Return the list a file or a number is asked of; DomainError when it has faults."""
    found = asked(work)
    if found.faults:
        raise DomainError.of(found.faults)
    return found.state


def views_of(work: Work) -> list[ViewCard]:
    """Return the views of the person signed in, read once a request; the next pages' sidebars begin with them."""
    if "saved_views" not in g:
        g.saved_views = desk.views(work) if work.actor.may("ticket.read") else []
        held: dict[Actor, list[ViewCard]] = current_app.extensions[NAMES]
        if len(held) >= _PEOPLE:
            held.clear()
        held[work.actor] = g.saved_views
    found: list[ViewCard] = g.saved_views
    return found


def _place(fault: Refusal) -> Message | None:
    """Return where a fault is as people count: the second condition of the third group is 3.2."""
    if fault.field in LABELS:
        return LABELS[fault.field] if fault.field != "where" else None
    steps = [str(int(one) + 1) for one in _STEP.findall(fault.field)]
    return _("Condition %(place)s", place=".".join(steps)) if steps else None


def _unread(name: str, value: str) -> Refusal:
    """Return that a filter means nothing: one of the address, or one its view keeps and the address does not name."""
    if name in request.args:
        message = _("“%(value)s” cannot be read here. Until it is mended, the list shows nothing.", value=value)
    else:
        message = _("This filter of the view cannot be read any more.")
    return Refusal(message, name, _UNKNOWN)


def _strange() -> list[Refusal]:
    """Return the names in the address that mean nothing here: whoever wrote one wants another list than all tickets."""
    names = [
        name for name, value in request.args.items()
        if name not in PARAMETERS and name not in _OF_OURS and value.strip() and not _ADDED.fullmatch(f"{name}={value}")
    ]  # fmt: skip
    return [
        Refusal(_("“%(name)s” is nothing this list is asked by.", name=name[:40]), name[:40], _UNKNOWN)
        for name in names[:_MOST_TOLD]
    ]
