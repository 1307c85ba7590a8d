"""Roles: a table of things and verbs to tick."""

from typing import Any

from flask import make_response, redirect, request, url_for

from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.i18n import Message, _
from app.core.permissions import Scope
from app.people import role_service
from app.people.role_service import RoleCard
from app.people.roles import THINGS, VERBS
from views.base import HouseView, actor, expose, permission, say

SCOPES: dict[Scope, Message] = {
    Scope.OWN: _("Own records"),
    Scope.TEAM: _("Records of the own teams"),
    Scope.OUTLET: _("Records of the own outlet"),
    Scope.ALL: _("All records"),
}


class RoleView(HouseView):
    """What each role may do and how far it reaches."""

    route_base = "/roles"

    @expose("/")
    @permission("role.read")
    def index(self) -> Any:
        """List the roles."""
        with self.reading() as work:
            cards = role_service.roles(work)
        return self.render_template(
            "security/roles.html", title=_("Roles"), roles=cards, scopes=SCOPES, may_change=actor().may("role.change")
        )

    @expose("/new", methods=["GET", "POST"])
    @permission("role.change")
    def new(self) -> Any:
        """Make a role of one's own."""
        card = self._typed(request.form.get("name", "").strip())
        if request.method == "POST":
            try:
                with self.unit_of_work() as work:
                    role_service.create_role(work, card.name, card.permissions, card.scope.name)
            except DomainError as error:
                return self._page(card, error, new=True)
            say(_("The role was created."))
            return redirect(url_for("RoleView.index"))
        return self._page(card, None, new=True)

    @expose("/<name>", methods=["GET"])
    @permission("role.read")
    def show(self, name: str) -> Any:
        """Show a role."""
        with self.reading() as work:
            card = role_service.role(work, name)
        return self._page(card, None)

    @expose("/<name>", methods=["POST"])
    @permission("role.change")
    def change(self, name: str) -> Any:
        """Take the table as it was ticked."""
        card = self._typed(name)
        try:
            with self.unit_of_work() as work:
                role_service.change_role(work, name, card.permissions, card.scope.name)
        except (NotAllowedError, NotFoundError):
            raise
        except DomainError as error:
            return self._page(card, error)
        say(_("The role was saved. It holds from now on."))
        return redirect(url_for("RoleView.index"))

    @staticmethod
    def _typed(name: str) -> RoleCard:
        scope = Scope.__members__.get(request.form.get("scope", "own").upper(), Scope.OWN)
        ticked = frozenset(request.form.getlist("permissions"))
        return RoleCard(name, role_service.label_of(name), scope, ticked, 0, fixed=False)

    def _page(self, card: RoleCard, error: DomainError | None, *, new: bool = False) -> Any:
        verbs = [verb for verb in VERBS if any(verb in thing.verbs for thing in THINGS)]
        page = self.render_template(
            "security/role.html", title=_("New role") if new else card.labels, role=card, new=new, things=THINGS,
            verbs={verb: VERBS[verb] for verb in verbs}, scopes=SCOPES, refusals=error.refusals if error else (),
            may_change=actor().may("role.change") and not card.fixed,
        )  # fmt: skip
        return make_response(page, 422 if error else 200)
