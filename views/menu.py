"""The site map: what stands in the sidebar, in order. A link is shown to who may open it."""

from dataclasses import dataclass, field
from functools import cache

from flask import Flask, current_app, request, url_for

from app.core.i18n import Message, _
from views.base.guard import PUBLIC, SIGNED_IN
from views.base.person import current_actor


@dataclass(frozen=True, slots=True)
class Entry:
    """One link. It is shown to who holds one of ``uses``; left empty: what its route needs.

    Many may open a list that few work with: a ticket form offers outlets to a technician, who has no use for the
    list of them. ``uses`` names what one does there.
    """

    label: Message
    icon: str
    endpoint: str
    uses: tuple[str, ...] = ()
    #: A template of what stands beneath it.
    beneath: str = ""


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
    beneath: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A group as the sidebar draws it."""

    label: Message
    entries: list[Link] = field(default_factory=list)


def _kept(thing: str, *also: str) -> tuple[str, ...]:
    """Return what those hold who keep a kind of record, or take it away."""
    return (*(f"{thing}.{verb}" for verb in ("create", "change", "delete", "export")), *also)


MENU: tuple[Group, ...] = (
    Group(
        _("Work"),
        (
            Entry(_("Tickets"), "ticket", "TicketView.index", beneath="tickets/_side_views.html"),
            Entry(_("Import"), "file-import", "ImportView.index", ("ticket.import", "audit.read")),
            Entry(_("Background jobs"), "hourglass", "JobsView.index", ("job.read",)),
        ),
    ),
    Group(
        _("Customers"),
        (
            Entry(_("Customers"), "users", "CustomerView.list"),
            Entry(_("Contacts"), "phone", "ContactView.list", _kept("contact")),
            Entry(_("Sites"), "map-pin", "SiteView.list", _kept("site")),
            Entry(_("Customer levels"), "crown", "CustomerLevelView.list", _kept("customer_level")),
            Entry(_("Tags"), "tags", "TagView.list", _kept("tag")),
        ),
    ),
    Group(
        _("Products"),
        (
            Entry(_("Installed products"), "device-desktop", "InstalledProductView.list"),
            Entry(_("Products"), "package", "ProductView.list"),
            Entry(_("Product categories"), "category", "ProductCategoryView.list", _kept("product_category")),
        ),
    ),
    Group(
        _("Organisation"),
        (
            # Who may see staff works with people: looks up who can do what, and where.
            Entry(_("Outlets"), "building-store", "OutletView.list", _kept("outlet", "staff.read")),
            Entry(_("Teams"), "users-group", "TeamView.list", _kept("team", "staff.read")),
            Entry(_("Staff"), "id-badge-2", "StaffView.list"),
            Entry(_("Skills"), "certificate", "SkillView.list", _kept("skill")),
            Entry(_("Regions"), "map", "RegionView.list", _kept("region")),
        ),
    ),
    Group(
        _("Configuration"),
        (
            Entry(_("Templates"), "template", "TemplateView.index", ("template.export",)),
            Entry(_("Field definitions"), "forms", "FieldView.index"),
        ),
    ),
    Group(
        _("Administration"),
        (
            Entry(_("Users"), "user-cog", "AccountView.list"),
            Entry(_("Roles"), "shield-lock", "RoleView.index"),
            Entry(_("Tokens"), "key", "TokenView.everybodys"),
            Entry(_("Audit"), "history", "AuditView.index"),
            Entry(_("Company"), "building", "CompanyView.index"),
        ),
    ),
)


def install(app: Flask) -> None:
    """Give templates `site_menu()`."""
    app.jinja_env.globals["site_menu"] = site_menu


@cache
def _address(endpoint: str) -> str:
    """Return where an entry leads: it has no parameters, so it is the same on every page."""
    return url_for(endpoint)


def site_menu() -> list[Section]:
    """Return what this person may open; no statement is needed for it."""
    actor, needs = current_actor(), current_app.extensions["gongdan-requirements"]
    here = (request.endpoint or "").partition(".")[0]
    sections = []
    for group in MENU:
        section = Section(group.label)
        for entry in group.entries:
            # An entry whose feature is not installed is left out.
            need = needs.get(entry.endpoint)
            opens = need in {PUBLIC, SIGNED_IN} or (need is not None and actor.may(need))
            if opens and (not entry.uses or any(actor.may(one) for one in entry.uses)):
                active = entry.endpoint.partition(".")[0] == here
                link = Link(entry.label, entry.icon, _address(entry.endpoint), active, entry.beneath)
                section.entries.append(link)
        if section.entries:
            sections.append(section)
    return sections
