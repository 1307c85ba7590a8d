"""Tables of rooms above, named and not imported, so that imports keep pointing down.

Only read, and only for questions the people room cannot answer alone: which customers somebody's tickets reach (row
scope), which units stand at a customer, and how a view that changed is called. `tests/people` checks the names against
the models.
"""

from typing import Final

from sqlalchemy import Date, column, table

TICKET: Final = table(
    "ticket",
    column("id"),
    column("customer_id"),
    column("installed_product_id"),
    column("assignee_id"),
    column("created_by_id"),
    column("team_id"),
    column("outlet_id"),
)
WATCHER: Final = table("ticket_watcher", column("ticket_id"), column("user_id"))
INSTALLED: Final = table(
    "installed_product",
    column("id"),
    column("product_id"),
    column("serial"),
    column("customer_id"),
    column("site_id"),
    column("installed_on", Date),
    column("sold_on", Date),
    column("replaced_by_id"),
)
PRODUCT: Final = table(
    "product", column("id"), column("name"), column("brand"), column("model"), column("warranty_months")
)
SAVED_VIEW: Final = table("saved_view", column("id"), column("name"))
