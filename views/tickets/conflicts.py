"""Two people at one ticket: what one touched is merged, what both touched is asked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from app.core.i18n import Label, Message, _, spoken
from app.core.numbers import LARGEST_SMALL_KEY, whole_in
from app.core.work import Work
from app.tickets import queries
from app.tickets.columns import VALUE
from app.tickets.priorities import PRIORITIES
from app.tickets.queries import Since, TicketDetail
from app.tickets.queries.wording import ITEM
from forms.ticket_columns import COLUMN_LABELS
from forms.tickets import VersionForm
from ticket_templates.field_types.base import FieldError, is_empty
from views.tickets.desk import COLUMN_KINDS, short

#: Before the name of an input, as `ticket-drafts.js` sends it.
SEEN: Final = "seen."
#: Before the name of an item's box.
_CHECK: Final = "check."
MEANWHILE: Final = _("Somebody else changed this meanwhile.")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field both changed. ``keep``: which side is ticked."""

    key: str
    label: Message | Label
    theirs: str
    mine: str
    by: str
    keep: str = "mine"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form over a ticket says besides its inputs."""

    #: The version its inputs are based on.
    version: int
    #: The sides chosen in the conflict view, ``{field: "mine" or "theirs"}``.
    kept: Mapping[str, str] = field(default_factory=dict)
    #: Inputs shown as they were at a later version, by their names in the journal.
    seen: Mapping[str, int] = field(default_factory=dict)
    #: Items of the checklist that are ticked on it.
    ticks: Collection[str] = ()
    #: Whether it asks for all it shows, as a step does: what is sent as it was is said anew.
    restates: bool = False
    #: The step it takes.
    step: str | None = None


@dataclass(slots=True)
class Settled:
    """What is left to save, and what must be asked first."""

    answers: dict[str, Any]
    columns: dict[str, Any]
    conflicts: list[Conflict] = field(default_factory=list)
    #: Items whose tick was taken away meanwhile: they are to be ticked anew.
    unticked: set[str] = field(default_factory=set)
    #: Fields the person did not touch but somebody else did: the input shows the new value.
    theirs: set[str] = field(default_factory=set)
    #: Signatures given for answers that were changed meanwhile: they are given anew.
    unsigned: set[str] = field(default_factory=set)
    #: Steps taken since that moved the very amount this one moves: it may be counted already.
    moved: Sequence[Since] = ()


@dataclass(frozen=True, slots=True)
class _Meanwhile:
    """What a field was when the form was opened, in words and as stored, and who changed it last since."""

    base: str
    by: str
    stored: Any = None


def settle(
    work: Work,
    detail: TicketDetail,
    form: VersionForm,
    columns: Mapping[str, Any],
    sent: Sent,
) -> Settled:
    """Compare what was typed over an older version with what the ticket is now."""
    settled = Settled(form.raw(), dict(columns))
    for name in [name for name in (*settled.answers, *settled.columns) if sent.kept.get(name) == "theirs"]:
        _let_go(settled, name)
    if sent.version >= detail.lock_version:
        return settled
    since = queries.changes_since(work, detail.id, sent.version)
    meanwhile = _by_field(since, sent)
    settled.moved = _moved_already(form, since)
    # What came in meanwhile and what comes in now add up, each told in its own way: none of it stays for the other.
    apart = _told_apart(form, sent)
    for key in [key for key in settled.answers if f"{VALUE}{key}" in meanwhile and key not in apart]:
        _compare_answers(settled, detail, form, key, meanwhile[f"{VALUE}{key}"], restates=sent.restates)
    for name in [name for name in settled.columns if name in meanwhile]:
        _compare_columns(settled, detail, name, meanwhile[name], form.context.locale)
    asked = {*settled.theirs, *(one.key for one in settled.conflicts)}
    settled.unsigned = _signed_before(detail, form, sent, since) - asked
    ticked = detail.columns["checklist"]
    settled.unticked = {item for item in sent.ticks if item not in ticked and f"{ITEM}{item}" in meanwhile}
    return settled


def _moved_already(form: VersionForm, since: Sequence[Since]) -> list[Since]:
    """Return the steps taken since the form was opened that moved an amount which comes in or goes out with this one.

    Two people may record one payment, and a form that was sent may come back: by a second press, the back button, a
    lost answer. Both amounts may be true as well, so whoever reads it says so by sending it once more.
    """
    if not _moves(form):
        return []
    names = {f"{VALUE}{key}" for key in form.moves}
    return [
        replace(event, actor=short(event.actor))
        for event in since
        if any(one.moved and one.field in names for one in event.changes)
    ]


def _moves(form: VersionForm) -> bool:
    """Whether an amount that comes in or goes out is typed into the form."""
    return not all(is_empty(raw) for key, raw in form.raw().items() if key in form.moves)


def _told_apart(form: VersionForm, sent: Sent) -> set[str]:
    """Return the fields each payment is told with by itself, whatever another one said meanwhile."""
    step = form.version.transitions.get(sent.step or "")
    told = form.version.rules.told_with(step) if step and _moves(form) else set[str]()
    return told.union(form.moves)


def _signed_before(detail: TicketDetail, form: VersionForm, sent: Sent, since: Sequence[Since]) -> set[str]:
    """Return the signatures that were typed before another answer changed, so that they stand for something else."""
    signatures = detail.version.rules.signatures
    own = {f"{VALUE}{key}" for key in signatures}
    changed = [(one.field, event.version) for event in since for one in event.changes]
    last = max((at for name, at in changed if name.startswith(VALUE) and name not in own), default=0)
    old = [key for key in form.asked if key in signatures and last > sent.seen.get(f"{VALUE}{key}", 0)]
    return {key for key in old if _typed(detail, form, key) not in (None, detail.value(key))}


def _typed(detail: TicketDetail, form: VersionForm, key: str) -> Any:
    try:
        return detail.version.types[key].clean(form.inputs[key].data, form.context)
    except FieldError:
        return None  # it is no answer, which the change path will say


def _by_field(since: Sequence[Since], sent: Sent) -> dict[str, _Meanwhile]:
    found: dict[str, _Meanwhile] = {}
    for event in since:
        for change in event.changes:
            if event.version <= sent.seen.get(change.field, 0):
                continue
            first = found.get(change.field, _Meanwhile(change.old, "", change.stored))
            found[change.field] = _Meanwhile(first.base, short(event.actor), first.stored)
    return found


def _compare_answers(
    settled: Settled, detail: TicketDetail, form: VersionForm, key: str, meanwhile: _Meanwhile, *, restates: bool
) -> None:
    """Compare what was answered itself: two signatures read the same."""
    ftype = detail.version.types[key]
    try:
        mine = ftype.clean(form.inputs[key].data, form.context)
    except FieldError:
        return  # it is no answer, which the change path will say
    theirs = detail.value(key)
    untouched = mine == (None if meanwhile.stored is None else ftype.open(meanwhile.stored))
    if mine == theirs or (ftype.input == "signature" and mine is not None and not untouched):
        # Who signs anew has seen what is there.
        return
    if untouched and not (restates and theirs is None):
        _let_go(settled, key)
        return
    text = "" if mine is None else ftype.in_full(mine, form.context)
    other = "" if theirs is None else ftype.in_full(theirs, form.context)
    labels = detail.version.spec.fields[key].labels
    keep = "theirs" if untouched else "mine"
    settled.conflicts.append(Conflict(key, labels, other, text, meanwhile.by, keep))


def _compare_columns(settled: Settled, detail: TicketDetail, name: str, meanwhile: _Meanwhile, locale: str) -> None:
    mine = _column_text(detail, name, settled.columns[name], locale)
    theirs = _column_text(detail, name, detail.columns[name], locale)
    if mine == theirs:
        return
    if mine == meanwhile.base:
        _let_go(settled, name)
    else:
        settled.conflicts.append(Conflict(name, COLUMN_LABELS[name], theirs, mine, meanwhile.by))


def _let_go(settled: Settled, name: str) -> None:
    settled.answers.pop(name, None)
    settled.columns.pop(name, None)
    settled.theirs.add(name)


def _column_text(detail: TicketDetail, name: str, value: Any, locale: str) -> str:
    if value in (None, ""):
        return ""
    if name == "priority":
        # Typed by whoever sent it: digits without end are no number Python reads.
        return spoken({str(one): label for one, label in PRIORITIES.items()}.get(str(value), str(value)), locale)
    if name in COLUMN_KINDS:
        return detail.reader.references.label(COLUMN_KINDS[name], value) or f"#{value}"
    return str(value)


def kept_sides(formdata: Any, names: Iterable[str]) -> dict[str, str]:
    """Return which side was chosen for each field in the conflict view."""
    return {name: side for name in names if (side := formdata.get(f"keep.{name}")) in ("mine", "theirs")}


def seen_later(formdata: Any) -> dict[str, int]:
    """Return which inputs were shown as they were at a later version than the rest (`ticket-drafts.js`)."""
    found = {}
    for name in formdata:
        inside = name.removeprefix(SEEN)
        version = whole_in(formdata[name], LARGEST_SMALL_KEY)
        if inside == name or version is None:
            continue
        found[inside.replace(_CHECK, ITEM, 1) if inside.startswith(_CHECK) else inside] = version
    return found
