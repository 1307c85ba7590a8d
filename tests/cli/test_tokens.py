"""`gongdan token`: made, listed and revoked."""


def test_a_token_is_made_listed_and_revoked(gongdan):
    assert gongdan("user", "create", "robot", "--role", "clerk").returncode == 0
    made = gongdan("token", "create", "robot", "--name", "Web shop", "--scope", "read", "--scope", "ticket.create")
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip()
    assert token.startswith("gdt_")
    listed = gongdan("token", "list", "--user", "robot").stdout
    number, owner, name, hint, state, scopes, *_times = listed.strip().split("\t")
    assert (owner, name, hint, state) == ("robot", "Web shop", f"…{token[-4:]}", "active")
    assert (scopes, token in listed) == ("read,ticket.create", False)
    assert gongdan("token", "revoke", number).returncode == 0
    assert "revoked" in gongdan("token", "list").stdout
    assert gongdan("token", "create", "robot", "--name", "x", "--scope", "root").returncode == 2
    assert gongdan("token", "revoke", "999").returncode == 2
