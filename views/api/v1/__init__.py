"""The API, version 1: what is on the desk, for programs. The reference tables beside it are `views/api/records.py`."""

from typing import Any, Final

from views.api.v1.bulk import BulkApi
from views.api.v1.conditions import ConditionApi
from views.api.v1.document import DocumentApi
from views.api.v1.files import FileApi
from views.api.v1.links import LinkApi
from views.api.v1.saved import SavedViewApi
from views.api.v1.templates import TemplateApi
from views.api.v1.tickets import TicketApi
from views.api.v1.writing import TicketWritingApi

V1_VIEWS: Final[tuple[type[Any], ...]] = (
    TicketApi, TicketWritingApi, BulkApi, LinkApi, SavedViewApi, FileApi, TemplateApi,
    ConditionApi, DocumentApi,
)  # fmt: skip

__all__ = ["V1_VIEWS"]
