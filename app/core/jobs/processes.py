"""Who a worker is: machine, process and when that process began, so that a reused process id fools nobody."""

import os
import socket
from pathlib import Path
from typing import Final

#: Of a process that has ended and whose parent has not asked yet how.
_ENDED: Final = ("Z", "X")


def this_worker() -> str:
    """Return the name of this process: ``machine:pid:start``."""
    return f"{_machine()}:{os.getpid()}:{_facts(os.getpid())[1]}"


def is_dead_here(worker: str) -> bool:
    """Whether ``worker`` was a process of this machine that lives no more; False where that cannot be told."""
    machine_and_pid, _, began = worker.rpartition(":")
    machine, _, pid = machine_and_pid.rpartition(":")
    if machine != _machine() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    state, now_began = _facts(int(pid))
    return now_began != began or state in _ENDED


def _machine() -> str:
    """Return where this process's id means it: two containers may have one host's name, and ids of their own."""
    try:
        space = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        space = ""
    return f"{socket.gethostname()}/{space}"


def _facts(pid: int) -> tuple[str, str]:
    """Return the state of a process, and its start in clock ticks since boot; ``?`` without a /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return "?", "?"
    return fields[0], fields[19]
