"""How categories, products and installed products are found by what somebody types."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload

from app.assets import scope
from app.assets.models import InstalledProduct, Product, ProductCategory
from app.core.db import folded
from app.core.records.lookups import Lookup, register
from app.core.sql import contains
from app.people.models import Customer


def product_matches(typed: str) -> ColumnElement[bool]:
    """Return the condition for products of that code, name, brand or model."""
    return or_(*(contains(column, typed) for column in (Product.name, Product.code, Product.brand, Product.model)))


def unit_matches(typed: str) -> ColumnElement[bool]:
    """Return the condition for units of a serial, a product or a customer."""
    return or_(
        # Serials are ASCII: the database's own lower() does, where folding would call Python for each row on SQLite.
        InstalledProduct.serial.icontains(folded(typed), autoescape=True),
        InstalledProduct.product_id.in_(select(Product.id).where(product_matches(typed))),
        InstalledProduct.customer_id.in_(
            select(Customer.id).where(Customer.name_folded.contains(folded(typed), autoescape=True))
        ),
    )


register(
    Lookup("product_category", ProductCategory, ProductCategory.id, ("product_category.read",),
           lambda _work, typed: or_(contains(ProductCategory.name, typed), contains(ProductCategory.code, typed)),
           text=lambda row, _locale: row.name, hint=lambda row, _locale: row.trail, order=(ProductCategory.path,),
           options=(selectinload(ProductCategory.parent, recursion_depth=-1),)),
    Lookup("product", Product, Product.id, ("product.read",),
           lambda _work, typed: product_matches(typed),
           text=lambda row, _locale: row.name,
           hint=lambda row, _locale: " · ".join(one for one in (row.brand, row.model, row.code) if one),
           order=(Product.name, Product.id), offered=Product.active.is_(True)),
    Lookup("installed_product", InstalledProduct, InstalledProduct.id, ("installed_product.read",),
           lambda _work, typed: unit_matches(typed),
           text=lambda row, _locale: f"{row.product.name} {row.serial}",
           hint=lambda row, _locale: str(row.customer or ""),
           order=(InstalledProduct.serial, InstalledProduct.id), reach=scope.installed_products,
           yours=scope.installed_products_on_desk,
           options=(selectinload(InstalledProduct.product), selectinload(InstalledProduct.customer))),
)  # fmt: skip
