"""The keys of personal data: never made anew beside a database that has some, and never others than its own."""

import errno

import pytest

from app.config import Settings
from app.core.keyring import KEYRING
from app.installed import look
from app.instance_keys import data_secrets, fingerprints, session_secret
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


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("left", [None, ""], ids=["nothing", "an empty file"])
@pytest.mark.parametrize("secret", [session_secret, lambda settings: data_secrets(settings)[0]], ids=["web", "data"])
def test_a_key_is_made_whole_or_not_at_all(instance, monkeypatch, left, secret, links):
    settings = Settings(instance=instance)
    instance.mkdir()

    def unknown(*_paths):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr("os.link", unknown)
    if left is not None:
        for name in ("secret.key", "data.key"):
            (instance / name).write_text(left)

    def is_full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("os.fsync", is_full)
        with pytest.raises(OSError, match="No space left"):
            secret(settings)
    assert all(one.stat().st_size == 0 for one in instance.iterdir())
    found = secret(settings)
    assert (len(found), secret(settings)) == (64, found)
    kept = [one for one in instance.iterdir() if one.stat().st_size]
    assert [(one.read_text(), one.stat().st_mode & 0o777) for one in kept] == [(found, 0o600)]
