"""The form of a step: what the step asks for, always or under a condition, the checklist, and what it empties."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Self

from flask import request

from app.core.errors import NotFoundError
from app.core.formula import formula
from app.core.i18n import Message, _, label_in, listing, spoken
from app.tickets import queries
from app.tickets.queries import TicketDetail
from forms.conditions import script
from forms.ticket_answers import Answer, posted_keys
from forms.tickets import Problem, note_of
from ticket_templates import asking, setting, workflow
from ticket_templates.asking import StepQuestions
from ticket_templates.facts import REQUIRABLE, mentioned
from ticket_templates.field_types.base import Context
from ticket_templates.spec import Transition
from ticket_templates.standing import shown
from ticket_templates.versions import CompiledVersion
from views.base import current_locale
from views.tickets.customers import PICKS
from views.tickets.desk import content_lock_of, ticket_url
from views.tickets.dialog_form import DialogForm, dialog_draft
from views.tickets.new_site import is_typed
from views.tickets.page import urls_of
from views.tickets.shown import told

#: Name of the need for the customer's things, no key of a field.
PICKER: Final = "customer-picker"


@dataclass(kw_only=True)
class StepForm(DialogForm):
    """Takes a step of the workflow, with exactly the inputs it needs."""

    asks: StepQuestions
    #: The ticket as this person reads it.
    detail: TicketDetail
    #: What the ticket says now and will not after the step, as this person knows it.
    emptied: Message | None
    #: What the step answers by itself, as this person knows it.
    answered: Message | None

    @classmethod
    def of(cls, detail: TicketDetail, key: str, formdata: Any, refused: Sequence[str]) -> Self:
        """Return the form of a step over a ticket, with what was ``refused`` of it; NotFoundError: there is no such."""
        version, transition = detail.version, detail.version.transitions.get(key)
        if transition is None:
            raise NotFoundError(_("There is no such step."), code="unknown_transition")
        step = next((one for one in queries.steps(detail.reader.work, detail) if one.transition.key == key), None)
        missing = step.missing if step else ()
        asks = asking.of_step(version, transition, missing=missing, refused=refused, typed=posted_keys(formdata))
        # Whose it is and where it stands are found together.
        picks = tuple(one for one in PICKS if asks.about and one not in asks.columns)
        done, lead = _whither(detail, transition)
        form = cls.over(
            detail, asks.fields, (*asks.columns, *picks), formdata,
            moves=transition.moves,
            step=key,
            asks=asks,
            detail=detail,
            number=detail.number,
            title=transition.labels,
            lead=lead,
            submit=transition.labels,
            done=done,
            action=f"{ticket_url(detail.number)}/steps/{key}",
            compute_url=f"{urls_of(detail)['compute']}?step={key}",
            draft=dialog_draft(detail.reader.actor),
            picker=bool(asks.about),
            note_label=(transition.note_labels or _("Note")) if transition.note_required else None,
            emptied=_emptied(detail, step),
            answered=_answered(detail, transition),
        )  # fmt: skip
        form.call_amounts(transition.amount_labels)
        return form

    @property
    def transition(self) -> Transition:
        return self.asks.transition

    @property
    def passed(self) -> bool:
        return self.columns["state"] not in self.transition.sources

    @property
    def restates(self) -> bool:
        return True

    def barred(self, detail: TicketDetail) -> Message | None:
        """Return why this person is not shown the dialog: a step leads out of every state."""
        return None if detail.yours else content_lock_of(detail)

    def order(self) -> dict[str, Any]:
        note = note_of(request.form) if self.note else None
        return {"transition": self.transition.key, "note": note, "checklist": dict.fromkeys(self.ticks, True)}

    @cached_property
    def checklist(self) -> Sequence[dict[str, Any]]:
        """The items of the checklist, those that are due with what is typed so far marked."""
        if not self.transition.checklist:
            return ()
        due = self.version.items(self.typed, self.columns)
        return [
            {
                "key": one.key,
                "label": spoken(one.labels, current_locale()),
                "required": one.required,
                "when": one.when,
                "due": one in due,
                "done": self._is_ticked(one.key),
            }
            for one in self.version.spec.checklist
        ]

    def _is_ticked(self, item: str) -> bool:
        return item in self.columns["checklist"] if self.formdata is None else f"check.{item}" in self.formdata

    @property
    def ticks(self) -> Collection[str]:
        return [item["key"] for item in self.checklist if f"check.{item['key']}" in request.form]

    def untick(self) -> None:
        for one in self.checklist:
            one["done"] = one["done"] and one["key"] not in self.unticked

    @property
    def told(self) -> Sequence[Mapping[str, Any]]:
        """What the step shows and nobody changes here, as the page draws it."""
        return told(self.detail, [one for one in self.transition.shows if one not in self.shown])

    @cached_property
    def needed(self) -> set[str]:
        """What the step asks for, given what is typed so far."""
        return self.asks.needed(self.version.rules.facts(self.columns, self.typed))

    @property
    def must_name(self) -> set[str]:
        return {REQUIRABLE[key][0] for key in self.needed if key in REQUIRABLE}

    @property
    def column_needs(self) -> Mapping[str, str]:
        return {column: key for key, (column, _label) in REQUIRABLE.items() if key in self.asks.conditional}

    @property
    def picker_need(self) -> str:
        """Under which of the needs the browser is told the customer's things are asked for; empty: always."""
        return PICKER if self.asks.about_when else ""

    @property
    def picks_needed(self) -> bool:
        """Whether the step asks, as it stands, for anything that is found with the customer."""
        return not self.must_name.isdisjoint(PICKS)

    @property
    def needs_site(self) -> bool:
        """Whether this step must know where, so that an address may be added to the customer's."""
        return self.picker and "site_id" in self.must_name

    @property
    def lacks_site(self) -> bool:
        """Whether where may still be asked: a known site is not asked for again, a typed address is never hidden."""
        asks = self.picker and "site_id" in self.may_name
        return asks and (not self.column_inputs["site_id"].data or is_typed())

    def answer(self, key: str) -> Answer:
        found = super().answer(key)
        if key in self.asks.conditional and key not in self.needed:
            found = replace(found, visible=False)
        return replace(found, use=replace(found.use, required=True)) if key in self.needed else found

    def conditions(self) -> Iterator[Mapping[str, Any] | None]:
        yield from super().conditions()
        yield from self._needs.values()
        yield from (one["when"] for one in self.checklist)

    @property
    def _needs(self) -> Mapping[str, Mapping[str, Any]]:
        """The conditions under which the browser shows what the step asks for, by the name of the need."""
        picks = self.asks.about_when
        return {**self.asks.conditional, PICKER: picks} if picks else self.asks.conditional

    @property
    def rules(self) -> dict[str, Any]:
        """What the browser is told, with what this step asks for under a condition only."""
        rules = super().rules
        known, compiled = self._known(rules["facts"]), self.version.rules
        judged = {key: script(compiled, tree) for key, tree in self._needs.items() if set(mentioned(tree)) <= known}
        rules["needs"] = {key: tree for key, tree in judged.items() if tree}
        for key in rules["fields"].keys() & set(self.transition.required):
            rules["fields"][key]["always"] = True
        items = ((one["key"], one["when"]) for one in self.checklist if set(mentioned(one["when"])) <= known)
        rules["items"] = {key: tree for key, when in items if (tree := script(compiled, when))}
        return rules

    def mark(self, refusals: Any, columns: Any = None) -> None:
        unticked = [one for one in self.checklist if one["required"] and one["due"] and not one["done"]]
        super().mark([one for one in refusals if one.code != "checklist" or not unticked], columns)
        if any(one.code == "checklist" for one in refusals):
            self._mark_items(unticked)

    def _mark_items(self, items: Iterable[dict[str, Any]]) -> None:
        """Name each item that is still to be ticked, so that its line leads to it."""
        for one in items:
            one["refused"] = True
            self.refusals.append(Problem(_("Tick this."), one["label"], f"check-{one['key']}"))


def _emptied(detail: TicketDetail, step: workflow.Step | None) -> Message | None:
    names = workflow.cleared_names(detail.version, step.clears if step else (), detail.readable)
    if not names:
        return None
    return _("This will be emptied: %(fields)s. The history keeps what was there.", fields=listing(names))


def _answered(detail: TicketDetail, transition: Transition) -> Message | None:
    """Return what the step makes of answers this person may read, where he may read all that follows from."""
    version, context = detail.version, detail.reader.context(current_locale())
    read = [one for one in transition.sets if {one.field, *formula(one.formula).names} <= detail.readable]
    found, _refused = setting.set_by(version, replace(transition, sets=tuple(read)), detail.values, context)
    held = detail.values
    said = [
        _becoming(version, key, held.get(key), value, context) for key, value in found.items() if value != held.get(key)
    ]
    return _("With this step: %(answers)s.", answers=listing(said)) if said else None


def _becoming(version: CompiledVersion, key: str, held: Any, value: Any, context: Context) -> Message:
    """Return what an answer will be, and what it is where there is one."""
    field, will = version.spec.fields[key].labels, shown(version, key, value, context)
    if held is None:
        return _("“%(field)s” will be %(value)s", field=field, value=will)
    now = shown(version, key, held, context)
    return _("“%(field)s” will be %(value)s instead of %(held)s", field=field, value=will, held=now)


def _whither(detail: TicketDetail, transition: Transition) -> tuple[Message, Message]:
    """Return what is said once the step was taken, and before: where the ticket goes, or that it stays."""
    here = detail.state_label(current_locale())
    if transition.target in ("", detail.state):
        return _("“%(step)s” is done.", step=transition.labels), _("It stays in “%(state)s”.", state=here)
    target = label_in(detail.version.states[transition.target].labels, current_locale())
    return (
        _("%(number)s is now “%(state)s”.", number=detail.number, state=target),
        _("From “%(source)s” to “%(target)s”.", source=here, target=target),
    )
