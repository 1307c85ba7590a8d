"""Changing a ticket in place: a section of fields, a note, the checklist, the watchers."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import Response, request

from app.core.errors import DomainError, NotFoundError
from app.core.i18n import Message, _
from app.core.numbers import whole_in
from app.core.work import Work
from app.tickets import queries, service
from app.tickets.orders import ChangeTicket, NoteOrder
from app.tickets.queries import TicketDetail
from forms.ticket_answers import posted_keys
from forms.ticket_columns import COLUMN_LABELS
from forms.tickets import Problem, note_of
from views.base import current_locale, expose, permission, say, wants_fragment
from views.tickets.desk import DeskView, content_lock_of, go, locked_out, section_draft, ticket_url
from views.tickets.edit_form import EditForm, based_on, bind_draft, last_move, refused, save
from views.tickets.page import checklist_facts, header_facts, note_facts, section_facts, urls_of


class TicketChangeView(DeskView):
    """Changes in place."""

    @expose("/<number>/sections/<key>/edit")
    @permission("ticket.change")
    def edit(self, number: str, key: str) -> Response:
        """Show a section's inputs."""
        with self.reading() as work:
            detail = queries.ticket(work, number)
            form = _section_form(work.actor.user_id, detail, key)
            return locked_out(content_lock_of(detail), detail) or self._editor(work, detail, key, form)

    @expose("/<number>/sections/<key>/edit", methods=["POST"])
    @permission("ticket.change")
    def save(self, number: str, key: str) -> Response:
        """Save a section, or show it again with everything that was typed."""
        try:
            with self.unit_of_work() as work:
                detail = queries.ticket(work, number)
                form = _section_form(work.actor.user_id, detail, key, request.form)
                save(work, detail, form)
        except NotFoundError:
            raise
        except DomainError as error:
            with self.reading() as work:
                detail = queries.ticket(work, number)
                if not form.is_asking:
                    form = _section_form(work.actor.user_id, detail, key, request.form).again(form)
                return self._too_late(work, detail, key, form, refused(form, error, detail))
        if not wants_fragment():
            return go(ticket_url(number), draft=form.draft)
        return self._saved(number, key)

    def _editor(self, work: Work, detail: TicketDetail, key: str, form: EditForm, status: int = 200) -> Response:
        part = "tickets/_section_edit.html" if wants_fragment() else "tickets/edit.html"
        return self.page(part, status, ticket={"number": detail.number}, **_editor_facts(work, detail, key, form))

    def _too_late(self, work: Work, detail: TicketDetail, key: str, form: EditForm, status: int) -> Response:
        """Show again what was refused; where the ticket was moved on meanwhile, say by whom and draw its head anew."""
        if (moved := _moved_since(work, detail)) is None:
            return self._editor(work, detail, key, form, status)
        facts = _editor_facts(work, detail, key, form) | header_facts(work, detail) | moved
        if wants_fragment():
            response = self.redrawn("_section_edit", "_header", "_called", "_about", status=status, **facts)
            # The other sections may not be open to a change any more, but for those that are being typed into.
            response.headers["HX-Trigger"] += ", ticket-moved"
            return response
        return self.page("tickets/edit.html", status, **facts)

    def _saved(self, number: str, key: str) -> Response:
        with self.reading() as work:
            detail = queries.ticket(work, number)
            facts = header_facts(work, detail) | {"section": section_facts(detail, key) | {"saved": True}}
            return self.redrawn("_section", "_header", "_called", "_about", **facts)

    @expose("/<number>/notes", methods=["POST"])
    @permission("ticket.note")
    def note(self, number: str) -> Response:
        """Add a note with its files."""
        note = note_of(request.form, "body")
        typed: dict[str, Any] = {
            "body": request.form.get("body", ""),
            "public": request.form.get("public") == "1",
            "files": [one for one in request.form.getlist("files") if whole_in(one)],
        }
        refusals = self._refused(number, partial(_add_note, note=note))
        status, typed = (422, typed) if refusals else (200, {})
        problems = [Problem(one, COLUMN_LABELS["note"], "note-body") for one in refusals]
        if not wants_fragment() and not problems:
            return go(ticket_url(number))
        with self.reading() as work:
            detail = queries.ticket(work, number)
            facts = note_facts(work, detail, {**typed, "refusals": problems})
            response = self.page("tickets/_note_box.html", status, note=facts, urls=urls_of(detail))
        if not problems:
            response.headers["HX-Trigger"] = "timeline-changed"
        return response

    @expose("/<number>/checklist", methods=["POST"])
    @permission("ticket.change")
    def checklist(self, number: str) -> Response:
        """Tick one item, or take the tick away."""
        refusals = self._refused(number, _tick)
        if not wants_fragment():
            return _back(number, refusals)
        with self.reading() as work:
            detail = queries.ticket(work, number)
            facts = header_facts(work, detail) | {"checklist": checklist_facts(detail), "checklist_refusals": refusals}
            return self.redrawn("_checklist", "_header", status=422 if refusals else 200, **facts)

    @expose("/<number>/watch", methods=["POST"])
    @permission("ticket.note")
    def watch(self, number: str) -> Response:
        """Watch the ticket, stop watching it, or add somebody who shall."""
        refusals = self._refused(number, _watch)
        if not wants_fragment():
            return _back(number, refusals)
        with self.reading() as work:
            detail = queries.ticket(work, number)
            found = queries.watchers(work, detail.id)
            facts = header_facts(work, detail) | {"watchers": found, "watch_refusals": refusals}
            watching = any(one.user_id == work.actor.user_id for one in found)
            response = self.page("tickets/_watchers.html", 422 if refusals else 200, watching=watching, **facts)
        response.headers["HX-Trigger"] = "timeline-changed"
        return response

    def _refused(self, number: str, write: Callable[[Work, TicketDetail], object]) -> list[Message]:
        """Write something to the ticket, and return why not; a ticket out of reach is not there."""
        try:
            with self.unit_of_work() as work:
                write(work, queries.ticket(work, number))
        except NotFoundError:
            raise
        except DomainError as error:
            return [one.message for one in error.refusals]
        return []


def _back(number: str, refusals: Sequence[Message]) -> Response:
    """Lead a browser without scripts back to the ticket, which says what was refused."""
    for message in refusals:
        say(message, "danger")
    return go(ticket_url(number))


def _add_note(work: Work, detail: TicketDetail, note: NoteOrder | None) -> None:
    # A note of nothing one can see is none: then nothing has changed.
    if note is None or service.change_ticket(work, ChangeTicket(detail.id, note=note)).status == "unchanged":
        raise DomainError(_("Write something, or attach a file."), field="note", code="required")


def _tick(work: Work, detail: TicketDetail) -> None:
    ticks = {request.form.get("item", "")[:60]: request.form.get("done") == "1"}
    service.change_ticket(work, ChangeTicket(detail.id, checklist=ticks))


def _watch(work: Work, detail: TicketDetail) -> None:
    named = request.form.get("user_id", "")
    user_id = whole_in(named)
    if "user_id" in request.form and user_id is None:
        raise DomainError(_("Choose a person."), field="user_id", code="required")
    if user_id is not None and not work.actor.may("ticket.change"):
        raise DomainError(_("You may not let others watch this ticket."), field="user_id", code="not_allowed")
    service.watch(work, detail.id, on=request.form.get("on") == "1", user_id=user_id)


def _editor_facts(work: Work, detail: TicketDetail, key: str, form: EditForm) -> dict[str, Any]:
    bind_draft(work, detail, form)
    return {"form": form, "section": section_facts(detail, key), "urls": urls_of(detail)}


def _moved_since(work: Work, detail: TicketDetail) -> dict[str, Any] | None:
    """Return who took the ticket on since the form that was sent was opened, and whether it is closed to it now."""
    move = last_move(work, detail)
    if move is None or move.version <= based_on(detail):
        return None
    here = detail.state_label(current_locale())
    gone = _("The ticket was moved on meanwhile; it is in “%(state)s” now.", state=here)
    return {"gone": gone, "moved_by": move, "passed": content_lock_of(detail) is not None}


def _section_form(user_id: int | None, detail: TicketDetail, key: str, formdata: Any = None) -> EditForm:
    section = next((one for one in detail.version.spec.sections if one.key == key), None)
    if section is None:
        raise NotFoundError(_("This ticket has no such section."), code="no_section")
    draft = section_draft(user_id, detail.number, key)
    keys = [use.field for use in section.fields]
    return EditForm.over(detail, keys, formdata=formdata, draft=draft, sent=posted_keys(formdata))
