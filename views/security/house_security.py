"""Flask-AppBuilder's security manager, answering from the person read once for the request."""

from typing import Any

from flask import Flask
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_login import LoginManager

from app.people.identity import PREFIX
from views.base.person import SignedIn, current_actor, current_person
from views.security.sign_in import SignInView


class HouseSecurityManager(SecurityManager):
    """No statement beyond the one that read the person; no tokens, no self-registration, no other way in."""

    userstatschartview = None  # loads its charts from a foreign host

    def register_views(self) -> None:
        """Register the sign-in page only; the other security views are in the table of all views."""
        self.auth_view = self.appbuilder.add_view_no_menu(SignInView)

    def create_login_manager(self, app: Flask) -> LoginManager:
        manager = LoginManager(app)
        manager.user_loader(self.load_user)
        # Its check binds a session to the address; ours is a row in the database.
        manager.session_protection = None
        return manager

    def load_user(self, pk: Any) -> SignedIn | None:
        person = current_person()
        return SignedIn(person) if person and str(person.user_id) == str(pk) else None

    def load_user_jwt(self, _jwt_header: Any, _jwt_data: Any) -> None:
        """Accept no tokens: nothing here issues them."""

    def has_access(self, permission_name: str, view_name: str) -> bool:
        return current_actor().may(f"{view_name}.{permission_name.removeprefix(PREFIX)}")

    def is_item_public(self, permission_name: str, view_name: str) -> bool:  # noqa: ARG002 - nothing is
        return False

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:  # noqa: ARG002 - none is
        """Return nothing: the menu is ours (views/menu.py)."""
        return set()

    def get_first_user(self) -> None:
        """Return nobody; Flask-AppBuilder would write to that account to even out timing."""
