"""Opening tickets: from orders to plans, numbers and rows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.core.errors import DomainError, Refusal
from app.core.i18n import _
from app.core.work import Work
from app.tickets.change import giving, notes, repeated_orders, write
from app.tickets.change.batch import Batch
from app.tickets.change.named_things import NamedThings
from app.tickets.change.plan import Plan, come_in, enter
from app.tickets.change.tags import COLUMN, Tags
from app.tickets.change.wished_columns import columns_wished, plain_text
from app.tickets.orders import OpenTicket, Outcome
from app.tickets.origins import Origins
from ticket_templates import asking, standing
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion

Opening = Plan[OpenTicket]
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
#: How often keys may turn out to be taken by somebody at the same moment before that is a bug.
_MOST_RACES = 20


def open_chunk(work: Work, orders: Sequence[OpenTicket]) -> list[Outcome]:
    """Open a chunk of tickets; the outcomes are in the order of the orders."""
    if not work.actor.may("ticket.create"):
        forbidden = Refusal(_("You may not open tickets."), code="not_allowed")
        return [Outcome("refused", refusals=(forbidden,))] * len(orders)
    outcomes: dict[int, Outcome] = {}
    repeated = repeated_orders.repeated(orders)
    waiting = [place for place in range(len(orders)) if place not in repeated]
    for _attempt in range(_MOST_RACES):
        outcomes.update(repeated_orders.existing(work, orders, waiting))
        waiting = [place for place in waiting if place not in outcomes]
        batch = Batch(work)
        plans = _planned(batch, [orders[place] for place in waiting])
        try:
            with work.session.begin_nested():
                _write(batch, [plan for plan in plans if isinstance(plan, Plan) and _is_sound(plan)])
        except IntegrityError:
            # Somebody committed one of our keys since we looked: now it is to be seen, and no number is lost.
            if not repeated_orders.existing(work, orders, waiting):
                raise
            continue
        for place, plan in zip(waiting, plans, strict=True):
            outcomes[place] = _outcome(plan) if isinstance(plan, Plan) else plan
        break
    else:
        raise RuntimeError("the keys of a batch keep being taken")
    for place, first in repeated.items():
        outcomes[place] = repeated_orders.again(outcomes[first])
    return [outcomes[place] for place in range(len(orders))]


def _is_sound(plan: Opening) -> bool:
    return not plan.refusals and not plan.order.unread


def _outcome(plan: Opening) -> Outcome:
    """Return what is told of an order; one that could not be read whole is refused, if by nothing else."""
    unread = plan.order.unread
    if not unread:
        return plan.outcome()
    return Outcome("refused", refusals=tuple(one for one in plan.refusals if one.field not in unread))


def _planned(batch: Batch, orders: Sequence[OpenTicket]) -> list[Opening | Outcome]:
    work = batch.work
    versions = versions_of(work, orders)
    started = [_started(work, order, version) for order, version in zip(orders, versions, strict=True)]
    plans = [plan for plan in started if isinstance(plan, Plan)]
    wished = [columns_wished(plan.order.fields) for plan in plans]
    every = [columns for columns, _refusals in wished]
    things, tags = NamedThings.of(work, every), Tags.of(work, every)
    batch.preload((plan.version, plan.order.answers) for plan in plans)
    for plan, (columns, refusals) in zip(plans, wished, strict=True):
        plan.refusals = (*plan.refusals, *refusals)
        _set_columns(work, things, plan, _said_at_once(work, plan, columns))
        if COLUMN in columns:
            tags.apply(plan, columns[COLUMN])
    origins = Origins(work)
    origins.preload((plan.version, plan.new) for plan in plans)
    batch.preload_known(((plan.version, plan.new) for plan in plans), origins)
    for plan, (columns, _refusals) in zip(plans, wished, strict=True):
        facts = plan.columns() | {"assignee_id": columns.get("assignee_id")}
        decide = partial(_answer, batch, plan, columns, facts, origins.of(plan.version, plan.new))
        batch.decide(plan, decide)
    notes.check(batch, plans)
    for plan, (columns, _refusals) in zip(plans, wished, strict=True):
        if step := giving.step_of(work.actor, plan, columns):
            giving.decide(batch, (things, tags), plan, step, columns)
    for plan in plans:
        plan.ask()
    return started


def _said_at_once(work: Work, plan: Opening, columns: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the columns a new ticket has from the first: where a step gives it to somebody, nobody has it before."""
    if giving.step_of(work.actor, plan, columns) is None:
        return columns
    return {name: value for name, value in columns.items() if name != "assignee_id"}


def versions_of(work: Work, orders: Sequence[OpenTicket]) -> list[CompiledVersion | DomainError]:
    """Return the version each order is to be made of; one read a template."""
    known: dict[tuple[str, int | None], CompiledVersion | DomainError] = {}
    for order in orders:
        key = (order.template, order.version_id)
        if key in known:
            continue
        try:
            version = templates.published_version(work, order.template)
            if order.version_id not in (None, version.id):
                filled = templates.version(work, int(order.version_id or 0))
                if filled.template_id == version.template_id:
                    version = filled
            known[key] = version
        except DomainError as error:
            known[key] = error
    return [known[order.template, order.version_id] for order in orders]


def moment_of(work: Work, order: OpenTicket) -> datetime | None:
    """Return when the ticket is made, or was; None where no ticket can have been made then."""
    moment = order.created_at or work.now
    return moment if moment.tzinfo is not None and _EARLIEST <= moment <= work.now else None


def _started(work: Work, order: OpenTicket, version: CompiledVersion | DomainError) -> Opening | Outcome:
    if isinstance(version, DomainError):
        told = tuple(Refusal(one.message, one.field or "template", one.code) for one in version.refusals)
        return Outcome("refused", refusals=told)
    plan = Plan(order, version, {"values": {}, "checklist": {}}, kind="opened")
    importing = order.created_at or order.state or order.external_id or order.external_source
    if importing and not work.actor.may("ticket.import"):
        plan.refuse(_("You may not import tickets."), code="not_allowed")
    if bool(order.external_id) != bool(order.external_source):
        plan.refuse(_("An external number needs its source, and a source its number."), "external_id")
    for name, limit in (("external_id", 120), ("external_source", 60), ("submission_key", 80), ("channel", 20)):
        value, problem = plain_text(getattr(order, name), limit)
        if problem:
            plan.refuse(problem, name)
        elif value is not None:
            plan.set(name, value)
        elif name == "channel":
            plan.set(name, "desk")
    return plan


def _set_columns(work: Work, things: NamedThings, plan: Opening, columns: Mapping[str, Any]) -> None:
    """Set what every ticket has, and what this one points at; all that is wrong is told at once."""
    order, version = plan.order, plan.version
    moment = moment_of(work, order)
    if moment is None:
        message = _("A ticket cannot have been made before 1970, in the future, or at a time without a zone.")
        plan.refuse(message, "created_at")
        moment = work.now
    state = version.states.get(order.state or version.initial)
    if state is None:
        plan.refuse(_("This template has no state “%(state)s”.", state=order.state), "state", "unknown_state")
        state = version.states[version.initial]
    plan.set("template_id", version.template_id)
    plan.set("version_id", version.id)
    plan.set("state", state.key)
    plan.set("priority", columns.get("priority") or 3)
    plan.set("created_by_id", work.actor.user_id)
    things.apply(plan, {name: value for name, value in columns.items() if name not in ("subject", "priority", COLUMN)})
    entered = come_in(state, moment, work.now) if order.external_id else enter(state, moment, {})
    plan.new |= entered | {"created_at": moment, "changed_at": work.now, "version": 1}
    if order.created_at is not None:
        plan.changes["created_at"] = [None, moment.isoformat()]


def _answer(
    batch: Batch, plan: Opening, columns: Mapping[str, Any], facts: Mapping[str, Any], origins: Mapping[str, Any]
) -> None:
    version = plan.version
    # What is refused already is not also missing, nor is what would have come from it.
    wrong = {one.root for one in plan.refusals}
    cleaned = batch.cleaner(version).clean(
        plan.order.answers, {}, facts, creating=True, origins=origins, unread={*plan.order.unread, *wrong},
        recorded=_is_record(plan) or batch.work.cause.kind == "import", meant=plan.order.meant,
    )  # fmt: skip
    # A record of another system is as complete as it was there; the steps ask for what is missing.
    unnamed = () if plan.order.external_id else asking.unnamed(version, facts)
    unnamed = tuple(one for one in unnamed if one.root not in wrong)
    plan.refusals = (*plan.refusals, *unnamed, *cleaned.refusals, *_settled(plan))
    plan.doubts = cleaned.doubts
    if plan.refusals:
        return
    stored, plan.unsealed = version.sealed(cleaned.values, {}), cleaned.values
    plan.new |= {"values": stored, "checklist": {}}
    for key, value in stored.items():
        plan.changes[f"values.{key}"] = [None, value]
    plan.set("subject", columns.get("subject") or version.subject_of(cleaned.values, batch.public_context))


def _settled(plan: Opening) -> Sequence[Refusal]:
    """Return what a new ticket cannot say yet; a record of another system, or of the past, has been there."""
    if _is_record(plan):
        return ()
    given = [key for key, raw in plan.order.answers.items() if raw not in (None, "", [])]
    return standing.settled(plan.version, plan.version.initial, given)


def _is_record(plan: Opening) -> bool:
    order = plan.order
    return bool(order.state or order.external_id or order.created_at)


def _write(batch: Batch, plans: Sequence[Opening]) -> None:
    if not plans:
        return
    asked = [(plan.version.spec.numbering.pattern, plan.new["created_at"]) for plan in plans]
    for plan, number in zip(plans, batch.numbered(plans, asked), strict=True):
        plan.set("number", number)
    write.insert_tickets(batch.work, plans)
    giving.take(batch, plans)
