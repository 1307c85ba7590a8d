"""A customer."""

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.pointing import Pointing, proofs


@FIELD_TYPES.register
class Customer(Pointing):
    """A customer. Canonical: its id."""

    name = "customer"
    label = _("Customer")
    purpose = _("Another customer: the dealer, the owner, who pays.")
    icon = "building-store"
    cases, refused = proofs(7, "C0007 张三")
