"""The site map: what stands in the sidebar, in order. A link is shown to who may open it."""

from dataclasses import dataclass, field

from flask import Flask, current_app, request, url_for

from app.core.i18n import Message, _
from views.base.guard import PUBLIC, SIGNED_IN
from views.base.person import current_actor


@dataclass(frozen=True, slots=True)
class Entry:
    """One link. ``permission`` may be left empty: then whatever its route needs."""

    label: Message
    icon: str
    endpoint: str
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Links under one heading."""

    label: Message
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the sidebar draws it."""

    label: Message
    icon: str
    url: str
    active: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A group as the sidebar draws it."""

    label: Message
    entries: list[Link] = field(default_factory=list)


MENU: tuple[Group, ...] = (
    Group(
        _("Work"),
        (
            Entry(_("Tickets"), "ticket", "TicketView.index", "ticket.read"),
            Entry(_("Import"), "file-import", "ImportView.index"),
            Entry(_("Jobs"), "hourglass", "JobsView.index", "job.read"),
        ),
    ),
    Group(
        _("Customers"),
        (
            Entry(_("Customers"), "users", "CustomerView.list"),
            Entry(_("Customer levels"), "crown", "CustomerLevelView.list"),
            Entry(_("Tags"), "tags", "TagView.list"),
        ),
    ),
    Group(
        _("Products"),
        (
            Entry(_("Installed products"), "device-desktop", "InstalledProductView.list"),
            Entry(_("Products"), "package", "ProductView.list"),
            Entry(_("Product categories"), "category", "ProductCategoryView.list"),
        ),
    ),
    Group(
        _("Configuration"),
        (
            Entry(_("Templates"), "template", "TemplateView.index"),
            Entry(_("Field definitions"), "forms", "FieldView.index"),
            Entry(_("Outlets"), "building-store", "OutletView.list"),
            Entry(_("Teams"), "users-group", "TeamView.list"),
            Entry(_("Staff"), "id-badge-2", "StaffView.list"),
            Entry(_("Skills"), "certificate", "SkillView.list"),
            Entry(_("Regions"), "map", "RegionView.list"),
        ),
    ),
    Group(
        _("Administration"),
        (
            Entry(_("Users"), "user-cog", "AccountView.list"),
            Entry(_("Roles"), "shield-lock", "RoleView.index"),
            Entry(_("Audit"), "history", "AuditView.index"),
            Entry(_("Company"), "building", "CompanyView.index"),
        ),
    ),
)


def install(app: Flask) -> None:
    """Give templates `site_menu()`."""
    app.jinja_env.globals["site_menu"] = site_menu


def site_menu() -> list[Section]:
    """Return what this person may open; no statement is needed for it."""
    actor, needs = current_actor(), current_app.extensions["gongdan-requirements"]
    here = (request.endpoint or "").partition(".")[0]
    sections = []
    for group in MENU:
        section = Section(group.label)
        for entry in group.entries:
            # An entry whose feature is not installed is left out.
            need = entry.permission or needs.get(entry.endpoint, "")
            if entry.endpoint in needs and (need in {PUBLIC, SIGNED_IN} or actor.may(need)):
                active = entry.endpoint.partition(".")[0] == here
                section.entries.append(Link(entry.label, entry.icon, url_for(entry.endpoint), active))
        if section.entries:
            sections.append(section)
    return sections
