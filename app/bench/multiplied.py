"""Tickets multiplied in SQL, to measure at sizes whose lives would take too long to tell one by one.

A copy is its original some seconds earlier, under a number of its own: its state, people, customer, answers and words
are the original's, so that a database of a million has the shares and the spread over the years that its first ten
thousand have. What lists and the search read is copied; journals and notes are not, so a copy has no past to show.

No door for tickets: nothing is checked and nobody is told. Only the scratch databases of benches are filled like this.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.schema import AddConstraint, DropConstraint

from app.core.columns import UtcDateTime
from app.tickets import search
from app.tickets.models import Ticket

_TICKET: Final[Table] = Ticket.__table__  # type: ignore[assignment]
_UNIQUE: Final = frozenset({"submission_key", "external_source", "external_id"})
#: Which copy is made of which ticket. Keys follow the order of creation, as they do in life.
_PLAN: Final = """
INSERT INTO ticket_copy (id, original, number)
WITH RECURSIVE copy (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < :copies)
SELECT :last_id + row_number() OVER (ORDER BY original, number DESC), original, number
FROM (SELECT ticket.id AS original, copy.number AS number FROM copy CROSS JOIN ticket
      ORDER BY copy.number, ticket.id LIMIT :wanted) AS wanted"""
_EARLIER: Final[Mapping[str, str]] = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%f000Z', {}, (-ticket_copy.number * :apart) || ' seconds')",
    "postgresql": "{} - ticket_copy.number * :apart * interval '1 second'",
}
_WORDS: Final[Mapping[str, str]] = {
    "sqlite": """
INSERT INTO ticket_search (rowid, tokens)
SELECT ticket_copy.id, ticket_search.tokens || ' ' || ticket_copy.id
FROM ticket_copy CROSS JOIN ticket_search ON ticket_search.rowid = ticket_copy.original ORDER BY ticket_copy.id""",
    "postgresql": """
INSERT INTO ticket_search (ticket_id, tokens)
SELECT ticket_copy.id, ticket_search.tokens || array_to_tsvector(ARRAY[ticket_copy.id::text])
FROM ticket_copy JOIN ticket_search ON ticket_search.ticket_id = ticket_copy.original ORDER BY ticket_copy.id""",
}


def multiply(connection: Connection, rows: int) -> None:
    """Copy the tickets there are until there are ``rows``. Indexes and references are made anew after it."""
    created = Ticket.created_at
    present, last_id, oldest, newest = connection.execute(
        select(func.count(), func.max(Ticket.id), func.min(created), func.max(created))
    ).one()
    if rows <= present:
        return
    copies = -(-(rows - present) // present)
    # Work of a company so much larger comes in so much faster: all copies lie between one original and the next.
    apart = (newest - oldest).total_seconds() / (present * (copies + 1))
    connection.execute(text("CREATE TEMPORARY TABLE ticket_copy (id BIGINT PRIMARY KEY, original BIGINT, number INT)"))
    connection.execute(text(_PLAN), {"copies": copies, "last_id": last_id, "wanted": rows - present})
    _loosen(connection)
    connection.execute(text(_copying(connection.dialect.name)), {"apart": apart})
    connection.execute(text(_WORDS[connection.dialect.name]))
    _tighten(connection)
    connection.execute(text("DROP TABLE ticket_copy"))
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT setval('ticket_id_seq', (SELECT max(id) FROM ticket))"))


def _copying(dialect: str) -> str:
    """Return the statement that makes the copies' rows."""
    read = {}
    for column in _TICKET.columns:
        own = f'ticket."{column.name}"'
        if column.name in _UNIQUE:
            own = "NULL"
        elif isinstance(column.type, UtcDateTime):
            own = _EARLIER[dialect].format(own)
        read[column.name] = own
    read |= {"id": "ticket_copy.id", "number": "ticket.number || '-' || ticket_copy.id"}
    names = ", ".join(f'"{name}"' for name in read)
    return (
        f"INSERT INTO ticket ({names}) SELECT {', '.join(read.values())}"  # noqa: S608 - our own names
        " FROM ticket_copy CROSS JOIN ticket WHERE ticket.id = ticket_copy.original ORDER BY ticket_copy.id"
    )


def _loosen(connection: Connection) -> None:
    """Drop what would be kept up row by row, dearer than all else."""
    for index in _TICKET.indexes:
        index.drop(connection)
    if connection.dialect.name == "postgresql":
        for memory in ("work_mem = '256MB'", "maintenance_work_mem = '1GB'"):
            connection.execute(text(f"SET LOCAL {memory}"))
        connection.execute(text("DROP INDEX ix_ticket_search_tokens"))
        for key in _TICKET.foreign_key_constraints:
            connection.execute(DropConstraint(key))


def _tighten(connection: Connection) -> None:
    """Build again what `_loosen` dropped."""
    for index in sorted(_TICKET.indexes, key=lambda one: str(one.name)):
        index.create(connection)
    for statement in search.ddl(connection.dialect.name):
        connection.execute(text(statement))
    if connection.dialect.name == "postgresql":
        for key in _TICKET.foreign_key_constraints:
            connection.execute(AddConstraint(key, isolate_from_table=False))
