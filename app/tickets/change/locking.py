"""Commands of several chunks take their locks before the first: tickets by id, then counters by name.

Else two of them could each hold in one chunk what the other needs in its next. A command of a single chunk takes all
it needs in that order anyway. On SQLite a writing transaction is alone.
"""

from collections.abc import Iterable, Iterator, Sequence

from app.core.work import Work
from app.tickets.change import number, read, tags
from app.tickets.change.batch import Batch
from app.tickets.change.opening import moment_of, versions_of
from app.tickets.change.wished_columns import LARGEST_ID
from app.tickets.orders import ChangeTicket, OpenTicket
from ticket_templates import numbering
from ticket_templates import queries as templates
from ticket_templates.versions import CompiledVersion


def for_opening(work: Work, orders: Sequence[OpenTicket]) -> None:
    """Keep the counters that ``orders`` may move to this transaction."""
    if work.dialect == "sqlite":
        return
    zone = work.company.zone
    pairs = [
        (order, version)
        for order, version in zip(orders, versions_of(work, orders), strict=True)
        if isinstance(version, CompiledVersion)
    ]
    days = {
        (version.spec.numbering.pattern, moment.astimezone(zone).date()): moment
        for order, version in pairs
        if (moment := moment_of(work, order)) is not None
    }
    tags.hold(work, orders)
    scopes = {numbering.parse(pattern).scope(moment, zone) for (pattern, _day), moment in days.items()}
    number.hold(work, scopes | set(_of_fields(work, (version for _order, version in pairs))))


def for_changing(work: Work, orders: Sequence[ChangeTicket]) -> None:
    """Keep the tickets of ``orders`` and the counters their fields may move to this transaction."""
    if work.dialect == "sqlite":
        return
    used = read.hold(work, (order.ticket_id for order in orders))
    tags.hold(work, orders)
    number.hold(work, set(_of_fields(work, templates.versions(work, used).values())))


def for_pairs(work: Work, pairs: Iterable[tuple[int, int]]) -> None:
    """Keep tickets that are linked or merged to this transaction."""
    if work.dialect != "sqlite":
        read.hold(work, (one for pair in pairs for one in pair if 0 < one <= LARGEST_ID))


def _of_fields(work: Work, versions: Iterable[CompiledVersion]) -> Iterator[str]:
    context = Batch(work).context
    for version in {version.id: version for version in versions}.values():
        for kind in version.types.values():
            yield from map(number.field_scope, kind.counters(context))
