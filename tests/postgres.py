"""Start a throw-away PostgreSQL on a private port, run a command with it, stop it: ``python -m tests.postgres CMD``."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Speed over durability: these data live for one test run.
FAST = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0",
        "max_connections=200", "shared_buffers=256MB",
        # A database lives for seconds: what would be tidied in the hundreds of them is thrown away.
        "autovacuum=off"]  # fmt: skip


def find(program: str) -> str:
    """Return the newest installed ``program`` of PostgreSQL."""
    homes = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    found = str(homes[-1]) if homes else shutil.which(program)
    if not found:
        sys.exit(f"PostgreSQL's {program} is missing: install postgresql")
    return found


def as_user(folder: Path) -> list[str]:
    """Return the prefix that leaves root, whom PostgreSQL refuses; the folder then belongs to that user."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of a running server, without a database name."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="gongdan-pg-"))
    user = as_user(folder)
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": "/"}
    try:
        subprocess.run([*user, find("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"], check=True, **quiet)  # fmt: skip
        options = " ".join(
            ["-c listen_addresses=127.0.0.1", f"-c port={port}", f"-k {folder}", *(f"-c {o}" for o in FAST)]
        )
        subprocess.run([*user, find("pg_ctl"), "-D", data, "-w", "-l", folder / "log", "-o", options, "start"],
                       check=True, **quiet)  # fmt: skip
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}"
        finally:
            subprocess.run([*user, find("pg_ctl"), "-D", data, "-m", "immediate", "stop"], check=True, **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    with server() as url:
        sys.exit(subprocess.run(sys.argv[1:], env=os.environ | {"GONGDAN_TEST_POSTGRES": url}, check=False).returncode)
