"""The form of a dialog over a ticket: what a step asks for, always or under a condition, and what was refused."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from flask import request

from app.core.i18n import Label, Message, _
from app.tickets.queries import TicketDetail
from forms.conditions import script
from forms.tickets import COLUMN_LABELS, Answer, Problem, note_of
from ticket_templates.facts import HOLDERS, mentioned
from ticket_templates.spec import Transition
from views.tickets.assignees import assignees_url
from views.tickets.customers import PICKS
from views.tickets.desk import (
    COLUMN_KINDS,
    LOOKUPS,
    content_lock_of,
    lock_of,
    short,
)
from views.tickets.editing import EditForm
from views.tickets.new_site import is_typed

#: Name of the need for the customer's things, no key of a field.
PICKER: Final = "customer-picker"


class DialogForm(EditForm):
    """A form in a dialog: title, lead, the inputs, a note or reason, the checklist."""

    fragment = "tickets/_dialog.html"
    number = ""
    title: Message | Label = _("Change")
    lead: Message | None = None
    submit: Message | Label = _("Save")
    done: Message = _("Saved.")
    action = ""
    compute_url = ""
    picker = False
    #: The site that was made of an address typed here; undone with the order it belongs to.
    made_site: int | None = None
    transition: Transition | None = None
    note: dict[str, Any] | None = None
    reason = False
    checklist: Sequence[dict[str, Any]] = ()
    #: What the ticket says now and will not after the step, as this person knows it.
    emptied: Message | None = None
    #: What the step shows and nobody changes here, as the page draws it.
    told: Sequence[Mapping[str, Any]] = ()
    #: Fields that an answer given here makes necessary.
    followers: Sequence[str] = ()
    #: Fields this step asks for under a condition only, with that condition.
    conditional: Mapping[str, Mapping[str, Any]] = MappingProxyType({})

    def barred(self, detail: TicketDetail) -> Message | None:
        """Return why this person is not shown the dialog: a step leads out of every state, a hand-over out of most."""
        if self.transition is not None and detail.yours:
            return None
        return lock_of(detail) if self.reason else content_lock_of(detail)

    def order(self) -> dict[str, Any]:
        """Return the further parts of the order: the step, its ticks and note, the reason."""
        more: dict[str, Any] = {"transition": self.transition.key if self.transition else None}
        if self.reason:
            return more | {"reason": request.form.get("note", "")}
        ticks = dict.fromkeys(self.ticks, True)
        return more | {"note": note_of(request.form) if self.note else None, "checklist": ticks}

    def untick(self) -> None:
        """Show the items as they are whose tick was taken away meanwhile: they are ticked anew or not at all."""
        for one in self.checklist:
            one["done"] = one["done"] and one["key"] not in self.unticked

    @property
    def ticks(self) -> Collection[str]:
        return [item["key"] for item in self.checklist if f"check.{item['key']}" in request.form]

    @property
    def passed(self) -> bool:
        return self.transition is not None and self.columns["state"] not in self.transition.sources

    @property
    def restates(self) -> bool:
        return self.transition is not None

    def typed_columns(self) -> dict[str, Any]:
        """Return what was chosen anew: what stays is not asked for, so that it may follow what was chosen."""
        typed = super().typed_columns()
        if self.made_site is not None:
            typed["site_id"] = self.made_site
        return {name: value for name, value in typed.items() if str(value or "") != str(self.columns[name] or "")}

    @property
    def must_name(self) -> set[str]:
        """The columns of the ticket that this step cannot do without."""
        return {HOLDERS[key][0] for key in self.needed if key in HOLDERS}

    @property
    def may_name(self) -> set[str]:
        """The columns this step asks for now, or as soon as a condition holds."""
        return self.must_name | self.column_needs.keys()

    @property
    def column_needs(self) -> dict[str, str]:
        """The columns asked for under a condition, each with the name of that need."""
        return {column: key for key, (column, _label) in HOLDERS.items() if key in self.conditional}

    @property
    def picks_needed(self) -> bool:
        """Whether the step asks, as it stands, for anything that is found with the customer."""
        return not self.must_name.isdisjoint(PICKS)

    @property
    def picker_need(self) -> str:
        """Under which of the needs the browser is told the customer's things are asked for; empty: always."""
        return PICKER if PICKER in self.conditional else ""

    @property
    def needs_site(self) -> bool:
        """Whether this step must know where, so that an address may be added to the customer's."""
        return self.picker and "site_id" in self.must_name

    @property
    def lacks_site(self) -> bool:
        """Whether where may still be asked: a known site is not asked for again, a typed address is never hidden."""
        asks = self.needs_site or (self.picker and "site" in self.conditional)
        return asks and (not self.column_inputs["site_id"].data or is_typed())

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

    def answer(self, key: str) -> Answer:
        found = super().answer(key)
        if key in self.conditional and key not in self.needed:
            found = replace(found, visible=False)
        return replace(found, use=replace(found.use, required=True)) if key in self.needed else found

    @cached_property
    def needed(self) -> set[str]:
        """What the step asks for, given what is typed so far."""
        rules = self.version.rules
        if self.transition is None:
            return set()
        seen = rules.facts(self.columns, self.typed)
        return {*rules.needed(self.transition, seen), *(key for key in self.followers if rules.is_required(key, seen))}

    def conditions(self) -> Iterator[Mapping[str, Any] | None]:
        yield from super().conditions()
        yield from self.conditional.values()
        yield from (one["when"] for one in self.checklist)

    @property
    def rules(self) -> dict[str, Any]:
        """What the browser is told, with what this step asks for under a condition only."""
        told = super().rules
        known, compiled = self._known(told["facts"]), self.version.rules
        judged = {
            key: script(compiled, tree) for key, tree in self.conditional.items() if set(mentioned(tree)) <= known
        }
        told["needs"] = {key: tree for key, tree in judged.items() if tree}
        for key in told["fields"].keys() & set(self.transition.required if self.transition else ()):
            told["fields"][key]["always"] = True
        items = ((one["key"], one["when"]) for one in self.checklist if set(mentioned(one["when"])) <= known)
        told["items"] = {key: tree for key, when in items if (tree := script(compiled, when))}
        return told

    def mark(self, refusals: Any, columns: Any = None) -> None:
        unticked = [one for one in self.checklist if one["required"] and one["due"] and not one["done"]]
        super().mark([one for one in refusals if one.code != "checklist" or not unticked], columns)
        if any(one.code == "checklist" for one in refusals):
            self._mark_items(unticked)
        if self.note is not None:
            errors = [one.message for one in refusals if one.field in ("note", "reason")]
            self.note = {**self.note, "errors": errors}

    def _mark_items(self, items: Iterable[dict[str, Any]]) -> None:
        """Name each item that is still to be ticked, so that its line leads to it."""
        for one in items:
            one["refused"] = True
            self.refusals.append(Problem(_("Tick this."), one["label"], f"check-{one['key']}"))
