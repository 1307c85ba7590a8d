"""What a field may take its default from: the customer, contact, site or product a new ticket names.

Here stand the names and which types of field they can answer; `app.tickets.origins` reads the values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.core.i18n import Message, _

_TEXTS: Final = ("text", "long_text", "barcode")
_DAYS: Final = ("date", "text")
_CHOICES: Final = ("choice", "radio")


@dataclass(frozen=True, slots=True)
class Origin:
    """One thing that is known. ``record`` is the ticket's column that points at what knows it, without ``_id``."""

    record: str
    label: Message
    #: The types of field it can answer.
    types: tuple[str, ...]


ORIGINS: Final[Mapping[str, Origin]] = {
    "installed_product.serial": Origin("installed_product", _("Serial number"), _TEXTS),
    "installed_product.product": Origin("installed_product", _("Product"), ("product",)),
    "installed_product.product_name": Origin("installed_product", _("Product"), _TEXTS),
    "installed_product.product_category": Origin("installed_product", _("Product category"), _TEXTS),
    "installed_product.brand": Origin("installed_product", _("Brand"), _TEXTS),
    "installed_product.model": Origin("installed_product", _("Model"), _TEXTS),
    "installed_product.sold_on": Origin("installed_product", _("Sold on"), _DAYS),
    "installed_product.delivered_on": Origin("installed_product", _("Delivered on"), _DAYS),
    "installed_product.installed_on": Origin("installed_product", _("Installed on"), _DAYS),
    "installed_product.invoice_no": Origin("installed_product", _("Invoice number"), _TEXTS),
    # The option in_warranty or out_of_warranty, by the product's months since it was installed, delivered or sold.
    "installed_product.warranty": Origin("installed_product", _("Warranty"), _CHOICES),
    "customer.name": Origin("customer", _("Customer"), _TEXTS),
    "customer.level": Origin("customer", _("Customer level"), _TEXTS),
    "contact.name": Origin("contact", _("Contact"), _TEXTS),
    "site.name": Origin("site", _("Site"), _TEXTS),
    "site.address": Origin("site", _("Address"), ("address",)),
}
