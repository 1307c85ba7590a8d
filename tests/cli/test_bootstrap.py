"""`make serve` on machines that lack something: one clear line, exit 1."""

import os
import subprocess
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
    done = bootstrap(checkout, PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="0", PIP_NO_INDEX="", PIP_FIND_LINKS="")
    assert done.returncode == 1
    assert said(done) == [
        "gongdan: could not install the dependencies: is the network there? (details: .venv/install.log)"
    ]
    assert not (checkout / ".venv" / "run.stamp").exists()
