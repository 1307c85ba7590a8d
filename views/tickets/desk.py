"""What the ticket screens share: the context of field values, addresses, answers to htmx."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar, Final
from urllib.parse import quote

from flask import Flask, Response, make_response, redirect, request, session

from app.core.errors import DomainError
from app.core.i18n import Message, _
from app.core.numbers import LARGEST_SMALL_KEY, whole_in
from app.core.permissions import Actor
from app.core.work import Work
from app.tickets.queries import NOT_YOURS, TicketDetail
from app.tickets.references import DatabaseReferences
from ticket_templates import queries as templates
from ticket_templates import workflow
from ticket_templates.field_types.base import Context
from ticket_templates.versions import CompiledVersion
from views.base import HouseView, actor, current_locale, say, wants_fragment

#: Where remote selects of forms ask (app/people's lookups).
LOOKUPS: Final[Mapping[str, str]] = {
    kind: f"/lookup/{kind}?for=naming" for kind in ("customer", "installed_product", "user", "team", "outlet")
}
#: Kinds of things the holders of a ticket are, by its column.
HOLDER_KINDS: Final[Mapping[str, str]] = {"assignee_id": "user", "team_id": "team", "outlet_id": "outlet"}
COLUMN_KINDS: Final[Mapping[str, str]] = {
    "customer_id": "customer",
    "contact_id": "contact",
    "site_id": "site",
    "installed_product_id": "installed_product",
    **HOLDER_KINDS,
}
#: What stands in a path as it is, besides letters and digits.
_IN_PATH: Final = "!$&'()*+,/:;=@"
#: Where the session holds the name of the draft that was taken last.
_TAKEN: Final = "taken_draft"


class DeskView(HouseView):
    """Base of the ticket screens."""

    route_base = "/tickets"
    class_permission_name: ClassVar[str | None] = "ticket"

    @contextmanager
    def unit_of_work(self, as_actor: Actor | None = None) -> Iterator[Work]:
        with super().unit_of_work(as_actor or reader()) as work:
            yield work

    @contextmanager
    def reading(self, as_actor: Actor | None = None) -> Iterator[Work]:
        with super().reading(as_actor or reader()) as work:
            yield work

    def page(self, template: str, status: int = 200, **facts: Any) -> Response:
        """Return a page or fragment; ``htmx`` says to the template which of both is wanted."""
        html = self.render_template(template, lookup_urls=LOOKUPS, htmx=wants_fragment(), **facts)
        return make_response(html, status)

    def redrawn(self, part: str, *others: str, status: int = 200, **facts: Any) -> Response:
        """Return a part of a ticket's page after a change, and others that it changed; the timeline is read anew."""
        places = ((part, False), *((one, True) for one in others))
        html = [self.render_template(f"tickets/{one}.html", oob=oob, **facts) for one, oob in places]
        response = make_response("".join(html), status)
        response.headers["HX-Trigger"] = "timeline-changed"
        return response


def reader() -> Actor:
    """Return the person who asks, reading in the language of this request."""
    return replace(actor(), locale=current_locale())


def context_of(work: Work, stored: Mapping[str, Any] | None = None) -> Context:
    """Return the context in which values are shown to and read from the person who asks."""
    return Context(
        now=work.now,
        zone=work.company.zone,
        locale=current_locale(),
        currency=work.company.currency,
        # What comes from outside may name anything.
        references=DatabaseReferences(work, within_reach=True),
        values=stored or {},
        stored=stored or {},
        personal=work.actor.may("personal_data.read"),
    )


def lock_of(detail: TicketDetail) -> Message | None:
    """Return why this person may change nothing on the ticket but its state, if that; None: it may be changed."""
    if not detail.yours:
        return NOT_YOURS
    if detail.is_merged:
        return _("This ticket was merged into another one; nothing on it can be changed any more.")
    return workflow.lock(detail.version, detail.columns["state"], detail.category)


def content_lock_of(detail: TicketDetail) -> Message | None:
    """Return why this person may not change what the ticket says; None: its state and hands keep nobody from it."""
    return lock_of(detail) or workflow.reserved(detail.version, detail.columns["state"], detail.reader.actor)


def locked_out(reason: Message | None, detail: TicketDetail) -> Response | None:
    """Lead whoever asks for inputs of a ticket closed to him back to its page, which says why there are none."""
    if reason is None:
        return None
    say(reason, "warning")
    return go(ticket_url(detail.number))


def ticket_url(number: str) -> str:
    """Return the address of a ticket's page, as `url_for` says it: a list asks for dozens."""
    return f"/tickets/{quote(number, safe=_IN_PATH)}"


def section_draft(user_id: int | None, number: str, key: str) -> str:
    """Return what the browser calls the text typed into a section, which is its writer's alone."""
    return f"{user_id}:edit:{number}:{key}"


def go(url: str, draft: str = "") -> Response:
    """Lead on after a write: a redirect, which htmx follows as a whole page.

    ``draft`` is what the browser calls the text that was taken; the page that follows a form's own sending says so.
    """
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    if draft:
        session[_TAKEN] = draft
    response: Response = redirect(url, 303)  # type: ignore[assignment]
    return response


def install(app: Flask) -> None:
    """Give templates `taken_draft()`: the draft that is no longer needed, said once."""
    app.jinja_env.globals["taken_draft"] = lambda: session.pop(_TAKEN, "")


def version_id_in(formdata: Any) -> int | None:
    """Return the template version a form was made of; its key is an INTEGER."""
    return whole_in(formdata.get("version_id"), LARGEST_SMALL_KEY)


def version_in(work: Work, formdata: Any) -> CompiledVersion:
    """Return the template version a form was made of; NotFoundError when it names none there is."""
    # No version has the id 0.
    return templates.version(work, version_id_in(formdata) or 0)


def argument_id(name: str) -> int | None:
    """Return the id in the query string; None when it is none."""
    return whole_in(request.args.get(name))


def codes(error: DomainError) -> set[str]:
    """Return the codes of what was refused."""
    return {one.code for one in error.refusals}


def short(label: str) -> str:
    """Return the name out of "name (code)", as there is room for it in a row."""
    name, _open, _code = label.rpartition(" (")
    return name or label
