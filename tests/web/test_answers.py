"""Headers, errors, languages, health: what every answer carries and what none does."""

import errno
import io
import json
import logging
import re
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from app.config import Settings
from app.core.db import WRITES, open_engine
from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError, Refusal
from app.core.i18n import _
from app.core.jobs import service as job_service
from app.core.jobs.models import WorkerHeartbeat
from app.core.outbox.models import OutboxMessage
from app.core.permissions import SYSTEM
from app.logging import REQUEST_ID, JsonLines, TextLines, set_up_logging
from tests.clients import CAUSE, make_app
from views.errors import TEXTS
from views.health import HEARTBEAT_SECONDS


@pytest.fixture
def raising(web, monkeypatch):
    """A browser, and a function that makes a page raise an error."""
    errors = {}

    def page():
        raise errors["next"]

    monkeypatch.setitem(web.view_functions, "HealthView.healthz", page)

    def get(error, **kwargs):
        errors["next"] = error
        return web.test_client().get("/healthz", **kwargs)

    return get


def multipart(**fields):
    """The body by hand: the test client would leave its temporary files open."""
    parts = [
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    return {"data": ("".join(parts) + "--cut--\r\n").encode(), "content_type": "multipart/form-data; boundary=cut"}


URLS = ["/login/", "/", "/healthz", "/nope", "/metrics", "/lang/xx", "static file"]


@pytest.mark.parametrize("url", URLS)
def test_every_answer_has_the_headers(anonymous, url):
    static = url == "static file"
    if static:
        url = re.search(r'/static/[0-9a-f]{12}/[^"]+\.js', anonymous.get("/login/").text)[0]
    answer = anonymous.get(url)
    answer.close()
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    # Files are sent before anything of the site is asked.
    assert static or re.fullmatch("[0-9a-f]{32}", headers["X-Request-ID"])
    assert "Strict-Transport-Security" not in headers


def test_static_files_carry_them_too_and_are_kept_for_ever(anonymous):
    url = re.search(r'/static/[0-9a-f]{12}/[^"]+\.js', anonymous.get("/login/").text)[0]
    answer = anonymous.get(url)
    answer.close()
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert anonymous.get("/static/appbuilder/js/jquery-latest.js").status_code in {302, 404}
    assert anonymous.get(url.rsplit("/", 2)[0] + "/../../config.py").status_code in {302, 404}


def test_pages_are_kept_by_no_shared_cache(client_as, anonymous):
    clerk = client_as("clerk")
    for client, url in ((clerk, "/"), (clerk, "/tickets/"), (clerk, "/tickets/WX-0"), (clerk, "/customers/list/"),
                        (clerk, "/api/v1/tickets"), (anonymous, "/nope")):  # fmt: skip
        kept = client.get(url).headers["Cache-Control"]
        assert kept == "private, no-cache", url
    # What is asked for there is not even kept by the browser.
    assert anonymous.get("/login/").headers["Cache-Control"] == "no-store"


def test_cookies(anonymous):
    cookie = anonymous.get("/login/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_cookies_and_headers_behind_tls(fresh_database, tmp_path):
    app = make_app(fresh_database, tmp_path, secure_cookies=True, trusted_hosts="service.example.com", behind_proxy=1)
    forwarded = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "service.example.com",
    }
    client = app.test_client()
    answer = client.get("/login/", headers=forwarded)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert app.test_client().get("/healthz", headers={"X-Request-ID": "a" * 16}).headers["X-Request-ID"] == "a" * 16
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-gongdan=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    # Over HTTPS a form also says which page it stood on: one of this site, or it is not taken.
    for referrer, status in (("https://service.example.com/login/", 401), ("https://evil.example/", 400), ("", 400)):
        said = {"Referer": referrer} if referrer else {}
        sent = client.post("/login/", data={"username": "x", "password": "y"}, headers=forwarded | said)
        assert sent.status_code == status, referrer
    app.extensions["gongdan"].engine.dispose()


def test_only_trusted_hosts_are_answered(fresh_database, tmp_path):
    app = make_app(fresh_database, tmp_path, trusted_hosts="service.example.com")
    client = app.test_client()
    assert client.get("/login/", headers={"Host": "service.example.com"}).status_code == 200
    answer = client.get("/login/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
    app.extensions["gongdan"].engine.dispose()


def test_a_request_id_from_outside_counts_only_behind_a_proxy(anonymous):
    assert anonymous.get("/healthz", headers={"X-Request-ID": "a" * 16}).headers["X-Request-ID"] != "a" * 16


class TestErrors:
    """A page, a fragment or a problem; never the insides."""

    def test_what_htmx_is_told_it_shows(self, anonymous):
        """What it shows comes with its place, the corner; of a proxy's pages nothing is put into ours."""
        page = anonymous.get("/login/").text
        told = json.loads(re.search(r'name="htmx-config" content=\'(.*?)\'', page)[1])
        ours = next(re.compile(one["code"]) for one in told["responseHandling"] if one["swap"] and "507" in one["code"])
        assert {status for status in TEXTS if not ours.fullmatch(str(status))} == set()
        assert not ours.search("502")
        assert not ours.search("504")

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (DomainError(_("Too long."), field="name"), 422),
            (NotAllowedError(_("No.")), 403),
            (NotFoundError(_("No such ticket.")), 404),
            (ConflictError(_("Somebody was faster.")), 409),
            (OperationalError("SELECT secret FROM t", {"a": "b"}, Exception("database is locked")), 503),
            (OperationalError("INSERT secret", {}, Exception("database or disk is full")), 507),
            (InterfaceError("SELECT secret", {}, Exception("connection already closed")), 503),
            (OSError(errno.ENOSPC, "No space left on device", "/a/secret/path"), 507),
            (OSError("Failed to save workbook: i/o error: No space left on device (os error 28)"), 507),
            (OSError(errno.ENOENT, "No such file", "/a/secret/path"), 500),
            (RuntimeError("secret inside"), 500),
        ],
    )
    def test_each_has_its_status_in_each_form(self, raising, error, status):
        page = raising(error, headers={"Accept": "text/html", "Accept-Language": "en"})
        assert page.status_code == status
        assert page.mimetype == "text/html"
        # What a person can put right needs no number to report.
        assert (page.headers["X-Request-ID"] in page.text) == (status >= 500)
        problem = raising(error, headers={"Accept": "application/json", "Accept-Language": "en"})
        assert problem.status_code == status
        assert problem.mimetype == "application/problem+json"
        assert problem.json["status"] == status
        assert problem.json["request_id"] == problem.headers["X-Request-ID"]
        fragment = raising(error, headers={"HX-Request": "true"})
        assert fragment.status_code == status
        assert "<html" not in fragment.text.lower()
        for answer in (page, problem, fragment):
            assert not re.search("secret|SELECT|Traceback|/work|RuntimeError", answer.text)

    def test_a_refusal_names_its_fields(self, raising):
        error = DomainError.of([Refusal(_("Too long."), "name", "too_long"), Refusal(_("Missing."), "phone")])
        problem = raising(error, headers={"Accept": "application/json", "Accept-Language": "en"})
        assert problem.json["errors"] == [
            {"field": "name", "pointer": "#/name", "message": "Too long.", "code": "too_long"},
            {"field": "phone", "pointer": "#/phone", "message": "Missing.", "code": "invalid"},
        ]

    def test_what_people_typed_is_escaped(self, raising):
        error = DomainError(_("“%(value)s” is no date.", value="<script>alert(1)</script>%s%(x)s"))
        assert "<script>alert" not in raising(error).text
        assert "&lt;script&gt;" in raising(error).text

    def test_a_bug_is_logged_with_its_request(self, raising, caplog):
        with caplog.at_level(logging.ERROR):
            answer = raising(RuntimeError("the reason"))
        assert "the reason" in caplog.text
        assert answer.headers["X-Request-ID"] not in ("", None)

    def test_a_database_that_is_away_is_said_to_who_has_signed_in(self, client_as, monkeypatch):
        client = client_as("clerk")

        def away(*_args):
            raise OperationalError("SELECT secret", {}, Exception("connection refused"))

        monkeypatch.setattr("views.base.person.person_of", away)
        answer = client.get("/users/userinfo/", headers={"Accept-Language": "en"})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert '<html lang="zh-Hans"' in answer.text
        assert "secret" not in answer.text
        assert client.get("/healthz").status_code == 200

    def test_a_database_that_goes_away_under_an_error_page_takes_its_frame_alone(self, client_as, monkeypatch, caplog):
        client = client_as("clerk")
        assert "gd-shell" in client.get("/no-such-page").text

        def away(*_args):
            raise OperationalError("SELECT secret", {}, Exception("connection refused"))

        monkeypatch.setattr("views.tickets.notices.news", away)
        answer = client.get("/no-such-page")
        assert answer.status_code == 404
        assert 'data-testid="error-404"' in answer.text
        assert "gd-shell" not in answer.text
        assert "secret" not in answer.text
        assert "the frame of the error page failed" in caplog.text

    @pytest.mark.parametrize("dialect", ["sqlite"])
    def test_a_locked_database_is_said_in_the_readers_language(self, fresh_web):
        client = fresh_web.test_client()
        assert client.sign_in("boss").status_code == 302
        engine = fresh_web.extensions["gongdan"].engine
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=50"))
        with engine.connect().execution_options(**WRITES) as other, other.begin():
            locked = client.post("/language/en", headers={"Accept-Language": "zh-TW"})
        assert (locked.status_code, locked.headers["Retry-After"]) == (503, "5")
        assert '<html lang="zh-Hant"' in locked.text
        assert client.post("/language/en").status_code == 302

    def test_a_form_without_token_is_refused_in_the_readers_language(self, anonymous):
        answer = anonymous.post("/login/", csrf=False, headers={"Accept-Language": "en"})
        assert answer.status_code == 400
        assert '<html lang="en"' in answer.text

    @pytest.mark.parametrize(("url", "status"), [("/nope", 404), ("/logout/", 405)])
    def test_the_routers_errors_are_pages_too(self, anonymous, url, status):
        answer = anonymous.get(url)
        assert answer.status_code == status
        assert "<h1" in answer.text

    def test_an_api_address_that_is_not_there_is_a_problem(self, client_as):
        answer = client_as("clerk").get("/api/v1/nope")
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"

    def test_strangers_of_the_api_and_of_htmx(self, anonymous):
        answer = anonymous.get("/", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        answer = anonymous.get("/users/userinfo/", headers={"HX-Request": "true"})
        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"].startswith("/login/")

    def test_a_flood_is_refused(self, client_as):
        client, much = client_as("clerk"), "x" * (3 * 1024 * 1024)
        assert client.post("/users/userinfo/", data={"name": much}).status_code == 413
        assert client.post("/users/userinfo/", json={"name": much}).status_code == 413
        assert client.post("/users/userinfo/", **multipart(name=much)).status_code == 413
        assert client.post("/users/userinfo/", **multipart(**{f"p{i}": "x" for i in range(6_000)})).status_code == 413

    def test_a_stranger_sends_no_files(self, anonymous):
        upload = multipart(**{'file"; filename="x.bin': "x" * (3 * 1024 * 1024)})
        assert anonymous.post("/login/", **upload).status_code == 413

    def test_odd_requests_are_never_a_bug(self, client_as):
        client = client_as("administrator")
        for url in ("/login/?next=%00", "/%00", "/?q=%ff%fe", "/users/list/?page_AccountView=9e99&_flt_99_username=x",
                    "/users/list/?_flt_0_username=%00", "/users/list/?q=%00%F0%9F%98%80%E2%80%8B", "/users/show/%00",
                    "/users/show/-1", "/users/show/1e5", "/users/show/" + "9" * 40, "/users/edit/abc",
                    "/users/list/?psize_AccountView=20000&page_AccountView=-1",
                    "/users/list/?_oc_AccountView=password&_od_AccountView=asc",
                    "/users/list/?_oc_AccountView=nope&_od_AccountView=sideways"):  # fmt: skip
            assert client.get(url).status_code < 500, url
        assert client.post("/users/userinfo/", data=b"\xff\xfe", content_type="application/json").status_code < 500


class TestLanguages:
    """The person's choice, the session's, the browser's, the company's."""

    @pytest.mark.parametrize(
        ("accepted", "lang"),
        [
            ("en-GB,en;q=0.9", "en"), ("zh-TW", "zh-Hant"), ("zh-HK,zh;q=0.8", "zh-Hant"), ("zh-Hant", "zh-Hant"),
            ("zh-CN", "zh-Hans"), ("zh", "zh-Hans"), ("fr-FR", "zh-Hans"), ("", "zh-Hans"), ("de,en;q=0.1", "en"),
            (";;;,,q=", "zh-Hans"),
        ],
    )  # fmt: skip
    def test_the_browser_says(self, anonymous, accepted, lang):
        page = anonymous.get("/login/", headers={"Accept-Language": accepted})
        assert f'<html lang="{lang}"' in page.text
        assert "Accept-Language" in page.headers["Vary"]

    def test_a_stranger_switches(self, anonymous):
        answer = anonymous.get("/language/en?next=/login/")
        assert answer.headers["Location"] == "/login/"
        assert '<html lang="en"' in anonymous.get("/login/", headers={"Accept-Language": "zh"}).text
        assert anonymous.get("/lang/tlh").status_code == 404
        assert anonymous.get("/lang/en?next=//evil.example").headers["Location"] == "/"
        back = {"Referer": "https://evil.example/x"}
        assert anonymous.get("/lang/en", headers=back).headers["Location"] in {"/", "/x"}

    def test_a_persons_choice_follows_the_account(self, fresh_web):
        first, second = fresh_web.test_client(), fresh_web.test_client()
        first.sign_in("boss")
        first.get("/language/zh_Hant")
        second.sign_in("boss")
        page = second.get("/users/userinfo/", headers={"Accept-Language": "en"})
        assert '<html lang="zh-Hant"' in page.text

    def test_messages_and_labels_speak_in_templates(self, web):
        from flask import render_template_string  # noqa: PLC0415

        with web.test_request_context("/", headers={"Accept-Language": "en"}):
            web.preprocess_request()
            context = {"m": _("Up to %(x)s", x="<b>100%</b>"), "label": {"en": "Customer & co", "zh_Hans": "客户"}}
            text = render_template_string(
                "{{ m }}|{{ m|t }}|{{ _(m) }}|{{ label|t }}|{{ none|t }}|{{ _('100%%') }}", **context
            )
        escaped = "Up to &lt;b&gt;100%&lt;/b&gt;"
        assert text == f"{escaped}|{escaped}|{escaped}|Customer &amp; co||100%"


class TestHealth:
    """For those who watch."""

    def test_alive(self, anonymous):
        assert anonymous.get("/healthz").json == {"status": "ok"}

    def test_ready_names_what_is_missing(self, fresh_web):
        answer = fresh_web.test_client().get("/readyz")
        assert answer.json == {"status": "degraded", "database": "ok", "migrations": "ok", "worker": "missing"}
        assert answer.status_code == 200

    def test_a_worker_lives_as_long_as_it_says_so(self, fresh_web):
        client, transactions = fresh_web.test_client(), fresh_web.extensions["gongdan"].transactions
        # Nobody was ever heard of: that is no age of nought.
        assert not re.search("^gongdan_worker_seen_seconds ", client.get("/metrics").text, re.MULTILINE)
        with transactions.unit_of_work(SYSTEM, CAUSE) as work:
            for name in ("one", "another"):
                long_ago = work.now - timedelta(hours=20)
                work.session.add(WorkerHeartbeat(worker=name, started_at=long_ago, seen_at=long_ago))
        for silent, worker in ((2, "ok"), (HEARTBEAT_SECONDS - 10, "ok"), (HEARTBEAT_SECONDS + 1, "missing"),
                               (3600, "missing")):  # fmt: skip
            with transactions.unit_of_work(SYSTEM, CAUSE) as work:
                work.session.get_one(WorkerHeartbeat, "one").seen_at = work.now - timedelta(seconds=silent)
            answer = client.get("/readyz")
            assert answer.json["worker"] == worker, silent
            assert (answer.status_code, answer.json["status"]) == (200, "ok" if worker == "ok" else "degraded")
            measured = re.search(r"^gongdan_worker_seen_seconds (\S+)$", client.get("/metrics").text, re.MULTILINE)
            assert silent <= float(measured[1]) < silent + 60

    def test_what_waits_is_measured_by_its_state(self, fresh_web):
        with fresh_web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
            for number, state in enumerate(["waiting", "waiting", "dead"]):
                work.session.add(
                    OutboxMessage(kind="spool", target="crm", payload={}, idempotency_key=f"k{number}", state=state,
                                  created_at=work.now, next_try_at=work.now)
                )  # fmt: skip
            chunks = [{"number": number} for number in range(3)]
            job_service.submit(work, "sweep_uploads", {}, chunks, idempotency_key="k")
        text = fresh_web.test_client().get("/metrics").text
        assert 'gongdan_outbox_messages{state="waiting"} 2.0' in text
        assert 'gongdan_outbox_messages{state="dead"} 1.0' in text
        assert 'gongdan_job_chunks{state="waiting"} 3.0' in text

    @pytest.mark.parametrize("revision", ["0001", "9999"], ids=["an older", "an unknown"])
    def test_a_database_of_another_revision_is_not_ready(self, fresh_web, revision):
        with fresh_web.extensions["gongdan"].engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :given"), {"given": revision})
        answer = fresh_web.test_client().get("/readyz")
        assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
        assert (answer.json["database"], answer.json["migrations"]) == ("ok", "pending")

    def test_a_database_that_is_away_is_not_ready(self, tmp_path):
        from app.factory import create_app  # noqa: PLC0415

        url = "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"
        app = create_app(Settings(instance=tmp_path, database_url=url))
        client = app.test_client()
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json["database"] == "failed"
        assert "127.0.0.1" not in answer.text
        assert client.get("/healthz").status_code == 200
        measured = client.get("/metrics")
        assert measured.status_code == 200
        assert "gongdan_database_up 0.0" in measured.text
        assert "gongdan_requests_total" in measured.text

    def test_metrics_are_for_this_machine(self, anonymous):
        text = anonymous.get("/metrics").text
        assert "gongdan_requests_total" in text
        assert "gongdan_request_seconds_bucket" in text
        assert "gongdan_job_chunks" in text
        assert "gongdan_database_up 1.0" in text
        assert anonymous.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404
        assert anonymous.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404

    def test_metrics_with_a_token(self, fresh_database, tmp_path):
        app = make_app(fresh_database, tmp_path, metrics_token="a token of the tests")
        client = app.test_client()
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer wrong é"}).status_code == 404
        elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
        right = {"Authorization": "Bearer a token of the tests"}
        assert client.get("/metrics", headers=right, environ_overrides=elsewhere).status_code == 200
        app.extensions["gongdan"].engine.dispose()


class TestLogs:
    """One JSON object a line, no secrets."""

    def line(self, **extra):
        record = logging.makeLogRecord({"name": "x", "levelname": "INFO", "msg": "hello %s", "args": ("you",), **extra})
        return json.loads(JsonLines().format(record))

    def test_a_line(self):
        token = REQUEST_ID.set("abc")
        line = self.line(path="/x", password="hunter2", csrf_token="t", customer_phone="138")
        REQUEST_ID.reset(token)
        assert line["message"] == "hello you"
        assert line["request_id"] == "abc"
        assert line["path"] == "/x"
        assert line["password"] == line["csrf_token"] == line["customer_phone"] == "•••"

    @pytest.mark.parametrize("name", ["client_secret", "Cookie", "Authorization", "id_number", "address_line"])
    def test_what_a_person_keeps_for_themselves_is_not_written(self, name):
        assert self.line(**{name: "kept"})[name] == "•••"

    def test_parameters_of_sql_stay_out(self, transactions):
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

        with transactions.reading(SYSTEM) as work:
            try:
                number = str(13_800_138_000)
                work.session.execute(text("SELECT nothing FROM nowhere WHERE x = :phone"), {"phone": number})
            except SQLAlchemyError as error:
                line = self.line(exc_info=(type(error), error, error.__traceback__))
        assert "nowhere" in line["exception"]
        assert "13800138000" not in line["exception"]

    @pytest.mark.parametrize("formatter", [JsonLines, TextLines])
    def test_the_row_a_database_repeats_stays_out(self, fresh_database, formatter):
        # The lines of a traceback show the code, so the number stands in none.
        engine, number = open_engine(fresh_database), str(13_912_345_678)
        try:
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE kept (phone VARCHAR(20) UNIQUE)"))
                for _twice in range(2):
                    connection.execute(text("INSERT INTO kept VALUES (:phone)"), {"phone": number})
        except IntegrityError as error:
            record = logging.makeLogRecord({"msg": "x", "exc_info": (type(error), error, error.__traceback__)})
        line = formatter().format(record)
        if engine.dialect.name == "postgresql":
            assert number in str(record.exc_info[1].orig)
            assert "DETAIL: •••" in line
        assert "INSERT INTO kept" in line
        assert number not in line
        engine.dispose()

    @pytest.mark.parametrize(
        ("log_format", "terminal", "level", "is_json", "quiet"),
        [
            ("auto", False, "info", True, False),
            ("auto", True, "info", False, True),
            ("auto", True, "debug", False, False),
            ("text", False, "info", False, False),
            ("json", True, "info", True, False),
        ],
    )
    def test_on_a_terminal_requests_do_not_bury_the_address(  # noqa: PLR0917 - a table
        self, monkeypatch, tmp_path, log_format, terminal, level, is_json, quiet
    ):
        stream = io.StringIO()
        stream.isatty = lambda: terminal
        root = logging.getLogger()
        monkeypatch.setattr("sys.stderr", stream)
        monkeypatch.setattr(root, "handlers", list(root.handlers))
        before = root.level
        try:
            set_up_logging(Settings(instance=tmp_path, log_format=log_format, log_level=level))
            logging.getLogger("gunicorn.access").info("request", extra={"path": "/x", "token": "t"})
            assert (stream.getvalue() == "") is quiet
            logging.getLogger("x").warning("careful", extra={"path": "/x", "password": "hunter2"})
        finally:
            root.setLevel(before)
        line = stream.getvalue().splitlines()[-1]
        assert line.startswith("{") is is_json
        assert "careful" in line
        assert "hunter2" not in line


def test_what_is_not_there_leads_on_by_menu_and_search(client_as, anonymous):
    for role, url, status in (("clerk", "/tickets/WX-0", 404), ("clerk", "/nope", 404), ("technician", "/audit/", 403)):
        answer = client_as(role).get(url)
        assert answer.status_code == status
        assert f'data-testid="error-{status}"' in answer.text
        assert 'data-testid="search"' in answer.text
        assert 'id="side"' in answer.text
    assert 'data-testid="search"' not in anonymous.get("/nope").text


@pytest.mark.parametrize(
    "accept", ["text/html,application/xhtml+xml,*/*;q=0.8", "image/avif,image/webp,*/*;q=0.8", "*/*"]
)
def test_a_file_that_is_refused_is_a_page_for_people(client_as, accept):
    answer = client_as("clerk").get("/files/999999", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert 'data-testid="error-404"' in answer.text
    assert client_as("clerk").get("/files/999999", headers={"Accept": "application/json"}).is_json
