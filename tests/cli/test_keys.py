"""The keys of personal data: never made anew beside a database that has some, and never others than its own."""

import pytest

from app.config import Settings
from app.core.keyring import KEYRING
from app.installed import look
from app.instance_keys import fingerprints
from tests.cli.conftest import KEYS


@pytest.fixture
def instance(tmp_path):
    return tmp_path / "instance"


@pytest.fixture(autouse=True)
def ring(monkeypatch):
    """The key ring is the process's: what a test loads is gone after it."""
    monkeypatch.setattr(KEYRING, "_fernet", KEYRING._fernet)
    monkeypatch.setattr(KEYRING, "_index_key", KEYRING._index_key)


COMMANDS = [("init",), ("worker",), ("user", "list"), ("serve", "--no-worker")]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("keys", ["", "another secret of at least thirty-two characters"], ids=["none", "another"])
def test_nothing_is_opened_without_the_databases_own_key(gongdan, instance, command, keys):
    done = gongdan(*command, GONGDAN_DATA_KEYS=keys)
    assert done.returncode in (1, 2)
    assert len(done.stderr.strip().splitlines()) == 1
    assert "personal data" in done.stderr
    assert f"{instance / 'data.key'}, or set GONGDAN_DATA_KEYS as it was" in done.stderr
    assert not (instance / "data.key").exists()


def test_the_doctor_says_which_key_to_put_back(gongdan, instance):
    done = gongdan("doctor", GONGDAN_DATA_KEYS="")
    assert done.returncode == 1
    assert "BAD  keys: the key of this database's personal data is missing" in done.stdout
    assert "→ put the file back as" in done.stdout
    assert not (instance / "data.key").exists()


def test_a_new_key_joins_the_old_one(gongdan, installed_database):
    new = "a newer secret of at least thirty-two characters"
    both = f"{new},{KEYS}"
    assert gongdan("user", "list", GONGDAN_DATA_KEYS=both).returncode == 0
    assert gongdan("init", GONGDAN_DATA_KEYS=both).returncode == 0
    assert look(Settings(database_url=installed_database)).keys == set(fingerprints([new, KEYS]))
    # Somebody may have written with the new one.
    assert "written with another key" in gongdan("user", "list").stderr
    assert gongdan("user", "list", GONGDAN_DATA_KEYS=both).returncode == 0
