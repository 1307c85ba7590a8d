"""Tokens: programs act as their account, within their scopes, until they end; no cookie, no CSRF, and not too fast."""

import io
import re
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.permissions import SYSTEM
from app.people import access, tokens
from app.people.identity import actor_of
from app.people.security_models import AttemptCount
from app.people.tokens import ApiToken
from tests.clients import CAUSE
from tests.desk.filling import picture

PROBLEM = "application/problem+json"


class Program:
    """A client with a token and nothing else."""

    def __init__(self, app, token):
        self.client = app.test_client(use_cookies=False)
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    def ask(self, method, path, **kwargs):
        headers = self.headers | kwargs.pop("headers", {})
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, csrf=False, **kwargs)

    def get(self, path, **query):
        return self.ask("GET", path, query_string=query)

    def post(self, path, **kwargs):
        return self.ask("POST", path, **kwargs)


def work_of(web, username=""):
    transactions = web.extensions["gongdan"].transactions
    if not username:
        return transactions.unit_of_work(SYSTEM, CAUSE)
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        actor = actor_of(work.session, access.account_id(work, username))
    return transactions.unit_of_work(actor, CAUSE)


@pytest.fixture
def program(web):
    def made(role, *scopes, days=30):
        with work_of(web, f"the.{role}") as work:
            return Program(web, tokens.make(work, "ERP", scopes, days=days))

    return made


def token_of(program):
    return program.headers["Authorization"].removeprefix("Bearer ")


def test_a_program_works_without_cookie_and_csrf(shelf, program):
    clerk = program("clerk", "read", "write")
    made = clerk.post("/tickets", json={"template": shelf.template, "answers": {"fault": "不通电"}})
    assert made.status_code == 201, made.text
    assert "Set-Cookie" not in made.headers
    number = made.json["number"]
    assert clerk.ask("PATCH", f"/tickets/{number}", json={"answers": {"quantity": 2}}).status_code == 200
    sent = clerk.post(f"/tickets/{number}/attachments", data={"file": (io.BytesIO(picture()), "a.png")},
                      content_type="multipart/form-data")  # fmt: skip
    assert sent.status_code == 201, sent.text
    opened = clerk.get(f"/tickets/{number}/timeline").json["items"][-1]
    assert (opened["cause"]["kind"], opened["by"]["name"]) == ("channel", "the.clerk")
    assert opened["cause"]["ref"].startswith("token:")


def test_a_token_that_only_writes_makes_things_and_reads_none(shelf, program):
    writer = program("clerk", "write")
    wish = {"json": {"template": shelf.template, "answers": {"fault": "不通电"}}, "headers": {"Idempotency-Key": "w"}}
    made, again = (writer.post("/tickets", **wish) for _ in range(2))
    assert made.status_code == 201, made.text
    assert made.json.keys() == {"number", "version"}
    assert again.json == made.json
    assert writer.get(f"/tickets/{made.json['number']}").status_code == 403
    customer = writer.post("/customer/", json={"name": "只写的客户"})
    assert customer.status_code == 201, customer.text
    assert customer.json["result"] == {"id": customer.json["id"]}
    assert "ETag" not in customer.headers
    changed = writer.ask("PUT", f"/customer/{customer.json['id']}", json={"remark": "x"})
    assert (changed.status_code, changed.json["result"]) == (200, {"id": customer.json["id"]})
    assert writer.get(f"/customer/{customer.json['id']}").status_code == 403


def test_what_is_stored_opens_nothing(web, program):
    reader = program("clerk", "read")
    with work_of(web) as work:
        rows = work.session.execute(select(ApiToken.__table__)).all()
    assert not any(token_of(reader) in str(row) for row in rows)
    assert any(token_of(reader)[-4:] == row.hint for row in rows)
    assert token_of(reader).startswith(tokens.PREFIX)
    stolen = Program(web, rows[-1].key)
    assert stolen.get("/tickets").status_code == 401


@pytest.mark.parametrize(
    ("role", "scopes", "statuses"),
    [
        ("clerk", ["read"], (200, 403, 200)),
        ("clerk", ["write"], (403, 201, 403)),
        ("clerk", ["ticket.read"], (200, 403, 403)),
        ("clerk", ["read", "ticket.create"], (200, 201, 200)),
        ("auditor", ["read", "write"], (200, 403, 200)),
        ("auditor", ["ticket.create"], (403, 403, 403)),
    ],
)
def test_scopes_are_enforced_and_never_more_than_the_owner_may(shelf, program, role, scopes, statuses):
    reads, creates, customers = statuses
    one = program(role, *scopes)
    assert one.get("/tickets").status_code == reads
    made = one.post("/tickets", json={"template": shelf.template, "answers": {"fault": "x"}})
    assert made.status_code == creates, made.text
    assert one.get("/customer/").status_code == customers
    assert made.status_code < 400 or made.mimetype == PROBLEM


def test_a_reading_token_sees_masks_unless_it_says_so(shelf, program):
    plain, open_ = program("clerk", "read"), program("clerk", "read", "personal_data.read")
    path = f"/tickets/{shelf.numbers[0]}"
    assert plain.get(path).json["masked"] == ["phone"]
    assert open_.get(path).json["answers"]["phone"] == "+8613800138000"


def test_a_token_reaches_the_rows_of_its_owner(shelf, program):
    mine, other, _third = shelf.numbers
    technician = program("technician", "read")
    assert [one["number"] for one in technician.get("/tickets", template=shelf.template).json["items"]] == [mine]
    assert technician.get(f"/tickets/{other}").status_code == 404


def test_a_token_that_ended_opens_nothing(shelf, program, web):
    for end in (
        lambda row: {"revoked_at": row.created_at},
        lambda row: {"expires_at": row.created_at - timedelta(seconds=1)},
    ):
        one = program("clerk", "read")
        assert one.get("/tickets").status_code == 200
        with work_of(web) as work:
            row = work.session.execute(select(ApiToken.__table__).order_by(ApiToken.id.desc())).first()
            assert row.last_used_at is not None
            work.session.execute(update(ApiToken).where(ApiToken.id == row.id).values(**end(row)))
        refused = one.get("/tickets")
        assert (refused.status_code, refused.mimetype) == (401, PROBLEM)
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert "revoked" in refused.json["detail"]


def test_a_disabled_owner_takes_his_tokens_along(web, fresh_web):
    from tests.clients import make_account  # noqa: PLC0415

    user_id = make_account(fresh_web, "robot", "clerk", must_change_password=True)
    with fresh_web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        one = Program(fresh_web, tokens.make(work, "bot", ["read"], days=1, user_id=user_id))
    assert one.get("/tickets").status_code == 200
    with fresh_web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        access.set_active(work, user_id, active=False)
    assert one.get("/tickets").status_code == 401


def test_beside_a_token_the_cookie_counts_for_nothing(shelf, client_as, program, web):
    boss = client_as("administrator")
    bad = {"Authorization": "Bearer gdt_nothing"}
    assert boss.get("/api/v1/tickets", headers=bad).status_code == 401
    weak = {"Authorization": f"Bearer {token_of(program('clerk', 'ticket.read'))}"}
    assert boss.get("/api/v1/templates", headers=weak).status_code == 403
    assert "Set-Cookie" not in boss.get("/api/v1/tickets", headers=weak).headers
    # Elsewhere tokens count for nothing, and take away no protection.
    assert boss.post("/tickets/new/x", headers=weak, csrf=False).status_code == 400
    assert web.test_client(use_cookies=False).get("/tickets/", headers=weak).status_code in (302, 401)


def test_too_many_requests_wait(shelf, program, web, monkeypatch):
    one = program("clerk", "read")
    monkeypatch.setattr("app.people.tokens.service.A_MINUTE", 2)
    answers = [one.get("/templates").status_code for _attempt in range(3)]
    assert answers == [200, 200, 429]
    late = one.get("/templates")
    assert (late.mimetype, late.headers["Retry-After"]) == (PROBLEM, "60")
    assert "2 requests" in late.json["detail"]
    assert program("clerk", "read").get("/templates").status_code == 200
    with work_of(web) as work:
        work.session.execute(delete(AttemptCount))


def test_errors_speak_the_language_the_program_asks_for(shelf, program):
    one = program("clerk", "read")
    details = {
        locale: one.ask("GET", "/tickets/NOWHERE", headers={"Accept-Language": locale}).json["detail"]
        for locale in ("en", "zh-CN", "zh-TW")
    }
    assert details["en"] == "There is no such ticket."
    assert len(set(details.values())) == 3


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"name": " "}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["root"]}, "scopes"), ({"days": 0}, "days"),
        ({"days": 10**9}, "days"),
    ],
)  # fmt: skip
def test_no_token_is_made_of_nonsense(web, wish, field):
    asked = {"name": "x", "scopes": ["read"], "days": 1, **wish}
    with pytest.raises(DomainError) as refused, work_of(web, "the.clerk") as work:
        tokens.make(work, asked["name"], asked["scopes"], days=asked["days"])
    assert refused.value.refusals[0].field == field


def test_nobody_makes_or_ends_a_token_above_him(web):
    with work_of(web) as work:
        boss = access.account_id(work, "the.administrator")
        tokens.make(work, "boss", ["read"], days=1, user_id=boss)
        (of_boss,) = work.session.scalars(select(ApiToken.id).where(ApiToken.user_id == boss, ApiToken.name == "boss"))
    with pytest.raises(NotAllowedError), work_of(web, "the.clerk") as work:
        tokens.make(work, "x", ["read"], days=1, user_id=boss)
    with pytest.raises(NotFoundError), work_of(web, "the.clerk") as work:
        tokens.revoke(work, of_boss)
    with pytest.raises(NotAllowedError), work_of(web, "the.clerk") as work:
        tokens.all_tokens(work)
    with work_of(web) as work:
        tokens.revoke(work, of_boss)
        assert next(one for one in tokens.all_tokens(work) if one.id == of_boss).state == "revoked"


class TestPages:
    def test_a_token_is_shown_once_works_and_is_revoked(self, web, client_as, shelf):
        clerk = client_as("clerk")
        clerk.get("/lang/en")
        made = clerk.post("/tokens/", data={"name": "ERP", "scopes": ["read"], "days": "7"})
        assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
        token = re.search(r'value="(gdt_[\w-]+)"', made.text)[1]
        page = clerk.get("/tokens/").text
        assert token not in page
        assert f"…{token[-4:]}" in page
        one = Program(web, token)
        assert one.get("/tickets").status_code == 200
        with work_of(web) as work:
            (key,) = work.session.scalars(select(ApiToken.id).where(ApiToken.hint == token[-4:]))
        assert clerk.post(f"/tokens/{key}/revoke").status_code == 303
        assert one.get("/tickets").status_code == 401
        assert "Revoked" in clerk.get("/tokens/").text
        assert client_as("dispatcher").post(f"/tokens/{key}/revoke").status_code == 404

    @pytest.mark.parametrize(
        ("role", "scopes"),
        [("clerk", ["read", "write", "personal_data.read"]), ("auditor", ["read", "personal_data.read"])],
    )
    def test_what_is_offered_is_what_ones_role_can_use(self, client_as, role, scopes):
        page = client_as(role).get("/tokens/").text
        assert re.findall(r'name="scopes"[^>]* value="([a-z_.]+)"', page) == scopes

    def test_what_is_wrong_stands_at_its_input(self, clerk):
        refused = clerk.post("/tokens/", data={"name": "", "days": "x"})
        assert refused.status_code == 422
        refused = clerk.post("/tokens/", data={"name": "x", "scopes": ["root"], "days": "1e9"})
        assert refused.status_code == 422
        assert "A token lasts 1 to 366 days." in refused.text

    def test_an_administrator_makes_programs_tokens(self, web, client_as):
        boss = client_as("administrator")
        wish = {"name": "Web shop", "username": "the.clerk", "scopes": ["read", "write"], "days": "30"}
        made = boss.post("/tokens/all", data=wish)
        assert made.status_code == 201
        assert "Web shop" in boss.get("/tokens/all").text
        token = re.search(r'value="(gdt_[\w-]+)"', made.text)[1]
        assert Program(web, token).get("/tickets").status_code == 200
        assert boss.post("/tokens/all", data=wish | {"username": "nobody"}).status_code == 422


def test_what_is_only_read_is_read_on_a_full_disk(program, monkeypatch):
    clerk = program("clerk", "read", "write")

    def uncounted(_work, _token_id):
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(tokens, "note_use", uncounted)
    assert clerk.get("/tickets", size=1).status_code == 200
    assert clerk.post("/tickets", json={}).status_code == 507
