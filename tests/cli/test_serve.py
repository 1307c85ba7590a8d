"""`gongdan serve`: web and worker together, healthy, and one line when it cannot start."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from types import SimpleNamespace

import click
import pytest

from app import supervisor
from app.config import Settings

pytestmark = pytest.mark.long
HIGHEST_PORT = 65_535


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_serve_starts_answers_and_stops(gongdan, in_a_process, environment, port, tmp_path):
    command = [sys.executable, "-u", "-m", "app.cli.process", "serve"]
    log = tmp_path / "log"
    with (
        log.open("w") as said,
        subprocess.Popen(
            command,
            env=environment | {"GONGDAN_PORT": str(port), "GONGDAN_LOG_FORMAT": "json"},
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as serving,
    ):
        try:
            line = serving.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert address, line
            # Who reads it knows how to go on: where, as whom, and how to end it.
            assert "sign in as admin" in line
            assert "Ctrl+C" in line
            # More of them than there are web processes; each would keep one waiting.
            silent = [socket.create_connection(("127.0.0.1", port)) for _each in range(6)]
            silent[0].sendall(b"GET / HTTP/1.1\r\n")
            silent[1].sendall(b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nuser")
            with urllib.request.urlopen(f"{address[0]}/login/", timeout=10) as answer:
                assert answer.status == 200
                assert "Content-Security-Policy" in answer.headers
            for one in silent:
                one.close()
            # A web process that ends, as each does after its share of requests, takes nothing with it.
            first = web_processes(log)
            for pid in first:
                os.kill(pid, signal.SIGTERM)
            assert until(lambda: answers(address[0]) == 200 and len(web_processes(log)) >= 2 * len(first))
            assert [answers(address[0]) for _asked in range(12)] == [200] * 12
            if environment["GONGDAN_DATABASE_URL"].startswith("sqlite"):
                second = in_a_process("serve", GONGDAN_PORT=str(port + 1 if port < HIGHEST_PORT else port - 1))
                assert second.returncode == 1
                assert second.stderr.startswith("gongdan: another gongdan serve runs on ")
                assert len(second.stderr.splitlines()) == 1
            # The worker starts beside the web: doctor is asked until it has been seen.
            assert until(lambda: re.search(r"^ok\s+worker\b", gongdan("doctor").stdout, re.MULTILINE))
        finally:
            serving.terminate()
        assert serving.wait(timeout=30) == 0


def until(so: Callable[[], object]) -> bool:
    """Ask until it is so, with pauses: to ask without any takes the processor from what is starting."""
    for _asked in range(300):
        if so():
            return True
        time.sleep(0.2)
    return False


def web_processes(log):
    """Return the web processes that have been started."""
    return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", log.read_text())]


def answers(address):
    with urllib.request.urlopen(f"{address}/login/", timeout=30) as answer:
        return answer.status


class Child:
    """A child process that ends so many seconds after its start, if at all."""

    def __init__(self, clock: SimpleNamespace, lives: float) -> None:
        self.clock, self.ends = clock, clock.now + lives
        self.ended = False
        self.asked = 0

    def poll(self) -> int | None:
        self.asked += 1
        assert self.asked < 1_000, "who only asks, and neither waits nor starts it again, asks for ever"
        return -9 if self.ended or self.clock.now >= self.ends else None

    def terminate(self) -> None:
        self.ended = True

    def wait(self, timeout: float) -> int:
        assert self.poll() is not None
        return -9


@pytest.fixture
def watched(monkeypatch, tmp_path):
    """A supervisor whose children live as long as they are told to, on a clock that its pauses move on."""
    clock = SimpleNamespace(now=0.0)
    lives, started = {"web": [1e6], "worker": []}, []
    monkeypatch.setattr(supervisor, "time", SimpleNamespace(monotonic=lambda: clock.now))
    one = supervisor.Supervisor(Settings(instance=tmp_path), worker=True)

    def pause(seconds):
        clock.now += seconds
        if clock.now > 100:
            one._on_signal(signal.SIGTERM, None)

    def start(command, **options):
        started.append((round(clock.now), command[-1]))
        return Child(clock, lives[command[-1]].pop(0))

    supervisor.time.sleep = pause
    monkeypatch.setattr(supervisor.subprocess, "Popen", start)
    monkeypatch.setattr(supervisor.Supervisor, "_check", lambda _one: None)
    monkeypatch.setattr(supervisor.Supervisor, "_await_health", lambda _one: True)
    monkeypatch.setattr(supervisor.signal, "signal", lambda *_given: None)
    return SimpleNamespace(one=one, lives=lives, started=started)


@pytest.mark.parametrize("dies", ["web", "worker"])
def test_a_child_that_died_is_started_again_and_the_other_stays(watched, capsys, dies):
    stays = "worker" if dies == "web" else "web"
    watched.lives.update({dies: [20, 30, 1e6], stays: [1e6]})
    watched.one.run()
    assert sorted(watched.started) == sorted([(0, "web"), (0, "worker"), (20, dies), (50, dies)])
    assert capsys.readouterr().err.splitlines() == [f"gongdan: the {dies} ended; starting it again"] * 2
    # Stopped, it leaves none behind.
    assert all(child.ended for child in watched.one._children.values())


def test_one_that_cannot_live_is_not_started_for_ever(watched, capsys):
    watched.lives["worker"] = [20, 1, 1e6]
    with pytest.raises(click.exceptions.Exit) as ended:
        watched.one.run()
    assert ended.value.exit_code == 1
    assert [name for _at, name in watched.started] == ["web", "worker", "worker"]
    assert capsys.readouterr().err.splitlines()[-1] == "gongdan: the worker does not stay alive"


def test_a_taken_port_is_one_line(in_a_process, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = in_a_process("serve", GONGDAN_PORT=str(port))
    assert done.returncode == 1
    assert "choose another with GONGDAN_PORT" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_data_folder_that_is_served_already_is_one_line(gongdan, tmp_path, port):
    folder = tmp_path / "instance"
    folder.mkdir()
    asked = {"GONGDAN_PORT": str(port), "GONGDAN_DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"}
    code = ("import fcntl, sys; kept = open(sys.argv[1], 'ab'); fcntl.flock(kept, fcntl.LOCK_EX);"
            "print('held', flush=True); input()")  # fmt: skip
    holding = [sys.executable, "-c", code, str(folder / "served")]
    with subprocess.Popen(holding, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        done = gongdan("serve", **asked)
        assert done.returncode == 1
        assert f"another gongdan serve runs on {folder}: stop that one" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        other.kill()
    # However it ended, the folder is free again; and this one goes on to its next check.
    assert "run `gongdan init` first" in gongdan("serve", **asked).stderr


def test_an_empty_database_is_one_line(gongdan, tmp_path, port):
    done = gongdan("serve", GONGDAN_PORT=str(port), GONGDAN_DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")
    assert done.returncode == 1
    assert "run `gongdan init` first" in done.stderr


def test_a_read_only_folder_is_one_line(empty, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    done = empty("init", GONGDAN_INSTANCE=str(blocked / "instance"), GONGDAN_DATA_KEYS="")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("words", "code"), [(["--set-up"], 1), ([], 2)], ids=["make serve", "gongdan serve"])
def test_a_wrong_setting_is_one_line(gongdan, words, code):
    done = gongdan("serve", *words, GONGDAN_PORT="abc")
    assert (done.returncode, done.stderr) == (code, "gongdan: GONGDAN_PORT must be a whole number, not 'abc'\n")
