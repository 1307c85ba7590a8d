"""What a database refused, as a plain sentence at its field; never SQL, never the row's values."""

import logging
import re
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError, StatementError

from app.core.errors import ConflictError, DomainError
from app.core.i18n import _
from app.logging import REQUEST_ID

log = logging.getLogger(__name__)

_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (?P<columns>[\w., ]+)")
_SQLITE_NULL = re.compile(r"NOT NULL constraint failed: \w+\.(?P<column>\w+)")


def refusal_of(error: SQLAlchemyError | OverflowError | ValueError, model: Any) -> DomainError:
    """Return what to tell the person whose change of a ``model`` row failed with ``error``."""
    if isinstance(error, IntegrityError):
        return _of_integrity(error, model)
    if isinstance(error, DataError | OverflowError | ValueError) or (
        isinstance(error, StatementError) and isinstance(error.orig, OverflowError | ValueError)
    ):
        log.info("value refused by the database", exc_info=error)
        return DomainError(_("A value is out of range."), code="out_of_range")
    if isinstance(error, OperationalError):
        log.error("database away or locked", exc_info=error)
        return DomainError(
            _("The database is busy. Nothing was saved; please try again. (%(id)s)", id=REQUEST_ID.get()), code="busy"
        )
    raise error


def _of_integrity(error: IntegrityError, model: Any) -> DomainError:
    kind, column = _kind_and_column(error, model)
    if kind == "unique":
        # What is folded to be compared was typed into the column it was folded from.
        field = column.removesuffix("_folded")
        return DomainError(_("There is another entry with this value."), field=field, code="taken")
    if kind == "null":
        return DomainError(_("Please fill this in."), field=column, code="required")
    if kind == "used":
        return ConflictError(
            _("This is still used elsewhere, so it cannot be deleted. Make it inactive, or remove its uses first."),
            code="in_use",
        )
    log.warning("integrity error", exc_info=error)
    return DomainError(
        _("The database refused this entry. Nothing was saved. (%(id)s)", id=REQUEST_ID.get()), code="refused"
    )


def _kind_and_column(error: IntegrityError, model: Any) -> tuple[str, str]:
    text = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if state == "23505":
        return "unique", _column_of(getattr(error.orig.diag, "constraint_name", ""), model)  # type: ignore[union-attr]
    if state == "23502":
        return "null", getattr(error.orig.diag, "column_name", "") or ""  # type: ignore[union-attr]
    if state == "23503" or "FOREIGN KEY constraint failed" in text:
        return "used", ""
    if found := _SQLITE_UNIQUE.search(text):
        return "unique", found["columns"].split(",")[-1].strip().rpartition(".")[2]
    if found := _SQLITE_NULL.search(text):
        return "null", found["column"]
    return "other", ""


def _column_of(constraint: str, model: Any) -> str:
    """Return the last column of a unique constraint or index of the model's table."""
    table = model.__table__
    for one in (*table.constraints, *table.indexes):
        if one.name == constraint and len(one.columns):
            return str(list(one.columns)[-1].name)
    # Inline `unique=True` is named by the naming convention or, in Flask-AppBuilder's tables, by the server.
    return next(
        (column.name for column in table.columns if constraint.endswith((f"_{column.name}", f"_{column.name}_key"))), ""
    )
