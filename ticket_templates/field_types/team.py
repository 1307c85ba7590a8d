"""A team."""

from app.core.i18n import _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.pointing import Pointing, proofs


@FIELD_TYPES.register
class Team(Pointing):
    """A team. Canonical: its id."""

    name = "team"
    label = _("Team")
    purpose = _("A team of the company.")
    icon = "users"
    cases, refused = proofs(3, "Team East")
