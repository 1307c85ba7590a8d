"""What an order says of a ticket's work: answers with all that follows from them, and ticks of the checklist."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.core.errors import Refusal
from app.core.i18n import _
from app.tickets.change import following
from app.tickets.change.batch import Batch
from app.tickets.change.plan import Plan, ordered_step
from app.tickets.orders import ChangeTicket
from ticket_templates import emptying, standing
from ticket_templates.following import Follower
from ticket_templates.versions import Cleaned


@dataclass(frozen=True, slots=True)
class Effects:
    """What a step does to answers by itself: the fields it ``clears``, and what it ``sets``, by field."""

    clears: Collection[str] = ()
    sets: Mapping[str, Any] = field(default_factory=dict)


_NONE: Final = Effects()


def answer(
    batch: Batch, plan: Plan[ChangeTicket], facts: Mapping[str, Any], *, named: bool, effects: Effects = _NONE
) -> None:
    """Clean the answers, and what follows: computed fields, hidden ones, the subject unless another was ``named``.

    Done once more when numbers are taken, and when the step turns out to have effects.
    """
    _forget(plan, named=named)
    version = plan.version
    before = version.unsealed(plan.row["values"])
    step = ordered_step(plan)
    # Of an amount the step moves the answer is what comes in or goes out: what is there is locked.
    moves = step.moves if step else {}
    found = following.follow(batch, plan, before)
    clears = effects.clears
    follows = {key: one.value for key, one in found.items()} | dict(effects.sets)
    cleaned = batch.cleaner(version).clean(
        plan.order.answers, before, facts, follows=follows, clears=clears, moves=moves, step=step.key if step else "",
        meant=plan.order.meant,
    )  # fmt: skip
    after, plan.doubts = cleaned.values, cleaned.doubts
    if cleaned.hidden and (plan.order.careful or found):
        plan.doubts += _emptied(batch, plan, before, cleaned, clears=clears, follows=found)
    # What the step empties it says itself.
    following.tell(batch, plan, before, cleaned, {key: one for key, one in found.items() if key not in clears})
    differing = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    wrong = {one.root for one in cleaned.refusals}
    if differing or wrong:
        stood = standing.refusals(
            version, plan.row["state"], before, after,
            answered=plan.order.answers.keys() & (differing | wrong) - found.keys(), facts=facts,
            context=batch.context, moves=moves,
        )  # fmt: skip
        told = {one.field for one in stood}
        stood += [one for one in cleaned.refusals if one.root not in told]
        plan.refusals = (*plan.refusals, *(one for one in stood if one not in plan.refusals))
    if wrong:
        # What else is wrong is told of what was understood, not of what stood there before.
        plan.unsealed = after
    elif differing:
        _keep(plan, after, differing)
        if not named and plan.row["subject"] == version.subject_of(before, batch.public_context):
            plan.set("subject", version.subject_of(after, batch.public_context))


def _keep(plan: Plan[ChangeTicket], after: dict[str, Any], differing: Collection[str]) -> None:
    """Put the new values into the plan, and what differs into the history."""
    stored = plan.row["values"]
    kept = plan.version.sealed(after, stored)
    plan.new["values"], plan.unsealed = kept, after
    for key in sorted({*differing, *_told_again(plan, differing)}):
        plan.changes[f"values.{key}"] = [stored.get(key), kept.get(key)]


def _emptied(
    batch: Batch, plan: Plan[ChangeTicket], before: Mapping[str, Any], cleaned: Cleaned, *,
    clears: Collection[str], follows: Mapping[str, Follower],
) -> tuple[Refusal, ...]:  # fmt: skip
    """Return what somebody is asked about before it is emptied.

    What an answer hides is said beside it while one types, and asked about beside money; of a column that is changed,
    the customer, say, it is asked always. Programs are asked about what hangs on answers that go along with one.
    """
    version, careful = plan.version, plan.order.careful
    return tuple(
        emptying.emptied(
            version,
            before,
            cleaned,
            readable=version.readable(batch.actor),
            context=batch.context,
            clears=clears,
            columns=[name for name in plan.changes if careful and not name.startswith("values.")],
            follows={key: one.column for key, one in follows.items()},
            by_answers=careful and emptying.is_booked(version, before),
        )
    )


def _told_again(plan: Plan[ChangeTicket], differing: Collection[str]) -> set[str]:
    """Return what the order says as it stood, of an amount that moves with its step.

    The history tells of each payment how it was made, be it as the one before: the answer keeps only the last.
    """
    step = ordered_step(plan)
    if step is None or step.moves.keys().isdisjoint(differing):
        return set()
    told = plan.version.rules.told_with(step)
    return {key for key in plan.order.answers if key in told and key in plan.row["values"]}


def _forget(plan: Plan[ChangeTicket], *, named: bool) -> None:
    if plan.new.pop("values", None) is None:
        return
    plan.unsealed = None
    followed = [name for name in plan.changes if name.startswith("values.") or (name == "subject" and not named)]
    for name in followed:
        del plan.changes[name]
        plan.new.pop(name, None)


def tick(batch: Batch, plan: Plan[ChangeTicket]) -> None:
    """Tick items of the checklist, or take ticks away."""
    known = batch.traits(plan.version).checklist
    lacking = _lacking(batch, plan)
    ticked = dict(plan.row["checklist"])
    mark = {"at": batch.work.now.isoformat(), "by": batch.actor.user_id}
    for item, done in plan.order.checklist.items():
        if item not in known:
            plan.refuse(_("The checklist has no item “%(item)s”.", item=str(item)[:60]), "checklist", "unknown_item")
        elif done and item in lacking:
            # It was on the screen until another answer took it away, as a hidden field is.
            continue
        elif bool(done) != (item in ticked):
            old = ticked.pop(item, None)
            if done:
                ticked[item] = mark
            plan.changes[f"checklist.{item}"] = [old, mark if done else None]
    if ticked != plan.row["checklist"]:
        plan.new["checklist"] = ticked


def _lacking(batch: Batch, plan: Plan[ChangeTicket]) -> set[str]:
    """Return the items named that this ticket, as it will be, has not."""
    version = plan.version
    named = version.rules.item_when.keys() & plan.order.checklist.keys()
    if not named:
        return set()
    values = batch.asked(version, plan.column("values")) if plan.unsealed is None else plan.unsealed
    return named - {one.key for one in version.rules.items(version.rules.facts(plan.columns(), values))}
