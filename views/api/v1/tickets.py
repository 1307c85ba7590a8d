"""Tickets over the API: lists by condition, one by its number, what happened on it, the ways out of its state."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from flask import Response

from app.core.deadline import TooLongError
from app.core.work import Work
from app.tickets import attachments, queries
from app.tickets.columns import VALUE
from app.tickets.queries import Count, TicketQuery, TimelineEntry
from app.tickets.queries.tags import tag_called
from views.api.v1 import exact, schemas, shown
from views.api.v1.base import ApiView
from views.api.v1.named import refuse_unknown
from views.api.v1.operation import Asked, operation
from views.base import current_locale, expose, permission

#: Columns of lists that bring names along.
_NAMED: Mapping[str, str] = {
    "customer": "customer_id", "installed_product": "installed_product_id", "assignee": "assignee_id",
    "team": "team_id", "outlet": "outlet_id", "creator": "created_by_id",
}  # fmt: skip
#: Parts that name a ticket's tags.
_WITH_TAGS: Final = frozenset({"fields", "fields.tags"})


class TicketApi(ApiView):
    """Reading tickets."""

    @expose("/tickets")
    @permission("ticket.read")
    @operation(query=schemas.QUERY, gives=schemas.one_of("Tickets"))
    def index(self, asked: Asked) -> Response:
        """List tickets: by a condition, words and filters, in an order, page by page."""
        return self._listed(asked.query)

    @expose("/tickets/search", methods=["POST"])
    @permission("ticket.read")
    @operation(body=schemas.SEARCH, gives=schemas.one_of("Tickets"))
    def search(self, asked: Asked) -> Response:
        """List tickets by conditions too long for an address."""
        return self._listed(asked.body)

    def _listed(self, wish: Mapping[str, Any]) -> Response:
        query = query_of(wish)
        with self.reading() as work:
            refuse_unknown(work, wish)
            if name := wish.get("tag"):
                query = replace(query, tag_id=tag_called(work, name))
            exact.check_condition(work, query.where)
            return self.answer(listed(work, query, wish))

    @expose("/tickets/<number>")
    @permission("ticket.read")
    @operation(gives=schemas.one_of("Ticket"))
    def show(self, asked: Asked, number: str) -> Response:
        """Return a ticket; its ``ETag`` is what ``If-Match`` takes when it is changed."""
        del asked
        with self.reading() as work:
            return self.ticket_answer(work, number)

    def ticket_answer(self, work: Work, number: str) -> Response:
        """Return a ticket as it is now."""
        row = queries.ticket(work, number)
        return self.answer(shown.ticket(row), version=row.lock_version)

    @expose("/tickets/<number>/transitions")
    @permission("ticket.read")
    @operation(gives=schemas.one_of("Steps"))
    def transitions(self, asked: Asked, number: str) -> Response:
        """List the ways out of a ticket's state, and what each waits for."""
        del asked
        with self.reading() as work:
            row = queries.ticket(work, number)
            found = [shown.step(one, row, current_locale()) for one in queries.steps(work, row)]
            return self.answer({"items": found}, version=row.lock_version)

    @expose("/tickets/<number>/timeline")
    @permission("ticket.read")
    @operation(
        query={
            "kind": schemas.listed({"type": "string", "enum": ["note", "change", "file"]}),
            **schemas.TIMELINE_QUERY,
        },
        gives=schemas.one_of("Entries"),
    )
    def timeline(self, asked: Asked, number: str) -> Response:
        """List what happened on a ticket, newest first: changes, steps, notes and files."""
        entries, before = self._entries(asked, number, asked.query.get("kind"))
        return self.answer({"items": [shown.entry(one, current_locale()) for one in entries], "next_before": before})

    @expose("/tickets/<number>/notes")
    @permission("ticket.read")
    @operation(query=schemas.TIMELINE_QUERY, gives=schemas.one_of("Notes"))
    def notes(self, asked: Asked, number: str) -> Response:
        """List a ticket's notes, newest first."""
        entries, before = self._entries(asked, number, ["note"])
        return self.answer({"items": [shown.note(one) for one in entries], "next_before": before})

    def _entries(self, asked: Asked, number: str, kinds: Any) -> tuple[list[TimelineEntry], str | None]:
        size = asked.query.get("size", 50)
        with self.reading() as work:
            row = queries.ticket(work, number)
            found = queries.timeline(work, row.id, kinds=kinds, before=asked.query.get("before"), size=size, detail=row)
        return found, found[-1].cursor if len(found) == size else None

    @expose("/tickets/<number>/attachments")
    @permission("attachment.read")
    @operation(gives=schemas.one_of("Files"))
    def attachments(self, asked: Asked, number: str) -> Response:
        """List a ticket's files, oldest first."""
        del asked
        with self.reading() as work:
            found = attachments.files_of(work, queries.ticket(work, number).id)
            return self.answer({"items": [shown.file(one) for one in found]})


def listed(work: Work, query: TicketQuery, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page of a list that is wished for, with those parts of its tickets; names are read where shown."""
    only = set(wish.get("only", ()))
    named = _NAMED if not only or "labels" in only else ()
    tags = () if only and only.isdisjoint(_WITH_TAGS) else ("tags",)
    query = replace(
        query, cursor=wish.get("cursor"), size=wish.get("size", 25), columns=("number", *named, *tags)
    )  # fmt: skip
    page = queries.ticket_page(work, query)
    return {
        "items": [shown.ticket(row, only, pointers=_NAMED.values()) for row in page.rows],
        "count": _counted(work, query, page.count, exactly=wish.get("count") == "exact"),
        "next_cursor": page.next_cursor,
        "previous_cursor": page.previous_cursor,
    }


def query_of(wish: Mapping[str, Any]) -> TicketQuery:
    """Return the query of a list."""
    sort: str | None = wish.get("sort")
    return TicketQuery(
        text=wish.get("q", ""),
        states=wish.get("state", ()),
        categories=wish.get("category", ()),
        templates=wish.get("template", ()),
        priorities=wish.get("priority", ()),
        assignee=wish.get("assignee"),
        team_id=None if (team := wish.get("team")) == "mine" else team,
        own_teams=team == "mine",
        outlet_id=None if (outlet := wish.get("outlet")) == "none" else outlet,
        without_outlet=outlet == "none",
        customer_id=wish.get("customer"),
        installed_product_id=wish.get("installed_product"),
        overdue=wish.get("overdue", False),
        due_today=wish.get("due") == "today",
        reopened=wish.get("reopened", False),
        source=wish.get("source", ""),
        where=wish.get("where"),
        sort=sort.removeprefix("-").replace(shown.ANSWER, VALUE, 1) if sort else None,
        descending=sort is None or sort.startswith("-"),
    )


def _counted(work: Work, query: TicketQuery, count: Count, *, exactly: bool) -> dict[str, Any]:
    """Return how many there are; every one of them is only counted for who asks, and only while there is time."""
    if exactly and not count.exact:
        # The page was found, and is not lost over its number: `exact` tells what that one is.
        with suppress(TooLongError):
            count = Count(queries.exact_within(work, query), exact=True)
    return {"number": count.number, "exact": count.exact, "about": count.about}
