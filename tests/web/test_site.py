"""The menu, the server's settings, the static copies, the select that searches."""

import gzip
import re
from types import SimpleNamespace

import pytest
from werkzeug.datastructures import MultiDict

from app.config import Settings
from app.core.i18n import Message
from app.people.models import Outlet, Region
from app.people.roles import ROLES
from app.server import WebServer, options
from forms.base import HouseForm
from forms.remote_select import RemoteSelectField, RemoteSelectManyField
from tests.clients import statements
from views import static
from views.menu import MENU, site_menu
from views.script_words import sentences


def test_every_link_of_the_menu_leads_somewhere(webs):
    endpoints = set(webs("sqlite").view_functions)
    dead = [entry.endpoint for group in MENU for entry in group.entries if entry.endpoint not in endpoints]
    assert dead == []


def test_every_icon_of_the_menu_is_in_the_sprite():
    drawn = (static.FOLDER / "vendor" / "icons.svg").read_text("utf-8")
    assert [entry.icon for group in MENU for entry in group.entries if f'id="{entry.icon}"' not in drawn] == []


_ALL = """tickets imports jobs customers contacts sites customer-levels tags installed-products products
    product-categories outlets teams staff skills regions templates fields users roles tokens/all audit
    settings/company"""
_DESK = "jobs customers contacts sites tags installed-products products outlets teams staff"
#: What each role finds in its menu: what it works with, in the order of the sidebar.
MENU_OF = {
    "administrator": _ALL,
    "auditor": _ALL,
    "template_designer": "tickets customers installed-products products outlets teams staff templates fields",
    "dispatcher": f"tickets {_DESK}",
    "clerk": f"tickets imports {_DESK}",
    "outlet_manager": f"tickets {_DESK}",
    "technician": "tickets customers installed-products products",
    "qa": "tickets jobs customers installed-products products outlets teams staff",
    "finance": "tickets jobs customers contacts sites installed-products products outlets teams staff",
}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_the_menu_shows_what_a_role_may_open(webs, role):
    app = webs("sqlite")
    client = app.test_client()
    client.sign_in(f"the.{role.name}")
    page = client.get("/users/userinfo/")
    shown = set(re.findall(r'<li><a href="([^"]+)"', page.text))
    assert shown
    for url in shown:
        assert client.get(url).status_code in {200, 302}, f"{role.name}: {url}"
    assert [url.strip("/").removesuffix("/list") for url in re.findall(r'<li><a href="([^"]+)"', page.text)] == (
        MENU_OF[role.name].split()
    )


def test_the_menu_costs_no_statement(web, client_as):
    client = client_as("administrator")
    cookie = client.get_cookie(web.config["SESSION_COOKIE_NAME"])
    with web.test_request_context("/", headers={"Cookie": f"{cookie.key}={cookie.value}"}):
        from views.base import current_actor  # noqa: PLC0415

        assert current_actor().may("account.read")
        with statements(web.extensions["gongdan"].engine) as seen:
            sections = site_menu()
    assert seen == []
    assert len(sections) == len(MENU)
    assert all(isinstance(one.label, Message) for one in sections)


class TestServer:
    """gunicorn as we set it; no socket is opened."""

    def test_every_setting_is_one_gunicorn_knows(self):
        server = WebServer(Settings(port=8081, web_processes=3))
        cfg = server.cfg
        assert (cfg.workers, cfg.worker_class_str, cfg.preload_app) == (3, "PatientWorker", True)
        assert cfg.address == [("127.0.0.1", 8081)]
        assert cfg.forwarded_allow_ips == []
        # 0 is for ever: a page that hangs would keep its process from everybody.
        assert 30 <= cfg.timeout <= 120
        assert 0 < cfg.graceful_timeout <= 60
        unknown = set(options(Settings())) - set(cfg.settings)
        assert unknown <= {"control_socket_disable"}

    def test_an_address_of_ipv6(self):
        assert options(Settings(host="::1"))["bind"] == "[::1]:8080"

    def test_the_path_is_logged_without_its_query(self, caplog):
        from datetime import timedelta  # noqa: PLC0415

        logger = WebServer(Settings()).cfg.logger_class.__new__(WebServer(Settings()).cfg.logger_class)
        logger.setup(None)
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/tickets/", "QUERY_STRING": "q=13800138000"}
        with caplog.at_level("INFO", logger="gunicorn.access"):
            logger.access(SimpleNamespace(status="200 OK", sent=5), None, environ, timedelta(milliseconds=12))
        record = caplog.records[-1]
        assert (record.path, record.status, record.ms) == ("/tickets/", 200, 12.0)
        assert "13800138000" not in str(vars(record))


class TestStatic:
    """A name of its content, a compressed copy once a release."""

    @pytest.fixture
    def folder(self, tmp_path):
        folder = tmp_path / "files"
        (folder / "css").mkdir(parents=True)
        (folder / "css" / "a.css").write_text("a { color: red }\n" * 200)
        (folder / "tiny.js").write_text("1")
        return folder

    def test_a_change_is_a_new_name(self, folder):
        before = static.digest(folder)
        assert static.digest(folder) == before
        (folder / "css" / "a.css").write_text("b")
        assert static.digest(folder) != before

    def test_the_copy_is_compressed_once(self, folder, tmp_path):
        settings = Settings(instance=tmp_path / "instance")
        ready = static.prepare(settings, folder)
        assert gzip.decompress((ready / "css" / "a.css.gz").read_bytes()) == (folder / "css" / "a.css").read_bytes()
        assert not (ready / "tiny.js.gz").exists()
        stamp = (ready / "css" / "a.css.gz").stat().st_mtime_ns
        assert static.prepare(settings, folder) == ready
        assert (ready / "css" / "a.css.gz").stat().st_mtime_ns == stamp

    def test_old_releases_are_cleared_away(self, folder, tmp_path):
        settings = Settings(instance=tmp_path / "instance")
        old = static.prepare(settings, folder)
        (folder / "tiny.js").write_text("2")
        new = static.prepare(settings, folder)
        assert [path.name for path in new.parent.iterdir()] == [new.name]
        assert not old.exists()


def test_scripts_speak_through_the_catalogue():
    assert all(isinstance(one, str) and one for one in sentences())
    assert len(sentences()) > 5


class TestRemoteSelect:
    """Rows by key, and nothing that is no key."""

    def form(self, web, model, data, field=RemoteSelectField):
        session = SimpleNamespace(get=lambda _model, key: None if key in {99, "99"} else model(name=f"<{key}>"))
        made = type("F", (HouseForm,), {"row": field("Row", model=model, url="/lookup/x", session=lambda: session)})
        with web.test_request_context("/", method="POST"):
            return made(formdata=MultiDict(data), meta={"csrf": False})

    @pytest.mark.parametrize("key", ["99", "abc", "-1", "1.5", "9" * 30, "１", "0x1"])
    def test_what_is_not_there_is_refused(self, web, key):
        form = self.form(web, Outlet, [("row", key)])
        assert form.row.data is None
        assert form.row.process_errors

    def test_a_key_of_text_is_a_key(self, web):
        assert self.form(web, Region, [("row", "440305")]).row.data.name == "<440305>"

    def test_several(self, web):
        form = self.form(web, Outlet, [("row", "1"), ("row", "2"), ("row", "1"), ("row", "")], RemoteSelectManyField)
        assert [one.name for one in form.row.data] == ["<1>", "<2>"]
        many = self.form(web, Outlet, [("row", str(i)) for i in range(300)], RemoteSelectManyField)
        assert many.row.process_errors
