import pytest

from app.core.i18n import LOCALES, Message
from app.core.permissions import Scope
from app.people.roles import PERMISSIONS, READING_VERBS, ROLE_BY_NAME, ROLES, THINGS, VERBS

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
