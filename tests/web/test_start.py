"""Starting: no SQL, no sync, no guessing; and what `init` writes."""

import pytest
from flask_appbuilder.models.sqla import Model
from sqlalchemy import Sequence, select

from app.config import ConfigError, Settings
from app.core.permissions import SYSTEM
from app.factory import create_app, create_app_in
from app.house import open_house
from app.people import access, access_sync
from app.people.access_tables import ROLE, TABLES
from app.people.roles import PERMISSIONS, ROLES
from tests.clients import CAUSE, make_account, statements


def test_an_application_starts_without_sql(fresh_database, tmp_path):
    house = open_house(Settings(instance=tmp_path, database_url=fresh_database))
    with statements(house.engine) as seen:
        create_app_in(house)
    assert seen == []
    house.engine.dispose()


def test_the_start_makes_no_tables(tmp_path):
    app = create_app(Settings(instance=tmp_path))
    app.extensions["gongdan"].engine.dispose()
    assert not (tmp_path / "gongdan.db").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])  # noqa: S104 - refused
def test_an_open_address_needs_host_names(tmp_path, host):
    with pytest.raises(ConfigError, match="GONGDAN_TRUSTED_HOSTS"):
        create_app(Settings(instance=tmp_path, host=host))


def test_a_proxy_needs_host_names(tmp_path):
    # Behind a proxy the host's name comes from a header, and what a header says would go into links.
    with pytest.raises(ConfigError, match="GONGDAN_TRUSTED_HOSTS"):
        create_app(Settings(instance=tmp_path, behind_proxy=1))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("GONGDAN_BEHIND_PROXY", "-1", "at least 0"),
        ("GONGDAN_WEB_PROCESSES", "0", "at least 1"),
        ("GONGDAN_UPLOAD_MAX_MB", "0", "at least 1"),
        ("GONGDAN_LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("GONGDAN_LOG_FORMAT", "xml", "auto, json, text"),
        ("GONGDAN_LOCALE", "fr", "zh_Hans, zh_Hant, en"),
        ("GONGDAN_PORT", "65536", "1 to 65535"),
        ("GONGDAN_SECURE_COOKIES", "perhaps", "yes or no"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(name, value, says):
    with pytest.raises(ConfigError, match=f"{name}.*{says}"):
        Settings.from_environment({name: value})


def test_a_weak_key_is_refused():
    with pytest.raises(ConfigError, match="32"):
        Settings.from_environment({"GONGDAN_SECRET_KEY": "short"})


def test_the_described_tables_are_flask_appbuilders():
    for table in TABLES:
        theirs = Model.metadata.tables[table.name]
        for column in table.columns:
            other = theirs.columns[column.name]
            assert type(column.type) is type(other.type), f"{table.name}.{column.name}"
            if isinstance(other.default, Sequence):
                assert column.default.name == other.default.name


def grants(app):
    with app.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        permissions = access_sync._by_name(work, ROLE)
        from app.people import role_service  # noqa: PLC0415

        assert permissions.keys() == {card.name for card in role_service.roles(work)}
        return {card.name: (card.permissions, card.scope) for card in role_service.roles(work)}


def test_init_writes_all_roles_and_a_second_one_changes_nothing(fresh_web):
    first = grants(fresh_web)
    assert first == {role.name: (role.permissions, role.scope) for role in ROLES}
    with statements(fresh_web.extensions["gongdan"].engine) as seen:
        access.sync_access(fresh_web)
    assert not [one for one in seen if one.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert len(seen) < 25
    assert grants(fresh_web) == first


def test_init_keeps_what_the_administrator_decided_and_grants_what_is_new(fresh_web, monkeypatch):
    from app.people import role_service  # noqa: PLC0415

    transactions = fresh_web.extensions["gongdan"].transactions
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        role_service.change_role(work, "qa", {"ticket.read"}, "team")
    monkeypatch.setattr(access_sync, "PERMISSIONS", {**PERMISSIONS, "moon.read": "new"})
    seeds = [type(seed)(seed.name, seed.labels, seed.scope, seed.permissions | {"moon.read"}) for seed in ROLES]
    monkeypatch.setattr(access_sync, "ROLES", tuple(seeds))
    access.sync_access(fresh_web)
    held = grants(fresh_web)
    assert held["qa"][0] == {"ticket.read", "moon.read"}
    assert held["administrator"][0] == {*PERMISSIONS, "moon.read"}


def test_a_missing_role_is_noticed(fresh_web):
    with fresh_web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        work.session.execute(ROLE.delete().where(ROLE.c.name == "qa"))
        with pytest.raises(RuntimeError, match="qa"):
            access_sync.verify(work)


def test_an_actor_is_one_statement(fresh_web):
    user_id = make_account(fresh_web, "two.roles", "clerk", "outlet_manager")
    house = fresh_web.extensions["gongdan"]
    with house.transactions.reading(SYSTEM) as work, statements(house.engine) as seen:
        actor = access.actor_of(work.session, user_id)
    assert len(seen) == 1
    assert actor.roles == {"clerk", "outlet_manager"}
    assert actor.scope.name == "ALL"
    assert {"ticket.read", "staff.change"} <= actor.permissions
    assert not actor.may("audit.read")


def test_a_page_asks_once_who_is_there(web, client_as):
    client = client_as("administrator")
    client.get("/users/userinfo/")
    with statements(web.extensions["gongdan"].engine) as seen:
        client.get("/users/userinfo/")
    assert len([one for one in seen if "ab_user" in one]) == 1
    # And what waits for them: the bell.
    assert [one for one in seen if "ab_user" not in one and "ticket_notice" not in one] == []
    assert len(seen) == 2


def test_nobody_is_not_the_system(web):
    from views.base import NOBODY, current_actor  # noqa: PLC0415

    with web.test_request_context("/"):
        assert current_actor() is NOBODY
    assert not NOBODY.is_system
    assert not NOBODY.may("ticket.read")


def test_a_disabled_account_is_no_actor(fresh_web):
    user_id = make_account(fresh_web, "gone", "clerk")
    transactions = fresh_web.extensions["gongdan"].transactions
    with transactions.unit_of_work(SYSTEM, CAUSE) as work:
        access.set_active(work, user_id, active=False)
    with transactions.reading(SYSTEM) as work:
        assert access.actor_of(work.session, user_id) is None
        assert access.actor_of(work.session, 999_999) is None
        assert work.session.scalar(select(ROLE.c.id).where(ROLE.c.name == "clerk"))
