"""Screens of customers and what belongs to them, outlets, teams, staff, skills and regions."""

from types import MappingProxyType
from typing import Any

from flask import redirect, url_for

from app.core.i18n import Message, _, label_in
from app.core.records.attributes import Choice
from app.core.work import Work
from app.people import privacy, queries
from app.people.lookups import customer_matches
from app.people.models import (
    Contact,
    Customer,
    CustomerLevel,
    Outlet,
    Phone,
    Region,
    Site,
    Skill,
    StaffProfile,
    Tag,
    Team,
)
from app.people.records import (
    CONTACT,
    CUSTOMER,
    CUSTOMER_LEVEL,
    LANGUAGES,
    OUTLET,
    PHONE,
    REGION,
    SITE,
    SKILL,
    STAFF,
    TAG,
    TEAM,
)
from app.tickets.queries import customer_360
from views.base import HouseInterface, current_actor, current_locale, expose, permission
from views.record_view import RecordView

_KINDS = CUSTOMER.attribute("kind")
assert isinstance(_KINDS, Choice)  # noqa: S101 - for the type checker
_KIND_LABELS = _KINDS.options


def _labels(row: Any) -> str:
    return label_in(row.labels if hasattr(row, "labels") else row, current_locale())


def _phones(rows: list[Phone]) -> str:
    plain = privacy.may_see(current_actor())
    return ", ".join(queries.phone_text(row, plain=plain) for row in rows)


class CustomerView(RecordView):
    """Customers: the list, the page that shows all of one, and one form for everything of one."""

    record = CUSTOMER
    route_base = "/customers"
    datamodel = HouseInterface(Customer, scope=CUSTOMER.reach)
    class_permission_name = "customer"
    show_template = "customers/show.html"
    list_title, show_title, add_title, edit_title = (
        _("Customers"),
        _("Customer"),
        _("New customer"),
        _("Change customer"),
    )
    list_columns = ("name", "code", "kind", "level", "phones", "outlet", "tags", "active")
    search_columns = ("name", "code", "kind", "level", "outlet", "tags", "active")
    order_columns = ("name", "code", "kind", "active")
    base_order = ("id", "desc")
    quick_search = ("name_folded", "code")
    label_columns: Any = MappingProxyType({"phones": _("Phones")})
    formatters_columns = MappingProxyType(
        {
            "kind": lambda kind: _KIND_LABELS.get(kind, kind),
            "level": _labels,
            "phones": _phones,
        }
    )

    def matching(self, text: str) -> Any:
        """Search by phone, code, serial or name, like the ticket desk."""
        return customer_matches(text)

    def url_after(self, item: Customer) -> str:
        return url_for("CustomerView.show", pk=item.id)

    @expose("/<int:customer_id>")
    @permission("customer.read")
    def page(self, customer_id: int) -> Any:
        """Show a customer under the short address other pages link to."""
        return redirect(url_for("CustomerView.show", pk=customer_id))

    def more_facts(self, work: Work, row: Customer) -> dict[str, Any]:
        """Give the page the card and, where they may be seen, the tickets."""
        tickets = customer_360(work, row.id) if work.actor.may("ticket.read") else None
        return {
            "card": queries.customer_card(work, row.id),
            "kind_label": _KIND_LABELS.get(row.kind, row.kind),
            "tickets": tickets,
            "may_ticket": work.actor.may("ticket.create"),
            "may_unit": work.actor.may("installed_product.create"),
        }


class OfCustomerView(RecordView):
    """A part of a customer with a screen of its own."""

    def url_after(self, item: Any) -> str:
        return url_for("CustomerView.show", pk=item.customer_id)


class ContactView(OfCustomerView):
    """Contacts of all customers."""

    record = CONTACT
    route_base = "/contacts"
    datamodel = HouseInterface(Contact, scope=CONTACT.reach)
    class_permission_name = "contact"
    list_title, show_title, add_title, edit_title = _("Contacts"), _("Contact"), _("New contact"), _("Change contact")
    list_columns = ("name", "customer", "position", "is_primary")
    search_columns = ("name", "customer", "position", "is_primary")
    order_columns = ("name", "position")
    quick_search = ("name", "position")


class PhoneView(OfCustomerView):
    """Phones of all customers; the numbers are encrypted, so a list of them cannot be searched but by the number."""

    record = PHONE
    route_base = "/phones"
    datamodel = HouseInterface(Phone, scope=PHONE.reach)
    class_permission_name = "contact"
    list_title, show_title, add_title, edit_title = _("Phones"), _("Phone"), _("New phone"), _("Change phone")
    list_columns = ("tail", "customer", "contact")
    search_columns = ("customer",)
    order_columns = ("id",)
    label_columns: Any = MappingProxyType({"tail": _("Phone")})
    formatters_columns = MappingProxyType({"tail": privacy.masked_phone})


class SiteView(OfCustomerView):
    """Sites of all customers."""

    record = SITE
    route_base = "/sites"
    datamodel = HouseInterface(Site, scope=SITE.reach)
    class_permission_name = "site"
    list_title, show_title, add_title, edit_title = _("Sites"), _("Site"), _("New site"), _("Change site")
    list_columns = ("name", "customer", "region")
    search_columns = ("name", "customer", "region")
    order_columns = ("name",)
    quick_search = ("name",)


class CustomerLevelView(RecordView):
    """Ranks of customers."""

    record = CUSTOMER_LEVEL
    route_base = "/customer-levels"
    datamodel = HouseInterface(CustomerLevel)
    class_permission_name = "customer_level"
    list_title, show_title = _("Customer levels"), _("Customer level")
    add_title, edit_title = _("New customer level"), _("Change customer level")
    list_columns = ("key", "labels", "rank")
    search_columns = ("key", "rank")
    order_columns = ("key", "rank")
    base_order = ("rank", "desc")
    formatters_columns = MappingProxyType({"labels": _labels})


class TagView(RecordView):
    """Tags of customers."""

    record = TAG
    route_base = "/tags"
    datamodel = HouseInterface(Tag)
    class_permission_name = "tag"
    list_title, show_title, add_title, edit_title = _("Tags"), _("Tag"), _("New tag"), _("Change tag")
    list_columns = ("name", "changed_at")
    search_columns = ("name",)
    order_columns = ("name", "changed_at")
    base_order = ("name", "asc")
    quick_search = ("name",)
    label_columns: Any = MappingProxyType({"changed_at": _("Changed")})


class OutletView(RecordView):
    """Service outlets."""

    record = OUTLET
    route_base = "/outlets"
    datamodel = HouseInterface(Outlet, scope=OUTLET.reach)
    class_permission_name = "outlet"
    list_title, show_title, add_title, edit_title = _("Outlets"), _("Outlet"), _("New outlet"), _("Change outlet")
    list_columns = ("name", "code", "region", "phone", "active")
    search_columns = ("name", "code", "region", "active")
    order_columns = ("name", "code", "active")
    base_order = ("code", "asc")
    quick_search = ("name", "code", "address")


class TeamView(RecordView):
    """Teams."""

    record = TEAM
    route_base = "/teams"
    datamodel = HouseInterface(Team, scope=TEAM.reach)
    class_permission_name = "team"
    list_title, show_title, add_title, edit_title = _("Teams"), _("Team"), _("New team"), _("Change team")
    list_columns = ("name", "code", "outlet", "active")
    search_columns = ("name", "code", "outlet", "active")
    order_columns = ("name", "code", "active")
    base_order = ("code", "asc")
    quick_search = ("name", "code")


class SkillView(RecordView):
    """What staff can be able to do."""

    record = SKILL
    route_base = "/skills"
    datamodel = HouseInterface(Skill)
    class_permission_name = "skill"
    list_title, show_title, add_title, edit_title = _("Skills"), _("Skill"), _("New skill"), _("Change skill")
    list_columns = ("key", "labels")
    search_columns = ("key",)
    order_columns = ("key",)
    base_order = ("key", "asc")
    formatters_columns = MappingProxyType({"labels": _labels})


class StaffView(RecordView):
    """What the company knows of the people who work for it."""

    record = STAFF
    route_base = "/staff"
    datamodel = HouseInterface(StaffProfile, scope=STAFF.reach)
    class_permission_name = "staff"
    list_title, show_title = _("Staff"), _("Staff profile")
    add_title, edit_title = _("New staff profile"), _("Change staff profile")
    list_columns = ("user", "outlet", "teams", "capacity_per_day", "locale")
    search_columns = ("outlet", "teams", "capacity_per_day")
    order_columns = ("capacity_per_day",)
    formatters_columns = MappingProxyType({"locale": lambda locale: LANGUAGES.get(locale, locale)})

    def more_facts(self, work: Work, row: StaffProfile) -> dict[str, Any]:
        """Give the page the skills as a table."""
        del work
        heads: list[Message] = [one.label for one in STAFF.lines["skills"].attributes]
        rows = [(_labels(one.skill), one.level, one.certificate_no, one.valid_until_on) for one in row.skills]
        return {"tables": [(_("Skills"), heads, rows)] if rows else []}


class RegionView(RecordView):
    """Provinces, cities and districts."""

    record = REGION
    route_base = "/regions"
    datamodel = HouseInterface(Region)
    class_permission_name = "region"
    list_title, show_title, add_title, edit_title = _("Regions"), _("Region"), _("New region"), _("Change region")
    list_columns = ("full_name", "code", "level")
    search_columns = ("full_name", "code", "level")
    order_columns = ("full_name", "code", "level")
    base_order = ("code", "asc")
    quick_search = ("full_name", "code")
    label_columns: Any = MappingProxyType({"full_name": _("Whole name"), "level": _("Level")})


PEOPLE_VIEWS = (
    CustomerView,
    ContactView,
    PhoneView,
    SiteView,
    CustomerLevelView,
    TagView,
    OutletView,
    TeamView,
    SkillView,
    StaffView,
    RegionView,
)
