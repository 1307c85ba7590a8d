"""Saved views: kept under a name, shown with their counts, renamed, brought into order, deleted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Flask, Response, current_app, g, request, url_for

from app.core.errors import DomainError, NotFoundError, Refusal
from app.core.i18n import Message, _, spoken
from app.core.numbers import whole_in
from app.core.work import Work
from app.desk import queries as desk
from app.desk import service
from app.desk.queries import ViewCard
from app.desk.reach import PUBLISH
from app.desk.service import GONE, Title
from app.people import role_service
from app.tickets import queries
from app.tickets.queries import Count, TicketQuery
from forms.ticket_list import ListState
from views.base import current_actor, current_locale, expose, permission, say
from views.tickets.asked import NAMES, asked, views_of
from views.tickets.desk import DeskView, go

#: The sidebar shows so many, with their counts; the rest stand on their own page.
BESIDE: Final = 12
#: A person's counts are read again after so long.
FRESH: Final = timedelta(seconds=15)
#: Persons times views whose counts one process holds.
_HELD: Final = 2_000
_HOLDER: Final = "gongdan-view-counts"
AUDIENCES: Final[Mapping[str, Message]] = {"mine": _("Only me"), "team": _("A team"), "all": _("Everybody")}


class TicketSavedView(DeskView):
    """The views of the person who asks."""

    @expose("/views/")
    @permission("ticket.read")
    def index(self) -> Response:
        """Show all of them, to be called otherwise, ordered, deleted."""
        with self.reading() as work:
            return self.page("tickets/views.html", **_listed(work))

    @expose("/views/side")
    @permission("ticket.read")
    def side(self) -> Response:
        """Return the sidebar's part: names and counts, asked for when the page is there."""
        with self.reading() as work:
            views = views_of(work)
            return self.page("tickets/_side_views.html", counts=_counts(work, views[:BESIDE]), counted=True)

    @expose("/views/new", methods=["GET", "POST"])
    @permission("ticket.read")
    def new(self) -> Response:
        """Keep the list of the address under a name."""
        title = _title() if request.method == "POST" else Title("")
        refusals: tuple[Refusal, ...] = ()
        if request.method == "POST":
            try:
                with self.unit_of_work() as work:
                    view_id = service.keep_new(work, title, asked(work).state.kept)
            except DomainError as error:
                refusals = error.refusals
            else:
                say(_("The view was saved."))
                return go(url_for("TicketView.index", view=view_id))
        return self._form(request.full_path.rstrip("?"), title, refusals)

    @expose("/views/<int:pk>", methods=["GET", "POST"])
    @permission("ticket.read")
    def change(self, pk: int) -> Response:
        """Call a view otherwise, show it to others, let roles begin with it."""
        with self.reading() as work:
            card = _card(work, pk)
        title = Title(card.name, card.audience, card.team_id)
        refusals: tuple[Refusal, ...] = ()
        if request.method == "POST":
            title = _title()
            try:
                with self.unit_of_work() as work:
                    seen = whole_in(request.form.get("version")) or 0
                    service.rename(work, pk, title, seen=seen)
                    if "with_roles" in request.form and work.actor.may("settings.change"):
                        service.set_default(work, pk, request.form.getlist("roles"), seen=seen + 1)
            except NotFoundError:
                raise
            except DomainError as error:
                refusals = error.refusals
            else:
                say(_("The view was saved."))
                return go(url_for("TicketView.index", view=pk))
        return self._form(url_for("TicketSavedView.change", pk=pk), title, refusals, card)

    @expose("/views/<int:pk>/keep", methods=["POST"])
    @permission("ticket.read")
    def keep(self, pk: int) -> Response:
        """Let the view be the list of the address from now on."""
        state = ListState()
        try:
            with self.unit_of_work() as work:
                state = asked(work).state
                service.keep(work, pk, state.kept, seen=whole_in(request.form.get("version")) or 0)
        except NotFoundError:
            raise
        except DomainError as error:
            say(error.refusals[0].message, "danger")
            return go(state.url(url_for("TicketView.index")))
        say(_("The view was saved."))
        return go(url_for("TicketView.index", view=pk))

    @expose("/views/<int:pk>/delete", methods=["POST"])
    @permission("ticket.read")
    def delete(self, pk: int) -> Response:
        """Take a view away."""
        try:
            with self.unit_of_work() as work:
                service.delete(work, pk, seen=whole_in(request.args.get("version")) or 0)
        except NotFoundError:
            raise
        except DomainError as error:
            say(error.refusals[0].message, "danger")
        else:
            say(_("The view was deleted. Its tickets are where they were."))
        return go(url_for("TicketSavedView.index"))

    @expose("/views/order", methods=["POST"])
    @permission("ticket.read")
    def order(self) -> Response:
        """Bring views into the order they were dragged or pressed to."""
        ids = [one for text in request.form.getlist("id") if (one := whole_in(text))]
        name, _colon, pressed = request.form.get("move", "").partition(":")
        moved = whole_in(pressed)
        if moved in ids:
            place = ids.index(moved)
            ids.insert(max(0, place + (-1 if name == "up" else 1)), ids.pop(place))
        with self.unit_of_work() as work:
            service.arrange(work, ids)
        if not request.headers.get("HX-Request"):
            return go(url_for("TicketSavedView.index"))
        with self.reading() as work:
            return self.page("tickets/_views.html", **_listed(work))

    def _form(self, action: str, title: Title, refusals: tuple[Refusal, ...], card: ViewCard | None = None) -> Response:
        with self.reading() as work:
            actor = work.actor
            offered = {one: label for one, label in AUDIENCES.items() if one != "all" or actor.may(PUBLISH)}
            teams = desk.teams(work)
            if not teams and title.audience != "team":
                offered.pop("team")
            roles = _roles(work) if card and actor.may("settings.change") and actor.may(PUBLISH) else []
        form = {"title": _("Change the view") if card else _("Save as a view"), "fragment": "tickets/_view_form.html"}
        return self.page(
            "tickets/_view_form.html" if request.headers.get("HX-Request") else "tickets/view_page.html",
            422 if refusals else 200,
            form=form, action=action, name=title.name, audience=title.audience, team_id=title.team_id, card=card,
            audiences=offered, teams=teams, roles=roles, refusals=refusals, back_url=url_for("TicketView.index"),
        )  # fmt: skip


def install(app: Flask) -> None:
    """Give templates `side_views()`, which the sidebar of every page lists."""
    app.jinja_env.globals["side_views"] = side_views
    app.extensions[_HOLDER] = {}
    app.extensions[NAMES] = {}


def side_views() -> list[dict[str, Any]]:
    """Return the views beside the list's own entry, as far as this process knows them; no statement is needed for it.

    What it does not know, or knows no better, comes a moment later with the counts.
    """
    actor = current_actor()
    known: Sequence[ViewCard] = g.get("saved_views") or current_app.extensions[NAMES].get(actor, ())
    here = request.args.get("here" if request.endpoint == "TicketSavedView.side" else "view", "")
    base = url_for("TicketView.index")
    return [
        {"id": one.id, "name": one.name, "url": f"{base}?view={one.id}", "active": str(one.id) == here}
        for one in known[:BESIDE]
    ]


def _title() -> Title:
    return Title(
        request.form.get("name", ""), request.form.get("audience", "mine"), whole_in(request.form.get("team_id"))
    )


def _card(work: Work, pk: int) -> ViewCard:
    found = next((one for one in views_of(work) if one.id == pk), None)
    if found is None:
        raise NotFoundError(GONE, code="no_view")
    return found


def _roles(work: Work) -> list[tuple[str, str]]:
    locale = current_locale()
    return sorted((name, spoken(role_service.label_of(name), locale)) for name in role_service.names(work))


def _listed(work: Work) -> dict[str, Any]:
    views = views_of(work)
    roles = dict(_roles(work)) if any(one.default_roles for one in views) else {}
    base = url_for("TicketView.index")
    return {
        "views": [
            {
                "card": one,
                "url": f"{base}?view={one.id}",
                "audience": one.team or AUDIENCES[one.audience],
                "roles": [roles.get(name, name) for name in one.default_roles],
            }
            for one in views
        ],
        "list_url": base,
    }


def _counts(work: Work, views: list[ViewCard]) -> dict[int, Count | None]:
    """Return how many tickets each view finds for this person; kept some seconds, with all rights they were read by."""
    held: dict[Any, tuple[datetime, Count | None]] = current_app.extensions[_HOLDER]
    keys = {one.id: (work.actor, one.id, one.version) for one in views}
    known = {view_id: held[key][1] for view_id, key in keys.items() if key in held and held[key][0] > work.now - FRESH}
    found: dict[int, TicketQuery] = {}
    for one in views:
        if one.id not in known:
            try:
                found[one.id] = ListState.of(one.query).query()
            except DomainError:
                known[one.id] = None
    if found:
        if len(held) > _HELD:
            held.clear()
        read = queries.counts(work, found)
        held.update({keys[view_id]: (work.now, count) for view_id, count in read.items()})
        known |= read
    return known
