"""Laws over many rows (no cycle in a tree) need their writers one after the other."""

import zlib

from sqlalchemy import func, select

from app.core.work import Work


def one_at_a_time(work: Work, law: str) -> None:
    """Let no other transaction that names ``law`` go on before this one ends. SQLite has one writer anyway."""
    if work.dialect == "postgresql":
        number = zlib.crc32(law.encode())
        work.session.execute(select(func.pg_advisory_xact_lock(number)))
