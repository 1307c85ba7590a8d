"""What conditions may ask of a ticket, and of whom and what it is about; lists ask by `where`, rules over `facts`."""

from app.tickets.conditions.facts import facts
from app.tickets.conditions.fields import fields
from app.tickets.conditions.offering import GROUPS, Offer, offers
from app.tickets.conditions.saying import kind_of, names, said
from app.tickets.conditions.where import LONGEST, from_text, read, standpoint, where

__all__ = [
    "GROUPS", "LONGEST", "Offer", "facts", "fields", "from_text", "kind_of", "names", "offers", "read", "said",
    "standpoint", "where",
]  # fmt: skip
