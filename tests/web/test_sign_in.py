"""Signing in and out: who gets in, who does not, and what a copied cookie is worth."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from werkzeug.security import generate_password_hash

from app.core.permissions import SYSTEM
from app.people import access, sign_in
from app.people.security_models import AccountSession, AttemptCount
from tests.clients import CAUSE, PASSWORD, make_account, make_app
from tests.conftest import NOW
from tests.factories import people


@pytest.fixture
def clerk(web):
    """An account of this test file; its count of attempts starts at nothing."""
    user_id = make_account(web, "sign.in.clerk", "clerk")
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.execute(delete(AttemptCount))
    return user_id


def cookie_of(client):
    return client.get_cookie(client.application.config["SESSION_COOKIE_NAME"])


def test_the_right_password_opens_the_site(clerk, anonymous):
    assert anonymous.get("/").headers["Location"] == "/login/"
    assert anonymous.sign_in("sign.in.clerk").headers["Location"] == "/"
    assert anonymous.get("/users/userinfo/").status_code == 200


def test_a_session_that_ended_is_said_and_kept_text_is_for_the_tab_to_know(web, clerk, anonymous):
    assert "session-ended" not in anonymous.get("/login/").text
    anonymous.sign_in("sign.in.clerk")
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.execute(delete(AccountSession).where(AccountSession.user_id == clerk))
    page = anonymous.get("/users/userinfo/", follow_redirects=True).text
    assert "session-ended" in page
    assert re.search(r"data-kept[^>]* hidden", page)
    anonymous.sign_in("sign.in.clerk")
    anonymous.post("/logout/")
    assert "session-ended" not in anonymous.get("/login/").text


def test_names_are_the_same_in_capitals_and_full_width(clerk, anonymous):
    assert anonymous.sign_in("ＳIGN.in.Clerk").status_code == 302


@pytest.mark.parametrize("username", ["sign.in.clerk", "nobody.at.all"])
def test_wrong_and_unknown_look_the_same(clerk, anonymous, username):
    answer = anonymous.sign_in(username, "wrong password", address="192.0.2.1")
    assert answer.status_code == 401
    known = anonymous.sign_in("sign.in.clerk", "other wrong password", address="192.0.2.1")
    strip = re.compile(r'value="[^"]*"|content="[^"]*"|[0-9a-f]{32}|sign\.in\.clerk|nobody\.at\.all')
    assert strip.sub("", answer.text) == strip.sub("", known.text)


def test_an_unknown_name_is_hashed_too(monkeypatch):
    checked = []
    monkeypatch.setattr(sign_in, "check_password_hash", lambda hashed, _password: checked.append(hashed) or False)
    assert sign_in.verified(None, "whatever") is None
    assert checked[0].startswith("scrypt:32768:8:1$")


def test_nobodys_hash_costs_what_everybodys_does():
    assert generate_password_hash("x").split("$")[0] == sign_in._NOBODY.split("$")[0]


def test_the_form_needs_its_token(clerk, anonymous):
    answer = anonymous.post("/login/", data={"username": "sign.in.clerk", "password": PASSWORD}, csrf=False)
    assert answer.status_code == 400
    assert anonymous.get("/users/userinfo/").status_code == 302


def test_pages_of_sign_in_are_not_kept(clerk, anonymous):
    assert anonymous.get("/login/").headers["Cache-Control"] == "no-store"
    assert anonymous.sign_in("sign.in.clerk").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "following",
    ["//evil.example/", "/\\evil.example", "https://evil.example/", "\\\\evil.example", "javascript:alert(1)",
     "/%0d%0aSet-Cookie:x", "///evil.example", "http:evil.example", " //evil.example", "/\t/evil.example"],
)  # fmt: skip
def test_next_stays_on_the_site(clerk, anonymous, following):
    answer = anonymous.post(
        "/login/", query_string={"next": following}, data={"username": "sign.in.clerk", "password": PASSWORD}
    )
    assert answer.status_code == 302
    assert re.match(r"/(?![/\\])", answer.headers["Location"])
    assert "\n" not in answer.headers["Location"]


def test_next_leads_back(clerk, anonymous):
    wanted = anonymous.get("/users/userinfo/?a=1").headers["Location"]
    assert wanted == "/login/?next=/users/userinfo/?a%3D1"
    assert anonymous.sign_in("sign.in.clerk", url=wanted).headers["Location"] == "/users/userinfo/?a=1"


@pytest.mark.parametrize(
    ("headers", "following"),
    [
        ({"Referer": "http://localhost/customers/add?a=1"}, "/customers/add?a%3D1"),
        ({"Referer": "https://evil.example/customers/add"}, None),
        ({"Referer": "http://localhost//evil.example"}, None),
        ({"Referer": "http://[/"}, None),
        ({"Referer": "http://localhost/login/?next=/x"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("csrf", [True, False])
def test_a_form_sent_too_late_leads_back_to_its_page(anonymous, headers, following, csrf):
    answer = anonymous.post("/customers/add", data={"name": "x"}, headers=headers, csrf=csrf)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login/" + (f"?next={following}" if following else "")


def test_a_part_of_a_page_asked_for_too_late_leads_back_to_the_page(anonymous):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/tickets/WX-1"}
    answer = anonymous.get("/tickets/WX-1/timeline", headers=headers)
    assert answer.headers["HX-Redirect"] == "/login/?next=/tickets/WX-1"
    # What the page asks by itself takes no form away.
    background = anonymous.get("/tickets/", headers=headers | {"X-Background": "1"})
    assert (background.status_code, background.headers.get("HX-Redirect")) == (401, None)


def test_the_session_is_new_at_sign_in(clerk, anonymous):
    anonymous.get("/login/")
    before = anonymous.token()
    anonymous.sign_in("sign.in.clerk")
    with anonymous.session_transaction() as session:
        assert session["_user_id"] == str(clerk)
        assert session.permanent
    assert anonymous.token().split(".")[0] != before.split(".")[0]


def test_a_signed_out_cookie_is_dead(clerk, anonymous, web):
    anonymous.sign_in("sign.in.clerk")
    copied = cookie_of(anonymous).value
    assert anonymous.post("/logout/").status_code == 302
    thief = web.test_client()
    thief.set_cookie(web.config["SESSION_COOKIE_NAME"], copied)
    assert thief.get("/users/userinfo/").status_code == 302


def test_signing_out_needs_a_post_with_token(clerk, anonymous):
    anonymous.sign_in("sign.in.clerk")
    assert anonymous.get("/logout/").status_code == 405
    assert anonymous.post("/logout/", csrf=False).status_code == 400
    assert anonymous.get("/users/userinfo/").status_code == 200


def test_signing_out_here_leaves_the_other_device(clerk, anonymous, web):
    other = web.test_client()
    anonymous.sign_in("sign.in.clerk")
    other.sign_in("sign.in.clerk")
    anonymous.post("/logout/")
    assert other.get("/users/userinfo/").status_code == 200


def test_a_session_ends_by_itself(fresh_web):
    client = fresh_web.test_client()
    client.sign_in("boss")
    with fresh_web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        row = work.session.scalars(select(AccountSession)).one()
        assert timedelta(days=6) < row.expires_at - work.now <= sign_in.SESSION_LASTS
        row.expires_at = work.now
    assert client.get("/users/userinfo/").status_code == 302


def test_sessions_and_counts_that_are_over_do_not_pile_up(work):
    user_id = people.account(work).user_id
    for key, left in (("over", timedelta(0)), ("runs", timedelta(hours=1))):
        row = AccountSession(key=key, user_id=user_id, created_at=work.now, expires_at=work.now + left)
        work.session.add_all([row, AttemptCount(key=key, count=1, until=work.now + left)])
    secret = sign_in.open_session(work, user_id, "boss", "192.0.2.1")
    assert set(work.session.scalars(select(AccountSession.key))) == {"runs", sign_in.session_key(secret)}
    assert set(work.session.scalars(select(AttemptCount.key))) == {"runs"}


def test_the_cookie_holds_no_key_of_the_database(clerk, anonymous, web):
    anonymous.sign_in("sign.in.clerk")
    with anonymous.session_transaction() as session:
        secret = session["session"]
    assert len(secret) >= 43  # 256 bits
    with web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        keys = set(work.session.scalars(select(AccountSession.key)))
    assert secret not in keys
    assert sign_in.session_key(secret) in keys


def test_a_disabled_account_is_out_at_once(fresh_web):
    user_id = make_account(fresh_web, "leaving", "clerk")
    client = fresh_web.test_client()
    client.sign_in("leaving")
    assert client.get("/users/userinfo/").status_code == 200
    with fresh_web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        access.set_active(work, user_id, active=False)
    assert client.get("/users/userinfo/").status_code == 302
    assert fresh_web.test_client().sign_in("leaving").status_code == 401


def test_a_changed_password_signs_out_everywhere_but_here(fresh_web):
    make_account(fresh_web, "changing", "clerk")
    here, there = fresh_web.test_client(), fresh_web.test_client()
    here.sign_in("changing")
    there.sign_in("changing")
    new = "a wholly other sentence"
    answer = here.post("/password/", data={"current": PASSWORD, "password": new, "repeated": new})
    assert answer.status_code == 302
    assert here.get("/users/userinfo/").status_code == 200
    assert there.get("/users/userinfo/").status_code == 302
    assert fresh_web.test_client().sign_in("changing").status_code == 401
    assert fresh_web.test_client().sign_in("changing", new).status_code == 302


@pytest.mark.parametrize(
    ("current", "password", "repeated", "says"),
    [
        ("not the password", "a wholly other sentence", "a wholly other sentence", "The present password is wrong"),
        (PASSWORD, "sh0rt-one", "sh0rt-one", "at least 10 characters"),
        (PASSWORD, "a wholly other sentence", "a wholly other sentance", "differ"),
        (PASSWORD, PASSWORD, PASSWORD, "differs from the present one"),
        (PASSWORD, "sign.in.clerk!!", "sign.in.clerk!!", "must not contain the user name"),
        (PASSWORD, "password123", "password123", "easy to guess"),
        (PASSWORD, "x" * 129, "x" * 129, "easy to guess|at most 128"),
    ],
)
def test_a_bad_new_password_is_refused_at_its_field(clerk, anonymous, current, password, repeated, says):  # noqa: PLR0917
    anonymous.sign_in("sign.in.clerk")
    anonymous.get("/language/en")
    answer = anonymous.post("/password/", data={"current": current, "password": password, "repeated": repeated})
    assert answer.status_code == 422
    assert re.search(says, answer.text)
    assert password not in answer.text


def test_a_given_password_must_be_changed_before_anything_else(fresh_web):
    make_account(fresh_web, "newcomer", "administrator", must_change_password=True)
    client = fresh_web.test_client()
    client.sign_in("newcomer")
    for url in ("/", "/users/userinfo/"):
        assert client.get(url).headers["Location"] == "/password/"
    assert client.get("/users/userinfo/", headers={"Accept": "application/json"}).status_code == 403
    assert client.get("/password/").status_code == 200
    new = "a wholly other sentence"
    client.post("/password/", data={"current": PASSWORD, "password": new, "repeated": new})
    assert client.get("/users/userinfo/").status_code == 200


class TestLimits:
    """Counted in the database before the password is looked at."""

    def test_an_account_is_closed_after_ten_attempts_even_to_the_right_password(self, fresh_web):
        client = fresh_web.test_client()
        answers = [client.sign_in("boss", "wrong", address=f"192.0.2.{i}").status_code for i in range(11)]
        assert answers == [401] * 10 + [429]
        last = client.sign_in("boss", address="192.0.2.99")
        assert last.status_code == 429
        assert last.headers["Retry-After"] == "900"

    def test_an_unknown_name_is_limited_the_same(self, fresh_web):
        client = fresh_web.test_client()
        answers = [client.sign_in("ghost", "wrong", address=f"192.0.2.{i}").status_code for i in range(11)]
        assert answers == [401] * 10 + [429]

    def test_an_address_is_closed_after_sixty_and_headers_do_not_move_it(self, fresh_web, monkeypatch):
        monkeypatch.setattr(sign_in, "verified", lambda _stored, _password: None)
        client = fresh_web.test_client()
        for i in range(61):
            answer = client.post(
                "/login/", data={"username": f"ghost{i}", "password": "wrong"},
                headers={"X-Forwarded-For": f"198.51.100.{i}", "X-Real-IP": f"198.51.100.{i}"},
                environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
            )  # fmt: skip
        assert answer.status_code == 429

    def test_behind_a_proxy_each_client_is_counted_apart(self, fresh_database, tmp_path, monkeypatch):
        monkeypatch.setattr(sign_in, "verified", lambda _stored, _password: None)
        monkeypatch.setattr(sign_in, "ADDRESS_LIMIT", 3)
        app = make_app(fresh_database, tmp_path, trusted_hosts="localhost", behind_proxy=1)
        client = app.test_client()

        def tried(name, forwarded):
            data = {"username": name, "password": "wrong"}
            answer = client.post("/login/", data=data, headers={"X-Forwarded-For": forwarded})
            return answer.status_code

        assert [tried(f"a{i}", "198.51.100.1") for i in range(4)] == [401, 401, 401, 429]
        assert tried("b", "198.51.100.2") == 401
        # What a client says itself stands before what the proxy adds, and is not believed.
        assert tried("c", "198.51.100.3, 198.51.100.1") == 429
        app.extensions["gongdan"].engine.dispose()

    def test_one_customer_of_ipv6_is_one_address(self):
        assert sign_in._network("2001:db8:1:2::1") == sign_in._network("2001:db8:1:2:ffff::9")
        assert sign_in._network("2001:db8:1:2::1") != sign_in._network("2001:db8:1:3::1")

    def test_the_window_ends(self, fresh_web):
        client = fresh_web.test_client()
        for i in range(11):
            client.sign_in("boss", "wrong", address=f"192.0.2.{i}")
        with fresh_web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
            for row in work.session.scalars(select(AttemptCount)):
                row.until = work.now
        assert client.sign_in("boss").status_code == 302

    def test_who_knocks_on_does_not_keep_an_account_shut(self, make_work):
        """The window begins with the first attempt, not anew with each."""

        def tried(minutes):
            return sign_in.count_attempt(make_work(now=NOW + timedelta(minutes=minutes)), "boss", "192.0.2.1")

        shut = [tried(minute / 2) for minute in range(29)]
        assert shut == [True] * sign_in.ACCOUNT_LIMIT + [False] * 19
        assert tried(15)

    def test_the_present_password_is_not_tried_out_on_an_open_session(self, web, clerk, anonymous):
        client = anonymous
        client.sign_in("sign.in.clerk")
        client.get("/language/en")
        new = "a wholly other sentence"

        def answer(current):
            return client.post("/password/", data={"current": current, "password": new, "repeated": new})

        for _each in range(sign_in.ACCOUNT_LIMIT):
            assert "The present password is wrong" in answer("guessed").text
        # Not even the right one is taken now, so that an answer tells nothing.
        last = answer(PASSWORD)
        assert last.status_code == 422
        assert "Too many attempts" in last.text
        assert web.test_client().sign_in("sign.in.clerk").status_code == 429
        with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
            work.session.execute(delete(AttemptCount))
        assert web.test_client().sign_in("sign.in.clerk").status_code == 302

    def test_success_forgets_the_failures_of_the_account(self, fresh_web):
        client = fresh_web.test_client()
        for _ in range(9):
            client.sign_in("boss", "wrong")
        assert client.sign_in("boss").status_code == 302
        assert fresh_web.test_client().sign_in("boss", "wrong").status_code == 401

    def test_what_was_typed_is_not_stored(self, fresh_web):
        fresh_web.test_client().sign_in("my secret typed into the wrong box", "x")
        with fresh_web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            keys = list(work.session.scalars(select(AttemptCount.key)))
        assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)


def test_there_is_no_door_without_limit(web):
    assert not [rule.rule for rule in web.url_map.iter_rules() if "security/login" in rule.rule]
