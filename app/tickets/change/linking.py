"""Linking tickets with one another; journaled on both without a new version, as nothing is overwritten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Table, delete, select, tuple_

from app.core.errors import Refusal
from app.core.i18n import _
from app.core.records.locks import one_at_a_time
from app.core.work import Work
from app.tickets.change import bulk, read, write
from app.tickets.change.plan import CONFLICT, DONE, NOT_FOUND, NOT_YOURS
from app.tickets.change.wished_columns import LARGEST_ID
from app.tickets.events import TicketChange
from app.tickets.links import naming
from app.tickets.links.family import Family
from app.tickets.links.kinds import ENDS, LINK, End
from app.tickets.links.models import TicketLink
from app.tickets.merged import MERGED
from app.tickets.orders import LinkTickets, Outcome

LINKS: Table = TicketLink.__table__  # type: ignore[assignment]
_COLUMNS: Final = ("id", "source_id", "kind", "target_id", "at", "by_id")
_PARENT: Final = "parent"
#: Stands in for a kind nobody knows, until that is refused.
_UNKNOWN: Final = ENDS["relates"]
#: Source, kind and target.
Key = tuple[int, str, int]


@dataclass(slots=True)
class _Wish:
    """One order on its way."""

    order: LinkTickets
    end: End
    rows: dict[int, dict[str, Any]]
    refusals: list[Refusal] = field(default_factory=list)
    conflict: bool = False
    writes: bool = False

    @property
    def key(self) -> Key:
        source, target = self.end.ends(self.order.ticket_id, self.order.other_id)
        return source, self.end.kind, target

    def refuse(self, message: Any, where: str = "", code: str = "invalid") -> None:
        self.refusals.append(Refusal(message, where, code))

    def outcome(self) -> Outcome:
        row = self.rows.get(self.order.ticket_id)
        number = row["number"] if row else ""
        status = "refused" if self.refusals else "changed" if self.writes else "unchanged"
        return Outcome(status, self.order.ticket_id, number, tuple(self.refusals), self.conflict)


def link_chunk(work: Work, orders: Sequence[LinkTickets]) -> list[Outcome]:
    """Link or unlink pairs of tickets; the outcomes are in the order of the orders."""
    if not work.actor.may("ticket.change"):
        forbidden = Refusal(_("You may not change tickets."), code="not_allowed")
        return [Outcome("refused", order.ticket_id, refusals=(forbidden,)) for order in orders]
    hold_families(work, orders)
    named = {one for order in orders for one in (order.ticket_id, order.other_id) if 0 < one <= LARGEST_ID}
    rows = read.rows(work, named)
    wishes = [_Wish(order, ENDS.get(order.kind, _UNKNOWN), rows.columns) for order in orders]
    for wish in wishes:
        _check(wish, rows)
    sound = [wish for wish in wishes if not wish.refusals]
    _settle(work, sound)
    _write(work, [wish for wish in sound if wish.writes])
    return [wish.outcome() for wish in wishes]


def hold_families(work: Work, orders: Iterable[LinkTickets]) -> None:
    """Keep families to this transaction where ``orders`` make one grow, before any ticket is locked.

    Two links, each harmless by itself, could close a circle together.
    """
    if any(order.on and (end := ENDS.get(order.kind)) and end.kind == _PARENT for order in orders):
        one_at_a_time(work, "ticket family")


def _check(wish: _Wish, rows: read.Rows) -> None:
    order = wish.order
    row, other = rows.columns.get(order.ticket_id), rows.columns.get(order.other_id)
    if row is None:
        wish.refuse(NOT_FOUND, code="not_found")
    elif order.ticket_id not in rows.yours:
        wish.refuse(NOT_YOURS, code="not_allowed")
    elif order.version is not None and order.version != row["version"]:
        wish.refuse(CONFLICT, code="conflict")
        wish.conflict = True
    elif order.kind not in ENDS:
        wish.refuse(_("There is no such kind of link."), "kind", "unknown_kind")
    elif order.other_id == order.ticket_id:
        wish.refuse(_("A ticket cannot be linked with itself."), "other_id", "itself")
    elif other is None:
        wish.refuse(NOT_FOUND, "other_id", "not_found")
    elif MERGED.key in (row["state"], other["state"]):
        where = "other_id" if other["state"] == MERGED.key else ""
        wish.refuse(_("What was merged into another ticket is linked there."), where, "merged")
    elif order.other_id not in rows.yours:
        wish.refuse(_("You may read the other ticket, but not change it."), "other_id", "not_allowed")


def _settle(work: Work, wishes: Sequence[_Wish]) -> None:
    """Decide one wish after the other, each on what those before it leave behind."""
    known = _existing(work, {wish.key for wish in wishes})
    parental = [wish for wish in wishes if wish.key[1] == _PARENT]
    family = Family.around(work, {one for wish in parental for one in (wish.key[0], wish.key[2])})
    has_parent = any(wish.order.on and wish.key[2] in family.parents for wish in parental)
    numbers = naming.numbers(work, set(family.parents.values())) if has_parent else {}
    for wish in wishes:
        key = wish.key
        if (key in known) == wish.order.on:
            continue
        if key[1] == _PARENT:
            _relate(wish, family, numbers)
        if not wish.refusals:
            wish.writes = True
            known.symmetric_difference_update({key})


def _relate(wish: _Wish, family: Family, numbers: dict[int, str]) -> None:
    parent, _kind, child = wish.key
    if not wish.order.on:
        family.remove(parent, child)
        return
    if problem := family.refusal(parent, child, numbers):
        wish.refuse(problem[0], "other_id", problem[1])
    elif wish.rows[parent]["category"] == "closed" and wish.rows[child]["category"] not in DONE:
        message = _("The parent is closed while the work below it is not done. Open it again first.")
        wish.refuse(message, "other_id", "closed")
    else:
        family.add(parent, child)


def _existing(work: Work, keys: set[Key]) -> set[Key]:
    if not keys:
        return set()
    query = select(TicketLink.source_id, TicketLink.kind, TicketLink.target_id)
    columns = tuple_(TicketLink.source_id, TicketLink.kind, TicketLink.target_id)
    found = work.session.execute(query.where(columns.in_(sorted(keys))))
    return {(source, kind, target) for source, kind, target in found}


def _write(work: Work, wishes: Sequence[_Wish]) -> None:
    """Write links and their journal, and tell of them."""
    if not wishes:
        return
    final = {wish.key: wish.order.on for wish in wishes}
    before = _existing(work, set(final))
    _remove(work, [key for key, on in final.items() if not on and key in before])
    _add(work, [key for key, on in final.items() if on and key not in before])
    write.happened(
        work, [(change, wish.rows[change.ticket_id]["version"]) for wish in wishes for change in _told(wish)]
    )


def _add(work: Work, keys: Sequence[Key]) -> None:
    connection = work.session.connection()
    rows = [
        {"id": one, "source_id": source, "kind": kind, "target_id": target, "at": work.now, "by_id": work.actor.user_id}
        for one, (source, kind, target) in zip(bulk.next_ids(connection, LINKS, len(keys)), keys, strict=True)
    ]
    bulk.insert(connection, LINKS, _COLUMNS, rows)


def _remove(work: Work, keys: Sequence[Key]) -> None:
    if keys:
        columns = tuple_(TicketLink.source_id, TicketLink.kind, TicketLink.target_id)
        work.session.execute(delete(TicketLink).where(columns.in_(keys)))


def _told(wish: _Wish) -> Iterable[TicketChange]:
    """Return what happened to either ticket, each as it sees the link."""
    order, end = wish.order, wish.end
    for this, that, name in (
        (order.ticket_id, order.other_id, end.name),
        (order.other_id, order.ticket_id, end.other),
    ):
        pair = [None, that] if order.on else [that, None]
        yield TicketChange(this, "linked" if order.on else "unlinked", {LINK + name: pair})
