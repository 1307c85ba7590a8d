"""Nobody gives, with a staff profile, a reach that is not theirs: not to others, and not to themselves."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from app.core.errors import DomainError
from app.core.permissions import Scope
from app.core.records import service
from app.people import scope as reach
from app.people.models import StaffProfile
from app.people.records import STAFF
from tests.factories import people as make


@pytest.fixture
def manager(work, make_work):
    """An outlet manager, the own profile, and what there is here and elsewhere."""
    here, there = make.outlet(work), make.outlet(work)
    mine, ours, theirs = make.team(work, outlet_id=here.id), make.team(work, outlet_id=here.id), make.team(
        work, outlet_id=there.id
    )  # fmt: skip
    account = make.account(work, "luo.bin", ["outlet_manager"], here, [mine])
    acting = make.role_actor(
        "outlet_manager", user_id=account.user_id, scope=Scope.OUTLET, outlets=[here.id], teams=[mine.id]
    )
    return SimpleNamespace(
        work=make_work(acting), here=here, mine=mine, ours=ours, theirs=theirs, profile=make.profile_of(work, account)
    )


def test_people_come_into_teams_of_ones_own_outlet(manager):
    row = service.change(manager.work, STAFF, manager.profile.id, {"teams": [manager.mine.id, manager.ours.id]})
    assert {one.id for one in row.teams} == {manager.mine.id, manager.ours.id}


def test_a_team_elsewhere_is_not_given(manager, work):
    with pytest.raises(DomainError) as refused:
        service.change(manager.work, STAFF, manager.profile.id, {"teams": [manager.mine.id, manager.theirs.id]})
    assert [one.field for one in refused.value.refusals] == ["teams"]
    newcomer = make.person(work)
    with pytest.raises(DomainError):
        service.create(
            manager.work, STAFF, {"user_id": newcomer, "outlet_id": manager.here.id, "teams": [manager.theirs.id]}
        )


def test_a_team_elsewhere_that_headquarters_gave_stays(manager, work):
    both = [manager.mine.id, manager.theirs.id]
    service.change(make.as_system(work), STAFF, manager.profile.id, {"teams": both})
    row = service.change(manager.work, STAFF, manager.profile.id, {"teams": both, "capacity_per_day": 7})
    assert (row.capacity_per_day, len(row.teams)) == (7, 2)


def test_whose_profile_it_is_does_not_change(manager, work):
    chief = make.person(work)
    with pytest.raises(DomainError) as refused:
        service.change(manager.work, STAFF, manager.profile.id, {"user_id": chief})
    assert [one.field for one in refused.value.refusals] == ["user_id"]
    service.change(make.as_system(work), STAFF, manager.profile.id, {"user_id": chief})


def test_an_account_has_one_profile(manager, work):
    mate = make.account(work, "", ["technician"], manager.here)
    another = make.profile_of(work, make.account(work, "", ["technician"]))
    for wish in (
        lambda: service.create(work, STAFF, {"user_id": mate.user_id, "outlet_id": manager.here.id}),
        lambda: service.change(work, STAFF, another.id, {"user_id": mate.user_id}),
    ):
        with pytest.raises(DomainError) as refused, work.session.begin_nested():
            wish()
        assert [(one.field, one.code) for one in refused.value.refusals] == [("user_id", "taken")]
    # Saved as it is, a profile does not stand in its own way.
    assert service.change(work, STAFF, make.profile_of(work, mate).id, {"user_id": mate.user_id}).user_id


def test_who_reaches_a_team_reaches_its_people_and_nobody_else(manager, work, make_work):
    mate = make.account(work, "", ["technician"], make.outlet(work), [manager.mine])
    stranger = make.account(work, "", ["technician"], manager.here, [manager.ours])
    account = make.account(work, "", ["technician"], manager.here, [manager.mine])

    def reached(scope):
        acting = make.role_actor("outlet_manager", user_id=account.user_id, scope=scope, teams=[manager.mine.id])
        return set(work.session.scalars(select(StaffProfile.user_id).where(reach.staff(acting))))

    own, leader = account.user_id, manager.profile.user_id
    assert reached(Scope.OWN) == {own}
    # Of another outlet, and of the team: of the outlet alone, and not.
    assert reached(Scope.TEAM) == {own, leader, mate.user_id}
    assert stranger.user_id in reached(Scope.ALL)
