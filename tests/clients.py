"""The web application in tests: one a dialect on a database of its own, and people signed in to it.

``web`` is the application with every role's account; ``client_as("clerk")`` is a browser of that account, which
sends the CSRF token as our scripts do. Rows written through `web` stay for the session: use names of your own.
``fresh_web`` has a database of its own.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, event, select, update
from werkzeug.security import generate_password_hash

from app.config import Settings
from app.core.permissions import SYSTEM
from app.core.work import Cause
from app.house import open_house
from app.people import access, sign_in
from app.people.access_tables import ACCOUNT
from app.people.roles import ROLES
from app.people.security_models import AccountSecurity
from tests.databases import DATA_KEY

PASSWORD = "correct horse battery staple"
CAUSE = Cause("system", "tests")


class Browser(FlaskClient):
    """A client that sends the CSRF token with every change; ``csrf=False`` leaves it out."""

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> Any:
        if csrf and kwargs.get("method", "GET") not in {"GET", "HEAD", "OPTIONS"}:
            kwargs["headers"] = {**dict(kwargs.get("headers") or {}), "X-CSRFToken": self.token()}
        return super().open(*args, **kwargs)

    def token(self) -> str:
        """Return the token pages of this session carry."""
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", hashlib.sha1(os.urandom(16), usedforsecurity=False).hexdigest())
        return URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(raw)

    def enter(self, username: str) -> None:
        """Be signed in as this account without going through the door, which is tested for itself."""
        from views.base.person import SECRET_KEY, USER_KEY  # noqa: PLC0415 - like the application's

        with self.application.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
            user_id, _hash = sign_in.stored_password(work.session, username) or (0, "")
            secret = sign_in.open_session(work, user_id, username, "127.0.0.1")
        with self.session_transaction() as session:
            session.permanent = True
            session[USER_KEY], session[SECRET_KEY] = str(user_id), secret

    def sign_in(
        self, username: str, password: str = PASSWORD, *, address: str = "127.0.0.1", url: str = "/login/"
    ) -> Any:
        """Sign in as a person does, and return the answer."""
        data = {"username": username, "password": password}
        return self.post(url, data=data, environ_overrides={"REMOTE_ADDR": address})


class Compiled(BytecodeCache):
    """Templates, compiled once for all applications of the process."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket if its template was compiled; it compares the source itself."""
        if code := self.kept.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def make_app(url: str, folder: Path, **settings: Any) -> Flask:
    """Return an application with synced access on the database at ``url``."""
    from app.factory import create_app  # noqa: PLC0415 - tests that need no web do not wait for its import

    # One key for all of them: the key ring is the process's, and an application must not lock another one out.
    settings = {"data_keys": DATA_KEY, **settings}
    app = create_app(Settings(instance=folder, database_url=url, **settings))
    app.test_client_class = Browser
    app.jinja_env.bytecode_cache = COMPILED
    access.sync_access(app)
    return app


def make_account(app: Flask, username: str, *roles: str, **values: Any) -> int:
    """Return the id of the account ``username``, made with ``roles`` unless it is there."""
    transactions = app.extensions["gongdan"].transactions
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        found = work.session.scalar(select(ACCOUNT.c.id).where(ACCOUNT.c.username == username))
        if found is not None:
            return int(found)
        return access.create_account(work, username, PASSWORD, roles=roles, **{"must_change_password": False, **values})


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Yield the list of SQL statements run meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Hash the accounts of tests with little work; what production uses is compared in tests/web/test_sign_in.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access, "generate_password_hash", partial(generate_password_hash, method="scrypt:128:8:1"))
        yield


@pytest.fixture(scope="session")
def webs(servers: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Flask]]:
    """The applications, made when first asked for."""
    made: dict[str, tuple[Any, Flask]] = {}

    def web(dialect: str) -> Flask:
        if dialect not in made:
            copy = servers(dialect).copy()
            app = make_app(copy.__enter__(), tmp_path_factory.mktemp(f"web-{dialect}"))
            for role in ROLES:
                make_account(app, f"the {role.name}".replace(" ", "."), role.name)
            made[dialect] = copy, app
        return made[dialect][1]

    yield web
    for copy, app in made.values():
        app.extensions["gongdan"].engine.dispose()
        copy.__exit__(None, None, None)


@pytest.fixture
def web(dialect: str, webs: Any) -> Flask:
    """The application of this dialect, shared by all tests; nobody has the language a test before has chosen."""
    app: Flask = webs(dialect)
    with app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        chosen = AccountSecurity.locale.is_not(None)
        work.session.execute(update(AccountSecurity).where(chosen).values(locale=None))
    return app


@pytest.fixture(scope="session")
def movable() -> list[Flask]:
    """The application that moves from one fresh database to the next, once there is one."""
    return []


@pytest.fixture
def fresh_web(fresh_database: str, tmp_path: Path, movable: list[Flask]) -> Iterator[Flask]:
    """An application on a database of one's own, with an administrator called ``boss``."""
    if not movable:
        movable.append(make_app(fresh_database, tmp_path))
    app = movable[0]
    # Who moves shuts the door behind him: a connection nobody closes fails whichever test runs when it is found.
    app.extensions["gongdan"].engine.dispose()
    # To make an application, with all its views, takes five times as long as to open the house it stands in.
    house = open_house(Settings(instance=tmp_path, database_url=fresh_database, data_keys=DATA_KEY))
    app.extensions["gongdan"] = house
    app.appbuilder.session.session_factory.configure(bind=house.engine)  # type: ignore[attr-defined]
    access.sync_access(app)
    make_account(app, "boss", access.ADMINISTRATOR)
    yield app
    house.engine.dispose()


@pytest.fixture
def client_as(web: Flask) -> Callable[[str], Browser]:
    """Return a browser in which the account of a role has signed in."""

    def signed_in(role: str) -> Browser:
        client = web.test_client()
        client.enter(f"the.{role}")
        return client

    return signed_in


@pytest.fixture
def anonymous(web: Flask) -> Browser:
    """A browser in which nobody has signed in."""
    return web.test_client()
