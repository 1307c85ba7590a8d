"""One's own account: what it is called, language, light or dark, password."""

from typing import Any, Final

from flask import g, make_response, redirect, request, session, url_for

from app.core.errors import DomainError
from app.core.i18n import _, listing
from app.people import access, role_service, sign_in
from app.people.roles import SCOPE_LABELS
from forms.base import mark
from forms.security import OwnPasswordForm, OwnProfileForm
from views.base import HouseView, current_person, expose, say, signed_in
from views.base.answers import current_locale
from views.base.form_conflicts import merge, remember
from views.security.sign_in import begin, no_store

LANGUAGE_NAMES: Final = {"zh_Hans": "简体中文", "zh_Hant": "繁體中文", "en": "English"}
_THEMES: Final = {"auto": _("As the device is set"), "light": _("Light colours"), "dark": _("Dark colours")}
_COOKIE_LASTS = 365 * 24 * 3600


class ProfileView(HouseView):
    """The page behind one's name."""

    route_base = "/users/userinfo"

    @expose("/", methods=["GET", "POST"])
    @signed_in
    def index(self) -> Any:
        """Show and change one's own account."""
        person = current_person()
        assert person is not None  # noqa: S101 - the route is for people signed in
        stored = {
            "name": person.name, "email": access.shown_email(person.email), "locale": person.locale or "",
            "theme": person.theme, "shortcuts": person.shortcuts,
        }  # fmt: skip
        form = self._form(OwnProfileForm(data=stored))
        if request.method == "GET":
            remember(form)
        asked = request.method == "POST" and merge(form, OwnProfileForm(formdata=None, data=stored))
        if request.method == "POST" and not asked and form.validate():
            try:
                with self.unit_of_work() as work:
                    access.hold_account(work, person.user_id, email=stored["email"])
                    access.change_account(work, person.user_id, name=form.name.data or "", email=form.email.data or "")
                    access.prefer(
                        work, locale=form.locale.data or "", theme=form.theme.data or "auto",
                        shortcuts=bool(form.shortcuts.data),
                    )  # fmt: skip
            except DomainError as error:
                form.form_errors = [*form.form_errors, *mark(form, error)]
            else:
                return self._saved(form)
        roles = listing(role_service.label_of(name) for name in sorted(person.actor.roles))
        page = self.render_template(
            "security/profile.html", title=_("Your profile"), form=form, person=person, roles=roles,
            reaches=SCOPE_LABELS[person.actor.scope.name.lower()],
        )  # fmt: skip
        return make_response(page, 409 if asked else 422 if form.errors else 200)

    @staticmethod
    def _form(form: OwnProfileForm) -> OwnProfileForm:
        locale = current_locale()
        form.locale.choices = [("", _("As the browser asks").in_(locale)), *LANGUAGE_NAMES.items()]
        form.theme.choices = [(theme, label.in_(locale)) for theme, label in _THEMES.items()]
        return form

    @staticmethod
    def _saved(form: OwnProfileForm) -> Any:
        if form.locale.data:
            # What is said about it is said in the new language already.
            session["locale"] = g.locale = form.locale.data
        say(_("Your profile was saved."))
        response: Any = redirect(url_for("ProfileView.index"))
        response.set_cookie("theme", form.theme.data or "auto", max_age=_COOKIE_LASTS, samesite="Lax")
        return response

    @expose("/theme", methods=["POST"])
    @signed_in
    def theme(self) -> Any:
        """Keep the choice of light or dark with the account; the cookie is what pages read before they draw."""
        with self.unit_of_work() as work:
            access.choose(work, theme=request.form.get("theme", ""))
        response = make_response("", 204)
        response.set_cookie("theme", request.form["theme"], max_age=_COOKIE_LASTS, samesite="Lax")
        return response


class PasswordView(HouseView):
    """Changing one's own password."""

    route_base = "/password"
    default_view = "change"

    @expose("/", methods=["GET", "POST"])
    @signed_in
    def change(self) -> Any:
        """Ask for the present password and the new one; every other session of the account ends."""
        person = current_person()
        assert person is not None  # noqa: S101 - the route is for people signed in
        form = OwnPasswordForm()
        if request.method == "POST" and form.validate():
            try:
                secret = self._change(form, person.user_id, person.username)
            except DomainError as error:
                form.form_errors = [*form.form_errors, *mark(form, error)]
            else:
                begin(person.user_id, secret)
                say(_("Your password was changed. Other devices were signed out."))
                return no_store(redirect("/"))
        page = self.render_template(
            "security/password.html", title=_("Change password"), form=form, must=person.must_change_password,
            lang=current_locale(),
        )  # fmt: skip
        return no_store(make_response(page, 422 if form.errors else 200))

    def _change(self, form: OwnPasswordForm, user_id: int, username: str) -> str:
        address = request.remote_addr or ""
        with self.unit_of_work() as work:
            allowed = sign_in.count_attempt(work, username, address)
            stored = sign_in.stored_password(work.session, username)
        if not allowed:
            raise DomainError(_("Too many attempts. Please wait 15 minutes and try again."), code="too_many")
        if sign_in.verified(stored, form.current.data or "") is None:
            raise DomainError(_("The present password is wrong."), field="current", code="wrong_password")
        if form.password.data == form.current.data:
            raise DomainError(_("Please choose a password that differs from the present one."), field="password")
        with self.unit_of_work() as work:
            access.set_password(work, user_id, form.password.data or "", must_change_password=False)
            return sign_in.open_session(work, user_id, username, address)
