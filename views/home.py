"""The first page after signing in."""

from typing import Any

from flask import current_app, redirect, url_for

from app.core.i18n import _
from views.base import HouseView, current_actor, expose, signed_in


class HomeView(HouseView):
    """Leads to the tickets, or says hello to somebody who may not see them."""

    route_base = ""

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """Show what is first."""
        if "TicketView.index" in current_app.view_functions and current_actor().may("ticket.read"):
            return redirect(url_for("TicketView.index"))
        return self.render_template("home.html", title=_("Home"))
