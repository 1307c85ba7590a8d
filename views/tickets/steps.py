"""Dialogs over a ticket: take a step of the workflow, hand it over, change its details."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Response, request, url_for

from app.core.errors import DomainError, NotFoundError
from app.core.i18n import Label, Message, _, label_in, listing, spoken
from app.core.work import Work
from app.tickets import queries
from app.tickets.queries import TicketDetail
from forms.tickets import posted_keys
from ticket_templates import workflow
from ticket_templates.facts import HOLDERS
from ticket_templates.spec import Transition
from ticket_templates.versions import CompiledVersion
from views.base import current_locale, expose, permission, say, wants_fragment
from views.tickets.customers import PICKS
from views.tickets.desk import (
    HOLDER_KINDS,
    DeskView,
    go,
    locked_out,
    short,
    ticket_url,
)
from views.tickets.dialog_form import PICKER, DialogForm
from views.tickets.editing import bind_draft, fields_of, refused, save
from views.tickets.new_site import made_site, may_be_made, new_site_facts
from views.tickets.page import ticket_facts, urls_of
from views.tickets.shown import told

_ABOUT: Final = ("subject", "priority", *PICKS)


class TicketStepView(DeskView):
    """Dialogs that change a ticket."""

    @expose("/<number>/steps/<key>", methods=["GET", "POST"])
    @permission("ticket.transition")
    def step(self, number: str, key: str) -> Response:
        """Take a step of the workflow, with exactly the inputs it needs."""
        return self._dialog(number, lambda detail, formdata, extra: _step_form(detail, key, formdata, extra))

    @expose("/<number>/transfer", methods=["GET", "POST"])
    @permission("ticket.transfer")
    def transfer(self, number: str) -> Response:
        """Hand the ticket to another person, team or outlet."""
        return self._dialog(number, _transfer_form)

    @expose("/<number>/about", methods=["GET", "POST"])
    @permission("ticket.change")
    def about(self, number: str) -> Response:
        """Change what the ticket is about: subject, priority, customer."""
        return self._dialog(number, _about_form)

    def _dialog(self, number: str, build: "Build") -> Response:
        if request.method == "GET":
            with self.reading() as work:
                detail = queries.ticket(work, number)
                form = build(detail, None, ())
                if barred := locked_out(form.barred(detail), detail):
                    return barred
                if form.passed and wants_fragment():
                    return self._passed(detail, form)
                return self._shown(work, detail, form)
        try:
            with self.unit_of_work() as work:
                detail = queries.ticket(work, number)
                form = build(detail, request.form, ())
                form.made_site = made_site(work, form.column_inputs["customer_id"].data) if form.needs_site else None
                save(work, detail, form, **form.order())
                url = ticket_url(number) if queries.is_seen(work, detail.id) else url_for("TicketView.index")
        except NotFoundError:
            raise
        except DomainError as error:
            form.untick()
            with self.reading() as work:
                detail = queries.ticket(work, number)
                if not form.is_asking:
                    form = build(detail, request.form, fields_of(error.refusals)).again(form)
                return self._shown(work, detail, form, refused(form, error, detail))
        if _in_a_list():
            return _in_place(number, form)
        say(form.done)
        return go(url, draft=_draft(work))

    def _passed(self, detail: TicketDetail, form: DialogForm) -> Response:
        """Say of a step an old page still offers that it is not open any more, before anything is typed."""
        here = detail.state_label(current_locale())
        gone = _("“%(step)s” is not possible any more: the ticket is in “%(state)s” now.", step=form.title, state=here)
        return self.page("tickets/_passed.html", title=form.title, gone=gone, url=ticket_url(detail.number))

    def _shown(self, work: Work, detail: TicketDetail, form: DialogForm, status: int = 200) -> Response:
        form.number = detail.number
        form.draft = _draft(work)
        if form.transition:
            bind_draft(work, detail, form)
        part = "tickets/_dialog.html" if wants_fragment() else "tickets/dialog.html"
        return self.page(
            part, status, form=form, about=form.column_inputs, ticket=ticket_facts(detail), urls=urls_of(detail),
            must_name=form.may_name, besides=detail.id,
            whose=() if form.picker and not form.transition else _whose(work, detail),
            new_site=new_site_facts(work) if form.lacks_site and may_be_made(work) else None,
            customer_name=_customer_name(detail, form) if form.picker else "", panel="#dialog-customer-panel",
            panel_url=url_for("TicketCustomerView.panel"), find_url=url_for("TicketCustomerView.find"),
        )  # fmt: skip


def _draft(work: Work) -> str:
    """Return what the browser calls the text typed into the dialog, which is its writer's alone."""
    return f"{work.actor.user_id}:dialog:{request.path}"


def _in_a_list() -> bool:
    """Whether the dialog lies over the list or board, which then stays as it is but for this ticket."""
    return wants_fragment() and urlsplit(request.headers.get("HX-Current-URL", "")).path == url_for("TicketView.index")


def _in_place(number: str, form: DialogForm) -> Response:
    response = Response(status=204)
    done = {"number": number, "said": form.done.in_(current_locale())}
    # A header is ASCII: JSON says everything else by its code.
    response.headers["HX-Trigger"] = json.dumps({"ticket-changed": done})
    return response


#: Makes the form of a dialog over a ticket, of what was typed, with further fields that were refused.
Build = Callable[[TicketDetail, Any, Sequence[str]], DialogForm]


def _step_form(detail: TicketDetail, key: str, formdata: Any, extra: Sequence[str]) -> DialogForm:
    transition = detail.version.transitions.get(key)
    if transition is None:
        raise NotFoundError(_("There is no such step."), code="unknown_transition")
    version = detail.version
    step = next((one for one in queries.steps(detail.reader.work, detail) if one.transition.key == key), None)
    always = {*transition.required, *extra}
    wanted = [*always, *transition.askable, *transition.shows, *(step.missing if step else ())]
    # An answer may make others necessary: the dialog then asks for them too, and reads what it asked.
    wanted += posted_keys(formdata)
    followers = _followers(version, wanted)
    keys = [one for one in version.uses if one in wanted or one in followers]
    due = {*always, *(step.missing if step else ())}
    # What the step shows anyway does not come and go with what is typed.
    seen = {*always, *transition.shows}
    whens = {one: tree for one, tree in _whens(transition).items() if one not in seen}
    due |= whens.keys() & HOLDERS.keys()
    names = [column for one, (column, _label) in HOLDERS.items() if one in due or column in due]
    if picker := not set(PICKS).isdisjoint(names):
        # Whose it is and where it stands are found together.
        names += [one for one in PICKS if one not in names]
    form = DialogForm.over(detail, keys, names, formdata, moves=transition.moves)
    form.transition, form.picker = transition, picker
    form.call_amounts(transition.amount_labels)
    form.told = told(detail, [one for one in transition.shows if one not in form.shown])
    form.conditional = {one: tree for one, tree in whens.items() if one in keys or one in HOLDERS}
    form.followers = [one for one in followers if one not in seen and one not in form.conditional]
    form.conditional |= {one: tree for one in form.followers if (tree := version.uses[one].required_when)}
    picks = [one for one in HOLDERS if HOLDERS[one][0] in PICKS and (one in due or HOLDERS[one][0] in due)]
    if picks and all(one in form.conditional for one in picks):
        form.conditional |= {PICKER: {"any": [form.conditional[one] for one in picks]}}
    form.title = form.submit = transition.labels
    form.action = f"{ticket_url(detail.number)}/steps/{key}"
    form.compute_url = f"{urls_of(detail)['compute']}?step={key}"
    form.done, form.lead = _whither(detail, transition)
    if emptied := workflow.cleared_names(version, step.clears if step else (), version.readable(form.actor)):
        form.emptied = _("This will be emptied: %(fields)s. The history keeps what was there.", fields=listing(emptied))
    if transition.note_required:
        form.note = _note(formdata, transition.note_labels or _("Note"), required=True)
    if transition.checklist:
        form.checklist = _items(form, detail, formdata)
    return form


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


def _items(form: DialogForm, detail: TicketDetail, formdata: Any) -> list[dict[str, Any]]:
    """Return the items of the checklist, those that are due with what is typed so far marked."""
    version, ticked = detail.version, detail.columns["checklist"]
    due = version.items(form.typed, detail.columns)
    return [
        {"key": one.key, "label": spoken(one.labels, current_locale()), "required": one.required, "when": one.when,
         "due": one in due, "done": one.key in ticked if formdata is None else f"check.{one.key}" in formdata}
        for one in version.spec.checklist
    ]  # fmt: skip


def _followers(version: CompiledVersion, asked: Iterable[str]) -> list[str]:
    """Return the fields that answers to those asked for can make necessary, as the change path will ask for them."""
    rules, waiting, found = version.rules, [one for one in asked if one in version.uses], list[str]()
    while waiting:
        section = rules.section_of[key := waiting.pop()]
        more = [
            one
            for one in rules.requires_on.get(key, ())
            if one not in found and (rules.section_of[one] is section or rules.section_of[one].on_create)
        ]
        found += more
        waiting += more
    return found


def _whens(transition: Transition) -> dict[str, Mapping[str, Any]]:
    """Return under which condition a step asks for each of the fields it does not always ask for."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for need in transition.required_when:
        for key in need.fields:
            if key not in transition.required:
                found.setdefault(key, []).append(need.when)
    return {key: trees[0] if len(trees) == 1 else {"any": trees} for key, trees in found.items()}


def _transfer_form(detail: TicketDetail, formdata: Any, _extra: Sequence[str]) -> DialogForm:
    # By a transfer nobody would be told to act: the ticket stayed in a state in which nobody has it.
    assigning = _assigning(detail) if detail.columns["assignee_id"] is None else None
    names = tuple(one for one in HOLDER_KINDS if one != "assignee_id" or not assigning)
    form = DialogForm.over(detail, (), names, formdata)
    form.title = _("Transfer %(number)s", number=detail.number)
    form.submit = _("Transfer")
    form.done = _("The ticket was handed over.")
    form.action = urls_of(detail)["transfer"]
    form.lead = _("Team and outlet follow the assignee, unless you choose others.")
    if assigning:
        form.lead = _("Nobody has this ticket yet. To give it to a person, take the step “%(step)s”.", step=assigning)
    form.reason = True
    form.note = _note(formdata, _("Reason"), required=True)
    return form


def _assigning(detail: TicketDetail) -> Label | None:
    """Return what the step is called by which this person gives the ticket to somebody; None: there is none now."""
    steps = queries.steps(detail.reader.work, detail)
    return next(
        (one.transition.labels for one in steps if "assignee" in one.transition.required and not one.blocked), None
    )


def _about_form(detail: TicketDetail, formdata: Any, _extra: Sequence[str]) -> DialogForm:
    form = DialogForm.over(detail, (), _ABOUT, formdata)
    form.title = _("Details of %(number)s", number=detail.number)
    form.action = urls_of(detail)["about"]
    form.picker = True
    return form


def _whose(work: Work, detail: TicketDetail) -> list[str]:
    """Return which ticket the dialog is over, for whom and where: one presses for the wrong one easily."""
    place = queries.place(work, detail)
    where = place.address if place else ""
    return [one for one in (detail.number, short(detail.named("customer_id")), where) if one]


def _note(formdata: Any, label: Message | Label, *, required: bool) -> dict[str, Any]:
    return {"label": label, "required": required, "body": formdata.get("note", "") if formdata else "", "errors": ()}


def _customer_name(detail: TicketDetail, form: DialogForm) -> str:
    value = form.column_inputs["customer_id"].data
    return short(detail.reader.references.label("customer", value) or "") if value else ""
