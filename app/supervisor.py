"""`gongdan serve`: one web server and one worker as child processes, started, watched, stopped together.

This process imports next to nothing (tests/cli/test_lean_start.py): it starts in a moment, and stays small.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from types import FrameType
from typing import Final, NoReturn

import click

from app import installed, instance_keys
from app.config import Settings

HEALTHY_WITHIN_SECONDS: Final = 30.0
#: A child that dies sooner than this after its start is not started again: it would only die again.
SHORTEST_LIFE_SECONDS: Final = 5.0
ASK_EVERY_SECONDS: Final = 0.05
LOOK_EVERY_SECONDS: Final = 0.2
#: In the data folder: locked by who serves it, and freed by the kernel however that process ends.
SERVED: Final = "served"


class Supervisor:
    """Runs until a signal says stop, or a child cannot be kept alive."""

    def __init__(self, settings: Settings, *, worker: bool, set_up: bool = False) -> None:
        self.settings = settings
        self._set_up = set_up
        self._commands = ["web", "worker"] if worker else ["web"]
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._stopping = False
        self._held = ExitStack()

    def run(self) -> None:
        """Start, print the address, watch, stop. Exit 1 with one line when it cannot be started."""
        with self._held:
            self._check()
            self._run()

    def _run(self) -> None:
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        try:
            for command in self._commands:
                self._start(command)
            if not self._await_health():
                raise click.exceptions.Exit(0 if self._stopping else 1)
            click.echo(f"Gongdan is ready: {self.address}  (sign in as {installed.ADMINISTRATOR}; stop with Ctrl+C)")
            self._watch()
        finally:
            self._stop()

    @property
    def address(self) -> str:
        """Return the address a browser on this machine uses."""
        host = "127.0.0.1" if self.settings.host in {"0.0.0.0", "::"} else self.settings.host  # noqa: S104 - compared
        return f"http://{f'[{host}]' if ':' in host else host}:{self.settings.port}"

    def _check(self) -> None:
        """Say what would stop a start before anything is started, or written."""
        self.settings.answers_to()
        self._check_port()
        self._check_folder()
        self._claim()
        now = installed.look(self.settings)
        if now.program:
            instance_keys.data_secrets(self.settings)
        if self._set_up and not now.is_current:
            self._install(demo=not now.program)
        elif now.trouble:
            _stop_with(f"the database cannot be used: {now.trouble}")
        else:
            installed.demand_complete(now)

    def _install(self, *, demo: bool) -> None:
        """Run `gongdan init` in a process of its own; the demo company is for the first time only."""
        click.echo("Setting up the installation …", err=True)
        command = [sys.executable, "-m", "app.cli.process", "init", *(["--demo"] if demo else [])]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own program
            # It has said why.
            raise click.exceptions.Exit(1)

    def _check_folder(self) -> None:
        folder = self.settings.instance.absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            _stop_with(f"cannot write to the data folder {folder} ({error.strerror}): choose another with "
                       "GONGDAN_INSTANCE")  # fmt: skip

    def _claim(self) -> None:
        """Keep SQLite's installation for this process: two that serve one file wait for each other at every write."""
        if not self.settings.url.startswith("sqlite"):
            return
        folder = self.settings.instance.absolute()
        # No child inherits it.
        served = self._held.enter_context((folder / SERVED).open("ab"))
        try:
            fcntl.flock(served, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _stop_with(f"another gongdan serve runs on {folder}: stop that one, or choose another folder with "
                       "GONGDAN_INSTANCE")  # fmt: skip
        except OSError:
            # A file system without locks: nobody can be told.
            return

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.settings.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.settings.host, self.settings.port))
            except OSError as error:
                where = f"{self.settings.host}:{self.settings.port}"
                _stop_with(f"cannot listen on {where} ({error.strerror}): choose another with GONGDAN_PORT")

    def _start(self, command: str) -> None:
        self._started[command] = time.monotonic()
        # A group of its own: Ctrl+C reaches us alone, and we stop the children in order.
        self._children[command] = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "app.cli.process", command], start_new_session=True
        )

    def _await_health(self) -> bool:
        until = time.monotonic() + HEALTHY_WITHIN_SECONDS
        while time.monotonic() < until and not self._stopping:
            if (dead := self._dead()) is not None:
                click.echo(f"gongdan: the {dead} ended at once; its last lines above say why", err=True)
                return False
            try:
                with urllib.request.urlopen(f"{self.address}/healthz", timeout=2) as answer:  # noqa: S310 - ourselves
                    if answer.status == 200:  # noqa: PLR2004 - OK
                        return True
            except (urllib.error.URLError, OSError):
                time.sleep(ASK_EVERY_SECONDS)
        if not self._stopping:
            click.echo(f"gongdan: not healthy after {HEALTHY_WITHIN_SECONDS:.0f} s: {self.address}/healthz", err=True)
        return False

    def _watch(self) -> None:
        while not self._stopping:
            dead = self._dead()
            if dead is None:
                time.sleep(LOOK_EVERY_SECONDS)
            elif time.monotonic() - self._started[dead] < SHORTEST_LIFE_SECONDS:
                _stop_with(f"the {dead} does not stay alive")
            else:
                click.echo(f"gongdan: the {dead} ended; starting it again", err=True)
                self._start(dead)

    def _dead(self) -> str | None:
        return next((name for name, child in self._children.items() if child.poll() is not None), None)

    def _on_signal(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _stop(self) -> None:
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        for child in self._children.values():
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)


def _stop_with(line: str) -> NoReturn:
    click.echo(f"gongdan: {line}", err=True)
    raise click.exceptions.Exit(1)
