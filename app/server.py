"""The production server: gunicorn with its settings as code, started by `gongdan serve` in a process of its own."""

import gc
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from app.arrivals import PatientWorker
from app.config import Settings
from app.logging import REQUEST_ID, set_up_logging
from views import static

#: A page that takes longer is broken; long work belongs to the worker.
REQUEST_SECONDS = 60
#: How long requests under way may still take when the server is told to stop.
GRACE_SECONDS = 30
#: A worker is replaced after so many requests, so that memory lost to fragments comes back.
REQUESTS_A_WORKER = 20_000
_METRICS = "PROMETHEUS_MULTIPROC_DIR"


def serve_web(settings: Settings) -> None:
    """Serve until a signal says stop. Returns when every worker has ended."""
    set_up_logging(settings)
    static.prepare(settings)
    folder = tempfile.mkdtemp(prefix="gongdan-metrics-")
    # Before the first import of prometheus_client: workers then share their counts by files here.
    os.environ[_METRICS] = folder
    master = os.getpid()
    try:
        WebServer(settings).run()
    finally:
        # A worker that ends leaves by this way too, and the others still count there.
        if os.getpid() == master:
            shutil.rmtree(folder, ignore_errors=True)


def options(settings: Settings) -> dict[str, Any]:
    """Return gunicorn's settings.

    Sync workers, which wait for whole requests (`app.arrivals`): measured faster here than threads (60-68 against 39
    pages a second on two cores), and nothing is shared between requests. The application is loaded once, before the
    fork: a start costs it once however many workers there are, and they share its memory. No database connection
    crosses the fork (`WebServer.load`).
    """
    return {
        "bind": f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}",
        "workers": settings.web_processes,
        "worker_class": PatientWorker,
        "preload_app": True,
        "timeout": REQUEST_SECONDS,
        "graceful_timeout": GRACE_SECONDS,
        "max_requests": REQUESTS_A_WORKER,
        "max_requests_jitter": REQUESTS_A_WORKER // 10,
        "keepalive": 5,
        "worker_tmp_dir": _memory_folder(),
        "limit_request_line": 8190,
        "limit_request_fields": 100,
        "limit_request_field_size": 16_380,
        # Whose X-Forwarded headers count is said once, by GONGDAN_BEHIND_PROXY (views/headers.py).
        "forwarded_allow_ips": "",
        "proc_name": "gongdan",
        "logger_class": JsonLogger,
        "accesslog": "-",
        "control_socket_disable": True,
        "child_exit": _forget_metrics,
    }


class WebServer(BaseApplication):
    """Gunicorn without its own command line and files."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in options(self.settings).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        # Nothing made here is garbage: without looking for it the imports are a tenth faster, and pages of memory
        # that the collector never touches stay shared with the workers.
        gc.disable()
        from app.factory import create_app  # noqa: PLC0415 - after the folder of the metrics is known

        app = create_app(self.settings)
        _warm_up(app)
        gc.freeze()
        gc.enable()
        return app


class JsonLogger(Logger):
    """Sends gunicorn's lines through ours. Paths are logged without their query: searches hold names and phones."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.error_log = logging.getLogger("gunicorn.error")
        self.access_log = logging.getLogger("gunicorn.access")
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:  # noqa: ARG002 - gunicorn's
        status = str(getattr(resp, "status", "")).split(" ", maxsplit=1)[0]
        self.access_log.info(
            "request",
            extra={
                "method": environ.get("REQUEST_METHOD"),
                "path": environ.get("PATH_INFO"),
                "status": int(status) if status.isdecimal() else status,
                "bytes": getattr(resp, "sent", None),
                "ms": round(request_time.total_seconds() * 1000, 1),
                "address": environ.get("REMOTE_ADDR"),
            },
        )
        REQUEST_ID.set("")

    def reopen_files(self) -> None:
        """Nothing to reopen: everything goes to standard error."""

    def close_on_exec(self) -> None:
        """Nothing to close."""


def _memory_folder() -> str | None:
    """Return a folder in memory for the workers' heartbeat files, so that a slow disk does not look like a hang."""
    shared = Path("/dev/shm")  # noqa: S108 - gunicorn makes its file there safely
    return str(shared) if shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free else None


def _forget_metrics(_server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess  # noqa: PLC0415 - after its folder is known

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _warm_up(app: Any) -> None:
    """Compile what every page needs before the first person waits for it, and leave no connection for the fork."""
    app.test_client().get("/login/")
    app.extensions["gongdan"].engine.dispose()
    REQUEST_ID.set("")
