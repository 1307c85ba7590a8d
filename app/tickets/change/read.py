"""Plain rows of tickets, locked against others until the transaction ends; never an ORM object."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, CursorResult, Select, Table, any_, bindparam, select

from app.core.work import Work
from app.people.models import Account
from app.tickets import scope
from app.tickets.change.wished_columns import LARGEST_ID
from app.tickets.models import Attachment, Ticket

TICKET: Table = Ticket.__table__  # type: ignore[assignment]
COLUMNS = tuple(column for column in TICKET.columns if column.name != "submission_key")
NAMES = tuple(column.name for column in COLUMNS)
_BY_ID = select(*COLUMNS).where(TICKET.c.id.in_(bindparam("ids", expanding=True)))
#: PostgreSQL's; one array, since a statement there has no more than 65,535 parameters.
_VERSION_BY_ID = select(TICKET.c.version_id).where(TICKET.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))


class Rows(NamedTuple):
    """Tickets the actor may read, by id, and which of them are his to change."""

    columns: dict[int, dict[str, Any]]
    yours: frozenset[int]


def rows(work: Work, ticket_ids: Iterable[int], *, hold: bool = True) -> Rows:
    """Return the tickets the actor may read; others and unknown ones are left out alike.

    On PostgreSQL the rows are locked in the order of their ids: what is decided on stays true until the commit,
    and two batches cannot wait for each other crosswise. On SQLite a writing transaction is alone. Who only looks
    does not ``hold`` them.
    """
    mine = scope.yours(work.actor)
    query = _BY_ID if mine is None else _BY_ID.add_columns(mine)
    found = _found(work, query, ticket_ids, hold=hold).all()
    columns = {row[0]: dict(zip(NAMES, row, strict=False)) for row in found}
    return Rows(columns, frozenset(columns if mine is None else (row[0] for row in found if row[-1])))


def hold(work: Work, ticket_ids: Iterable[int]) -> set[int]:
    """Lock any number of tickets in the order of `rows`, on PostgreSQL; return the ids of their templates' versions."""
    return {version_id for (version_id,) in _found(work, _VERSION_BY_ID, ticket_ids, hold=True)}


def _found(work: Work, query: Select[Any], ticket_ids: Iterable[int], *, hold: bool) -> CursorResult[Any]:
    query = scope.in_reach(query, work.actor)
    if hold and work.dialect == "postgresql":
        query = query.order_by(TICKET.c.id).with_for_update(key_share=True, of=TICKET)
    work.session.flush()
    # By the connection: a session would wrap each row for the ORM.
    return work.session.connection().execute(query, {"ids": sorted(set(ticket_ids))})


def existing(work: Work, column: Any, keys: Sequence[str]) -> list[Any]:
    """Return key, id, number, creator and external source of the tickets that have one of ``keys`` in ``column``."""
    query = select(column.label("key"), Ticket.id, Ticket.number, Ticket.created_by_id, Ticket.external_source).where(
        column.in_(keys)
    )
    return list(work.session.execute(query))


def uploads(work: Work, file_ids: Iterable[int]) -> dict[int, tuple[int | None, int | None]]:
    """Return the ticket and the uploader of files by id, locked, so that two tickets cannot claim one."""
    wanted = sorted({one for one in file_ids if 0 < one <= LARGEST_ID})
    if not wanted:
        return {}
    query = select(Attachment.id, Attachment.ticket_id, Attachment.uploaded_by_id).where(Attachment.id.in_(wanted))
    if work.dialect == "postgresql":
        query = query.order_by(Attachment.id).with_for_update()
    return {one: (ticket, uploader) for one, ticket, uploader in work.session.execute(query)}


def accounts_named(work: Work, names: Iterable[str]) -> dict[str, int]:
    """Return the active accounts by user name."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    query = select(Account.username, Account.id).where(Account.username.in_(wanted), Account.active.is_(True))
    return {row.username: row.id for row in work.session.execute(query)}
