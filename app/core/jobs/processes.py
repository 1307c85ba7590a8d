"""Who a worker is: machine, process and when that process began, so that a reused process id fools nobody."""

import os
import socket
from pathlib import Path


def this_worker() -> str:
    """Return the name of this process: ``host:pid:start``."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid())}"


def is_dead_here(worker: str) -> bool:
    """Whether ``worker`` was a process of this machine that lives no more; False where that cannot be told."""
    host, _, rest = worker.rpartition(":")[0].rpartition(":")
    pid, began = rest, worker.rpartition(":")[2]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return _began(int(pid)) != began


def _began(pid: int) -> str:
    """Return the start time of a process in clock ticks since boot; ``?`` without a /proc."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
    except OSError:
        return "?"
