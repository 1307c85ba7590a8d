"""A user account."""

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.pointing import Pointing, proofs


@FIELD_TYPES.register
class User(Pointing):
    """A user account. Canonical: its id."""

    name = "user"
    label = _("User")
    purpose = _("A person of the company: who sold it, who inspected it.")
    icon = "user"
    cases, refused = proofs(5, "Wang Wu (wangwu)")
