"""How urgent a ticket may be: the numbers columns and programs know, and what people call them."""

from collections.abc import Mapping
from typing import Final

from app.core.i18n import Message, _

PRIORITIES: Final[Mapping[int, Message]] = {1: _("Urgent"), 2: _("High"), 3: _("Normal"), 4: _("Low")}
#: What a ticket has of which nobody says how urgent it is.
NORMAL: Final = 3
