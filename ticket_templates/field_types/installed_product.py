"""A unit at a customer's."""

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.pointing import Pointing, proofs


@FIELD_TYPES.register
class InstalledProduct(Pointing):
    """A unit at a customer's. Canonical: its id."""

    name = "installed_product"
    label = _("Installed product")
    purpose = _("A unit at a customer's, by its serial number.")
    icon = "device-desktop"
    cases, refused = proofs(9, "SN-0009")
