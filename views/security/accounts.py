"""Accounts: Flask-AppBuilder's list of users, our services behind its forms."""

from datetime import UTC, datetime
from typing import Any, ClassVar, cast

from flask import make_response, redirect, request, url_for
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.security.sqla.models import User
from wtforms import SelectField

from app.core.errors import ConflictError, DomainError
from app.core.i18n import _, label_in
from app.core.pinyin import by_pinyin
from app.people import access, history, queries
from app.people.role_service import keyed, label_of
from app.people.roles import ROLES
from forms.security import AccountForm, NewAccountForm, NewPasswordForm
from views.base import HouseInterface, HouseModelView, current_locale, expose, house, permission, say
from views.base.form_conflicts import merge, remember
from views.base.house_view import PERSON
from views.base.person import actor, current_actor
from views.security.sign_in import no_store


def _role_names(roles: Any) -> str:
    return ", ".join(label_in(label_of(role.name), current_locale()) for role in roles)


def _role_choices() -> list[tuple[str, str]]:
    """Return the roles one may look for, none of them first."""
    with house().transactions.reading(actor()) as work:
        return [("", ""), *((str(key), label_in(label, current_locale())) for key, label in keyed(work))]


def _instant(moment: datetime | None) -> datetime | None:
    """Return what Flask-AppBuilder's table keeps without a zone as the instant it is."""
    return moment.replace(tzinfo=UTC) if moment else None


def _as_it_is(value: Any) -> Any:
    return value


class AccountView(HouseModelView):
    """People who sign in. Accounts are never deleted: what they did must keep its name."""

    route_base = "/users"
    datamodel = HouseInterface(User, orders={"first_name": lambda: by_pinyin(User.first_name)})
    class_permission_name = "account"
    exclude_route_methods: ClassVar[set[str]] = {"download", "delete", "delete_many", "action", "action_post"}
    list_title = _("Users")
    show_title = _("User")
    add_title = _("New user")
    edit_title = _("Change user")
    list_columns: ClassVar[list[str]] = ["username", "first_name", "email", "roles", "active", "last_login"]
    search_columns: ClassVar[list[str]] = ["username", "first_name", "roles", "active"]
    order_columns: ClassVar[list[str]] = ["username", "first_name", "active", "last_login"]
    base_order = ("first_name", "asc")
    quick_search = ("username", "first_name", "last_name", "email")
    search_hint = _("User name, name or e-mail")
    search_form_extra_fields: ClassVar[dict[str, Any]] = {
        "roles": SelectField(cast("Any", _("Roles")), choices=_role_choices, validate_choice=False)
    }
    label_columns: ClassVar[dict[str, Any]] = {
        "username": _("User name"),
        "first_name": _("Full name"),
        "email": _("E-mail"),
        "roles": _("Roles"),
        "active": _("May sign in"),
        "last_login": _("Last sign-in"),
    }
    formatters_columns: ClassVar[dict[str, Any]] = {
        "roles": _role_names,
        "email": access.shown_email,
        "last_login": _instant,
    }
    add_form = NewAccountForm
    edit_form = AccountForm
    add_columns: ClassVar[list[str]] = ["username", "name", "email", "password", "roles"]
    edit_columns: ClassVar[list[str]] = ["name", "email", "roles", "active"]

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        form = self._with_roles(NewAccountForm())
        if request.method == "POST" and not form.validate():
            self._tell_the_rest(form)
        elif request.method == "POST":
            try:
                with house().transactions.unit_of_work(actor(), PERSON) as work:
                    user_id = access.create_account(
                        work, form.username.data, form.password.data, name=form.name.data, email=form.email.data or "",
                        roles=form.roles.data or (),
                    )  # fmt: skip
            except DomainError as error:
                self._refuse(form, error)
            else:
                say(_("The account was created. Its password must be changed at first sign-in."))
                return redirect(url_for("AccountView.show", pk=user_id))
        status = 422 if form.errors or form.form_errors else 200
        return no_store(self._form_page(self.add_template, self.add_title, self._get_add_widget(form=form), status))

    def _tell_the_rest(self, form: NewAccountForm) -> None:
        """Say what is wrong besides what the form knows by itself, so that all of it is told at once."""
        with house().transactions.reading(actor()) as work:
            found = access.faults(
                work, form.username.data or "", form.password.data or "", name=form.name.data or "",
                email=form.email.data or "",
            )  # fmt: skip
        if rest := [one for one in found if not form[one.field].errors]:
            self._refuse(form, DomainError.of(rest))

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """Show an account with its roles and who changed what of it."""
        user = self._found(pk)
        values = self.datamodel.get_values_item(user, self.list_columns)
        shown = zip(self.list_columns, values, strict=True)
        facts = [
            (self.label_columns[name], self.formatters_columns.get(name, _as_it_is)(value)) for name, value in shown
        ]
        with house().transactions.reading(actor()) as work:
            events = history.events_of(work, "ab_user", user.id)
            profile = queries.staff_profile_of(work, user.id)
        changeable = current_actor().may("account.change")
        urls = {"edit": url_for("AccountView.edit", pk=pk), "list": url_for("AccountView.list")}
        if profile is not None:
            urls["profile"] = url_for("StaffView.show", pk=profile)
        elif current_actor().may("staff.create"):
            urls["new_profile"] = url_for("StaffView.add", user_id=user.id)
        return self.render_template(
            "security/account.html", title=self.show_title, heading=access.called(user), facts=facts,
            events=events, changeable=changeable, urls=urls, password_url=url_for("AccountView.password", pk=pk),
        )  # fmt: skip

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        user = self._found(pk)
        stored = self._stored(user)
        form = self._with_roles(AccountForm(data=stored))
        if request.method == "GET":
            remember(form)
        asked = request.method == "POST" and merge(form, AccountForm(formdata=None, data=stored))
        if request.method == "POST" and not asked and form.validate():
            try:
                self._save(user.id, form, stored)
            except ConflictError as error:
                # Between our look and our lock: what came between is put beside what was typed. The look ends here.
                self.datamodel.session.rollback()
                asked = merge(form, AccountForm(formdata=None, data=self._stored(user)))
                self._refuse(form, error)
            except DomainError as error:
                self._refuse(form, error)
            else:
                say(self.edit_row_message)
                return redirect(self.url_after(user))
        widgets = self._get_edit_widget(form=form)
        status = 409 if asked else 422 if form.errors or form.form_errors else 200
        return self._form_page(self.edit_template, self.edit_title, widgets, status, pk=pk)

    @staticmethod
    def _stored(user: User) -> dict[str, Any]:
        return {"name": access.called(user), "email": access.shown_email(user.email), "active": bool(user.active),
                "roles": [role.name for role in user.roles]}  # fmt: skip

    @staticmethod
    def _save(user_id: int, form: AccountForm, seen: dict[str, Any]) -> None:
        with house().transactions.unit_of_work(actor(), PERSON) as work:
            access.hold_account(work, user_id, **seen)
            access.change_account(work, user_id, name=form.name.data or "", email=form.email.data or "")
            access.set_roles(work, user_id, form.roles.data or ())
            access.set_active(work, user_id, active=bool(form.active.data))

    @expose("/password/<pk>", methods=["GET", "POST"])
    @permission("account.change")
    def password(self, pk: str) -> Any:
        """Give somebody a new password, which he must change at his next sign-in."""
        user = self._found(pk)
        user_id, whose = user.id, f"{access.called(user)} ({user.username})"
        form = NewPasswordForm()
        if request.method == "POST" and form.validate():
            try:
                with house().transactions.unit_of_work(actor(), PERSON) as work:
                    access.set_password(work, user_id, form.password.data or "", must_change_password=True)
            except DomainError as error:
                self._refuse(form, error)
            else:
                say(_("The password was set. It must be changed at the next sign-in."))
                return redirect(url_for("AccountView.list"))
        page = self.render_template(
            "security/password.html", title=_("Set password of %(name)s", name=whose), form=form, must=False,
            lang=current_locale(), back=url_for("AccountView.show", pk=pk), whose=whose,
        )  # fmt: skip
        return no_store(make_response(page, 422 if form.errors or form.form_errors else 200))

    @staticmethod
    def _with_roles(form: Any) -> Any:
        with house().transactions.reading(actor()) as work:
            names = access.role_names(work)
        order = [seed.name for seed in ROLES if seed.name in names]
        order += sorted(names - set(order))
        form.roles.choices = [(name, label_in(label_of(name), current_locale())) for name in order]
        return form
