"""Where what uses a record is listed: ways on from a refusal to delete it."""

from typing import Final

from flask import url_for
from markupsafe import Markup

from app.core.i18n import spoken
from app.core.records.uses import InUseError, Use
from views.base import current_actor, current_locale

#: What names a record -> the list of those, its filter, and the right to read it.
_LISTS: Final = {
    "contact.customer_id": ("ContactView", "customer", "contact.read"),
    "customer.level_id": ("CustomerView", "level", "customer.read"),
    "customer.outlet_id": ("CustomerView", "outlet", "customer.read"),
    "customer_tag.tag_id": ("CustomerView", "tags", "customer.read"),
    "installed_product.customer_id": ("InstalledProductView", "customer", "installed_product.read"),
    "installed_product.product_id": ("InstalledProductView", "product", "installed_product.read"),
    "installed_product.replaced_by_id": ("InstalledProductView", "replaced_by", "installed_product.read"),
    "installed_product.site_id": ("InstalledProductView", "site", "installed_product.read"),
    "outlet.region_code": ("OutletView", "region", "outlet.read"),
    "phone.contact_id": ("PhoneView", "contact", "contact.read"),
    "product.category_id": ("ProductView", "category", "product.read"),
    "product_category.parent_id": ("ProductCategoryView", "parent", "product_category.read"),
    "region.parent_code": ("RegionView", "parent", "region.read"),
    "site.region_code": ("SiteView", "region", "site.read"),
    "staff_profile.outlet_id": ("StaffView", "outlet", "staff.read"),
    "staff_region.region_code": ("StaffView", "regions", "staff.read"),
    "staff_skill.skill_id": ("StaffView", "known_skills", "staff.read"),
    "staff_team.team_id": ("StaffView", "teams", "staff.read"),
    "team.outlet_id": ("TeamView", "outlet", "team.read"),
}
#: The same of tickets: the argument of their list.
_TICKETS: Final = {
    "ticket.assignee_id": "assignee",
    "ticket.customer_id": "customer",
    "ticket.installed_product_id": "product",
    "ticket.outlet_id": "outlet",
    "ticket.team_id": "team",
    "ticket_tag.tag_id": "tag",
}


def list_url(by: str, key: int | str) -> str:
    """Return the address of the list of what names a record of that key; empty where there is none for this person."""
    actor = current_actor()
    if by in _TICKETS and actor.may("ticket.read"):
        # Of no view, so that the one the person's role begins with does not hide some.
        return url_for("TicketView.index", view="all", **{_TICKETS[by]: key})  # type: ignore[arg-type]
    view, name, right = _LISTS.get(by, ("", "", ""))
    if not view or not actor.may(right):
        return ""
    return url_for(f"{view}.list", **{f"_flt_0_{name}": key})  # type: ignore[arg-type]


def with_ways(error: InUseError) -> Markup:
    """Return a refusal in words, with links to where what uses the record is listed."""
    said = Markup("{}").format(spoken(error.refusals[0].message, current_locale()))
    ways = [_way(one) for one in error.uses]
    return Markup(" ").join([said, *(one for one in ways if one)])


def _way(use: Use) -> Markup:
    url = list_url(use.by, use.own)
    if not url:
        return Markup()
    return Markup('<a class="alert-link" href="{}">{}</a>').format(url, spoken(use.said, current_locale()))
