"""Screens of customers and what belongs to them: contacts, phones, sites and levels."""

from types import MappingProxyType
from typing import Any

from flask import redirect, url_for
from sqlalchemy import or_

from app.core.i18n import Message, _
from app.core.work import Work
from app.people import privacy, queries
from app.people.lookups import contact_matches, customer_matches, phone_matches, site_matches
from app.people.models import Contact, Customer, CustomerLevel, Outlet, Phone, Site
from app.people.records import CONTACT, CUSTOMER, CUSTOMER_LEVEL, PHONE, SITE
from app.tickets.queries import customer_tickets
from views.base import HouseInterface, expose, permission
from views.base.interface import sorted_by
from views.people import shown
from views.record_facts import Numbers
from views.record_view import RecordView
from views.tickets.customers import brief


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
    leads_on = False
    shown_with = queries.CARD_LOADS
    leading = 2
    starting = MappingProxyType({"kind": "person", "phones": [{}], "sites": [{}]})
    list_columns = ("name", "code", "kind", "level", "phones", "outlet", "tags", "active")
    search_columns = ("name", "code", "kind", "level", "outlet", "tags", "active")
    order_columns = ("name", "code", "kind", "level", "outlet", "active")
    base_order = ("id", "desc")
    quick_search = ("name", "code")
    search_hint = _("Name, phone, number or serial")
    label_columns: Any = MappingProxyType({"phones": _("Phones")})
    formatters_columns = MappingProxyType({"level": shown.labels, "phones": shown.phones})

    def matching(self, text: str) -> Any:
        """Search by phone, code, serial or name, like the ticket desk."""
        return customer_matches(text)

    @expose("/<int:customer_id>")
    @permission("customer.read")
    def page(self, customer_id: int) -> Any:
        """Show a customer under the short address other pages link to."""
        return redirect(url_for("CustomerView.show", pk=customer_id))

    def more_facts(self, work: Work, row: Customer, *, yours: bool) -> dict[str, Any]:
        """Give the page the card and, where they may be seen, the tickets."""
        tickets = customer_tickets(work, row.id) if work.actor.may("ticket.read") else None
        return {
            "card": queries.card_of(work, row),
            "kind_label": self.choices["kind"].get(row.kind, row.kind),
            "tickets": tickets,
            "newest": [brief(one) for one in tickets.newest] if tickets else [],
            # Of no view, so that the one the person's role begins with hides none.
            "tickets_url": url_for("TicketView.index", view="all", customer=row.id),
            "may_contact": work.actor.may("contact.read"),
            "may_site": work.actor.may("site.read"),
            "may_ticket": yours and work.actor.may("ticket.create"),
            "may_unit": yours and work.actor.may("installed_product.create"),
        }


def _numbers(work: Work, rows: list[Phone]) -> Numbers | None:
    """Return numbers to be called, as the person may see them."""
    return Numbers([queries.phone_shown(work, one) for one in rows]) if rows else None


class ContactView(RecordView):
    """Contacts of all customers."""

    record = CONTACT
    route_base = "/contacts"
    datamodel = HouseInterface(
        Contact, scope=CONTACT.reach,
        orders={"customer": sorted_by(Customer.name, Customer.id == Contact.customer_id)},
    )  # fmt: skip
    class_permission_name = "contact"
    starting = MappingProxyType({"phones": [{}]})
    list_columns = ("name", "customer", "phones", "position", "email", "is_primary")
    search_columns = ("name", "customer", "position", "is_primary")
    order_columns = ("name", "customer", "position", "is_primary")
    base_order = ("id", "desc")
    quick_search = ("name", "position")
    search_hint = _("Name, position, customer or phone")
    label_columns: Any = MappingProxyType({"phones": _("Phone")})
    formatters_columns = MappingProxyType({"email": shown.email, "phones": shown.phones})

    def matching(self, text: str) -> Any:
        """Search by the contact's own columns, or the customer's as in the list of customers."""
        return or_(super().matching(text), contact_matches(text))

    def derived_facts(self, work: Work, row: Contact) -> list[tuple[Message, Any]]:
        """Say how the contact is reached."""
        return [(_("Phone"), _numbers(work, row.phones))]


class PhoneView(RecordView):
    """Phones of all customers; the numbers are encrypted, so a list of them cannot be searched but by the number."""

    record = PHONE
    route_base = "/phones"
    datamodel = HouseInterface(
        Phone, scope=PHONE.reach,
        orders={"customer": sorted_by(Customer.name, Customer.id == Phone.customer_id)},
    )  # fmt: skip
    class_permission_name = "contact"
    list_title = _("Phones")
    list_columns = ("tail", "customer", "contact")
    search_columns = ("customer", "contact")
    order_columns = ("tail", "customer")
    quick_search = ("tail",)
    search_hint = _("The whole number, its last four digits or the customer")
    label_columns: Any = MappingProxyType({"tail": _("Phone")})
    formatters_columns = MappingProxyType({"tail": privacy.masked_phone})

    def matching(self, text: str) -> Any:
        return phone_matches(text)


class SiteView(RecordView):
    """Sites of all customers."""

    record = SITE
    route_base = "/sites"
    datamodel = HouseInterface(
        Site, scope=SITE.reach,
        orders={
            "customer": sorted_by(Customer.name, Customer.id == Site.customer_id),
            "region": lambda: Site.region_code,
        },
    )  # fmt: skip
    class_permission_name = "site"
    list_columns = ("name", "customer", "phones", "region", "address_line")
    search_columns = ("name", "customer", "region")
    order_columns = ("name", "customer", "region")
    base_order = ("id", "desc")
    quick_search = ("name",)
    search_hint = _("Name, region, customer or phone")
    label_columns: Any = MappingProxyType({"phones": _("Phone")})
    formatters_columns = MappingProxyType({"address_line": shown.personal, "phones": shown.first_phone})

    def matching(self, text: str) -> Any:
        """Search by the site's name and region, or the customer's own search; address lines are encrypted."""
        return site_matches(text)

    def heading(self, row: Site) -> str:
        """Say whose site it is: most of them are called the same."""
        return f"{row.customer} · {row}"

    def derived_facts(self, work: Work, row: Site) -> list[tuple[Message, Any]]:
        """Say whom one calls before going there."""
        return [(_("Phone"), _numbers(work, row.phones[:1]))]


class CustomerLevelView(RecordView):
    """Ranks of customers."""

    record = CUSTOMER_LEVEL
    route_base = "/customer-levels"
    datamodel = HouseInterface(CustomerLevel, orders={"labels": shown.by_label(CustomerLevel.labels)})
    class_permission_name = "customer_level"
    list_columns = ("labels", "key", "rank", "color")
    search_columns = ("key", "rank", "color")
    order_columns = ("labels", "key", "rank", "color")
    base_order = ("rank", "desc")
    quick_search = ("labels", "key")
    formatters_columns = MappingProxyType({"labels": shown.labels})
