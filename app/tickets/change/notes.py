"""Notes, mentions and files of the orders of a batch: what they name is read once a batch."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from app.core.i18n import _
from app.tickets.change import read
from app.tickets.change.batch import Batch
from app.tickets.change.plan import Note, Plan
from app.tickets.change.wished_columns import LONGEST_NOTE, LONGEST_REASON, plain_text
from app.tickets.orders import ChangeTicket, NoteOrder

_MENTION = re.compile(r"(?<![\w@.])@([\w.+-]{1,64})")
MOST_FILES = 50
#: Whoever must tell more people has a team for it; each is made to watch the ticket, and is written to.
MOST_MENTIONED = 20


def check(batch: Batch, plans: Iterable[Plan[Any]]) -> None:
    """Clean the notes of ``plans``, find who is mentioned, and claim the uploads they name."""
    named = [plan for plan in plans if _has_any(plan)]
    for plan in named:
        if isinstance(plan.order, ChangeTicket) and plan.order.reason:
            _explain(plan, plan.order.reason)
        if plan.order.note:
            _write(batch, plan, plan.order.note)
    sound = [plan for plan in named if not plan.refusals]
    _find_mentioned(batch, [plan for plan in sound if any("@" in note.body for note in plan.notes)])
    _claim(batch, sound)


def _has_any(plan: Plan[Any]) -> bool:
    """Whether a plan may name notes or files at all; most of a bulk change do not."""
    order = plan.order
    return "values" in plan.new or order.note is not None or (isinstance(order, ChangeTicket) and bool(order.reason))


def _explain(plan: Plan[Any], raw: str) -> None:
    """Keep the reason of a hand-over as an internal note of its own."""
    reason, problem = plain_text(raw, LONGEST_REASON, lines=True)
    if problem:
        plan.refuse(problem, "reason")
    elif reason and plan.changes:
        plan.notes = (*plan.notes, Note(reason, public=False))


def _write(batch: Batch, plan: Plan[Any], order: NoteOrder) -> None:
    body, problem = plain_text(order.body, LONGEST_NOTE, lines=True)
    if problem:
        plan.refuse(problem, "note")
    elif body or order.files:
        if not batch.actor.may("ticket.note"):
            plan.refuse(_("You may not write notes on tickets."), "note", "not_allowed")
        note = Note(body or "", bool(order.public), files=tuple(dict.fromkeys(order.files)))
        plan.notes = (*plan.notes, note)


def _find_mentioned(batch: Batch, plans: Sequence[Plan[Any]]) -> None:
    notes = [(plan, note) for plan in plans for note in plan.notes]
    named = [[name.rstrip(".-+") for name in _MENTION.findall(note.body)] for _plan, note in notes]
    accounts = read.accounts_named(batch.work, (name for names in named for name in names))
    for (plan, note), names in zip(notes, named, strict=True):
        note.mentions = tuple(dict.fromkeys(accounts[name] for name in names if name in accounts))
        if len(note.mentions) > MOST_MENTIONED:
            # The note itself comes last, after what was said for a reason.
            field = "note" if plan.order.note and note is plan.notes[-1] else "reason"
            plan.refuse(_("Mention at most %(limit)s people in one note.", limit=MOST_MENTIONED), field, "too_many")


def _claim(batch: Batch, plans: Sequence[Plan[Any]]) -> None:
    wanted = {id(plan): named for plan in plans if (named := _files(batch, plan))}
    if not wanted:
        return
    uploads = read.uploads(batch.work, {one for files in wanted.values() for one in files})
    taken: dict[int, int] = {}
    for plan in plans:
        for file_id, key in wanted.get(id(plan), {}).items():
            known = uploads.get(file_id)
            if known is not None and known[0] is not None and known[0] == plan.row.get("id"):
                continue
            free = known is not None and known[0] is None and batch.actor.user_id in (None, known[1])
            if not free or taken.setdefault(file_id, id(plan)) != id(plan):
                message = _("This file is gone or belongs elsewhere. Upload it again.")
                plan.refuse(message, key or "note", "unknown_file")
            else:
                plan.files[file_id] = key
        if len(plan.files) > MOST_FILES:
            plan.refuse(_("At most %(limit)s files at once.", limit=MOST_FILES), code="too_many")


def _files(batch: Batch, plan: Plan[Any]) -> dict[int, str | None]:
    """Return the files a plan names that were not in the ticket's field before: file → field, None: a note."""
    wanted: dict[int, str | None] = {}
    values, before = plan.new.get("values"), plan.row.get("values") or {}
    if values:
        for key in batch.traits(plan.version).files:
            if values.get(key) and values[key] != before.get(key):
                wanted.update(dict.fromkeys(plan.version.types[key].files(values[key]), key))
    for note in plan.notes:
        wanted.update(dict.fromkeys(note.files))
    return wanted
