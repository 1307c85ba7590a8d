"""An installation of its own for the commands."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.config import Settings
from app.house import open_house
from app.install import install

PASSWORD = "Correct-Horse-9"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def installations(servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The database `gongdan init` makes, one a dialect, for copies."""
    made: dict[str, tuple[Any, str]] = {}

    def installation(dialect: str) -> str:
        if dialect not in made:
            copy = servers(dialect).copy()
            url = copy.__enter__()
            settings = Settings(instance=tmp_path_factory.mktemp(dialect), database_url=url, data_keys="k" * 40,
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
    return kept | {"GONGDAN_INSTANCE": str(folder), "GONGDAN_DATABASE_URL": url, "GONGDAN_DATA_KEYS": "k" * 40,
                   "GONGDAN_ADMIN_PASSWORD": PASSWORD}  # fmt: skip


@pytest.fixture
def environment(tmp_path, installed_database):
    """The environment of a process that works on an installed database of one's own."""
    return environment_of(tmp_path / "instance", installed_database)


@pytest.fixture
def empty(tmp_path, fresh_database) -> Command:
    """Run the command on a database in which nothing is installed."""
    return runner(environment_of(tmp_path / "instance", fresh_database))


@pytest.fixture
def gongdan(environment) -> Command:
    """Run the command as a person does, on an installed database."""
    return runner(environment)


def runner(environment: dict[str, str]) -> Command:
    """Return what runs the command in a process of its own."""

    def run(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "app.cli.process", *words]
        return subprocess.run(
            command, env=environment | settings, capture_output=True, text=True, check=False, timeout=120
        )

    return run
