"""The form of a dialog over a ticket; and those that hand it over and change its details."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Self

from flask import request

from app.core.errors import Refusal
from app.core.i18n import Label, Message, _
from app.core.permissions import Actor
from app.tickets.queries import TicketDetail
from forms.ticket_columns import COLUMN_LABELS
from forms.tickets import Problem
from ticket_templates.spec import Transition
from views.tickets.assignees import assignees_url
from views.tickets.customers import PICKS
from views.tickets.desk import (
    COLUMN_KINDS,
    HOLDER_KINDS,
    LOOKUPS,
    content_lock_of,
    lock_of,
    short,
)
from views.tickets.edit_form import EditForm
from views.tickets.page import urls_of
from views.tickets.step_buttons import awaited_step

_ABOUT: Final = ("subject", "priority", *PICKS)
#: What orders call the note of a dialog.
_NOTED: Final = ("note", "reason")


@dataclass(kw_only=True)
class DialogForm(EditForm):
    """A form in a dialog: title, lead, the inputs, a note or reason."""

    fragment: ClassVar[str] = "tickets/_dialog.html"
    number: str
    title: Message | Label
    #: Where it is sent to.
    action: str
    lead: Message | None = None
    #: What its button says, and what is said once it was taken.
    submit: Message | Label = field(default_factory=lambda: _("Save"))
    done: Message = field(default_factory=lambda: _("Saved."))
    #: Where computed values are asked for while one types; empty: nothing here is computed.
    compute_url: str = ""
    #: Whether the customer and what is found with it are searched for here.
    picker: bool = False
    #: What the note that has to be written is called; None: there is none.
    note_label: Message | Label | None = None
    note_errors: Sequence[Message] = ()
    #: The site that was made of an address typed here; undone with the order it belongs to.
    made_site: int | None = None

    @property
    def transition(self) -> Transition | None:
        """The step that is taken by sending the form."""
        return None

    def barred(self, detail: TicketDetail) -> Message | None:
        """Return why this person is not shown the dialog."""
        return content_lock_of(detail)

    def order(self) -> dict[str, Any]:
        """Return the further parts of the order: a step, its ticks and note, a reason."""
        return {}

    def untick(self) -> None:
        """Show the items as they are whose tick was taken away meanwhile: they are ticked anew or not at all."""

    def typed_columns(self) -> dict[str, Any]:
        """Return what was chosen anew: what stays is not asked for, so that it may follow what was chosen."""
        typed = super().typed_columns()
        if self.made_site is not None:
            typed["site_id"] = self.made_site
        return {name: value for name, value in typed.items() if str(value or "") != str(self.columns[name] or "")}

    @property
    def note(self) -> Mapping[str, Any] | None:
        """The note as the dialog draws it."""
        if self.note_label is None:
            return None
        body = self.formdata.get("note", "") if self.formdata else ""
        return {"label": self.note_label, "required": True, "body": body, "errors": self.note_errors}

    @property
    def must_name(self) -> set[str]:
        """The columns of the ticket that it must have to be sent."""
        return set()

    @property
    def column_needs(self) -> Mapping[str, str]:
        """The columns asked for under a condition, each with the name of that need."""
        return {}

    @property
    def may_name(self) -> set[str]:
        """The columns that are needed now, or as soon as a condition holds."""
        return self.must_name | self.column_needs.keys()

    @property
    def columns_asked(self) -> list[dict[str, Any]]:
        """The columns of the ticket this dialog asks for, as it draws them."""
        return [self._column(name) for name in self.names if not (self.picker and name in PICKS)]

    def _column(self, name: str) -> dict[str, Any]:
        field, kind = self.column_inputs[name], COLUMN_KINDS.get(name)
        value = field.data or None
        label = self.context.references.label(kind, value) if kind and value and self.context.references else ""
        return {
            "name": name,
            "label": COLUMN_LABELS[name],
            "required": name in self.may_name,
            "need": self.column_needs.get(name, ""),
            "needed": name in self.must_name,
            "lookup": self._lookup(name, kind),
            "value": value,
            "text": short(label or ""),
            "errors": field.errors,
            "input": field,
            "width": 8 if name == "subject" else 12 if len(self.names) == 1 else 4,
        }

    def _lookup(self, name: str, kind: str | None) -> str:
        if name == "assignee_id":
            return assignees_url(number=self.number)
        return LOOKUPS.get(kind, f"/lookup/{kind}?for=naming") if kind else ""

    def mark(self, refusals: Any, columns: Any = None) -> None:
        super().mark(refusals, columns)
        self.note_errors = [one.message for one in refusals if one.field in _NOTED]

    def _elsewhere(self, refusal: Refusal) -> Problem:
        problem = super()._elsewhere(refusal)
        # The list of what is wrong calls the note as its input here does.
        return replace(problem, label=self.note_label) if refusal.field in _NOTED and self.note_label else problem


class TransferForm(DialogForm):
    """Hands a ticket to another person, team or outlet."""

    @classmethod
    def of(cls, detail: TicketDetail, formdata: Any) -> Self:
        """Return the form over a ticket."""
        # By a transfer nobody would be told to act: the ticket stayed in a state in which nobody has it.
        giving = awaited_step(detail)
        names = tuple(one for one in HOLDER_KINDS if one != "assignee_id" or not giving)
        lead = _("Team and outlet follow the assignee, unless you choose others.")
        if giving:
            lead = _(
                "Nobody has this ticket yet. To give it to a person, take the step “%(step)s”.",
                step=giving.labels,
            )
        return cls.over(
            detail, (), names, formdata,
            number=detail.number,
            title=_("Transfer %(number)s", number=detail.number),
            lead=lead,
            submit=_("Transfer"),
            done=_("The ticket was handed over."),
            action=urls_of(detail)["transfer"],
            draft=dialog_draft(detail.reader.actor),
            note_label=_("Reason"),
        )  # fmt: skip

    def barred(self, detail: TicketDetail) -> Message | None:
        return lock_of(detail)

    def order(self) -> dict[str, Any]:
        return {"reason": request.form.get("note", "")}


class AboutForm(DialogForm):
    """Changes what a ticket is about: subject, priority, customer."""

    @classmethod
    def of(cls, detail: TicketDetail, formdata: Any) -> Self:
        """Return the form over a ticket."""
        return cls.over(
            detail, (), _ABOUT, formdata,
            number=detail.number,
            title=_("Details of %(number)s", number=detail.number),
            action=urls_of(detail)["about"],
            draft=dialog_draft(detail.reader.actor),
            picker=True,
        )  # fmt: skip


def dialog_draft(actor: Actor) -> str:
    """Return what the browser calls the text typed into the dialog, which is its writer's alone."""
    return f"{actor.user_id}:dialog:{request.path}"
