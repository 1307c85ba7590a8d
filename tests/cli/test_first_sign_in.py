"""The administrator's first sign-in after `gongdan init`: no password is known beforehand, a made one is changed."""

import re

import pytest

from tests.cli.conftest import KEYS
from tests.clients import make_app

# What is told and asked is the same on both databases, and an installation takes seconds.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])


def test_a_made_password_must_be_changed_and_no_default_one_opens(empty, fresh_database, tmp_path):
    said = empty("init", GONGDAN_ADMIN_PASSWORD="").stdout
    made = re.search(r"shown once[^:]*: (\S+)", said)[1]
    app = make_app(fresh_database, tmp_path, data_keys=KEYS)
    client = app.test_client()
    for guess in ("admin", "gongdan", "password", "Admin123", ""):
        assert client.sign_in("admin", guess).status_code in {401, 422}
    assert client.sign_in("admin", made).status_code == 302
    assert client.get("/tickets/").headers["Location"] == "/password/"
    # Whom the administrator lets in gets a password made in the same way, or brings one.
    said = empty("user", "create", "li.lei", "--role", "clerk").stdout
    other = app.test_client()
    assert other.sign_in("li.lei", re.search(r"shown once[^:]*: (\S+)", said)[1]).status_code == 302
    assert other.get("/tickets/").headers["Location"] == "/password/"
    empty("user", "create", "han.mei", "--role", "clerk", "--password-stdin", given="a passphrase of her own\n")
    another = app.test_client()
    assert another.sign_in("han.mei", "a passphrase of her own").status_code == 302
    assert another.get("/tickets/").status_code == 200
    app.extensions["gongdan"].engine.dispose()
