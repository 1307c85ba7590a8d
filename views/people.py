"""Screens of customers and what belongs to them, outlets, teams, staff, skills and regions."""

from types import MappingProxyType
from typing import Any

from flask import redirect, url_for
from sqlalchemy import or_, select

from app.core.i18n import Message, _, label_in
from app.core.pinyin import by_pinyin
from app.core.sql import label_text
from app.core.work import Work
from app.people import phones, privacy, queries
from app.people.lookups import customer_matches, phone_matches, site_matches, staff_matches
from app.people.models import (
    Account,
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
    OUTLET,
    PHONE,
    REGION,
    SITE,
    SKILL,
    STAFF,
    TAG,
    TEAM,
)
from app.people.regions import LEVELS, level_label
from app.tickets.queries import customer_360
from views.base import HouseInterface, current_actor, current_locale, expose, permission
from views.base.interface import sorted_by
from views.record_view import RecordView


def _labels(row: Any) -> str:
    return label_in(row.labels if hasattr(row, "labels") else row, current_locale())


def _skills(rows: list[Skill]) -> list[str]:
    return sorted(_labels(row) for row in rows)


def _phones(rows: list[Phone]) -> str:
    plain = privacy.may_see(current_actor())
    return ", ".join(queries.phone_text(row, plain=plain) for row in rows)


def _personal(text: str) -> str:
    return text if privacy.may_see(current_actor()) else privacy.masked_text(text)


def _staff_phone(number: str) -> str:
    return phones.as_written(number) if privacy.may_see(current_actor()) else privacy.masked_phone(number[-4:])


def _email(address: str) -> str:
    return address if privacy.may_see(current_actor()) else privacy.masked_email(address)


def _by_label(labels: Any) -> Any:
    return lambda: label_text(labels, current_locale())


class CustomerView(RecordView):
    """Customers: the list, the page that shows all of one, and one form for everything of one."""

    record = CUSTOMER
    route_base = "/customers"
    datamodel = HouseInterface(
        Customer, scope=CUSTOMER.reach,
        orders={
            "level": sorted_by(CustomerLevel.rank, CustomerLevel.id == Customer.level_id),
            "outlet": sorted_by(Outlet.name, Outlet.id == Customer.outlet_id),
        },
    )  # fmt: skip
    class_permission_name = "customer"
    show_template = "customers/show.html"
    list_columns = ("name", "code", "kind", "level", "phones", "outlet", "tags", "active")
    search_columns = ("name", "code", "kind", "level", "outlet", "tags", "active")
    order_columns = ("name", "code", "kind", "level", "outlet", "active")
    base_order = ("id", "desc")
    quick_search = ("name", "code")
    search_hint = _("Name, phone, number or serial")
    label_columns: Any = MappingProxyType({"phones": _("Phones")})
    formatters_columns = MappingProxyType({"level": _labels, "phones": _phones})

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
            "kind_label": self.choices["kind"].get(row.kind, row.kind),
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
    datamodel = HouseInterface(
        Contact, scope=CONTACT.reach,
        orders={"customer": sorted_by(Customer.name_folded, Customer.id == Contact.customer_id)},
    )  # fmt: skip
    class_permission_name = "contact"
    list_columns = ("name", "customer", "position", "email", "is_primary")
    search_columns = ("name", "customer", "position", "is_primary")
    order_columns = ("name", "customer", "position", "is_primary")
    base_order = ("name", "asc")
    quick_search = ("name", "position")
    search_hint = _("Name, position, customer or phone")
    formatters_columns = MappingProxyType({"email": _email})

    def matching(self, text: str) -> Any:
        """Search by the contact's own columns, or the customer's as in the list of customers."""
        return or_(super().matching(text), Contact.customer_id.in_(select(Customer.id).where(customer_matches(text))))


class PhoneView(OfCustomerView):
    """Phones of all customers; the numbers are encrypted, so a list of them cannot be searched but by the number."""

    record = PHONE
    route_base = "/phones"
    datamodel = HouseInterface(
        Phone, scope=PHONE.reach,
        orders={"customer": sorted_by(Customer.name_folded, Customer.id == Phone.customer_id)},
    )  # fmt: skip
    class_permission_name = "contact"
    list_title = _("Phones")
    list_columns = ("tail", "customer", "contact")
    search_columns = ("customer",)
    order_columns = ("tail", "customer")
    quick_search = ("tail",)
    search_hint = _("The whole number, its last four digits or the customer")
    label_columns: Any = MappingProxyType({"tail": _("Phone")})
    formatters_columns = MappingProxyType({"tail": privacy.masked_phone})

    def matching(self, text: str) -> Any:
        return phone_matches(text)


class SiteView(OfCustomerView):
    """Sites of all customers."""

    record = SITE
    route_base = "/sites"
    datamodel = HouseInterface(
        Site, scope=SITE.reach,
        orders={
            "customer": sorted_by(Customer.name_folded, Customer.id == Site.customer_id),
            "region": lambda: Site.region_code,
        },
    )  # fmt: skip
    class_permission_name = "site"
    list_columns = ("name", "customer", "region", "address_line")
    search_columns = ("name", "customer", "region")
    order_columns = ("name", "customer", "region")
    base_order = ("id", "desc")
    quick_search = ("name",)
    search_hint = _("Name, region, customer or phone")
    formatters_columns = MappingProxyType({"address_line": _personal})

    def matching(self, text: str) -> Any:
        """Search by the site's name and region, or the customer's own search; address lines are encrypted."""
        return site_matches(text)


class CustomerLevelView(RecordView):
    """Ranks of customers."""

    record = CUSTOMER_LEVEL
    route_base = "/customer-levels"
    datamodel = HouseInterface(CustomerLevel, orders={"labels": _by_label(CustomerLevel.labels)})
    class_permission_name = "customer_level"
    list_columns = ("labels", "key", "rank", "color")
    search_columns = ("key", "rank", "color")
    order_columns = ("labels", "key", "rank", "color")
    base_order = ("rank", "desc")
    quick_search = ("labels", "key")
    formatters_columns = MappingProxyType({"labels": _labels})


class TagView(RecordView):
    """Tags of customers."""

    record = TAG
    route_base = "/tags"
    datamodel = HouseInterface(Tag)
    class_permission_name = "tag"
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
    datamodel = HouseInterface(Outlet, scope=OUTLET.reach, orders={"region": lambda: Outlet.region_code})
    class_permission_name = "outlet"
    list_columns = ("name", "code", "region", "address", "phone", "active")
    search_columns = ("name", "code", "region", "active")
    order_columns = ("name", "code", "region", "active")
    base_order = ("code", "asc")
    quick_search = ("name", "code", "address", "phone")
    search_hint = _("Name, code, address or phone")


class TeamView(RecordView):
    """Teams."""

    record = TEAM
    route_base = "/teams"
    datamodel = HouseInterface(
        Team, scope=TEAM.reach, orders={"outlet": sorted_by(Outlet.name, Outlet.id == Team.outlet_id)}
    )
    class_permission_name = "team"
    list_columns = ("name", "code", "outlet", "active")
    search_columns = ("name", "code", "outlet", "active")
    order_columns = ("name", "code", "outlet", "active")
    base_order = ("code", "asc")
    quick_search = ("name", "code")


class SkillView(RecordView):
    """What staff can be able to do."""

    record = SKILL
    route_base = "/skills"
    datamodel = HouseInterface(Skill, orders={"labels": _by_label(Skill.labels)})
    class_permission_name = "skill"
    list_columns = ("labels", "key")
    search_columns = ("key",)
    order_columns = ("labels", "key")
    base_order = ("key", "asc")
    quick_search = ("labels", "key")
    formatters_columns = MappingProxyType({"labels": _labels})


class StaffView(RecordView):
    """What the company knows of the people who work for it."""

    record = STAFF
    route_base = "/staff"
    datamodel = HouseInterface(
        StaffProfile, scope=STAFF.reach,
        orders={
            "user": sorted_by(by_pinyin(Account.first_name), Account.id == StaffProfile.user_id),
            "outlet": sorted_by(Outlet.name, Outlet.id == StaffProfile.outlet_id),
        },
    )  # fmt: skip
    class_permission_name = "staff"
    list_columns = ("user", "outlet", "teams", "known_skills", "phone", "capacity_per_day")
    search_columns = ("outlet", "teams", "known_skills", "regions", "capacity_per_day")
    order_columns = ("user", "outlet", "capacity_per_day")
    base_order = ("user", "asc")
    quick_search = ("user",)
    search_hint = _("Name, account, team or skill")
    label_columns: Any = MappingProxyType({"user": _("Full name"), "known_skills": _("Skills")})
    formatters_columns = MappingProxyType({"known_skills": _skills, "phone": _staff_phone})

    def matching(self, text: str) -> Any:
        return staff_matches(text)

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
    list_columns = ("full_name", "name", "code", "level")
    search_columns = ("full_name", "code", "level", "parent")
    order_columns = ("full_name", "name", "code", "level")
    base_order = ("code", "asc")
    quick_search = ("full_name", "code")
    search_hint = _("Name or code")
    label_columns: Any = MappingProxyType({"full_name": _("Whole name"), "level": _("Level")})
    choices = MappingProxyType({"level": {str(level): label for level, label in LEVELS.items()}})
    formatters_columns = MappingProxyType({"level": level_label})


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
