"""What people's records are in use by, where a refusal to delete one says it."""

from typing import Final

from app.core.i18n import _
from app.core.records import uses
from app.core.records.uses import Pointer
from app.people.neighbours import TICKET

#: A profile is in use by the tickets its person is given, who is named by the account.
OF_STAFF: Final = (Pointer(TICKET.c.assignee_id, "user_id"),)

uses.call({
    "contact": _("Contacts"), "customer": _("Customers"), "customer_tag": _("Customers"),
    "installed_product": _("Installed products"), "outlet": _("Outlets"), "phone": _("Phones"),
    "product": _("Products"), "product_category": _("Product categories"), "region": _("Regions"),
    "saved_view": _("Views of tickets"), "site": _("Sites"), "staff_profile": _("Staff"), "staff_region": _("Staff"),
    "staff_skill": _("Staff"), "staff_team": _("Staff"), "team": _("Teams"), "ticket": _("Tickets"),
    "ticket_tag": _("Tickets"),
})  # fmt: skip
