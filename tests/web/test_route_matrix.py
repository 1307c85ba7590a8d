"""Every route × method is in routes.yaml with what it needs, and every role gets exactly that.

A new route: run this test; it prints the lines to add. Read them: they say who may do what.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from app.people.roles import PERMISSIONS, ROLES
from views.base.guard import CLOSED, PUBLIC, SIGNED_IN

TABLE = Path(__file__).parent / "routes.yaml"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: Something for each kind of parameter; the guard answers before anything is looked up.
VALUES = {"pk": "1", "locale": "en", "name": "clerk", "kind": "customer", "key": "repair", "number": "WX-1"}


def table() -> dict[str, str]:
    return yaml.safe_load(TABLE.read_text("utf-8")) or {}


def routes(app: Any) -> dict[str, tuple[Any, str, str]]:
    """``{"GET /tickets/": (rule, method, what it needs)}``."""
    needs = app.extensions["gongdan-requirements"]
    return {
        f"{method} {rule.rule}": (rule, method, needs[rule.endpoint])
        for rule in app.url_map.iter_rules()
        for method in METHODS
        if method in rule.methods
    }


def address(app: Any, rule: Any) -> str:
    values = {}
    for name in rule.arguments:
        converter = type(rule._converters[name]).__name__
        values[name] = 1 if converter == "IntegerConverter" else VALUES.get(name, "1")
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False)


def test_the_table_is_complete_and_true(webs):
    found, written = routes(webs("sqlite")), table()
    missing = {name: need for name, (_, _, need) in found.items() if name not in written}
    lines = "\n".join(
        f"{name}: {need}" for name, need in sorted(missing.items(), key=lambda item: item[0].split()[::-1])
    )
    assert not missing, f"routes not in {TABLE.name}; read and add:\n\n{lines}\n"
    gone = sorted(written.keys() - found.keys())
    assert not gone, f"routes in {TABLE.name} that are gone: {gone}"
    wrong = {name: (written[name], need) for name, (_, _, need) in found.items() if written[name] != need}
    assert not wrong, f"(written, asked for): {wrong}"


def test_no_route_is_forgotten_and_each_permission_exists(webs):
    for name, (_, _, need) in routes(webs("sqlite")).items():
        assert need != CLOSED, f"{name}: its method says nothing; use @permission, @signed_in or @public"
        assert need in {PUBLIC, SIGNED_IN} or need in PERMISSIONS, f"{name} asks for {need}, which no role can have"


def test_what_is_public_is_known(webs):
    public = {name for name, (_, _, need) in routes(webs("sqlite")).items() if need == PUBLIC}
    assert public == {
        "GET /login/", "POST /login/", "POST /logout/", "GET /healthz", "GET /readyz", "GET /metrics",
        "GET /lang/<locale>", "GET /language/<locale>", "POST /language/<locale>",
    }  # fmt: skip


def test_strangers_get_nowhere(webs):
    app = webs("sqlite")
    client = app.test_client()
    for name, (rule, method, need) in routes(app).items():
        if need == PUBLIC:
            continue
        answer = client.open(address(app, rule), method=method)
        assert answer.status_code in {302, 401}, name
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith("/login/"), name


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_each_role_gets_what_it_may(webs, role):
    """Asked without the CSRF token where something would change: refused rights answer 403, granted ones 400."""
    app = webs("sqlite")
    client = app.test_client()
    assert client.sign_in(f"the.{role.name}").status_code == 302
    for name, (rule, method, need) in routes(app).items():
        if need in {PUBLIC, SIGNED_IN}:
            continue
        answer = decided(app, client, address(app, rule), method)
        assert (answer != "refused") == (need in role.permissions), f"{role.name}: {name} needs {need}: {answer}"


def decided(app: Any, client: Any, url: str, method: str) -> str:
    """What the guard says, without running the view: some of them would do real work."""
    from flask import request  # noqa: PLC0415

    from app.core.errors import NotAllowedError  # noqa: PLC0415
    from views.base import guard  # noqa: PLC0415

    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    headers = {"Cookie": f"{cookie.key}={cookie.value}"}
    with app.test_request_context(url, method=method, headers=headers):
        assert request.endpoint, url
        try:
            return "refused" if guard.check() is not None else "open"
        except NotAllowedError:
            return "refused"


def test_the_guard_really_stands_before_the_views(webs):
    """The same through the whole application, for pages that only read."""
    app = webs("sqlite")
    for role in ("technician", "auditor"):
        client = app.test_client()
        client.sign_in(f"the.{role}")
        held = next(seed.permissions for seed in ROLES if seed.name == role)
        for name, (rule, method, need) in routes(app).items():
            if method == "GET" and need not in {PUBLIC, SIGNED_IN} and need not in held:
                assert client.get(address(app, rule)).status_code == 403, f"{role}: {name}"
