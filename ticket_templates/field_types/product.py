"""A product."""

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.pointing import Pointing, proofs


@FIELD_TYPES.register
class Product(Pointing):
    """A product. Canonical: its id."""

    name = "product"
    label = _("Product")
    purpose = _("A product of the catalogue.")
    icon = "box"
    cases, refused = proofs(2, "KFR-35 空调")
