"""One row of the list, or one card of the board, drawn anew after its ticket changed: as the address asks for it."""

from flask import get_template_attribute

from app.core.work import Work
from app.tickets.queries import TicketDetail
from forms.ticket_list import BOARD
from views.tickets.asked import asked
from views.tickets.board import card
from views.tickets.list import shown_columns
from views.tickets.list_rows import list_rows


def redrawn(work: Work, detail: TicketDetail) -> str:
    """Return the HTML of the ticket's row or card."""
    state = asked(work).state
    if state.layout == BOARD:
        return str(get_template_attribute("tickets/_card.html", "card")(card(detail)))
    shown = shown_columns(work, state, [detail])
    (row,) = list_rows([detail], shown.columns, shown.numeric)
    return str(get_template_attribute("tickets/_row.html", "row")(row))
