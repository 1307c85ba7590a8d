"""Structured logs: one JSON object a line, with the request's id, and nothing that must stay secret."""

import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy.exc import StatementError

#: The id of the request (or job) under way; it stands in every line and on every error page.
REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")

_PLAIN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
#: Names whose values are never written, wherever they turn up in a record's extras.
_SECRET: Final = re.compile(r"passw|secret|token|cookie|authorization|phone|id_number|address_line", re.IGNORECASE)
#: PostgreSQL repeats the row's values after this word.
_DETAIL: Final = re.compile(r"^DETAIL:.*$", re.MULTILINE)


class JsonLines(logging.Formatter):
    """Formats a record as JSON; what was given as ``extra`` becomes keys."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            line["request_id"] = request_id
        for key, value in vars(record).items():
            if key not in _PLAIN:
                line[key] = "•••" if _SECRET.search(key) else value
        if record.exc_info and record.exc_info[1] is not None:
            _hide_parameters(record.exc_info[1])
            line["exception"] = _DETAIL.sub("DETAIL: •••", self.formatException(record.exc_info))
        return orjson.dumps(line, default=str).decode()


def set_up_logging(level: str = "info") -> None:
    """Send everything this process logs to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Flask-AppBuilder tells at each start which views it added, and at each list which filters it lacks.
    logging.getLogger("flask_appbuilder").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _hide_parameters(error: BaseException | None) -> None:
    """Keep customers' data out of the text of database errors."""
    while error is not None:
        if isinstance(error, StatementError):
            error.hide_parameters = True
        error = error.__cause__ or error.__context__
