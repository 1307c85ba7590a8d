"""Two people at one ticket: what one touched is merged, what both touched is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.core.i18n import Label, Message, _, spoken
from app.core.work import Work
from app.tickets import queries
from app.tickets.columns import PRIORITIES
from app.tickets.queries import TicketDetail
from forms.tickets import COLUMN_LABELS, VersionForm
from ticket_templates.field_types.base import FieldError
from views.tickets.desk import COLUMN_KINDS, short

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


@dataclass(slots=True)
class Settled:
    """What is left to save, and what must be asked first."""

    answers: dict[str, Any]
    columns: dict[str, Any]
    conflicts: list[Conflict] = field(default_factory=list)
    #: Fields the person did not touch but somebody else did: the input shows the new value.
    theirs: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Meanwhile:
    """What a field was when the form was opened, and who changed it last since."""

    base: str
    by: str


def settle(
    work: Work,
    detail: TicketDetail,
    form: VersionForm,
    columns: Mapping[str, Any],
    *,
    based_on: int,
    kept: Mapping[str, str],
) -> Settled:
    """Compare what was typed over version ``based_on`` with what the ticket is now.

    ``kept``: the sides chosen in the conflict view, ``{field: "mine" or "theirs"}``.
    """
    settled = Settled(form.raw(), dict(columns))
    for name in [name for name in (*settled.answers, *settled.columns) if kept.get(name) == "theirs"]:
        _let_go(settled, name)
    if based_on >= detail.lock_version:
        return settled
    meanwhile = _since(work, detail, based_on)
    sides = [(key, f"values.{key}") for key in settled.answers] + [(name, name) for name in settled.columns]
    for name, journaled in sides:
        if journaled in meanwhile:
            _compare(settled, detail, form, name, meanwhile[journaled])
    return settled


def _since(work: Work, detail: TicketDetail, based_on: int) -> dict[str, _Meanwhile]:
    found: dict[str, _Meanwhile] = {}
    for event in queries.changes_since(work, detail.id, based_on):
        for change in event.changes:
            first = found.get(change.field)
            found[change.field] = _Meanwhile(first.base if first else change.old, short(event.actor))
    return found


def _compare(settled: Settled, detail: TicketDetail, form: VersionForm, name: str, meanwhile: _Meanwhile) -> None:
    if name in settled.answers:
        label: Message | Label = detail.version.spec.fields[name].labels
        mine, theirs = _answer_text(form, name), detail.shown(name, form.context.locale)
    else:
        label = COLUMN_LABELS[name]
        mine = _column_text(detail, name, settled.columns[name], form.context.locale)
        theirs = _column_text(detail, name, detail.columns[name], form.context.locale)
    if mine is None or mine == theirs:
        return
    if mine == meanwhile.base:
        _let_go(settled, name)
    else:
        settled.conflicts.append(Conflict(name, label, theirs or "", mine, meanwhile.by))


def _let_go(settled: Settled, name: str) -> None:
    settled.answers.pop(name, None)
    settled.columns.pop(name, None)
    settled.theirs.add(name)


def _answer_text(form: VersionForm, key: str) -> str | None:
    """Return the typed answer as text; None when it is no answer, which the change path will say."""
    try:
        value = form.version.types[key].clean(form.inputs[key].data, form.context)
    except FieldError:
        return None
    return "" if value is None else form.version.types[key].shown(value, form.context)


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
