"""Dialogs over a ticket: take a step of the workflow, hand it over, change its details."""

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request, url_for

from app.core.errors import DomainError, NotFoundError
from app.core.i18n import Message, _
from app.core.work import Work
from app.tickets import queries
from app.tickets.queries import TicketDetail
from views.base import current_locale, expose, permission, say, wants_fragment
from views.tickets.desk import DeskView, go, locked_out, short, ticket_url
from views.tickets.dialog_form import AboutForm, DialogForm, TransferForm
from views.tickets.edit_form import based_on, bind_draft, fields_of, last_move, refused, save
from views.tickets.new_site import made_site, may_be_made, new_site_facts
from views.tickets.page import ticket_facts, urls_of
from views.tickets.step_form import StepForm


class TicketDialogView(DeskView):
    """Dialogs that change a ticket."""

    @expose("/<number>/steps/<key>", methods=["GET", "POST"])
    @permission("ticket.transition")
    def step(self, number: str, key: str) -> Response:
        """Take a step of the workflow, with exactly the inputs it needs."""
        return self._dialog(number, lambda detail, formdata, refused: StepForm.of(detail, key, formdata, refused))

    @expose("/<number>/transfer", methods=["GET", "POST"])
    @permission("ticket.transfer")
    def transfer(self, number: str) -> Response:
        """Hand the ticket to another person, team or outlet."""
        return self._dialog(number, lambda detail, formdata, _refused: TransferForm.of(detail, formdata))

    @expose("/<number>/about", methods=["GET", "POST"])
    @permission("ticket.change")
    def about(self, number: str) -> Response:
        """Change what the ticket is about: subject, priority, customer."""
        return self._dialog(number, lambda detail, formdata, _refused: AboutForm.of(detail, formdata))

    def _dialog(self, number: str, build: "Build") -> Response:
        if request.method == "GET":
            with self.reading() as work:
                detail = queries.ticket(work, number)
                form = build(detail, None, ())
                if barred := locked_out(form.barred(detail), detail):
                    return barred
                if form.passed:
                    return self._passed(work, detail, form)
                return self._shown(work, detail, form)
        try:
            with self.unit_of_work() as work:
                detail = queries.ticket(work, number)
                form = build(detail, request.form, ())
                if isinstance(form, StepForm) and form.needs_site:
                    form.made_site = made_site(work, form.column_inputs["customer_id"].data)
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
        return go(url, draft=form.draft)

    def _passed(self, work: Work, detail: TicketDetail, form: DialogForm) -> Response:
        """Say of a step an old page still offers that it is not open any more, before anything is typed."""
        part = "tickets/_passed.html" if wants_fragment() else "tickets/dialog.html"
        said = {"fragment": "tickets/_passed.html", "title": form.title, "gone": _gone(detail, form)}
        moved_by = last_move(work, detail)
        return self.page(part, form=said, ticket=ticket_facts(detail), urls=urls_of(detail), moved_by=moved_by)

    def _shown(self, work: Work, detail: TicketDetail, form: DialogForm, status: int = 200) -> Response:
        step = form if isinstance(form, StepForm) else None
        if step:
            bind_draft(work, detail, form)
        part = "tickets/_dialog.html" if wants_fragment() else "tickets/dialog.html"
        return self.page(
            part, status, form=form, about=form.column_inputs, ticket=ticket_facts(detail), urls=urls_of(detail),
            must_name=form.may_name, besides=detail.id,
            gone=_gone(detail, form) if form.passed else None,
            moved_by=last_move(work, detail) if form.passed else None,
            # What lies behind the dialog was drawn before somebody else changed the ticket.
            is_old=request.method == "POST" and based_on(detail) < detail.lock_version,
            whose=_whose(work, detail) if step or not form.picker else (),
            new_site=new_site_facts(work) if step and step.lacks_site and may_be_made(work) else None,
            customer_name=_customer_name(detail, form) if form.picker else "", panel="#dialog-customer-panel",
            panel_url=url_for("TicketCustomerView.panel"), find_url=url_for("TicketCustomerView.find"),
        )  # fmt: skip


def _gone(detail: TicketDetail, form: DialogForm) -> Message:
    here = detail.state_label(current_locale())
    return _("“%(step)s” is not possible any more: the ticket is in “%(state)s” now.", step=form.title, state=here)


def _in_a_list() -> bool:
    """Whether the dialog lies over the list or board, which then stays as it is but for this ticket."""
    return wants_fragment() and urlsplit(request.headers.get("HX-Current-URL", "")).path == url_for("TicketView.index")


def _in_place(number: str, form: DialogForm) -> Response:
    response = Response(status=204)
    done = {"number": number, "said": form.done.in_(current_locale())}
    # A header is ASCII: JSON says everything else by its code.
    response.headers["HX-Trigger"] = json.dumps({"ticket-changed": done})
    return response


#: Makes the form of a dialog over a ticket, of what was typed, with the fields that were refused.
Build = Callable[[TicketDetail, Any, Sequence[str]], DialogForm]


def _whose(work: Work, detail: TicketDetail) -> list[str]:
    """Return which ticket the dialog is over, for whom and where: one presses for the wrong one easily."""
    place = queries.place(work, detail)
    where = place.address if place else ""
    return [one for one in (detail.number, short(detail.named("customer_id")), where) if one]


def _customer_name(detail: TicketDetail, form: DialogForm) -> str:
    value = form.column_inputs["customer_id"].data
    return short(detail.reader.references.label("customer", value) or "") if value else ""
