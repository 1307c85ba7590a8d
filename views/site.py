"""Table: the view classes of the site. Add yours here; its menu entry is in views/menu.py."""

from typing import Any, Final

from views.health import HealthView
from views.language import LanguageView
from views.security import AccountView, PasswordView, ProfileView, RoleView
from views.tickets import TICKET_VIEWS

VIEWS: Final[tuple[type[Any], ...]] = (
    HealthView,
    LanguageView,
    ProfileView,
    PasswordView,
    AccountView,
    RoleView,
    *TICKET_VIEWS,
)
