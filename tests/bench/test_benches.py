"""Benches measure in databases of their own, and leave nothing behind."""

import json
import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app.bench import BENCHES
from app.bench.base import Bench, Measurement
from app.bench.startup import _ready
from app.cli.bench import bench


class Interrupted(Bench):
    """Measures once and is told to stop."""

    name = "interrupted"
    about = "ends early"
    used: list[str]

    def run(self, house, rows):
        self.used.append(house.settings.url)
        with house.engine.connect():
            yield Measurement("interrupted", rows, 1.0, 2.0, "s")
        os.kill(os.getpid(), signal.SIGTERM)
        yield Measurement("interrupted", rows, 0.0, 0.0, "s")


@pytest.fixture
def used(monkeypatch):
    """Return where the bench `interrupted` measured."""
    monkeypatch.setattr(BENCHES, "scan", lambda: None)
    monkeypatch.setitem(BENCHES._classes, "interrupted", Interrupted)
    monkeypatch.setattr(Interrupted, "used", [], raising=False)
    return Interrupted.used


def is_there(url: str) -> bool:
    """Whether a scratch database, or the folder of one, still exists."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        return Path(str(where.database)).parent.exists()
    engine = create_engine(where.set(database="postgres"))
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": where.database})
    engine.dispose()
    return bool(found)


def test_a_bench_that_is_stopped_leaves_nothing_behind(used, dialect):
    done = CliRunner().invoke(bench, ["interrupted", "--database", dialect, "--rows", "7", "--json"])
    assert done.exit_code == 128 + signal.SIGTERM
    assert json.loads(done.stdout) == {
        "metric": "interrupted", "database": dialect, "rows": 7, "ours": 1.0, "limit": 2.0, "ratio": 0.5, "unit": "s",
    }  # fmt: skip
    assert len(used) == 1
    assert not is_there(used[0])


def test_a_start_is_measured_compiled_wherever_python_writes_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    seconds, memory = _ready("import app.config", str(tmp_path))
    assert seconds > 0
    assert memory > 1
    assert list(tmp_path.rglob("config.*.pyc"))
