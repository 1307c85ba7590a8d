"""The administrator's first sign-in after `gongdan init`: no password is known beforehand, a made one is changed."""

import re

import pytest

from tests.clients import make_app

# What is told and asked is the same on both databases, and an installation takes seconds.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])


def test_a_made_password_must_be_changed_and_no_default_one_opens(empty, fresh_database, tmp_path):
    said = empty("init", GONGDAN_ADMIN_PASSWORD="").stdout
    made = re.search(r"shown once[^:]*: (\S+)", said)[1]
    app = make_app(fresh_database, tmp_path, data_keys="k" * 40)
    client = app.test_client()
    for guess in ("admin", "gongdan", "password", "Admin123", ""):
        assert client.sign_in("admin", guess).status_code in {401, 422}
    assert client.sign_in("admin", made).status_code == 302
    assert client.get("/tickets/").headers["Location"] == "/password/"
    app.extensions["gongdan"].engine.dispose()
