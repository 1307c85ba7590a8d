"""An application with the views of crud_views.py, its tables empty before each test."""

import pytest

import app.factory
from app.core.audit import AuditEvent
from app.core.permissions import SYSTEM
from app.people.models import Outlet, Tag, Team
from tests.clients import CAUSE, make_account, make_app
from tests.web.crud_views import CRUD_VIEWS


@pytest.fixture(scope="session")
def crud_apps(servers, tmp_path_factory):
    made = {}

    def get(dialect):
        if dialect not in made:
            copy = servers(dialect).copy()
            before = app.factory.VIEWS
            app.factory.VIEWS = (*before, *CRUD_VIEWS)
            try:
                web = make_app(copy.__enter__(), tmp_path_factory.mktemp("crud"))
            finally:
                app.factory.VIEWS = before
            make_account(web, "boss", "administrator")
            make_account(web, "looker", "auditor")
            made[dialect] = copy, web
        return made[dialect][1]

    yield get
    for copy, web in made.values():
        web.extensions["gongdan"].engine.dispose()
        copy.__exit__(None, None, None)


@pytest.fixture
def crud_web(dialect, crud_apps):
    web = crud_apps(dialect)
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        for model in (Team, Outlet, Tag, AuditEvent):
            work.session.execute(model.__table__.delete())
    return web


@pytest.fixture
def chief(crud_web):
    client = crud_web.test_client()
    client.sign_in("boss")
    client.get("/lang/en")
    return client
