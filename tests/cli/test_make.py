"""`make serve` and `make test` that fail: what failed is the last line, and the exit code is 1."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path):
    """A folder with our Makefile, in which every program does nothing, well."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    programs = [".venv/bin/" + name for name in ("gongdan", "python", "ruff", "mypy", "lint-imports")]
    for name in (*programs, "app/bootstrap.sh", "tests/tools.sh"):
        program(tmp_path / name, "exit 0")
    return tmp_path


def program(path, script):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


def make(folder, *words):
    # `make test` runs these tests, and what it was called with is no business of theirs.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *words], cwd=folder, env=clean, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("target", "broken"),
    [("serve", ".venv/bin/gongdan"), ("serve", "app/bootstrap.sh"), ("install", "app/bootstrap.sh")],
)
def test_what_the_service_needs_fails_with_one_line_and_code_1(checkout, target, broken):
    program(checkout / broken, "echo 'gongdan: something is wrong' >&2; exit 1")
    done = make(checkout, target)
    assert (done.returncode, done.stderr) == (1, "gongdan: something is wrong\n")


def test_make_test_ends_with_the_closing_line_of_pytest(checkout):
    program(checkout / ".venv/bin/python", "case \"$*\" in *pytest*) echo '=== 1 failed in 0.1s ==='; exit 1;; esac")
    done = make(checkout, "test")
    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (1, "=== 1 failed in 0.1s ===", "")


def test_make_test_stops_at_what_lint_finds(checkout):
    program(checkout / ".venv/bin/mypy", "echo 'Found 1 error'; exit 1")
    program(checkout / ".venv/bin/python", "echo tested")
    done = make(checkout, "test")
    assert done.returncode == 1
    assert done.stdout == "Found 1 error\n"


def test_all_well_is_code_0(checkout):
    program(checkout / ".venv/bin/ruff", "echo linted")
    program(checkout / ".venv/bin/gongdan", 'echo "$*"')
    assert (make(checkout, "serve").returncode, make(checkout, "serve").stdout) == (0, "serve --set-up\n")
    tested = make(checkout, "test")
    assert (tested.returncode, tested.stdout) == (0, "linted\nlinted\n")


def test_a_dry_run_does_nothing(checkout):
    program(checkout / ".venv/bin/gongdan", "echo served")
    assert "served" not in make(checkout, "-n", "serve").stdout.splitlines()
