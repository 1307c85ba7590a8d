"""Table: event → handlers, in order. Read it to know what follows what."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.core.audit import RecordsChanged
from app.core.work import Handler
from app.tickets import indexes, renewal
from ticket_templates.service import IndexingChanged

HANDLERS: Final[Mapping[type, Sequence[Handler]]] = {
    RecordsChanged: (renewal.follow,),
    IndexingChanged: (indexes.follow,),
}
