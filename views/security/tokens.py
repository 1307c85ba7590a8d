"""Tokens: one's own under one's profile, everybody's for administrators. A token is shown once, when it is made."""

from collections.abc import Mapping
from typing import Any, Final

from flask import make_response, redirect, request, url_for

from app.core.errors import DomainError
from app.core.i18n import Message, _, listing
from app.people import access, tokens
from app.people.roles import PERMISSIONS
from forms.base import mark
from forms.tokens import DAYS, ServiceTokenForm, TokenForm
from views.base import HouseView, current_actor, current_locale, expose, permission, say, signed_in
from views.security.sign_in import no_store

_STATES: Final[Mapping[str, tuple[Message, str]]] = {
    "active": (_("Active"), "green"),
    "expired": (_("Expired"), "gray"),
    "revoked": (_("Revoked"), "red"),
}


class TokenView(HouseView):
    """Making and revoking tokens."""

    route_base = "/tokens"

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """Show one's own tokens."""
        return self._page(TokenForm())

    @expose("/", methods=["POST"])
    @signed_in
    def make(self) -> Any:
        """Make a token of one's own."""
        return self._made(TokenForm())

    @expose("/all")
    @permission("account.read")
    def everybodys(self) -> Any:
        """Show everybody's tokens."""
        return self._page(ServiceTokenForm())

    @expose("/all", methods=["POST"])
    @permission("account.change")
    def make_for(self) -> Any:
        """Make a token for a program."""
        return self._made(ServiceTokenForm())

    @expose("/<int:token_id>/revoke", methods=["POST"])
    @signed_in
    def revoke(self, token_id: int) -> Any:
        """End a token at once."""
        with self.unit_of_work() as work:
            tokens.revoke(work, token_id)
        say(_("The token was revoked. Whatever uses it is refused from now on."))
        everybodys = request.form.get("all") == "1"
        return redirect(url_for("TokenView.everybodys" if everybodys else "TokenView.index"), 303)

    def _made(self, form: TokenForm) -> Any:
        if not self._offered(form).validate():
            return self._page(form, status=422)
        try:
            with self.unit_of_work() as work:
                owner = (
                    access.account_id(work, form.username.data or "") if isinstance(form, ServiceTokenForm) else None
                )
                token = tokens.make(
                    work, form.name.data or "", form.scopes.data or (), days=form.lasting(), user_id=owner
                )
        except DomainError as error:
            form.form_errors = [*form.form_errors, *mark(form, error)]
            return self._page(form, status=422)
        # Never by a redirect: the token would have to be kept somewhere on the way.
        return self._page(type(form)(formdata=None), made=token, status=201)

    def _page(self, form: TokenForm, *, made: str = "", status: int = 200) -> Any:
        service = isinstance(form, ServiceTokenForm)
        with self.reading() as work:
            cards = tokens.all_tokens(work) if service else tokens.own_tokens(work)
        address = "TokenView.everybodys" if service else "TokenView.index"
        page = self.render_template(
            "security/tokens.html", title=_("Tokens of programs") if service else _("Your tokens"),
            form=self._offered(form), made=made, service=service, address=url_for(address), states=_STATES,
            rows=[(one, listing(_words(scope) for scope in one.scopes)) for one in cards],
            may_make=not service or current_actor().may("account.change"),
        )  # fmt: skip
        return no_store(make_response(page, status))

    @staticmethod
    def _offered(form: TokenForm) -> TokenForm:
        locale, held = current_locale(), current_actor().permissions
        # Of one's own those that one's roles can use; of a program's account they are its own.
        form.scopes.choices = [
            (name, label.in_(locale))
            for name, label in tokens.NAMED_SCOPES.items()
            if isinstance(form, ServiceTokenForm) or tokens.granted([name], held)
        ]
        form.days.choices = [(str(one), str(one)) for one in DAYS]
        return form


def _words(scope: str) -> Any:
    return tokens.NAMED_SCOPES.get(scope) or PERMISSIONS.get(scope) or scope
