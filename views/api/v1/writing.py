"""Writing tickets over the API: each wish is an order to the one door, and its refusals stand at their place."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from flask import Response, url_for

from app.core.errors import DomainError, NotFoundError
from app.core.i18n import _
from app.core.work import Work
from app.tickets import queries, service
from app.tickets.change.plan import ASKABLE
from app.tickets.orders import ChangeTicket, NoteOrder, OpenTicket
from ticket_templates import queries as templates
from views.api.v1 import exact, schemas, shown
from views.api.v1.base import ApiView
from views.api.v1.operation import Asked, operation
from views.base import expose, permission

#: Refused as a whole, not in one of its parts.
_WHOLE: Final = frozenset({"", "template", "note", "reason", "checklist", "transition", "Idempotency-Key"})


class TicketWritingApi(ApiView):
    """Making and changing tickets."""

    @expose("/tickets", methods=["POST"])
    @permission("ticket.create")
    @operation(body=schemas.CREATE, gives=schemas.MADE, status=201, once=True)
    def create(self, asked: Asked) -> Response:
        """Open a ticket of a template's published version; who may not read is told its number."""
        response = self.carried_out(asked, lambda work: _opened(work, asked.body), 201)
        response.headers["Location"] = url_for("TicketApi.show", number=response.get_json()["number"])
        return response

    @expose("/tickets/<number>", methods=["PATCH"])
    @permission("ticket.change")
    @operation(body=schemas.CHANGE, gives=schemas.one_of("Ticket"), guarded=True, leaves=True)
    def change(self, asked: Asked, number: str) -> Response:
        """Change the fields and answers that are named; null empties one."""
        return self.carried_out(asked, lambda work: _changed(work, number, asked))

    @expose("/tickets/<number>/transitions/<key>", methods=["POST"])
    @permission("ticket.transition")
    @operation(body=schemas.STEP_WISH, gives=schemas.one_of("Ticket"), once=True, guarded=True, leaves=True)
    def step(self, asked: Asked, number: str, key: str) -> Response:
        """Take a step of the workflow, with the answers it asks for."""
        return self.carried_out(asked, lambda work: _changed(work, number, asked, key), about=number)

    @expose("/tickets/<number>/notes", methods=["POST"])
    @permission("ticket.note")
    @operation(body=schemas.NOTE_WISH, gives=schemas.one_of("Note"), status=201, once=True)
    def note(self, asked: Asked, number: str) -> Response:
        """Write a note, internal unless it says otherwise."""
        return self.carried_out(asked, lambda work: _noted(work, number, asked.body), 201, about=number)


def _opened(work: Work, body: Mapping[str, Any]) -> dict[str, Any]:
    answers = body.get("answers", {})
    with _placed(answers):
        order = OpenTicket(
            body["template"],
            body.get("fields", {}),
            exact.answers_of_new(work, templates.published_version(work, body["template"]), answers) if answers else {},
            channel="api",
            note=note_order(body.get("note")),
            confirmed=body.get("confirm", False),
            meant=True,
        )
        made = service.open_ticket(work, order)
    if not work.actor.may("ticket.read"):
        return {"number": made.number, "version": 1}
    return shown.ticket(queries.ticket(work, made.number))


def _changed(work: Work, number: str, asked: Asked, transition: str | None = None) -> dict[str, Any]:
    body = asked.body
    answers, row = body.get("answers", {}), queries.ticket(work, number)
    with _placed(answers):
        order = ChangeTicket(
            row.id,
            version=asked.version,
            fields=body.get("fields", {}),
            answers=exact.answers_of(row, answers),
            checklist=body.get("checklist", {}),
            transition=transition,
            note=note_order(body.get("note")),
            reason=body.get("reason"),
            confirmed=body.get("confirm", False),
            meant=True,
        )
        service.change_ticket(work, order)
    try:
        return shown.ticket(queries.ticket(work, number))
    except NotFoundError:
        # It was in reach before: handed back or given away, it is somebody else's now.
        return {}


def _noted(work: Work, number: str, body: Mapping[str, Any]) -> dict[str, Any]:
    ticket = queries.ticket(work, number)
    write_note(work, ticket.id, body)
    (entry,) = queries.timeline(work, ticket.id, kinds=["note"], size=1)
    return shown.note(entry)


def write_note(work: Work, ticket_id: int, body: Mapping[str, Any]) -> None:
    """Add a note; one of nothing is refused."""
    try:
        outcome = service.change_ticket(work, ChangeTicket(ticket_id, note=note_order(body)))
    except DomainError as error:
        raise type(error).of(
            replace(one, field="body" if one.field == "note" else one.field) for one in error.refusals
        ) from None
    if outcome.status == "unchanged":
        raise DomainError(_("Write something, or attach a file."), field="body", code="required")


def note_order(body: Mapping[str, Any] | None) -> NoteOrder | None:
    """Return the note a body asks for."""
    if body is None:
        return None
    return NoteOrder(body.get("body", ""), public=body.get("public", False), files=tuple(body.get("files", ())))


@contextmanager
def _placed(answers: Mapping[str, Any]) -> Iterator[None]:
    """Name the places of refusals as the body has them."""
    try:
        yield
    except DomainError as error:
        raise type(error).of(replace(one, field=place(one.field, answers)) for one in error.refusals) from None


def place(field: str, answers: Mapping[str, Any]) -> str:
    """Return where a refusal stands in the body: columns in ``fields``, all else among the answers."""
    if field in answers:
        return f"answers.{field}"
    if field in _WHOLE:
        return field
    return f"fields.{field}" if field in ASKABLE else f"answers.{field}"
