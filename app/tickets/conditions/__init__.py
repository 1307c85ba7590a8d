"""What conditions may ask of a ticket, and of whom and what it is about; lists ask by `where`, rules over `facts`."""

from app.tickets.conditions.facts import facts
from app.tickets.conditions.fields import fields
from app.tickets.conditions.saying import said
from app.tickets.conditions.where import LONGEST, from_text, read, standpoint, where

__all__ = ["LONGEST", "facts", "fields", "from_text", "read", "said", "standpoint", "where"]
