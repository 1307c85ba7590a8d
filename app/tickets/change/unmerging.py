"""Undoing a merge: both tickets are as before, save for what was done to the target since."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.work import Work
from app.tickets import merged
from app.tickets.change import read, tags, write
from app.tickets.change.merging import Change, told_target
from app.tickets.change.plan import CONFLICT, DONE, HOLDERS, NOT_FOUND, NOT_YOURS, Plan
from app.tickets.links import naming
from app.tickets.links.kinds import ABSORBED
from app.tickets.links.merges import UNDONE_WITHIN
from app.tickets.links.models import TicketLink, TicketMerge
from app.tickets.models import Ticket, TicketEvent, TicketWatcher
from app.tickets.orders import ChangeTicket
from ticket_templates import queries as templates
from ticket_templates.spec import State
from ticket_templates.versions import CompiledVersion

_ANSWER: Final = "values."
_OUTLET: Final = "outlet_id"
#: Put back by themselves, or worked out of the rest.
_APART: Final = frozenset({"subject", tags.COLUMN, _OUTLET})


def unmerge(work: Work, source_id: int, version: int | None, change: Change) -> None:
    """Undo the merge of a ticket into another; DomainError, with what stands in the way, when that cannot be."""
    if not work.actor.may("ticket.merge"):
        raise NotAllowedError(_("You may not merge tickets."), code="not_allowed")
    merge = work.session.execute(select(TicketMerge.__table__).where(TicketMerge.source_id == source_id)).first()
    rows = read.rows(work, [source_id, *([merge.target_id] if merge else [])])
    source = rows.columns.get(source_id)
    if source is None:
        raise NotFoundError(NOT_FOUND, code="not_found")
    if merge is None or source["state"] != merged.MERGED.key:
        raise DomainError(_("This ticket is not merged into another one."), code="not_merged")
    if not {source_id, merge.target_id} <= rows.yours:
        raise NotAllowedError(NOT_YOURS, code="not_allowed")
    if version is not None and version != source["version"]:
        raise ConflictError(CONFLICT, code="conflict")
    if work.now - merge.at > UNDONE_WITHIN:
        limit = UNDONE_WITHIN.days
        raise DomainError(_("A merge can be undone for %(days)s days only.", days=limit), code="too_late")
    versions = templates.versions(work, {row["version_id"] for row in rows.columns.values()})
    state = versions[source["version_id"]].states[merge.state]
    _check_parent(work, source_id, state)
    target = _empty_again(work, rows.columns[merge.target_id], merge.filled, versions, change)
    if merge.watchers:
        watching = (TicketWatcher.ticket_id == merge.target_id, TicketWatcher.user_id.in_(merge.watchers))
        work.session.execute(delete(TicketWatcher).where(*watching))
    work.session.execute(delete(TicketMerge).where(TicketMerge.id == merge.id))
    plan = _restoring(work, source, versions, state, merge.state_since)
    plan.changes[naming.MERGED_INTO] = [merge.target_id, None]
    write.update_tickets(work, [plan, _released(work, merge, target, versions)])


def _released(
    work: Work, merge: Any, target: dict[str, Any], versions: Mapping[int, CompiledVersion]
) -> Plan[ChangeTicket]:
    """Return the plan of the target, which gives back tags and outlet that came with the merge."""
    told = told_target(target, merge.source_id, versions, on=False)
    if brought := merge.filled.get(tags.COLUMN):
        told.set(tags.COLUMN, tags.without(target, brought))
    if _follows_still(work, merge, target):
        told.set(_OUTLET, merge.filled[_OUTLET][0])
    if told.new:
        told.new |= {"version": target["version"] + 1, "changed_at": work.now}
    return told


def _follows_still(work: Work, merge: Any, target: Mapping[str, Any]) -> bool:
    """Whether the target is with the outlet of the customer it was given, and nobody handed it on since."""
    if _OUTLET not in merge.filled or target[_OUTLET] != merge.filled[_OUTLET][1]:
        return False
    query = select(TicketEvent.kind, TicketEvent.changes).where(
        TicketEvent.ticket_id == merge.target_id, TicketEvent.at >= merge.at
    )
    since: list[Any] = []
    for kind, changes in work.session.execute(query.order_by(TicketEvent.id)):
        since = [] if kind == "absorbed" and changes.get(ABSORBED) == [None, merge.source_id] else [*since, changes]
    return not any(name in changes for changes in since for name in HOLDERS)


def _check_parent(work: Work, source_id: int, state: State) -> None:
    """A parent that was closed since stands on this ticket's being finished."""
    if state.category in DONE:
        return
    query = (
        select(Ticket.id)
        .join(TicketLink, TicketLink.source_id == Ticket.id)
        .where(TicketLink.kind == "parent", TicketLink.target_id == source_id, Ticket.category == "closed")
    )
    if work.session.scalar(query) is not None:
        raise DomainError(_("The ticket above this one was closed meanwhile. Open it again first."), code="parent")


def _empty_again(
    work: Work,
    target: dict[str, Any],
    filled: Mapping[str, Any],
    versions: Mapping[int, CompiledVersion],
    change: Change,
) -> dict[str, Any]:
    """Take back what the target was given and nobody changed since; return its row as it is then.

    What it cannot do without where it is by now stays with it.
    """
    version, values = versions[target["version_id"]], target["values"]
    answers = {
        name.removeprefix(_ANSWER): None
        for name, (before, after) in filled.items()
        if name.startswith(_ANSWER) and before is None and values.get(name.removeprefix(_ANSWER)) == after
    }
    answers = {key: None for key in answers if key in version.types and not _stays(key, target, version)}
    fields = {
        name: before
        for name, (before, after) in filled.items()
        if not name.startswith(_ANSWER) and name not in _APART and target[name] == after
    }
    if not fields and not answers:
        return target
    (outcome,) = change(work, [ChangeTicket(target["id"], fields=fields, answers=answers)]).outcomes
    if outcome.status == "refused":
        raise DomainError.of(outcome.refusals)
    return read.rows(work, [target["id"]]).columns.get(target["id"], target)


def _stays(key: str, row: Mapping[str, Any], version: CompiledVersion) -> bool:
    """Whether the answer of a field cannot be emptied on a ticket as it is."""
    stands = version.rules.standing(row["state"])
    seen = version.rules.facts(row, version.unsealed(row["values"]))
    return (
        version.types[key].derived
        or key in stands.settled | stands.kept | stands.growing
        or version.rules.is_required(key, seen)
    )


def _restoring(
    work: Work, row: dict[str, Any], versions: Mapping[int, CompiledVersion], state: State, since: datetime
) -> Plan[ChangeTicket]:
    plan = Plan(ChangeTicket(row["id"]), versions[row["version_id"]], row, kind="unmerged")
    plan.set("state", state.key)
    # The journal tells it, for who replays it.
    plan.changes["state_since"] = [row["state_since"].isoformat(), since.isoformat()]
    plan.new |= merged.restored(state, since, row) | {"version": row["version"] + 1, "changed_at": work.now}
    return plan
