"""`make serve` on machines that lack something: one clear line, exit 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path):
    """A folder with just what the installation step reads."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "bootstrap.sh").write_text((ROOT / "app" / "bootstrap.sh").read_text("utf-8"), "utf-8")
    (tmp_path / "lock").write_text("nothing-of-that-name==1.0 --hash=sha256:" + "0" * 64 + "\n", "utf-8")
    return tmp_path


def bootstrap(folder, **environment):
    command = ["/bin/sh", "app/bootstrap.sh", "lock", ".venv/run.stamp"]
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=300
    )


def said(done):
    return [line for line in done.stderr.splitlines() if line.startswith("gongdan: ")]


def fake_python(folder, script):
    """Put programs named python first on the path: this machine's Python as that script makes it look."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        (tools / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (tools / name).chmod(0o755)
    return f"{tools}:{os.environ['PATH']}"


def test_a_wrong_python(checkout):
    done = bootstrap(checkout, PATH=fake_python(checkout, "exit 1"))
    assert done.returncode == 1
    assert said(done) == [
        "gongdan: Python 3.11 or newer (with venv) is needed and none was found: install it, or set PYTHON"
    ]


def test_a_folder_that_cannot_be_written(checkout):
    (checkout / ".venv").write_text("a file where the folder should be", "utf-8")
    done = bootstrap(checkout)
    assert done.returncode == 1
    assert len(said(done)) == 1
    assert "choose a folder you may write to" in said(done)[0]


def test_no_network(checkout):
    # The pip of this environment, which reaches nothing and so changes nothing: to make another takes long.
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', "utf-8")
    python.chmod(0o755)
    done = bootstrap(checkout, PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="0", PIP_NO_INDEX="", PIP_FIND_LINKS="")
    assert done.returncode == 1
    assert said(done) == [
        "gongdan: could not install the dependencies: is the network there? (details: .venv/install.log)"
    ]
    assert not (checkout / ".venv" / "run.stamp").exists()


class TestWhatIsThere:
    """An environment whose pip only says that it was called."""

    @pytest.fixture
    def installed(self, checkout):
        for name in ("python", "gongdan"):
            path = checkout / ".venv" / "bin" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'#!/bin/sh\necho "$*" >>{checkout}/called\n', "utf-8")
            path.chmod(0o755)
        (checkout / "pyproject.toml").write_text("[project]\n", "utf-8")
        catalogue = checkout / "app" / "translations" / "zh_Hans" / "LC_MESSAGES" / "messages.po"
        catalogue.parent.mkdir(parents=True)
        catalogue.write_text("", "utf-8")
        assert bootstrap(checkout).returncode == 0
        return checkout

    def calls(self, folder):
        (folder / "called").unlink(missing_ok=True)
        done = bootstrap(folder)
        assert done.returncode == 0, done.stderr
        called = folder / "called"
        return done.stderr, called.read_text("utf-8") if called.exists() else ""

    def test_is_not_installed_twice_even_when_a_checkout_touched_it(self, installed):
        for name in ("lock", "pyproject.toml"):
            os.utime(installed / name, (4_000_000_000, 4_000_000_000))
        assert self.calls(installed) == ("", "")

    def test_is_installed_again_when_the_lock_changed(self, installed):
        with (installed / "lock").open("a", encoding="utf-8") as lock:
            lock.write("more==1\n")
        said, called = self.calls(installed)
        assert "Installing dependencies" in said
        assert "pip install" in called
        assert self.calls(installed) == ("", "")

    def test_new_messages_are_compiled_without_an_installation(self, installed):
        catalogue = next(installed.glob("app/translations/*/LC_MESSAGES/messages.po"))
        catalogue.write_text('msgid "a"\n', "utf-8")
        assert self.calls(installed) == ("", "-m app.messages compile\n")
