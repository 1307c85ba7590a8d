"""Screens of product categories, products and installed products."""

from datetime import date
from types import MappingProxyType
from typing import Any

from flask import url_for
from sqlalchemy.orm import aliased, joinedload

from app.assets.lookups import unit_matches
from app.assets.models import InstalledProduct, Product, ProductCategory
from app.assets.records import INSTALLED_PRODUCT, PRODUCT, PRODUCT_CATEGORY
from app.assets.warranty import today_of
from app.core.i18n import Message, _
from app.core.work import Work
from app.people.models import Customer
from app.tickets.queries import unit_tickets
from views.base import HouseInterface, house
from views.base.interface import sorted_by
from views.record_view import RecordView
from views.tickets.customers import brief

_WHOLE = aliased(ProductCategory)


class ProductCategoryView(RecordView):
    """The tree of categories, in the order of its paths."""

    record = PRODUCT_CATEGORY
    route_base = "/product-categories"
    datamodel = HouseInterface(
        ProductCategory,
        orders={
            "parent": sorted_by(_WHOLE.name, _WHOLE.id == ProductCategory.parent_id),
            "trail": lambda: ProductCategory.path,
        },
    )
    class_permission_name = "product_category"
    list_columns = ("name", "code", "parent", "trail")
    search_columns = ("name", "code", "parent")
    order_columns = ("name", "code", "parent", "trail")
    base_order = ("path", "asc")
    quick_search = ("name", "code")
    label_columns: Any = MappingProxyType({"trail": _("Path")})


class ProductView(RecordView):
    """What is sold and serviced."""

    record = PRODUCT
    route_base = "/products"
    datamodel = HouseInterface(
        Product, orders={"category": sorted_by(ProductCategory.path, ProductCategory.id == Product.category_id)}
    )
    class_permission_name = "product"
    list_columns = ("name", "code", "brand", "model", "category", "warranty_months", "active")
    search_columns = list_columns
    order_columns = ("name", "code", "brand", "model", "category", "warranty_months", "active")
    base_order = ("name", "asc")
    quick_search = ("name", "code", "brand", "model")
    search_hint = _("Name, code, brand or model")


class InstalledProductView(RecordView):
    """Every unit that stands at a customer."""

    record = INSTALLED_PRODUCT
    route_base = "/installed-products"
    datamodel = HouseInterface(
        InstalledProduct, scope=INSTALLED_PRODUCT.reach,
        orders={
            "product": sorted_by(Product.name, Product.id == InstalledProduct.product_id),
            "customer": sorted_by(Customer.name, Customer.id == InstalledProduct.customer_id),
        },
    )  # fmt: skip
    class_permission_name = "installed_product"
    show_template = "installed_products/show.html"
    leads_on = False
    shown_with = tuple(
        joinedload(one)
        for one in (InstalledProduct.product, InstalledProduct.customer, InstalledProduct.site,
                    InstalledProduct.replaced_by)
    )  # fmt: skip
    list_columns = ("serial", "product", "customer", "installed_on", "warranty_until", "sold_on", "invoice_no")
    label_columns: Any = MappingProxyType({"warranty_until": _("Warranty until")})
    formatters_columns = MappingProxyType(
        {"warranty_until": lambda day: warranty_text(house().transactions.today(), day)}
    )
    search_columns = ("serial", "product", "customer", "site", "replaced_by", "sold_on", "installed_on", "invoice_no")
    order_columns = ("serial", "product", "customer", "sold_on", "installed_on", "invoice_no")
    base_order = ("id", "desc")
    quick_search = ("serial",)
    search_hint = _("Serial number, product or customer")

    def matching(self, text: str) -> Any:
        """Search by serial, product or customer."""
        return unit_matches(text)

    def derived_facts(self, work: Work, row: InstalledProduct) -> list[tuple[Message, Any]]:
        """Say how long the warranty lasts."""
        return [(_("Warranty until"), warranty_text(today_of(work), row.warranty_until))]

    def more_facts(self, work: Work, row: InstalledProduct, *, yours: bool) -> dict[str, Any]:
        """Give the page the tickets about the unit, where they may be seen, and the way to a new one."""
        seen = work.actor.may("ticket.read")
        may_ticket = yours and work.actor.may("ticket.create")
        asked: dict[str, Any] = {
            "customer_id": row.customer_id, "site_id": row.site_id, "installed_product_id": row.id,
        }  # fmt: skip
        return {
            "tickets": [brief(one) for one in unit_tickets(work, row.id)] if seen else None,
            "ticket_url": url_for("TicketCreateView.choose", **asked) if may_ticket else "",
        }


def warranty_text(today: date, until: date | None) -> Message | None:
    """Return how long a warranty lasts and whether it does, None where that is not known."""
    if until is None:
        return None
    if today <= until:
        return _("%(date)s, in warranty", date=until.isoformat())
    return _("%(date)s, out of warranty", date=until.isoformat())


ASSET_VIEWS = (ProductCategoryView, ProductView, InstalledProductView)
