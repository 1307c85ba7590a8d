"""Changing tickets: fields, answers, checklist, a transition, a note, a transfer; each order all or nothing."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from app.core.errors import Refusal
from app.core.i18n import Message, _
from app.core.work import Work
from app.tickets.change import answering, clearing, family, following, notes, read, state_locks, write
from app.tickets.change.batch import Batch
from app.tickets.change.named_things import NamedThings
from app.tickets.change.plan import CONFLICT, HOLDERS, NOT_FOUND, NOT_YOURS, Plan, enter, ordered_step
from app.tickets.change.tags import COLUMN, Tags
from app.tickets.change.wished_columns import LONGEST_REASON, columns_wished, plain_text
from app.tickets.links import merges
from app.tickets.merged import MERGED
from app.tickets.orders import ChangeTicket, Outcome
from app.tickets.takers import takers
from ticket_templates import queries as templates
from ticket_templates import setting, workflow
from ticket_templates.field_types.base import is_empty
from ticket_templates.spec import CHECKLIST, Transition

Changing = Plan[ChangeTicket]
_NOTHING: tuple[dict[str, Any], list[Refusal]] = ({}, [])
_FORBIDDEN: Mapping[str, Message] = {
    "ticket.change": _("You may not change tickets."),
    "ticket.transfer": _("You may not hand tickets over."),
    "ticket.transition": _("You may not move tickets to another state."),
}


def change_chunk(work: Work, orders: Sequence[ChangeTicket]) -> list[Outcome]:
    """Change a chunk of tickets, each named once; the outcomes are in the order of the orders."""
    batch = Batch(work)
    plans = _decided(batch, orders)
    found = [plan for plan in plans if plan]
    for plan in found:
        plan.ask()
    accepted = [plan for plan in found if not plan.refusals and plan.writes]
    batch.numbered(accepted)
    write.update_tickets(work, accepted)
    missing = (Refusal(NOT_FOUND, "", "not_found"),)
    return [
        plan.outcome() if plan else Outcome("refused", order.ticket_id, refusals=missing)
        for plan, order in zip(plans, orders, strict=True)
    ]


def foretold(work: Work, order: ChangeTicket) -> dict[str, list[Any]]:
    """Return what an order would change, as the journal would have it; nothing is written. Nothing: it is refused."""
    (plan,) = _decided(Batch(work), [order], hold=False)
    return dict(plan.changes) if plan and not plan.refusals else {}


def _decided(batch: Batch, orders: Sequence[ChangeTicket], *, hold: bool = True) -> list[Changing | None]:
    """Return what was decided on each order; None for a ticket that is out of reach."""
    work = batch.work
    rows = read.rows(work, (order.ticket_id for order in orders), hold=hold)
    versions = templates.versions(work, {row["version_id"] for row in rows.columns.values()})
    plans: list[Changing | None] = [
        Plan(order, versions[row["version_id"]], row, yours=order.ticket_id in rows.yours)
        if (row := rows.columns.get(order.ticket_id))
        else None
        for order in orders
    ]
    found = [plan for plan in plans if plan]
    _refuse_others(found)
    _refuse_merged(work, found)
    _refuse_stale(found)
    wished = _wished(found)
    every = [columns for columns, _refusals in wished.values()]
    things, tags = NamedThings.of(work, every, _former(found)), Tags.of(work, every)
    following.preload(batch, things, ((plan, wished.get(id(plan.order.fields), _NOTHING)[0]) for plan in found))
    batch.preload((plan.version, plan.order.answers) for plan in found if plan.order.answers)
    batch.takers = takers(work, {plan.row["id"]: (step,) for plan in found if (step := ordered_step(plan))})
    for plan in found:
        columns, refusals = wished.get(id(plan.order.fields), _NOTHING)
        if not plan.refusals:
            plan.refusals = tuple(refusals)
            decide(batch, (things, tags), plan, columns)
    notes.check(batch, found)
    family.check(work, found)
    return plans


def _former(plans: Sequence[Changing]) -> list[int | None]:
    """Return the customers of tickets that are to get another one."""
    return [plan.row["customer_id"] for plan in plans if "customer_id" in plan.order.fields]


def _refuse_others(plans: Sequence[Changing]) -> None:
    for plan in plans:
        if not plan.yours and not _only_note(plan.order):
            plan.refuse(NOT_YOURS, code="not_allowed")


def _refuse_merged(work: Work, plans: Sequence[Changing]) -> None:
    """What was merged into another ticket goes on there: not even a note is written here."""
    gone = [plan for plan in plans if plan.row["state"] == MERGED.key]
    targets = merges.of_sources(work, (plan.row["id"] for plan in gone))
    for plan in gone:
        plan.refuse(merges.gone_on(targets.get(plan.row["id"])), code="merged")


def _refuse_stale(plans: Sequence[Changing]) -> None:
    for plan in plans:
        order = plan.order
        if order.version is not None and order.version != plan.row["version"] and not _only_note(order):
            plan.refuse(CONFLICT, code="conflict")
            plan.conflict = True


def _only_note(order: ChangeTicket) -> bool:
    return not (order.fields or order.answers or order.checklist or order.transition)


def _wished(plans: Sequence[Changing]) -> dict[int, tuple[dict[str, Any], list[Refusal]]]:
    """Return the canonical columns of each distinct wish; a bulk change shares one mapping among all its orders."""
    wished: dict[int, tuple[dict[str, Any], list[Refusal]]] = {}
    for plan in plans:
        if plan.order.fields and id(plan.order.fields) not in wished:
            wished[id(plan.order.fields)] = columns_wished(plan.order.fields)
    return wished


def decide(batch: Batch, named: tuple[NamedThings, Tags], plan: Changing, columns: Mapping[str, Any]) -> None:
    """Decide on one order: what it refuses, or what it changes; ``columns`` are what it wishes of the ticket's own."""
    order = plan.order
    if state_locks.bar(batch, plan, columns):
        return
    if columns:
        _set_columns(named, plan, columns)
    if not order.transition:
        _hand_over(batch, plan)
    if order.answers or (plan.new and columns):
        batch.decide(plan, partial(answering.answer, batch, plan, plan.columns(), named="subject" in plan.new))
    if order.checklist:
        answering.tick(batch, plan)
    if plan.changes:
        _permit(batch, plan)
    if order.transition:
        _move(batch, plan)
    _keep_waiting(batch, plan)
    if plan.changes or plan.transition:
        plan.new |= {"version": plan.row["version"] + 1, "changed_at": batch.work.now}


def _set_columns(named: tuple[NamedThings, Tags], plan: Changing, columns: Mapping[str, Any]) -> None:
    things, tags = named
    if "subject" in columns and columns["subject"] is None:
        plan.refuse(_("A ticket needs a subject."), "subject", "required")
    things.apply(plan, {name: value for name, value in columns.items() if name != COLUMN})
    if COLUMN in columns:
        tags.apply(plan, columns[COLUMN])
    # By what was wished: an outlet that follows from the customer hands nothing over.
    if any(name in plan.new and plan.new[name] == columns[name] for name in HOLDERS if name in columns):
        plan.kind = "transferred"


def _hand_over(batch: Batch, plan: Changing) -> None:
    """Ask whoever takes a ticket out of somebody's hands why, and to whom it goes; a step says both by itself."""
    order = plan.order
    if order.reason is None:
        by_hand = batch.work.cause.kind == "person" and not batch.actor.is_system
        if not by_hand or plan.outlet_follows or all(plan.row[one] is None for one in HOLDERS if one in plan.changes):
            return
    elif plan.kind != "transferred" and not plan.refusals:
        message = _("It stays where it is: choose another assignee, team or outlet.")
        plan.refuse(message, "assignee_id", "unchanged")
    reason, problem = plain_text(order.reason, LONGEST_REASON, lines=True)
    if reason is None and problem is None:
        plan.refuse(_("Say why it is handed over."), "reason", "required")


def _keep_waiting(batch: Batch, plan: Changing) -> None:
    """Refuse to name who has a ticket where tickets wait to be given to somebody: nobody's list would show it."""
    if plan.refusals or plan.row["assignee_id"] is not None or plan.new.get("assignee_id") is None:
        return
    step = workflow.first_giving(plan.version, plan.column("state"), batch.actor)
    if step is not None:
        message = _("Nobody has this ticket yet. To give it to a person, take the step “%(step)s”.", step=step.labels)
        plan.refuse(message, "assignee_id", "not_given")


def _permit(batch: Batch, plan: Changing) -> None:
    asked = plan.changes.keys()
    if not asked <= set(HOLDERS) and not batch.actor.may("ticket.change"):
        plan.refuse(_FORBIDDEN["ticket.change"], code="not_allowed")
    if plan.kind == "transferred" and not batch.actor.may("ticket.transfer"):
        named = next(name for name in HOLDERS if name in asked and name in plan.order.fields)
        plan.refuse(_FORBIDDEN["ticket.transfer"], named, "not_allowed")


def _move(batch: Batch, plan: Changing) -> None:
    """Take a transition, if its guard, roles, required fields, checklist and note allow it."""
    order, row, version = plan.order, plan.row, plan.version
    if not batch.actor.may("ticket.transition"):
        plan.refuse(_FORBIDDEN["ticket.transition"], "transition", "not_allowed")
        return
    key, ordered = str(order.transition), ordered_step(plan)
    situation = workflow.Situation(
        version,
        row["state"],
        actor=batch.actor,
        facts=row,
        values=batch.asked(version, plan.column("values")) if plan.unsealed is None else plan.unsealed,
        checklist=plan.column("checklist"),
        takers=batch.takers.get(row["id"], {}),
        context=batch.context,
    )
    refusals = workflow.check(
        situation, key, fields=plan.new, note=order.note, given=_given(plan, ordered),
        before=batch.asked(version, row["values"]),
    ) or _restated(batch, plan, key)  # fmt: skip
    refusals = refusals or tuple(clearing.contradicted(plan, version.transitions[key]))
    if any(one.code == "wrong_state" for one in refusals):
        # What was answered with it was meant for another state: what would be wrong of it here is no help.
        plan.refusals = ()
    if refusals:
        # What was answered wrongly is not also missing, and is not wrong twice.
        told, wrong = plan.refusals, {one.root for one in plan.refusals}
        plan.refusals = (
            *told,
            *(one for one in refusals if one not in told and (one.code != "required" or one.field not in wrong)),
        )
        return
    step = version.transitions[key]
    plan.kind, plan.transition = "transitioned", key
    if step.target:
        target = version.states[step.target]
        plan.new |= enter(target, batch.work.now, row) | {"state": target.key}
        plan.changes["state"] = [row["state"], target.key]
    if (step.clears or step.sets) and not plan.refusals:
        _work_out(batch, plan, step)


def _given(plan: Changing, step: Transition | None) -> set[str]:
    """Return the fields answered with a step; an amount of nothing is none."""
    if not plan.order.answers:
        return set()
    before = plan.row["values"]
    after = plan.unsealed if plan.unsealed is not None else before
    moved = {key for key in (step.moves if step else ()) if after.get(key) == before.get(key)}
    return {key for key, raw in plan.order.answers.items() if not is_empty(raw)} - moved


def _work_out(batch: Batch, plan: Changing, step: Transition) -> None:
    """Empty what the step empties, answer what it answers; guards and needs were asked of the ticket as it was."""
    if CHECKLIST in step.clears:
        clearing.untick(plan)
    released = clearing.release(plan, step)
    values = plan.unsealed if plan.unsealed is not None else plan.version.unsealed(plan.row["values"])
    sets, refusals = setting.set_by(plan.version, step, values, batch.context)
    plan.refusals = (*plan.refusals, *refusals)
    # What a field is shown by may be who holds the ticket.
    if released or sets or any(key in values for key in step.clears):
        named = "subject" in plan.order.fields and "subject" in plan.new
        plan.scopes, plan.fill_in = (), None
        effects = answering.Effects(step.clears, sets)
        batch.decide(plan, partial(answering.answer, batch, plan, plan.columns(), named=named, effects=effects))


def _restated(batch: Batch, plan: Changing, transition: str) -> tuple[Refusal, ...]:
    """Return what the step asks for and stands there from before, but is wrong by now."""
    version = plan.version
    step = version.transitions[transition]
    if version.rules.lapsing.isdisjoint((*step.required, *step.askable)):
        return ()
    values = plan.unsealed if plan.unsealed is not None else version.unsealed(plan.row["values"])
    asked = version.rules.needed(step, version.rules.facts(plan.columns(), values))
    return batch.cleaner(version).restated(asked, values, plan.row["created_at"])
