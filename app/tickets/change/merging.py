"""Merging tickets: the source is closed and leads to the target; what it holds stays with it and is seen on both."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Table, select

from app.core.errors import Refusal
from app.core.i18n import Message, _
from app.core.work import Work
from app.tickets import merged
from app.tickets.change import bulk, family, read, tags, write
from app.tickets.change.batch import Batch
from app.tickets.change.plan import ASKABLE, CONFLICT, NOT_FOUND, NOT_YOURS, Plan
from app.tickets.change.wished_columns import LARGEST_ID
from app.tickets.links import booked, merges, naming
from app.tickets.links.files import MOST_STEPS
from app.tickets.links.filling import fillable
from app.tickets.links.kinds import ABSORBED
from app.tickets.links.models import TicketMerge
from app.tickets.models import TicketWatcher
from app.tickets.orders import BatchResult, ChangeTicket, MergeTickets, Outcome
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion

MERGES: Table = TicketMerge.__table__  # type: ignore[assignment]
_COLUMNS: Final = ("id", "source_id", "target_id", "at", "by_id", "state", "state_since", "filled", "watchers")
#: Whom somebody gives a ticket to: nothing a merge brings does that.
GIVEN: Final = ("assignee_id", "team_id")
#: Carries out changes of fields; the service's own, handed in since it stands above.
Change = Callable[[Work, Sequence[ChangeTicket]], BatchResult]


@dataclass(slots=True)
class _Wish:
    """One order on its way: the rows of both tickets, and why it cannot be carried out."""

    order: MergeTickets
    source: dict[str, Any]
    target: dict[str, Any]
    refusals: list[Refusal] = field(default_factory=list)
    conflict: bool = False
    #: ``{field: [before, after]}`` of the target.
    filled: dict[str, list[Any]] = field(default_factory=dict)

    def refuse(self, message: Message, where: str = "", code: str = "invalid") -> None:
        self.refusals.append(Refusal(message, where, code))

    def outcome(self) -> Outcome:
        status = "refused" if self.refusals else "changed"
        number = self.source.get("number", "")
        return Outcome(status, self.order.source_id, number, tuple(self.refusals), self.conflict)


def merge_chunk(work: Work, orders: Sequence[MergeTickets], change: Change) -> list[Outcome]:
    """Merge pairs of tickets, none of which is the source of one and part of another order."""
    if not work.actor.may("ticket.merge"):
        forbidden = Refusal(_("You may not merge tickets."), code="not_allowed")
        return [Outcome("refused", order.source_id, refusals=(forbidden,)) for order in orders]
    named = {one for order in orders for one in (order.source_id, order.target_id) if 0 < one <= LARGEST_ID}
    rows = read.rows(work, named)
    wishes = [
        _Wish(order, rows.columns.get(order.source_id, {}), rows.columns.get(order.target_id, {})) for order in orders
    ]
    versions = templates.versions(work, {row["version_id"] for row in rows.columns.values()})
    for wish in wishes:
        _check(wish, rows.yours)
    sound = [wish for wish in wishes if not wish.refusals]
    _check_steps(work, sound)
    _check_amounts(work, sound, versions)
    plans = {id(wish): _closing(work, wish, versions) for wish in sound}
    family.check(work, list(plans.values()))
    for wish in sound:
        wish.refusals += plans[id(wish)].refusals
    sound = [wish for wish in sound if not wish.refusals]
    _fill(work, sound, versions, change)
    sound = [wish for wish in sound if not wish.refusals]
    _write(work, sound, [plans[id(wish)] for wish in sound], versions)
    return [wish.outcome() for wish in wishes]


def _check(wish: _Wish, yours: frozenset[int]) -> None:
    order = wish.order
    for row, key, seen, where in (
        (wish.source, order.source_id, order.source_version, ""),
        (wish.target, order.target_id, order.target_version, "target_id"),
    ):
        if not row:
            wish.refuse(NOT_FOUND, where, "not_found")
        elif key not in yours:
            wish.refuse(NOT_YOURS, where, "not_allowed")
        elif seen is not None and seen != row["version"]:
            wish.refuse(CONFLICT, code="conflict")
            wish.conflict = True
        elif row["state"] == merged.MERGED.key:
            wish.refuse(_("%(number)s was merged into another ticket already.", number=row["number"]), where, "merged")
    if order.source_id == order.target_id and not wish.refusals:
        wish.refuse(_("Choose another ticket: a ticket cannot be merged with itself."), "target_id", "itself")


def _check_steps(work: Work, wishes: Sequence[_Wish]) -> None:
    found = merges.into(work, {wish.order.source_id for wish in wishes})
    for wish in wishes:
        if merges.steps_below(found, wish.order.source_id) + 1 > MOST_STEPS:
            message = _("Others were merged into %(number)s over many steps: merge the other way round.",
                        number=wish.source["number"])  # fmt: skip
            wish.refuse(message, "target_id", "too_deep")


def _check_amounts(work: Work, wishes: Sequence[_Wish], versions: Mapping[int, CompiledVersion]) -> None:
    context = Batch(work).context
    for wish in wishes:
        source, target = ((row, versions[row["version_id"]]) for row in (wish.source, wish.target))
        if (why := booked.lost(work.actor, source, target, context)) is not None:
            wish.refuse(why, code="booked")


def _closing(work: Work, wish: _Wish, versions: Mapping[int, CompiledVersion]) -> Plan[ChangeTicket]:
    row = wish.source
    plan = Plan(ChangeTicket(row["id"]), versions[row["version_id"]], row, kind="merged")
    plan.set("state", merged.MERGED.key)
    plan.changes[naming.MERGED_INTO] = [None, wish.order.target_id]
    plan.new |= merged.closed(work.now, row) | {"version": row["version"] + 1, "changed_at": work.now}
    return plan


def _fill(work: Work, wishes: Sequence[_Wish], versions: Mapping[int, CompiledVersion], change: Change) -> None:
    """Let the targets take over what they were asked to, by the same path as if somebody had typed it."""
    asking = [wish for wish in wishes if wish.order.fill]
    orders = []
    for wish in asking:
        source, target = wish.source, wish.target
        known = fillable(
            work.actor, source, versions[source["version_id"]], target, versions[target["version_id"]]
        )  # fmt: skip
        orders.append(filling(target["id"], known, wish.order.fill))
    if not orders:
        return
    outcomes = change(work, orders).outcomes
    after = read.rows(work, {wish.order.target_id for wish in asking}).columns
    for wish, outcome in zip(asking, outcomes, strict=True):
        wish.refusals += outcome.refusals
        row = after.get(wish.order.target_id)
        if row is None:
            # It left the actor's desk by what it was given: nothing of that is to stay.
            wish.refuse(NOT_YOURS, "target_id", "not_allowed")
        else:
            wish.filled, wish.target = differences(wish.target, row), row


def filling(target_id: int, known: Mapping[str, Any], chosen: Collection[str]) -> ChangeTicket:
    """Return the order that gives a target what was ``chosen`` of what is ``known`` (see `fillable`)."""
    taken = {name: known[name] for name in chosen if name in known}
    answers = {name.removeprefix("values."): raw for name, raw in taken.items() if name.startswith("values.")}
    fields = {name: raw for name, raw in taken.items() if not name.startswith("values.")}
    return ChangeTicket(target_id, fields=fields, answers=answers)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what a change path's order made of a ticket, as its journal says it.

    To whom it was given is no part of that; the outlet is, which follows the customer.
    """
    found = {
        name: [before[name], after[name]]
        for name in ASKABLE
        if name not in GIVEN and before[name] != after[name]
    }  # fmt: skip
    old, new = before["values"], after["values"]
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            found[f"values.{key}"] = [old.get(key), new.get(key)]
    return found


def _write(
    work: Work, wishes: Sequence[_Wish], plans: Sequence[Plan[ChangeTicket]], versions: Mapping[int, CompiledVersion]
) -> None:
    if not wishes:
        return
    carried = _carry_watchers(work, wishes)
    told = [_target(work, wish, versions) for wish in wishes]
    for wish, target in zip(wishes, told, strict=True):
        wish.filled |= {name: pair for name, pair in target.changes.items() if name == tags.COLUMN}
    connection = work.session.connection()
    ids = bulk.next_ids(connection, MERGES, len(wishes))
    rows = [
        {
            "id": one,
            "source_id": wish.order.source_id,
            "target_id": wish.order.target_id,
            "at": work.now,
            "by_id": work.actor.user_id,
            "state": wish.source["state"],
            "state_since": wish.source["state_since"],
            "filled": wish.filled,
            "watchers": carried[wish.order.source_id],
        }
        for one, wish in zip(ids, wishes, strict=True)
    ]
    bulk.insert(connection, MERGES, _COLUMNS, rows)
    write.update_tickets(work, [*plans, *told])


def _target(work: Work, wish: _Wish, versions: Mapping[int, CompiledVersion]) -> Plan[ChangeTicket]:
    """Return the plan of the target: its journal tells of the merge, and it has the tags of both."""
    plan = told_target(wish.target, wish.order.source_id, versions, on=True)
    plan.set(tags.COLUMN, tags.united(wish.target, wish.source))
    if plan.new:
        plan.new |= {"version": wish.target["version"] + 1, "changed_at": work.now}
    return plan


def told_target(
    row: dict[str, Any], source_id: int, versions: Mapping[int, CompiledVersion], *, on: bool
) -> Plan[ChangeTicket]:
    """Return the plan that only tells in the target's journal what was merged into it, or no longer is."""
    plan = Plan(ChangeTicket(row["id"]), versions[row["version_id"]], row, kind="absorbed" if on else "released")
    plan.changes[ABSORBED] = [None, source_id] if on else [source_id, None]
    return plan


def _carry_watchers(work: Work, wishes: Sequence[_Wish]) -> dict[int, list[int]]:
    """Let who watches a source watch its target as well; return who did not before, by source."""
    ids = {one for wish in wishes for one in (wish.order.source_id, wish.order.target_id)}
    query = select(TicketWatcher.ticket_id, TicketWatcher.user_id).where(TicketWatcher.ticket_id.in_(sorted(ids)))
    watching: dict[int, set[int]] = {}
    for ticket, user in work.session.execute(query):
        watching.setdefault(ticket, set()).add(user)
    carried: dict[int, list[int]] = {}
    for wish in wishes:
        there = watching.setdefault(wish.order.target_id, set())
        carried[wish.order.source_id] = sorted(watching.get(wish.order.source_id, set()) - there)
        there |= set(carried[wish.order.source_id])
    pairs = [(wish.order.target_id, user) for wish in wishes for user in carried[wish.order.source_id]]
    write.add_watchers(work, pairs)
    return carried
