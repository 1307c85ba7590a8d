"""Indexes on answers: those of the fields marked as indexed are made beside the daily work, all others are dropped.

An index stands on the very expression conditions compare, followed by the usual order of a list: so the first page
of what a field answers costs the same of ten thousand tickets and of a million. The database's own catalog is the
truth of what is there; a name tells the whole of an index, so one that is made differently today has another name.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ColumnClause, Connection, Dialect, Engine, column, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import quoted_name

from app.conditions.kinds import KINDS
from app.conditions.sources import Answer
from app.core.jobs import service as jobs
from app.core.work import Work
from ticket_templates.field_types.base import FieldType
from ticket_templates.models import FieldDefinition
from ticket_templates.service import IndexingChanged
from ticket_templates.service.fields import spec_of
from ticket_templates.versions.unknown_type import bound

KIND: Final = "index_fields"
_PREFIX: Final = "ix_ticket_values_"
#: Letters of a field's key in a name; PostgreSQL keeps 63 of the whole.
_KEY_SHOWN: Final = 30
#: Held by the worker that builds, on the whole installation: builds of one table would wait for each other.
_BUILDING: Final = 7_214_506_331
#: A build waits for every transaction that is older: for one somebody forgot not for ever, but the next hour again.
_PATIENCE: Final = "60s"
#: Who has none of it costs nothing; every comparison of an answer says that there is one.
_INDEX: Final = "ON ticket ({fact}, created_at DESC, id DESC) WHERE {fact} IS NOT NULL"
_PRESENT: Final[Mapping[str, str]] = {
    "sqlite": "SELECT name, 1 FROM sqlite_master WHERE type = 'index' AND tbl_name = 'ticket'",
    "postgresql": (
        "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = to_regclass('ticket')"
    ),
}


def follow(work: Work, event: IndexingChanged) -> None:
    """Have a worker make and drop what must be, once what was wished is committed."""
    del event
    if is_outstanding(work):
        mark = sha256(" ".join(sorted(wanted(work))).encode()).hexdigest()[:16]
        jobs.submit(work, KIND, {}, [{}], idempotency_key=f"{KIND} {mark} {work.now.isoformat()}")


def is_outstanding(work: Work) -> bool:
    """Whether an index is missing or broken, or is there for nothing."""
    there = _present(work.session.connection())
    return not all(there.values()) or there.keys() != wanted(work).keys()


def missing(work: Work) -> list[str]:
    """Return the keys of the fields that have no working index yet, though they shall have one."""
    there = _present(work.session.connection())
    return sorted(key for name, (key, _sql) in wanted(work).items() if not there.get(name))


def wanted(work: Work) -> dict[str, tuple[str, str]]:
    """Return the indexes there shall be, by name: the field's key, and what stands behind the name in the statement."""
    found = {}
    dialect = work.session.connection().dialect
    for row in work.session.scalars(select(FieldDefinition).where(FieldDefinition.indexed)):
        field_type = bound(spec_of(row))
        if field_type.indexable:
            sql = _INDEX.format(fact=_fact(field_type, dialect))
            mark = sha256(sql.encode()).hexdigest()[:8]
            found[f"{_PREFIX}{row.key[:_KEY_SHOWN]}_{mark}"] = row.key, sql
    return found


def settle(work: Work) -> int:
    """Drop what nobody wishes for any more, make what is missing or broken; return how many that were.

    Where another worker is at it already, nothing is left to do.
    """
    if not is_outstanding(work):
        return 0
    wishes = {name: sql for name, (_key, sql) in wanted(work).items()}
    with _builder(work) as connection:
        return _carried_out(connection, wishes) if connection is not None else 0


def _fact(field_type: FieldType, dialect: Dialect) -> str:
    kind = KINDS[field_type.condition_field().kind]
    document: ColumnClause[Any] = column(quoted_name("values", quote=True))
    fact = Answer(document, (field_type.spec.key, *field_type.fact_path)).fact(kind)
    return f"({fact.compile(dialect=dialect)})"


def _present(connection: Connection) -> dict[str, bool]:
    """Return our indexes that are there, and whether each is whole: a build that was killed leaves a broken one."""
    rows = connection.execute(text(_PRESENT[connection.dialect.name]))
    return {name: bool(valid) for name, valid in rows if name.startswith(_PREFIX)}


@contextmanager
def _builder(work: Work) -> Iterator[Connection | None]:
    """Yield the connection to build on; None: another worker builds."""
    if work.dialect == "sqlite":
        # One writes at a time anyway, and what is half built is rolled back.
        yield work.session.connection()
        return
    # This transaction rests meanwhile. It must not be ended for that, nor keep the snapshot of what it read last, as it
    # does until its next statement: a build waits for all that may still see the table as it was.
    work.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    bind: Any = work.session.get_bind()
    engine: Engine = bind.engine
    # PostgreSQL builds beside who writes only outside a transaction.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.exec_driver_sql(f"SET lock_timeout = '{_PATIENCE}'")
            alone = connection.execute(select(func.pg_try_advisory_lock(_BUILDING))).scalar_one()
            yield connection if alone else None
        finally:
            # The lock goes with the connection, however this ends.
            connection.invalidate()


def _carried_out(connection: Connection, wishes: Mapping[str, str]) -> int:
    beside = "CONCURRENTLY " if connection.dialect.name == "postgresql" else ""
    there = _present(connection)
    dropped = [name for name, valid in there.items() if not valid or name not in wishes]
    made = [name for name in wishes if not there.get(name)]
    for name in dropped:
        connection.exec_driver_sql(f'DROP INDEX {beside}IF EXISTS "{name}"')
    for name in made:
        try:
            connection.exec_driver_sql(f'CREATE INDEX {beside}"{name}" {wishes[name]}')
        except DBAPIError:
            # It would cost every write, and serve nobody.
            if beside:
                connection.exec_driver_sql(f'DROP INDEX {beside}IF EXISTS "{name}"')
            raise
    if made and beside:
        # How common each answer is decides whether the index is read.
        connection.exec_driver_sql("ANALYZE ticket")
    return len({*dropped, *made})
