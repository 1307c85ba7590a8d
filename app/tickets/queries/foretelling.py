"""What a ticket would become, in the words of its history, before anything is written."""

from collections.abc import Collection, Mapping
from typing import Any

from app.tickets.change import tags
from app.tickets.change.changing import foretold
from app.tickets.change.merging import filling
from app.tickets.queries.detail import TicketDetail
from app.tickets.queries.wording import FieldChange, Wording


def merge_brings(
    source: TicketDetail, target: TicketDetail, known: Mapping[str, Any], chosen: Collection[str]
) -> tuple[FieldChange, ...]:
    """Return what becomes another on ``target`` when ``source`` is merged into it, besides what was ``chosen``.

    ``known`` is what it lacks and could take over (`links.filling.fillable`): answers follow from that, and an outlet.
    """
    changes = foretold(target.reader.work, filling(target.id, known, chosen)) if chosen else {}
    both = tags.united(target.columns, source.columns)
    if both != target.columns[tags.COLUMN]:
        changes[tags.COLUMN] = [target.columns[tags.COLUMN], both]
    besides = {name: pair for name, pair in changes.items() if name not in chosen}
    wording = Wording(target)
    wording.preload([besides], ())
    return wording.changes(besides)
