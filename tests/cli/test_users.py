"""`gongdan user`: people are let in, kept out, and helped who lost their password."""

import hashlib
import re

import pytest
from sqlalchemy import create_engine, text
from werkzeug.security import check_password_hash


@pytest.fixture
def connection(installed_database):
    engine = create_engine(installed_database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_a_lost_password_is_replaced_at_the_command_line(gongdan, connection):
    assert gongdan("user", "create", "xiaowang", "--name", "小王", "--role", "clerk").returncode == 0
    who = connection.scalar(text("SELECT id FROM ab_user WHERE username = 'xiaowang'"))
    connection.execute(text("UPDATE account_security SET must_change_password = false"))
    session = "INSERT INTO account_session (key, user_id, created_at, expires_at) VALUES ('a', :who, :at, :at)"
    connection.execute(text(session), {"who": who, "at": "2199-01-01 00:00:00"})
    tried = "INSERT INTO sign_in_count (key, count, until) VALUES (:key, 99, :at)"
    key = hashlib.sha256(b"account:xiaowang").hexdigest()
    connection.execute(text(tried), {"key": key, "at": "2199-01-01 00:00:00"})
    done = gongdan("user", "password", "XiaoWang")
    assert done.returncode == 0, done.stderr
    made = re.search(r"shown once, to be changed at the first sign-in: (\S{16,})", done.stdout)
    assert made
    stored = text("SELECT password FROM ab_user WHERE id = :who")
    assert check_password_hash(connection.scalar(stored, {"who": who}), made[1])
    must = text("SELECT must_change_password FROM account_security WHERE user_id = :who")
    assert connection.scalar(must, {"who": who})
    assert connection.scalar(text("SELECT count(*) FROM account_session")) == 0
    assert connection.scalar(text("SELECT count(*) FROM sign_in_count")) == 0, "he waits for the lost one's attempts"
    audited = connection.execute(text("SELECT actor_id, cause, changes FROM audit_event ORDER BY id DESC")).first()
    assert audited.actor_id is None
    assert "cli" in str(audited.cause)
    assert "password" in str(audited.changes)
    assert made[1] not in str(audited.changes)
    typed = gongdan("user", "password", "xiaowang", "--password-stdin", given="Horse-9-Battery\n")
    assert (typed.returncode, "shown once" in typed.stdout) == (0, False), typed.stderr
    assert check_password_hash(connection.scalar(stored, {"who": who}), "Horse-9-Battery")
    assert not connection.scalar(must, {"who": who})
    weak = gongdan("user", "password", "xiaowang", "--password-stdin", given="123\n")
    assert (weak.returncode, len(weak.stderr.strip().splitlines())) == (2, 1)


def test_accounts_are_listed_and_kept_out_at_the_command_line(gongdan):
    assert gongdan("user", "create", "xiaowang", "--name", "小王", "--role", "clerk").returncode == 0
    assert gongdan("user", "deactivate", "xiaowang").returncode == 0
    listed = gongdan("user", "list")
    assert listed.stdout.splitlines() == [
        "admin\t管理员\tadministrator\tactive\tnever",
        "xiaowang\t小王\tclerk\tdeactivated\tnever",
    ]
    assert gongdan("user", "list", "--role", "clerk").stdout.count("\n") == 1
    unknown = gongdan("user", "list", "--role", "clrk")
    assert (unknown.returncode, unknown.stdout, len(unknown.stderr.splitlines())) == (2, "", 1)
    assert "clrk" in unknown.stderr
    assert gongdan("user", "activate", "xiaowang").returncode == 0
    assert "\tactive\t" in gongdan("user", "list", "--role", "clerk").stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["password", "nobody"], "There is no account called “nobody”."),
        (["activate", "nobody"], "There is no account called “nobody”."),
        (["deactivate", "admin"], "last active administrator"),
    ],
)
def test_what_cannot_be_done_to_an_account_is_one_line(gongdan, words, says):
    done = gongdan("user", *words)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert says in done.stderr
