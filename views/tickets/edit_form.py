"""Saving a form over a ticket that others may have changed meanwhile: read, merge, write, or ask again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from flask import request

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.numbers import LARGEST_SMALL_KEY, whole_in
from app.core.work import Work
from app.tickets import queries, service
from app.tickets.columns import VALUE
from app.tickets.orders import ChangeTicket
from app.tickets.queries import Since, TicketDetail
from app.tickets.queries.wording import ITEM
from forms.ticket_columns import ColumnsForm
from forms.tickets import VersionForm
from ticket_templates.field_types.base import Context
from views.base import current_locale
from views.tickets.conflicts import MEANWHILE, Conflict, Sent, kept_sides, seen_later, settle
from views.tickets.desk import short


@dataclass
class EditForm(VersionForm):
    """Some fields and columns of an existing ticket, to be changed."""

    #: Columns of the ticket this form asks for.
    names: Sequence[str] = ()
    #: The version the inputs are based on.
    version_number: int = 0
    draft: str = ""
    conflicts: Sequence[Conflict] = field(default=())
    #: Items of the checklist whose tick was taken away while the form was open.
    unticked: Collection[str] = ()
    #: Inputs the person left as they were and somebody else changed; the version that is merged with then.
    theirs: Collection[str] = ()
    merged_with: int = 0
    #: Which inputs a step of the workflow emptied, and at which version: no draft of before brings them back.
    emptied_at: Mapping[str, int] = field(default_factory=dict)
    #: Steps taken meanwhile that moved the amount this form moves: the same payment, perhaps, or a form sent twice.
    moved: Sequence[Since] = ()
    #: The version that last changed what a signature on this form is given for: one of before is not brought back.
    signed_for: int = 0
    #: Signatures typed for what was changed meanwhile: they are given anew.
    unsigned: Collection[str] = ()

    @property
    def ticks(self) -> Collection[str]:
        """The items of the checklist that are ticked on this form."""
        return ()

    @property
    def passed(self) -> bool:
        """Whether the ticket has left the states this form belongs to."""
        return False

    @property
    def restates(self) -> bool:
        """Whether all that is shown is said anew by sending it."""
        return False

    @classmethod
    def over(
        cls,
        detail: TicketDetail,
        /,
        keys: Sequence[str],
        names: Sequence[str] = (),
        formdata: Any = None,
        *,
        moves: Mapping[str, int] | None = None,
        **parts: Any,
    ) -> Self:
        """Return the form over a ticket as it is, or with what was typed; ``parts`` are what else the form has."""
        stored = detail.every_value
        context = edit_context(detail, stored)
        form = cls(
            detail.version, detail.reader.actor, context, detail.columns, stored, keys, formdata, names=names,
            moves=moves or {}, version_number=detail.lock_version, **parts,
        )  # fmt: skip
        shown = {name: detail.columns[name] for name in names}
        form.column_inputs = ColumnsForm(formdata, locale=context.locale, **shown)
        return form

    def typed_columns(self) -> dict[str, Any]:
        """Return the columns this form asked for, as typed; one that was not sent is left alone."""
        sent = [name for name in self.names if self.formdata is not None and name in self.formdata]
        return self.column_inputs.fields(sent)

    def sealed(self) -> dict[str, Any]:
        return super().sealed() | {f".{name}": self.column_inputs[name].data for name in self.names}

    @property
    def is_asking(self) -> bool:
        """Whether somebody must look at what others changed before anything is saved."""
        return bool(self.conflicts or self.unticked or self.unsigned or self.moved)

    def again(self, before: Self) -> Self:
        """Return this form in the place of ``before``, which was refused: what others changed stays shown."""
        self.theirs, self.merged_with = before.theirs, before.merged_with
        self.yield_to(self.theirs)
        return self

    def yield_to(self, names: Collection[str]) -> None:
        """Show what somebody else saved in the inputs of ``names``."""
        for name in names:
            if name in self.shown:
                self.inputs[name].data = self.version.types[name].form_value(self.values.get(name), self.context)
            elif name in self.names:
                self.column_inputs[name].data = self.columns[name]

    column_inputs: ColumnsForm = field(init=False)


def edit_context(detail: TicketDetail, stored: Mapping[str, Any]) -> Context:
    """Return the context of showing and reading the inputs of a ticket."""
    return replace(detail.reader.context(current_locale()), values=stored, stored=stored)


def based_on(detail: TicketDetail) -> int:
    """Return the version the form that was sent was opened with."""
    version = whole_in(request.form.get("version"), LARGEST_SMALL_KEY)
    return detail.lock_version if version is None else version


def last_move(work: Work, detail: TicketDetail) -> Since | None:
    """Return how the ticket came into its state and by whom, as it is said beside a form that is too late."""
    move = queries.last_move(work, detail)
    return replace(move, actor=short(move.actor)) if move else None


def save(work: Work, detail: TicketDetail, form: EditForm, **more: Any) -> None:
    """Save what was typed; ConflictError with ``form.conflicts`` filled when somebody must choose first.

    ``more`` are further parts of the order: transition, note, checklist, reason.
    """
    try:
        _save(work, detail, form, more)
    except ConflictError:
        if form.is_asking:
            raise
        # Somebody was faster after the ticket was read and before it was locked, as it is now.
        _save(work, queries.ticket(work, detail.id), form, more)


def _save(work: Work, detail: TicketDetail, form: EditForm, more: Mapping[str, Any]) -> None:
    kept = kept_sides(request.form, [*form.asked, *form.names])
    sent = Sent(based_on(detail), kept, seen_later(request.form), form.ticks, form.restates, more.get("transition"))
    settled = settle(work, detail, form, form.typed_columns(), sent)
    form.theirs, form.unticked, form.unsigned = settled.theirs, settled.unticked, settled.unsigned
    form.conflicts, form.moved = settled.conflicts, settled.moved
    if form.is_asking:
        form.yield_to([*settled.theirs, *settled.unsigned])
        raise ConflictError(MEANWHILE, code="conflict")
    form.merged_with = detail.lock_version
    order = ChangeTicket(
        detail.id, version=detail.lock_version, fields=settled.columns, answers=settled.answers,
        confirmed=form.is_confirmed, careful=True, **more,
    )  # fmt: skip
    service.change_ticket(work, order)


def refused(form: EditForm, error: DomainError, detail: TicketDetail) -> int:
    """Put what was refused into the form; return the HTTP status. What no form can mend is raised again."""
    if isinstance(error, NotFoundError):
        raise error
    if form.is_asking:
        form.version_number = detail.lock_version
        form.doubt()
        return 409
    form.version_number = form.merged_with or based_on(detail)
    form.mark(error.refusals, form.column_inputs)
    return {NotAllowedError: 403, ConflictError: 409}.get(type(error), 422)


def fields_of(refusals: Sequence[Refusal]) -> list[str]:
    """Return the fields refusals name."""
    return [one.root for one in refusals if one.field]


def bind_draft(work: Work, detail: TicketDetail, form: EditForm) -> None:
    """Say in ``form`` what a draft of before does not bring back: what a step emptied, a signature for other answers.

    Inputs a step emptied by their names, each with the version that did.
    """
    shown = {f"{VALUE}{key}" for key in form.shown}
    found = queries.emptied_by_steps(work, detail)
    form.emptied_at = {
        name.replace(ITEM, "check.", 1) if name.startswith(ITEM) else name: at
        for name, at in found.items()
        if name in shown or name.startswith(ITEM)
    }
    signatures = detail.version.rules.signatures
    if not signatures.isdisjoint(form.shown):
        form.signed_for = queries.answered_at(work, detail, besides=signatures)
