"""Roles: a table of things and verbs to tick."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import make_response, redirect, request, url_for

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.i18n import Message, _
from app.core.permissions import Scope
from app.core.work import Work
from app.people import history, role_service
from app.people.role_service import RoleCard
from app.people.roles import PERMISSIONS, SCOPE_LABELS, THINGS, VERBS
from views.base import actor, expose, permission, say
from views.base.table_view import TableColumn, TableFilter, TableView

SCOPES: dict[Scope, Message] = {Scope[name.upper()]: label for name, label in SCOPE_LABELS.items()}


class RoleView(TableView):
    """What each role may do and how far it reaches."""

    route_base = "/roles"
    class_permission_name: ClassVar[str | None] = "role"
    list_title = _("Roles")
    search_hint = _("Name of the role, or what it reaches")
    columns = (
        TableColumn("role", _("Role"), lambda card: card.labels),
        TableColumn("name", _("Key"), lambda card: card.name),
        TableColumn("scope", _("Reaches"), lambda card: SCOPES[card.scope]),
        TableColumn("rights", _("Rights"), lambda card: len(card.permissions)),
        TableColumn("users", _("Users"), lambda card: card.accounts),
    )

    def rows(self, work: Work) -> Sequence[RoleCard]:
        return role_service.roles(work)

    def filters(self, rows: Sequence[Any]) -> Sequence[TableFilter]:
        del rows
        return (
            TableFilter("reach", _("Reaches"), SCOPE_LABELS, lambda card, word: card.scope.name.lower() == word),
            TableFilter(
                "right", _("Has the right"), PERMISSIONS,
                lambda card, word: word in card.permissions,
            ),
        )  # fmt: skip

    def address(self, row: RoleCard) -> str:
        return url_for("RoleView.show", name=row.name)

    @expose("/")
    @permission("role.read")
    def index(self) -> Any:
        """List the roles."""
        add_url = url_for("RoleView.new") if actor().may("role.change") else ""
        return self.list_page(add_url=add_url, add_title=_("New role"))

    @expose("/export/csv")
    @permission("role.export")
    def export_csv(self) -> Any:
        """Send the list as CSV."""
        return self.csv_file()

    @expose("/export/xlsx")
    @permission("role.export")
    def export_xlsx(self) -> Any:
        """Send the list as a workbook."""
        return self.xlsx_file()

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
            events = history.events_of(work, "ab_role", role_service.role_key(work, name))
        return self._page(card, None, events=events, seen=card.stamp)

    @expose("/<name>", methods=["POST"])
    @permission("role.change")
    def change(self, name: str) -> Any:
        """Take the table as it was ticked."""
        card = self._typed(name)
        try:
            with self.unit_of_work() as work:
                seen = request.form.get("seen", "")
                role_service.change_role(work, name, card.permissions, card.scope.name, seen=seen)
        except (NotAllowedError, NotFoundError):
            raise
        except DomainError as error:
            with self.reading() as work:
                seen = role_service.role(work, name).stamp
                events = history.events_of(work, "ab_role", role_service.role_key(work, name))
            return self._page(card, error, events=events, seen=seen)
        say(_("The role was saved. It holds from now on."))
        return redirect(url_for("RoleView.index"))

    @staticmethod
    def _typed(name: str) -> RoleCard:
        scope = Scope.__members__.get(request.form.get("scope", "own").upper(), Scope.OWN)
        ticked = frozenset(request.form.getlist("permissions"))
        return RoleCard(name, role_service.label_of(name), scope, ticked, 0, fixed=False)

    def _page(
        self, card: RoleCard, error: DomainError | None, *, new: bool = False, events: Any = None, seen: str = ""
    ) -> Any:
        verbs = [verb for verb in VERBS if any(verb in thing.verbs for thing in THINGS)]
        page = self.render_template(
            "security/role.html", title=_("New role") if new else card.labels, role=card, new=new, things=THINGS,
            verbs={verb: VERBS[verb] for verb in verbs}, scopes=SCOPES, refusals=error.refusals if error else (),
            may_change=actor().may("role.change") and not card.fixed, events=events,
            seen=seen,
        )  # fmt: skip
        return make_response(page, 200 if error is None else 409 if isinstance(error, ConflictError) else 422)
