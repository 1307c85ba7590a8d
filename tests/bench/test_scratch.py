"""A bench works on a database of its own and leaves nothing behind, not even when it fails."""

from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url

from app.bench import scratch
from app.config import Settings
from tests.databases import POSTGRES


def is_there(url):
    if url.get_backend_name() == "sqlite":
        return Path(url.database).parent.exists()
    with create_engine(url.set(database="postgres"), poolclass=NullPool).connect() as connection:
        return connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": url.database}) == 1


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_is_left_behind(dialect, tmp_path, monkeypatch, fails):
    monkeypatch.setattr(scratch, "install", lambda house: house.engine.connect().close())
    mine = tmp_path / "mine"
    before = set(tmp_path.iterdir())
    settings = Settings(instance=mine, database_url=POSTGRES if dialect == "postgresql" else None)
    made = None
    try:
        with scratch.scratch_house(dialect, settings) as house:
            made = make_url(house.settings.database_url)
            assert is_there(made)
            if fails:
                raise RuntimeError  # noqa: TRY301 - what a bench does that goes wrong
    except RuntimeError:
        assert fails
    assert not is_there(made)
    assert set(tmp_path.iterdir()) == before
