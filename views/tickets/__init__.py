"""The ticket screens: list, new ticket, ticket page, what changes it, files."""

from views.tickets.assignees import TicketAssigneeView
from views.tickets.board import TicketBoardView
from views.tickets.change import TicketChangeView
from views.tickets.compute import TicketComputeView
from views.tickets.conditions import TicketConditionView
from views.tickets.create import TicketCreateView
from views.tickets.customers import TicketCustomerView
from views.tickets.dialogs import TicketDialogView
from views.tickets.files import FileView
from views.tickets.links import TicketLinkView
from views.tickets.list import TicketView
from views.tickets.merging import TicketMergeView
from views.tickets.page import TicketPageView
from views.tickets.preview import TicketPreviewView
from views.tickets.quick_edit import TicketQuickView
from views.tickets.saved import TicketSavedView
from views.tickets.similar import TicketSimilarView
from views.tickets.split_dialog import TicketSplitView
from views.tickets.tags import TicketTagView

#: In the order of the site table.
TICKET_VIEWS = (
    TicketView,
    TicketSavedView,
    TicketBoardView,
    TicketConditionView,
    TicketCreateView,
    TicketCustomerView,
    TicketAssigneeView,
    TicketComputeView,
    TicketSimilarView,
    TicketPageView,
    TicketPreviewView,
    TicketQuickView,
    TicketChangeView,
    TicketTagView,
    TicketDialogView,
    TicketLinkView,
    TicketMergeView,
    TicketSplitView,
    FileView,
)

__all__ = ["TICKET_VIEWS", "FileView", "TicketPageView", "TicketView"]
