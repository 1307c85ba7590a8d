"""Nobody gives, with a staff profile, a reach that is not theirs: not to others, and not to themselves."""

from types import SimpleNamespace

import pytest

from app.core.errors import DomainError
from app.core.permissions import Scope
from app.core.records import service
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
