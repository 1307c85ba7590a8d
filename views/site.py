"""Table: the view classes of the site. Add yours here; its menu entry is in views/menu.py."""

from typing import Any, Final

from views.api import RECORD_APIS
from views.api.v1 import V1_VIEWS
from views.assets import ASSET_VIEWS
from views.audit import AuditView
from views.company import CompanyView
from views.exports import TicketExportView
from views.health import HealthView
from views.imports import IMPORT_VIEWS
from views.jobs import JobsView
from views.language import LanguageView
from views.lookup import LookupView
from views.made_files import MadeFileView
from views.people import PEOPLE_VIEWS
from views.reports import ServiceReportView
from views.search import SearchView
from views.security import AccountView, PasswordView, ProfileView, RoleView, TokenView
from views.templates import TEMPLATE_SCREENS
from views.tickets import TICKET_VIEWS
from views.tickets.notices import TicketNoticeView

VIEWS: Final[tuple[type[Any], ...]] = (
    HealthView,
    LanguageView,
    ProfileView,
    PasswordView,
    TokenView,
    AccountView,
    RoleView,
    LookupView,
    SearchView,
    AuditView,
    CompanyView,
    *PEOPLE_VIEWS,
    *ASSET_VIEWS,
    *RECORD_APIS,
    *V1_VIEWS,
    *TICKET_VIEWS,
    TicketNoticeView,
    TicketExportView,
    MadeFileView,
    ServiceReportView,
    *IMPORT_VIEWS,
    JobsView,
    *TEMPLATE_SCREENS,
)
