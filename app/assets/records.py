"""What may be written to the assets room's tables: attributes, reach and laws of each record."""

from typing import Final

from app.assets import checks, lookups, scope
from app.assets.models import InstalledProduct, Product, ProductCategory
from app.core.i18n import _
from app.core.records.attributes import Code, Day, Flag, Text, Whole
from app.core.records.references import One
from app.core.records.service import RecordType

#: Imported for what it registers.
_LOOKUPS: Final = lookups

PRODUCT_CATEGORY: Final = RecordType(
    "product_category", ProductCategory, _("Product category"),
    (
        Code(name="code", label=_("Code"), limit=40, required=True),
        Text(name="name", label=_("Name"), limit=120, required=True),
        One(name="parent_id", label=_("Part of"), kind="product_category", shown="parent"),
    ),
    check=checks.category, follow=checks.category_follows,
)  # fmt: skip
PRODUCT: Final = RecordType(
    "product", Product, _("Product"),
    (
        Code(name="code", label=_("Code"), limit=60, required=True),
        Text(name="name", label=_("Name"), limit=160, required=True),
        Text(name="brand", label=_("Brand"), limit=80),
        Text(name="model", label=_("Model"), limit=80),
        One(name="category_id", label=_("Product category"), kind="product_category", shown="category"),
        Whole(name="warranty_months", label=_("Warranty in months"), minimum=0, maximum=600),
        Flag(name="active", label=_("Active"),
             help=_("Inactive ones stay on record and are no longer offered.")),
    ),
)  # fmt: skip
INSTALLED_PRODUCT: Final = RecordType(
    "installed_product", InstalledProduct, _("Installed product"),
    (
        One(name="product_id", label=_("Product"), kind="product", shown="product", required=True),
        Text(name="serial", label=_("Serial number"), limit=80, required=True),
        One(name="customer_id", label=_("Customer"), kind="customer", shown="customer"),
        One(name="site_id", label=_("Site"), kind="site", shown="site"),
        Day(name="sold_on", label=_("Sold on")),
        Day(name="delivered_on", label=_("Delivered on")),
        Day(name="installed_on", label=_("Installed on")),
        Text(name="invoice_no", label=_("Invoice number"), limit=80),
        One(name="replaced_by_id", label=_("Replaced by"), kind="installed_product", shown="replaced_by"),
        Text(name="remark", label=_("Remark"), limit=2000, multiline=True),
    ),
    reach=scope.installed_products, yours=scope.installed_products_on_desk, check=checks.unit,
)  # fmt: skip
