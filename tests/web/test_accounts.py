"""Accounts, roles and profiles in the browser."""

import html
import re

import pytest
from sqlalchemy import select, update

from app.core.audit import AuditEvent
from app.core.errors import DomainError
from app.core.permissions import SYSTEM
from app.people import access
from app.people.access_tables import ACCOUNT
from tests.clients import PASSWORD, make_account


@pytest.fixture
def boss(fresh_web):
    client = fresh_web.test_client()
    client.sign_in("boss")
    client.get("/language/en")
    return client


def read(app, query):
    with app.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        return work.session.execute(query).all()


def person(**values):
    return {"username": "li.wei", "name": "李伟", "email": "", "password": PASSWORD, "roles": ["clerk"]} | values


def test_what_is_missing_is_listed_from_top_to_bottom(fresh_web, boss):
    answer = boss.post("/users/add", data={"email": "nobody"})
    assert answer.status_code == 422
    summary = answer.text.split("data-problems")[1].split("</ul>")[0]
    assert re.findall(r'href="#(\w+)">([^:]+): ', summary) == [
        ("username", "User name"),
        ("name", "Full name"),
        ("email", "E-mail"),
        ("password", "First password"),
    ]
    assert summary.count("This is required.") == 3
    # What the form finds and what the house rules find are told in one go, and each once.
    answer = boss.post("/users/add", data=person(username="li wei", name="", email="nobody", password="short"))
    summary = answer.text.split("data-problems")[1].split("</ul>")[0]
    assert re.findall(r'href="#(\w+)"', summary) == ["username", "name", "email", "password"]
    reading = fresh_web.extensions["gongdan"].transactions.reading
    with reading(SYSTEM) as work, pytest.raises(DomainError) as caught:
        access.create_account(work, "li wei", "short", email="nobody")
    assert [one.field for one in caught.value.refusals] == ["username", "email", "password"]


def test_a_new_account_must_change_its_password(fresh_web, boss):
    assert boss.get("/users/add").status_code == 200
    answer = boss.post("/users/add", data=person())
    # It leads to the account, and from there to where the person works.
    shown = boss.get(answer.headers["Location"]).text
    (add,) = re.findall(r'href="(/staff/add\?user_id=\d+)"', shown)
    user_id = add.rpartition("=")[2]
    assert f'<option value="{user_id}" selected>' in boss.get(add).text
    assert boss.post(add, data={"user_id": user_id}).status_code == 302
    assert 'data-testid="staff-profile"' in boss.get(f"/users/show/{user_id}").text
    page = boss.get("/users/list/")
    assert "李伟" in page.text
    assert "no-address.invalid" not in page.text
    client = fresh_web.test_client()
    client.sign_in("li.wei")
    assert client.get("/").headers["Location"] == "/password/"
    page = client.get("/password/").text
    assert '/lang/en"' in page
    assert 'action="/logout/"' in page
    assert client.post("/logout/").headers["Location"] == "/login/"


def test_the_last_sign_in_is_an_instant_everywhere(fresh_web, boss):
    ((me, last_login),) = read(
        fresh_web, select(ACCOUNT.c.id, ACCOUNT.c.last_login).where(ACCOUNT.c.username == "boss")
    )
    for path in ("/users/list/", f"/users/show/{me}"):
        assert f'<time datetime="{last_login.isoformat()}+00:00"' in boss.get(path).text


def test_a_bad_account_is_refused_at_its_field(fresh_web, boss):
    for values, says in (
        ({"username": "boss"}, "This user name is taken"),
        ({"username": "BOSS"}, "This user name is taken"),
        ({"username": "a b"}, "2 to 64 letters"),
        ({"username": "<b>x</b>"}, "2 to 64 letters"),
        ({"name": "x" * 65}, "64"),
        ({"email": "not an address"}, "is not an e-mail address"),
        ({"password": "short"}, "at least 10 characters"),
        ({"roles": ["emperor"]}, "There is no role"),
    ):
        answer = boss.post("/users/add", data=person(**values))
        assert answer.status_code == 422, values
        assert says in answer.text, values
        assert "<b>x</b>" not in answer.text
        assert len(read(fresh_web, select(ACCOUNT.c.id))) == 1, values


def test_the_last_administrator_stays(fresh_web, boss):
    (user,) = read(fresh_web, select(ACCOUNT.c.id))
    keep = {"name": "boss", "email": "", "roles": ["administrator"], "active": "y"}
    for values in ({"roles": ["clerk"]}, {"active": ""}):
        data = {key: value for key, value in (keep | values).items() if value != ""}
        answer = boss.post(f"/users/edit/{user.id}", data=data)
        assert answer.status_code == 422
        assert "last active administrator" in answer.text
    make_account(fresh_web, "second", "administrator")
    assert boss.post(f"/users/edit/{user.id}", data=keep | {"roles": ["clerk"]}).status_code == 302
    assert boss.get("/users/list/").status_code == 403


def test_changes_of_accounts_are_recorded_without_the_password(fresh_web, boss):
    user_id = make_account(fresh_web, "watched", "clerk")
    new = "a sentence nobody knows"
    assert boss.post(f"/users/password/{user_id}", data={"password": new, "repeated": new}).status_code == 302
    boss.post(f"/users/edit/{user_id}", data={"name": "Watched", "roles": ["qa"], "active": "y"})
    events = read(fresh_web, select(AuditEvent.changes).where(AuditEvent.row_id == str(user_id)))
    changes = [change for (change,) in events]
    assert {"roles": [["clerk"], ["qa"]]} in changes
    assert {"password": ["•••", "•••"]} in changes
    assert new not in str(changes)


def test_a_password_an_administrator_sets_must_be_changed(web, client_as):
    boss, user_id = client_as("administrator"), make_account(web, "forgetful", "clerk")
    before = web.test_client()
    before.enter("forgetful")
    given = "a sentence two people know"
    assert boss.post(f"/users/password/{user_id}", data={"password": given, "repeated": given}).status_code == 302
    # Who was signed in by the lost one is out.
    assert before.get("/users/userinfo/").headers["Location"].startswith("/login/")
    client = web.test_client()
    client.sign_in("forgetful", given)
    assert client.get("/tickets/").headers["Location"] == "/password/"
    own = "a sentence one person knows"
    assert client.post("/password/", data={"current": given, "password": own, "repeated": own}).status_code == 302
    assert client.get("/tickets/").status_code == 200


def test_nobody_makes_himself_stronger(fresh_web, boss):
    transactions = fresh_web.extensions["gongdan"].transactions
    from app.people import role_service  # noqa: PLC0415
    from tests.clients import CAUSE  # noqa: PLC0415

    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        rights = ["account.read", "account.create", "account.change", "role.read", "role.change", "ticket.read"]
        role_service.create_role(work, "help_desk", rights, "all")
    helper = make_account(fresh_web, "helper", "help_desk")
    (chief,) = read(fresh_web, select(ACCOUNT.c.id).where(ACCOUNT.c.username == "boss"))
    client = fresh_web.test_client()
    client.sign_in("helper")
    new = "a sentence nobody knows"
    assert client.post("/users/add", data=person(roles=["administrator"])).status_code == 403
    assert (
        client.post(f"/users/edit/{helper}", data={"name": "h", "roles": ["administrator"], "active": "y"}).status_code
        == 403
    )
    assert client.post(f"/users/password/{chief.id}", data={"password": new, "repeated": new}).status_code == 403
    assert (
        client.post("/roles/help_desk", data={"scope": "all", "permissions": [*rights, "audit.read"]}).status_code
        == 403
    )
    assert client.post("/users/add", data=person(roles=["help_desk"])).status_code == 302
    assert fresh_web.test_client().sign_in("boss").status_code == 302


def test_a_change_of_a_role_holds_at_the_next_request(fresh_web, boss):
    make_account(fresh_web, "inspector", "qa")
    client = fresh_web.test_client()
    client.sign_in("inspector")
    assert client.get("/users/list/").status_code == 403
    page = boss.get("/roles/qa")
    assert page.status_code == 200
    assert boss.post("/roles/qa", data={"scope": "team", "permissions": ["account.read"]}).status_code == 302
    assert client.get("/users/list/").status_code == 200
    assert boss.post("/roles/qa", data={"scope": "galaxy", "permissions": ["x.y"]}).status_code == 422
    assert boss.post("/roles/administrator", data={"scope": "own"}).status_code == 422
    assert boss.get("/roles/nothing").status_code == 404


def test_a_role_of_ones_own(boss):
    assert (
        boss.post(
            "/roles/new", data={"name": "regional", "scope": "outlet", "permissions": ["ticket.read"]}
        ).status_code
        == 302
    )
    assert "regional" in boss.get("/roles/").text
    for name in ("regional", "Über", "x" * 70, "new", "<b>"):
        assert boss.post("/roles/new", data={"name": name, "scope": "own"}).status_code == 422


def test_ones_own_profile(fresh_web, boss):
    assert boss.post("/users/userinfo/", data={"name": "老板", "email": "Boss@Example.com"}).status_code == 302
    assert "boss@example.com" in boss.get("/users/userinfo/").text
    assert boss.post("/users/userinfo/", data={"name": "", "email": ""}).status_code == 422
    assert boss.post("/users/userinfo/theme", data={"theme": "dark"}).status_code == 204
    assert boss.post("/users/userinfo/theme", data={"theme": "<x>"}).status_code == 422


def test_what_one_likes_is_kept_with_the_account(fresh_web, boss):
    liked = {"name": "boss", "email": "", "locale": "zh_Hant", "theme": "dark"}
    assert boss.post("/users/userinfo/", data=liked).status_code == 302
    elsewhere = fresh_web.test_client()
    elsewhere.sign_in("boss")
    page = elsewhere.get("/users/userinfo/").text
    head = page[: page.index("<head>")]
    assert 'lang="zh-Hant"' in head
    assert 'data-bs-theme="dark"' in head
    assert 'data-keys="off"' in head
    assert elsewhere.post("/users/userinfo/theme", data={"theme": "auto"}).status_code == 204
    assert "data-bs-theme" not in boss.get("/users/userinfo/").text.partition("<head>")[0]
    assert boss.post("/users/userinfo/", data=liked | {"locale": "", "shortcuts": "y"}).status_code == 302
    assert 'data-keys="off"' not in boss.get("/users/userinfo/").text
    for wrong in ({"theme": "pink"}, {"locale": "xx"}):
        assert boss.post("/users/userinfo/", data=liked | wrong).status_code == 422


def test_a_user_is_never_deleted(fresh_web, boss):
    assert boss.post("/users/delete/1").status_code == 404
    assert boss.post("/users/action_post", data={"action": "delete_many", "rowid": ["1"]}).status_code == 404


def test_the_hash_is_nowhere(fresh_web, boss):
    for url in ("/users/list/?_oc_AccountView=password&_od_AccountView=asc", "/users/list/?_flt_0_password=scrypt",
                "/users/show/1", "/users/edit/1", "/users/export/csv"):  # fmt: skip
        answer = boss.get(url)
        assert "scrypt:" not in answer.text, url
        assert answer.status_code in (200, 403, 404), url


def test_two_administrators_at_one_account_are_asked(fresh_web, boss):
    boss.get("/lang/en")
    user_id = make_account(fresh_web, "watched", "clerk")
    seen = html.unescape(re.search(r'name="seen" value="([^"]+)"', boss.get(f"/users/edit/{user_id}").text)[1])
    data = {"name": "First", "email": "", "roles": ["clerk"], "active": "y", "seen": seen}
    assert boss.post(f"/users/edit/{user_id}", data=data).status_code == 302
    answer = boss.post(f"/users/edit/{user_id}", data=data | {"name": "Second", "roles": ["qa"]})
    assert answer.status_code == 409
    assert 'data-testid="theirs-name">First<' in answer.text
    assert 'data-testid="mine-name">Second<' in answer.text
    assert read(fresh_web, select(ACCOUNT.c.first_name).where(ACCOUNT.c.id == user_id)) == [("First",)]
    seen = html.unescape(re.search(r'name="seen" value="([^"]+)"', answer.text)[1])
    again = data | {"name": "Second", "roles": ["qa"], "seen": seen, "keep.name": "mine"}
    assert boss.post(f"/users/edit/{user_id}", data=again).status_code == 302
    assert read(fresh_web, select(ACCOUNT.c.first_name).where(ACCOUNT.c.id == user_id)) == [("Second",)]


def _seen(page):
    return html.unescape(re.search(r'name="seen" value="([^"]+)"', page)[1])


def test_two_administrators_at_different_fields_are_merged(fresh_web, boss):
    boss.get("/lang/en")
    user_id = make_account(fresh_web, "merged", "clerk")
    url = f"/users/edit/{user_id}"
    data = {"name": "merged", "email": "", "roles": ["clerk"], "active": "y", "seen": _seen(boss.get(url).text)}
    assert boss.post(url, data=data | {"name": "Renamed"}).status_code == 302
    assert boss.post(url, data=data | {"roles": ["qa"]}).status_code == 302
    assert boss.post(url, data=data | {"email": "m@example.com"}).status_code == 302
    stored = select(ACCOUNT.c.first_name, ACCOUNT.c.email).where(ACCOUNT.c.id == user_id)
    assert read(fresh_web, stored) == [("Renamed", "m@example.com")]
    answer = boss.post(url, data=data | {"roles": ["clerk", "auditor"]})
    assert answer.status_code == 409
    assert 'data-testid="theirs-roles">Quality assurance<' in answer.text
    assert 'data-testid="mine-roles">Clerk, Auditor<' in answer.text


def test_a_change_between_look_and_lock_is_shown_beside_what_was_typed(fresh_web, boss, monkeypatch):
    boss.get("/lang/en")
    user_id = make_account(fresh_web, "raced", "clerk")
    url = f"/users/edit/{user_id}"
    data = {"name": "Mine", "email": "", "roles": ["clerk"], "active": "y", "seen": _seen(boss.get(url).text)}
    hold = access.hold_account

    def late(work, one, **seen):
        work.session.execute(update(ACCOUNT).where(ACCOUNT.c.id == one).values(first_name="Theirs"))
        work.session.commit()
        hold(work, one, **seen)

    monkeypatch.setattr(access, "hold_account", late)
    answer = boss.post(url, data=data)
    assert answer.status_code == 409
    assert "at the same moment" in answer.text
    assert 'data-testid="theirs-name">Theirs<' in answer.text
    assert 'data-testid="mine-name">Mine<' in answer.text
    assert read(fresh_web, select(ACCOUNT.c.first_name).where(ACCOUNT.c.id == user_id)) == [("Theirs",)]


def test_ones_own_profile_takes_nothing_back_that_an_administrator_set(fresh_web, boss):
    boss.get("/lang/en")
    user_id = make_account(fresh_web, "self.made", "clerk")
    mine = fresh_web.test_client()
    mine.sign_in("self.made")
    mine.get("/lang/en")
    own = {"name": "self.made", "email": "", "locale": "en", "theme": "auto", "shortcuts": "y",
           "seen": _seen(mine.get("/users/userinfo/").text)}  # fmt: skip
    given = {"name": "Given", "email": "given@example.com", "roles": ["clerk"], "active": "y"}
    assert boss.post(f"/users/edit/{user_id}", data=given).status_code == 302
    assert mine.post("/users/userinfo/", data=own | {"theme": "dark"}).status_code == 302
    stored = select(ACCOUNT.c.first_name, ACCOUNT.c.email).where(ACCOUNT.c.id == user_id)
    assert read(fresh_web, stored) == [("Given", "given@example.com")]
    answer = mine.post("/users/userinfo/", data=own | {"name": "Mine"})
    assert answer.status_code == 409
    assert 'data-testid="theirs-name">Given<' in answer.text


def test_scope_and_rights_of_a_role_are_recorded_in_words(fresh_web, boss):
    boss.get("/lang/en")
    assert (
        boss.post("/roles/qa", data={"scope": "team", "permissions": ["ticket.read", "tag.delete"]}).status_code == 302
    )
    for page in (boss.get("/roles/qa").text, boss.get("/audit/?table=ab_role").text):
        assert "All records" in page.split('<th scope="col">')[-1]
        assert "Records of the own teams" in page
        assert "Tags: Delete" in page


def test_the_list_is_narrowed_to_those_of_a_role(client_as, web):
    boss = client_as("administrator")
    for username, role in (("narrow.qa", "qa"), ("narrow.clerk", "clerk")):
        assert boss.post("/users/add", data=person(username=username, roles=[role])).status_code == 302
    form = boss.get("/users/list/").text.split('data-filter="roles"')[1].split("data-filter=")[0]
    name = re.search(r' name="(_flt_\d+_roles)"', form)[1]
    key = re.search(r'<option value="(\d+)"[^>]*>(?:QA|质检|質檢)', form)[1]
    page = boss.get(f"/users/list/?{name}={key}&q=narrow").text
    assert ("narrow.qa" in page, "narrow.clerk" in page) == (True, False)
    # What is asked for stands in the form.
    assert re.search(rf'<option[^>]*selected[^>]*value="{key}"|<option value="{key}"[^>]*selected', page)
