"""Signing in, accounts, roles: Flask-AppBuilder's security on our services."""

from views.security.accounts import AccountView
from views.security.house_security import HouseSecurityManager
from views.security.profile import PasswordView, ProfileView
from views.security.roles import RoleView
from views.security.sign_in import SignInView
from views.security.tokens import TokenView

__all__ = ["AccountView", "HouseSecurityManager", "PasswordView", "ProfileView", "RoleView", "SignInView", "TokenView"]
