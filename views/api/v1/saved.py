"""Saved views over the API: the lists people keep, and the tickets of each, as the desk shows them."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from app.core.errors import DomainError, NotFoundError, Refusal
from app.core.i18n import _
from app.core.work import Work
from app.desk import queries as desk
from app.desk import service
from app.desk.queries import ViewCard
from app.desk.service import GONE, Title
from app.tickets.queries import TicketQuery
from forms.ticket_list import LABELS, ListState
from views.api.v1 import schemas, shown
from views.api.v1.base import ApiView
from views.api.v1.operation import Asked, operation
from views.api.v1.tickets import listed
from views.base import expose, permission

_PARTS: Final = (*LABELS, "cols")


class SavedViewApi(ApiView):
    """The views of who asks, those of his teams, and everybody's."""

    @expose("/views")
    @permission("ticket.read")
    @operation(gives=schemas.one_of("Views"))
    def index(self, asked: Asked) -> Response:
        """List the views one sees: everybody's, the teams', the own."""
        del asked
        with self.reading() as work:
            return self.answer({"items": [shown.view(one) for one in desk.views(work)]})

    @expose("/views", methods=["POST"])
    @permission("ticket.read")
    @operation(body=schemas.VIEW, gives=schemas.one_of("View"), status=201, once=True)
    def create(self, asked: Asked) -> Response:
        """Keep a list under a name."""

        def carry_out(work: Work) -> dict[str, Any]:
            made = service.keep_new(work, _title(asked.body), _query(asked.body.get("query", {})))
            return shown.view(_card(work, made))

        return self.carried_out(asked, carry_out, 201)

    @expose("/views/<int:view_id>")
    @permission("ticket.read")
    @operation(gives=schemas.one_of("View"))
    def show(self, asked: Asked, view_id: int) -> Response:
        """Return a view; its ``ETag`` is what ``If-Match`` takes when it is changed."""
        del asked
        with self.reading() as work:
            card = _card(work, view_id)
        return self.answer(shown.view(card), version=card.version)

    @expose("/views/<int:view_id>", methods=["PATCH"])
    @permission("ticket.read")
    @operation(body=schemas.VIEW_CHANGE, gives=schemas.one_of("View"), guarded=True)
    def change(self, asked: Asked, view_id: int) -> Response:
        """Call a view otherwise, show it to others, or let it be another list."""
        return self.carried_out(asked, lambda work: _changed(work, view_id, asked))

    @expose("/views/<int:view_id>", methods=["DELETE"])
    @permission("ticket.read")
    @operation(gives=schemas.one_of("Done"), guarded=True)
    def delete(self, asked: Asked, view_id: int) -> Response:
        """Take a view away; the tickets stay as they are."""

        def carry_out(work: Work) -> dict[str, Any]:
            service.delete(work, view_id, seen=_seen(work, view_id, asked))
            return {"done": True}

        return self.carried_out(asked, carry_out)

    @expose("/views/<int:view_id>/tickets")
    @permission("ticket.read")
    @operation(query=schemas.PAGE, gives=schemas.one_of("Tickets"))
    def tickets(self, asked: Asked, view_id: int) -> Response:
        """List the tickets of a view, in its order, page by page."""
        with self.reading() as work:
            found = listed(work, _list(_card(work, view_id)), asked.query)
        return self.answer(found)


def _card(work: Work, view_id: int) -> ViewCard:
    card = next((one for one in desk.views(work) if one.id == view_id), None)
    if card is None:
        raise NotFoundError(GONE, code="no_view")
    return card


def _title(body: Mapping[str, Any], before: ViewCard | None = None) -> Title:
    known = {"name": before.name, "audience": before.audience, "team": before.team_id} if before else {}
    said = {**known, **body}
    return Title(said["name"], said.get("audience", "mine"), said.get("team"))


def _query(sent: Mapping[str, str]) -> dict[str, str]:
    """Return the list a program means, as it is kept; refused where a part of it would be left out."""
    wrong = [
        Refusal(_("There is no such field here."), f"query.{name[:60]}", "unknown_field")
        for name in sent
        if name not in _PARTS
    ]
    state = ListState.of(sent)
    wrong += [
        Refusal(_("“%(name)s” cannot be read.", name=LABELS[name]), f"query.{name}", "unreadable")
        for name in state.unread
    ]
    if wrong:
        raise DomainError.of(wrong)
    return state.kept


def _changed(work: Work, view_id: int, asked: Asked) -> dict[str, Any]:
    seen = _seen(work, view_id, asked)
    if asked.body.keys() & {"name", "audience", "team"}:
        service.rename(work, view_id, _title(asked.body, _card(work, view_id)), seen=seen)
        seen += 1
    if "query" in asked.body:
        service.keep(work, view_id, _query(asked.body["query"]), seen=seen)
    work.session.flush()
    return shown.view(_card(work, view_id))


def _seen(work: Work, view_id: int, asked: Asked) -> int:
    """Return the version the wish is based on: the one it names, or whatever it is now."""
    return _card(work, view_id).version if asked.version is None else asked.version


def _list(card: ViewCard) -> TicketQuery:
    state = ListState.of(card.query)
    if state.unread:
        # Without a filter somebody set, the list would look like an answer.
        raise DomainError.of(
            Refusal(_("“%(name)s” cannot be read.", name=LABELS[name]), "query", "unreadable") for name in state.unread
        )
    if state.q == desk.FORGOTTEN:
        raise DomainError(desk.NUMBER_FORGOTTEN, field="query", code="unreadable")
    return state.query()
