from dataclasses import replace

import pytest
from sqlalchemy import update

from app.core.errors import ConflictError, NotAllowedError
from app.core.i18n import LOCALES, Message
from app.core.permissions import Scope
from app.people import access, role_service
from app.people.access_sync import sync_roles
from app.people.access_tables import ACCOUNT
from app.people.roles import PERMISSIONS, READING_VERBS, ROLE_BY_NAME, ROLES, THINGS, VERBS
from tests.factories import people as make

CONTRACT = [
    "administrator",
    "template_designer",
    "dispatcher",
    "clerk",
    "technician",
    "outlet_manager",
    "qa",
    "finance",
    "auditor",
]


def test_the_nine_roles_are_seeded() -> None:
    assert [role.name for role in ROLES] == CONTRACT


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_a_role_holds_known_permissions_and_has_three_labels(role):
    assert role.permissions <= PERMISSIONS.keys()
    assert all(role.labels.get(locale) for locale in LOCALES)


def test_every_permission_has_a_label() -> None:
    assert all(isinstance(label, Message) and str(label) for label in PERMISSIONS.values())
    assert str(PERMISSIONS["ticket.change"]) == "Tickets: Change"
    assert {verb for thing in THINGS for verb in thing.verbs} == set(VERBS)


def test_the_auditor_sees_everything_and_changes_nothing() -> None:
    auditor = ROLE_BY_NAME["auditor"]
    assert auditor.scope is Scope.ALL
    assert {name.split(".")[1] for name in auditor.permissions} == READING_VERBS
    assert auditor.permissions >= {f"{thing.name}.read" for thing in THINGS}


def test_the_administrator_may_do_everything() -> None:
    assert ROLE_BY_NAME["administrator"].permissions == PERMISSIONS.keys()


@pytest.mark.parametrize(
    "permission", ["account.change", "account.create", "role.change", "template.design", "field.design"]
)
def test_only_administrators_and_designers_hold_the_dangerous_ones(permission):
    holders = {role.name for role in ROLES if permission in role.permissions}
    assert holders <= {"administrator", "template_designer"}
    assert "account" not in permission or holders == {"administrator"}


def test_reach_follows_the_job() -> None:
    assert ROLE_BY_NAME["technician"].scope is Scope.OWN
    assert ROLE_BY_NAME["outlet_manager"].scope is Scope.OUTLET
    assert {role.name for role in ROLES if role.scope < Scope.ALL} == {"technician", "outlet_manager"}


def test_whoever_may_change_may_see() -> None:
    for role in ROLES:
        things = {name.split(".")[0] for name in role.permissions}
        assert all(f"{thing}.read" in role.permissions for thing in things), role.name


RIGHTS = frozenset({"role.read", "role.change", "account.read", "account.create", "account.change", "ticket.read"})


@pytest.fixture
def deputy(work, make_work):
    """Somebody with the rights over roles and accounts, and an outlet's reach."""
    sync_roles(work)
    actor = make.account(work, "", ["outlet_manager"])
    return make_work(replace(actor, permissions=actor.permissions | RIGHTS))


def test_nobody_makes_a_role_reach_further_than_he_does(work, deputy):
    role_service.create_role(deputy, "local_desk", {"ticket.read"}, "outlet")
    role_service.create_role(work, "wide_desk", {"ticket.read"}, "all")
    for wish in (
        lambda: role_service.create_role(deputy, "everywhere", {"ticket.read"}, "all"),
        lambda: role_service.change_role(deputy, "local_desk", {"ticket.read"}, "all"),
        lambda: role_service.change_role(deputy, "wide_desk", {"ticket.read"}, "own"),
    ):
        with pytest.raises(NotAllowedError) as caught:
            wish()
        assert caught.value.refusals[0].code == "wider_scope"


def test_nobody_gives_a_role_that_reaches_further_than_he_does(work, deputy):
    role_service.create_role(work, "local_desk", {"ticket.read"}, "outlet")
    role_service.create_role(work, "wide_desk", {"ticket.read"}, "all")
    access.set_roles(deputy, make.person(work), ["local_desk"])
    with pytest.raises(NotAllowedError) as caught:
        access.set_roles(deputy, deputy.actor.user_id, ["outlet_manager", "wide_desk"])
    assert caught.value.refusals[0].code == "stronger_role"


def test_giving_roles_needs_the_right_to_change_accounts(work, make_work, deputy):
    maker = make_work(replace(deputy.actor, permissions=deputy.actor.permissions - {"account.change"}))
    with pytest.raises(NotAllowedError):
        access.set_roles(maker, make.person(work), ["outlet_manager"])
    made = access.create_account(maker, "made.here", make.PASSWORD, roles=["outlet_manager"])
    assert access.roles_of(work, made) == {"outlet_manager"}


def test_who_changes_a_role_a_moment_too_late_is_told(work):
    sync_roles(work)
    role_service.create_role(work, "night_desk", {"ticket.read"}, "own")
    seen = role_service.role(work, "night_desk").stamp
    role_service.change_role(work, "night_desk", {"ticket.read", "ticket.note"}, "own", seen=seen)
    with pytest.raises(ConflictError):
        role_service.change_role(work, "night_desk", {"ticket.read", "ticket.change"}, "own", seen=seen)
    now = role_service.role(work, "night_desk")
    assert now.permissions == {"ticket.read", "ticket.note"}
    role_service.change_role(work, "night_desk", {"ticket.read"}, "team", seen=now.stamp)
    assert role_service.role(work, "night_desk").scope is Scope.TEAM


@pytest.mark.parametrize(
    "between",
    [
        lambda work, one: access.set_roles(work, one, ["clerk", "qa"]),
        lambda work, one: access.change_account(work, one, name="Other", email=""),
        lambda work, one: access.change_account(work, one, name="Night", email="night@example.com"),
        lambda work, one: work.session.execute(update(ACCOUNT).where(ACCOUNT.c.id == one).values(active=False)),
    ],
)
def test_an_account_is_not_changed_unseen(work, between):
    sync_roles(work)
    seen = {"name": "Night", "email": "", "active": True, "roles": ["clerk"]}
    user_id = access.create_account(work, "night.owl", make.PASSWORD, name="Night", roles=["clerk"])
    access.hold_account(work, user_id, **seen)
    between(work, user_id)
    with pytest.raises(ConflictError):
        access.hold_account(work, user_id, **seen)
