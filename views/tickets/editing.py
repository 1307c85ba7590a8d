"""Saving a form over a ticket that others may have changed meanwhile: read, merge, write, or ask again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from flask import request

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.work import Work
from app.tickets import service
from app.tickets.orders import ChangeTicket
from app.tickets.queries import TicketDetail
from forms.tickets import ColumnsForm, VersionForm
from ticket_templates.field_types.base import Context
from views.base import current_locale
from views.tickets.conflicts import MEANWHILE, Conflict, kept_sides, settle


@dataclass
class EditForm(VersionForm):
    """Some fields and columns of an existing ticket, to be changed."""

    #: Columns of the ticket this form asks for.
    names: Sequence[str] = ()
    #: The version the inputs are based on.
    version_number: int = 0
    draft: str = ""
    conflicts: Sequence[Conflict] = field(default=())

    @classmethod
    def over(cls, detail: TicketDetail, keys: Sequence[str], names: Sequence[str] = (), formdata: Any = None) -> Self:
        """Return the form over a ticket as it is, or with what was typed."""
        stored = detail.version.opened(detail.columns["values"])
        context = edit_context(detail, stored)
        form = cls(detail.version, detail.reader.actor, context, detail.columns, stored, keys, formdata, names=names)
        form.version_number = detail.lock_version
        shown = {name: detail.columns[name] for name in names}
        form.column_inputs = ColumnsForm(formdata, locale=context.locale, **shown)
        return form

    def typed_columns(self) -> dict[str, Any]:
        """Return the columns this form asked for, as typed; one that was not sent is left alone."""
        sent = [name for name in self.names if self.formdata is not None and name in self.formdata]
        return self.column_inputs.fields(sent)

    def yield_to(self, names: set[str]) -> None:
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
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else detail.lock_version  # noqa: PLR2004 - 32 bits


def save(work: Work, detail: TicketDetail, form: EditForm, **more: Any) -> None:
    """Save what was typed; ConflictError with ``form.conflicts`` filled when somebody must choose first.

    ``more`` are further parts of the order: transition, note, checklist, reason.
    """
    names = [*form.asked, *form.names]
    settled = settle(
        work, detail, form, form.typed_columns(), based_on=based_on(detail), kept=kept_sides(request.form, names)
    )
    if settled.conflicts:
        form.conflicts = settled.conflicts
        form.yield_to(settled.theirs)
        raise ConflictError(MEANWHILE, code="conflict")
    order = ChangeTicket(
        detail.id, version=detail.lock_version, fields=settled.columns, answers=settled.answers, **more
    )
    service.change_ticket(work, order)


def refused(form: EditForm, error: DomainError, detail: TicketDetail) -> int:
    """Put what was refused into the form; return the HTTP status. What no form can mend is raised again."""
    if isinstance(error, NotFoundError):
        raise error
    if form.conflicts:
        form.version_number = detail.lock_version
        return 409
    form.version_number = based_on(detail)
    form.mark(error.refusals, form.column_inputs)
    return {NotAllowedError: 403, ConflictError: 409}.get(type(error), 422)


def fields_of(refusals: Sequence[Refusal]) -> list[str]:
    """Return the fields refusals name."""
    return [one.root for one in refusals if one.field]
