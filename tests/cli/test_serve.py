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

import pytest

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
