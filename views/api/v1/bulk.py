"""Many tickets changed by one wish: each as it may be, or with its reasons; none is stopped by another."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Response

from app.core.errors import DomainError, Refusal
from app.core.work import Work
from app.tickets import service
from app.tickets.change.plan import NOT_FOUND
from app.tickets.orders import ChangeTicket, Outcome
from app.tickets.queries.page import numbered
from app.tickets.rows import TicketRow
from views.api.v1 import exact, schemas
from views.api.v1.base import ApiView
from views.api.v1.operation import Asked, operation
from views.api.v1.writing import note_order, place
from views.base import current_locale, expose, permission
from views.base.answers import told

_GONE: Final = (Refusal(NOT_FOUND, "", "not_found"),)


class BulkApi(ApiView):
    """Changing tickets by the hundred."""

    @expose("/tickets/bulk", methods=["POST"])
    @permission("ticket.change")
    @operation(body=schemas.BULK, gives=schemas.one_of("Changed"), once=True)
    def change(self, asked: Asked) -> Response:
        """Change many tickets alike; each is told whether it was changed, or why it was refused."""
        return self.carried_out(asked, lambda work: {"items": _changed(work, asked.body)})


def _changed(work: Work, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    wanted = body["tickets"]
    rows = numbered(work, [one["number"] for one in wanted])
    orders: dict[int, ChangeTicket] = {}
    refused: dict[int, tuple[Refusal, ...]] = {}
    for index, one in enumerate(wanted):
        row = rows.get(one["number"])
        if row is None:
            refused[index] = _GONE
            continue
        try:
            orders[index] = _order(row, one.get("version"), body)
        except DomainError as error:
            refused[index] = error.refusals
    done = dict(zip(orders, service.change_tickets(work, list(orders.values())).outcomes, strict=True))
    now = numbered(work, [wanted[index]["number"] for index in orders])
    return [
        _item(one["number"], done.get(index) or Outcome("refused", refusals=refused[index]), now, body)
        for index, one in enumerate(wanted)
    ]


def _order(row: TicketRow, version: int | None, body: Mapping[str, Any]) -> ChangeTicket:
    return ChangeTicket(
        row.id,
        version=version,
        fields=body.get("fields", {}),
        answers=exact.answers_of(row, body.get("answers", {})),
        checklist=body.get("checklist", {}),
        transition=body.get("transition"),
        note=note_order(body.get("note")),
        reason=body.get("reason"),
        meant=True,
    )


def _item(number: str, outcome: Outcome, now: Mapping[str, TicketRow], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what became of one ticket; its version, if it is still within reach."""
    answers = body.get("answers", {})
    refusals = [replace(one, field=place(one.field, answers)) for one in outcome.refusals]
    return {
        "number": number,
        "status": outcome.status,
        "version": now[number].lock_version if number in now else None,
        "errors": told(refusals, current_locale()),
        "doubts": told([replace(one, field=place(one.field, answers)) for one in outcome.doubts], current_locale()),
    }
