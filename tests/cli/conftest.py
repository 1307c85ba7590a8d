"""An installation of its own for the commands."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path, fresh_database):
    """The environment of a process that works on a database of one's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GONGDAN_")}
    return kept | {"GONGDAN_INSTANCE": str(tmp_path / "instance"), "GONGDAN_DATABASE_URL": fresh_database,
                   "GONGDAN_ADMIN_PASSWORD": "Correct-Horse-9"}  # fmt: skip


@pytest.fixture
def gongdan(environment) -> Command:
    """Run the command as a person does, in a process of its own."""

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app.cli.process", *words]
        return subprocess.run(
            command, env=environment | settings, capture_output=True, text=True, check=False, timeout=120
        )

    return run
