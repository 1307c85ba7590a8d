"""Logs: one JSON object a line, or short lines for people; with the request's id, and nothing that must stay secret."""

import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy.exc import StatementError

from app.config import Settings

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
            **_extras(record),
        }
        if trouble := _exception(self, record):
            line["exception"] = trouble
        return orjson.dumps(line, default=str).decode()


class TextLines(logging.Formatter):
    """Formats a record for somebody who watches a terminal: local time, level, message, extras."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone()
        extras = "".join(f" {key}={value}" for key, value in _extras(record).items())
        line = f"{at:%H:%M:%S} {record.levelname.lower():7} {record.getMessage()}{extras}"
        trouble = _exception(self, record)
        return f"{line}\n{trouble}" if trouble else line


def set_up_logging(settings: Settings) -> None:
    """Send everything this process logs to standard error, as the settings say."""
    watched = settings.log_format == "auto" and sys.stderr.isatty()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextLines() if watched or settings.log_format == "text" else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    if watched and settings.log_level != "debug":
        # A line for each request would bury the address and the sign-in that `gongdan serve` has printed.
        root.setLevel(max(root.level, logging.WARNING))
    # Flask-AppBuilder tells at each start which views it added, and at each list which filters it lacks.
    logging.getLogger("flask_appbuilder").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    """Return the request's id and what was given as ``extra``, secrets hidden."""
    extras = {key: "•••" if _SECRET.search(key) else value for key, value in vars(record).items() if key not in _PLAIN}
    return ({"request_id": request_id} if (request_id := REQUEST_ID.get()) else {}) | extras


def _exception(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[1] is None:
        return ""
    _hide_parameters(record.exc_info[1])
    return _DETAIL.sub("DETAIL: •••", formatter.formatException(record.exc_info))


def _hide_parameters(error: BaseException | None) -> None:
    """Keep customers' data out of the text of database errors."""
    while error is not None:
        if isinstance(error, StatementError):
            error.hide_parameters = True
        error = error.__cause__ or error.__context__
