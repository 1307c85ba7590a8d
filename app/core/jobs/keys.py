"""Rows known by an idempotency key: written once, however many ask at the same time."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from app.core.work import Work


def insert_new(work: Work, table: Any) -> Any:
    """Return an insert that does nothing when a row of that key is there, and returns the id when it is not."""
    dialect = postgresql if work.dialect == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing(index_elements=["idempotency_key"]).returning(table.id)
