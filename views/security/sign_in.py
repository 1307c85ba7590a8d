"""Signing in and out."""

from typing import Any

from flask import Response, current_app, make_response, redirect, request, session, url_for
from flask_appbuilder.security.views import AuthView
from flask_login import logout_user

from app.core.i18n import _
from app.core.permissions import SYSTEM
from app.people import sign_in
from forms.security import SignInForm
from views.base import HouseView, current_person, expose, forget_person, public, safe_next
from views.base.person import SECRET_KEY, USER_KEY


class SignInView(HouseView, AuthView):
    """The door of the site. Every wrong answer looks the same, takes as long, and is counted."""

    route_base = ""
    default_view = "login"
    login_template = "appbuilder/general/security/login_db.html"
    title = _("Sign in")

    @expose("/login/", methods=["GET", "POST"])
    @public
    def login(self) -> Any:
        """Show the form; take it."""
        if current_person():
            return redirect(safe_next(request.args.get("next")))
        form = SignInForm()
        if request.method == "GET":
            return self._page(form, 200)
        if not form.validate():
            return self._page(form, 422)
        return self._checked(form)

    def _checked(self, form: SignInForm) -> Any:
        username, password, address = form.username.data or "", form.password.data or "", request.remote_addr or ""
        with self.unit_of_work(SYSTEM) as work:
            allowed = sign_in.count_attempt(work, username, address)
        if not allowed:
            current_app.logger.warning("too many sign-in attempts", extra={"address": address})
            form.form_errors = [_("Too many attempts. Please wait 15 minutes and try again.")]
            response = self._page(form, 429)
            response.headers["Retry-After"] = str(int(sign_in.WINDOW.total_seconds()))
            return response
        # Hashing takes its time on purpose, so it happens outside of any transaction.
        with self.reading(SYSTEM) as work:
            stored = sign_in.stored_password(work.session, username)
        user_id = sign_in.verified(stored, password)
        if user_id is None:
            current_app.logger.info("sign-in refused", extra={"address": address})
            form.form_errors = [_("User name or password is wrong.")]
            return self._page(form, 401)
        with self.unit_of_work(SYSTEM) as work:
            secret = sign_in.open_session(work, user_id, username, address)
        begin(user_id, secret)
        return no_store(redirect(safe_next(request.args.get("next"))))

    @expose("/logout/", methods=["POST"])
    @public
    def logout(self) -> Any:
        """End the session here and in the database."""
        secret = session.get(SECRET_KEY)
        if isinstance(secret, str):
            with self.unit_of_work(SYSTEM) as work:
                sign_in.close_session(work, secret)
        logout_user()
        session.clear()
        forget_person()
        return no_store(redirect(url_for("SignInView.login")))

    def _page(self, form: SignInForm, status: int) -> Response:
        # The cookie still names a session: somebody was signed in here, and did not sign out.
        ended = isinstance(session.get(SECRET_KEY), str)
        page = self.render_template(self.login_template, title=self.title, form=form, ended=ended)
        return no_store(make_response(page, status))


def begin(user_id: int, secret: str) -> None:
    """Start a new cookie session: nothing of the one before signing in is kept but the language."""
    locale = session.get("locale")
    session.clear()
    session.permanent = True
    session[USER_KEY], session[SECRET_KEY] = str(user_id), secret
    if locale:
        session["locale"] = locale
    forget_person()


def no_store(response: Any) -> Response:
    """Keep the answer out of every cache and of the back button."""
    kept: Response = make_response(response)
    kept.headers["Cache-Control"] = "no-store"
    return kept
