"""What a page costs in processor time, whatever else the machine does: our process's, and the database server's.

SQLite works in our own process. PostgreSQL works in a process of its own for each connection, whose time Linux tells
by the nanosecond; where it cannot be seen (another machine, another system) the clock on the wall stands in for both.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

_PROCESSES: Final = Path("/proc")
_PATIENCE: Final = 0.05


def stopwatch(connection: Connection) -> Callable[[], float]:
    """Return what tells the seconds spent so far for what is read through ``connection``."""
    if connection.dialect.name == "sqlite":
        return time.process_time
    server = _PROCESSES / str(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
    if not _is_server(server):
        return time.perf_counter
    return lambda: time.process_time() + _spent(server)


def _is_server(process: Path) -> bool:
    try:
        return (process / "comm").read_text().startswith("postgres") and _spent(process) > 0
    except (OSError, ValueError):
        return False


def _spent(process: Path) -> float:
    """Return the seconds a process has worked. They are added up when it goes to sleep, just after it has answered."""
    until = time.monotonic() + _PATIENCE
    while (process / "stat").read_text().rpartition(")")[2].split()[0] == "R" and time.monotonic() < until:
        time.sleep(0.0005)
    return int((process / "schedstat").read_text().split()[0]) / 1e9
