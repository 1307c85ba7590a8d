"""An installation of its own for the commands.

``gongdan`` runs a command as a person does, but in this process: that an interpreter starts is proved where it matters
(``in_a_process``: what serves, and a few errors), and costs seconds each time.
"""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest

from app.cli import main
from app.config import Settings
from app.house import open_house
from app.install import install

PASSWORD = "Correct-Horse-9"
#: The key of all applications under test: the key ring is the process's.
KEYS = "one secret of all applications under test"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def installations(servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The database `gongdan init` makes, one a dialect, for copies."""
    made: dict[str, tuple[Any, str]] = {}

    def installation(dialect: str) -> str:
        if dialect not in made:
            copy = servers(dialect).copy()
            url = copy.__enter__()
            settings = Settings(instance=tmp_path_factory.mktemp(dialect), database_url=url, data_keys=KEYS,
                                admin_password=PASSWORD)  # fmt: skip
            house = open_house(settings)
            install(house)
            house.engine.dispose()
            made[dialect] = copy, url
        return made[dialect][1]

    yield installation
    for copy, _url in made.values():
        copy.__exit__(None, None, None)


@pytest.fixture
def installed_database(dialect, servers, installations):
    """The URL of an installed database of one's own."""
    with servers(dialect).copy(installations(dialect)) as url:
        yield url


def environment_of(folder, url):
    """Return the environment of a process that works on the database at ``url``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GONGDAN_")}
    return kept | {"GONGDAN_INSTANCE": str(folder), "GONGDAN_DATABASE_URL": url, "GONGDAN_DATA_KEYS": KEYS,
                   "GONGDAN_ADMIN_PASSWORD": PASSWORD}  # fmt: skip


@pytest.fixture
def environment(tmp_path, installed_database):
    """The environment of a process that works on an installed database of one's own."""
    return environment_of(tmp_path / "instance", installed_database)


@pytest.fixture
def empty(tmp_path, fresh_database, monkeypatch) -> Command:
    """Run the command on a database in which nothing is installed."""
    return runner(environment_of(tmp_path / "instance", fresh_database), monkeypatch)


@pytest.fixture
def gongdan(environment, monkeypatch) -> Command:
    """Run the command as a person does, on an installed database."""
    return runner(environment, monkeypatch)


@pytest.fixture
def in_a_process(environment) -> Command:
    """Run the command in a process of its own."""

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app.cli.process", *words]
        return subprocess.run(
            command, env=environment | settings, capture_output=True, text=True, check=False, timeout=120
        )

    return run


def runner(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return what runs the command in that environment, and returns its code and what it said."""

    def run(*words: str, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        out, err, code = io.StringIO(), io.StringIO(), None
        with monkeypatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name in [name for name in os.environ if name.startswith("GONGDAN_")]:
                patch.delenv(name)
            for name, value in (environment | settings).items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(given))
            try:
                main(args=words, prog_name="gongdan")
            except SystemExit as ended:
                code = ended.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())

    return run
