"""Saved views: whose they are, who sees and changes them, with which one a role begins, how many tickets each finds."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from app.core.audit import AuditEvent
from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.permissions import SYSTEM
from app.desk import queries, service
from app.desk.forgetting import forget_numbers
from app.desk.models import SavedView
from app.desk.service import Title
from app.people.access_sync import sync_roles
from tests.clients import CAUSE
from tests.factories import people, tickets
from tests.workers import elsewhere

OPEN = {"category": "active", "sort": "due"}


@pytest.fixture
def team(work):
    return people.team(work)


@pytest.fixture
def clerk(work, make_work, team):
    return make_work(tickets.actor(work, teams=[team.id]))


@pytest.fixture
def colleague(work, make_work, team):
    return make_work(tickets.actor(work, teams=[team.id]))


@pytest.fixture
def stranger(work, make_work):
    return make_work(tickets.actor(work, teams=[people.team(work).id]))


@pytest.fixture
def boss(work, make_work):
    return make_work(tickets.actor(work, "administrator"))


def named(reader):
    return [one.name for one in queries.views(reader)]


def card(reader, view_id):
    return next(one for one in queries.views(reader) if one.id == view_id)


def codes(call, *arguments, **more):
    with pytest.raises(DomainError) as refused:
        call(*arguments, **more)
    return [(one.field, one.code) for one in refused.value.refusals]


def test_each_sees_the_own_the_teams_and_everybodys(clerk, colleague, stranger, boss, team):
    service.keep_new(clerk, Title("我的"), OPEN)
    service.keep_new(clerk, Title(" 本组  待办 ", "team", team.id), OPEN)
    service.keep_new(boss, Title("全公司", "all"), {})
    assert named(clerk) == ["全公司", "本组 待办", "我的"]
    assert named(colleague) == ["全公司", "本组 待办"]
    assert named(stranger) == ["全公司"]
    assert [one.yours for one in queries.views(colleague)] == [False, True]
    assert [one.yours for one in queries.views(boss)] == [True]


def test_views_are_made_for_those_one_may_make_them_for(clerk, stranger, make_work, team):
    assert codes(service.keep_new, clerk, Title("x", "all"), {}) == [("audience", "not_allowed")]
    assert codes(service.keep_new, stranger, Title("x", "team", team.id), {}) == [("team_id", "not_allowed")]
    assert codes(service.keep_new, clerk, Title("x", "team"), {}) == [("team_id", "required")]
    assert codes(service.keep_new, clerk, Title("x", "team", 2**40), {}) == [("team_id", "required")]
    assert codes(service.keep_new, clerk, Title("x", "others"), {}) == [("audience", "invalid")]
    assert codes(service.keep_new, clerk, Title(" "), {}) == [("name", "required")]
    assert codes(service.keep_new, clerk, Title("x" * 61), {}) == [("name", "invalid")]
    assert codes(service.keep_new, clerk, Title("a\u202eb"), {}) == [("name", "invalid")]
    technician = make_work(tickets.actor(clerk, "technician", teams=[team.id]))
    assert codes(service.keep_new, technician, Title("x", "team", team.id), {}) == [("team_id", "not_allowed")]
    assert service.keep_new(technician, Title("我的"), {})
    assert queries.teams(technician) == []
    assert queries.teams(clerk) == [(team.id, team.name)]


def test_what_could_not_be_opened_again_is_not_kept(clerk):
    broken = '{"field":"values.gone","op":"is","value":1}'
    assert codes(service.keep_new, clerk, Title("x"), {"where": broken})[0][1] != ""
    assert codes(service.keep_new, clerk, Title("x"), {"where": "{"}) == [("where", "not_json")]
    assert codes(service.keep_new, clerk, Title("x"), {"q": "x" * 20_000}) == [("", "too_long")]
    assert named(clerk) == []


def test_a_view_is_changed_by_those_who_may_and_on_what_they_saw(clerk, colleague, stranger, team):
    own = service.keep_new(clerk, Title("我的"), OPEN)
    shared = service.keep_new(clerk, Title("本组", "team", team.id), OPEN)
    service.keep(colleague, shared, {"category": "new"}, seen=1)
    with pytest.raises(ConflictError):
        service.rename(clerk, shared, Title("别名"), seen=1)
    service.rename(clerk, shared, Title("别名", "team", team.id), seen=2)
    assert (card(clerk, shared).name, card(clerk, shared).query, card(clerk, shared).version) == (
        "别名", {"category": "new"}, 3,
    )  # fmt: skip
    with pytest.raises(NotAllowedError):
        service.rename(colleague, shared, Title("归我"), seen=3)
    for hidden, who in ((own, colleague), (shared, stranger), (2**40, clerk), (-1, clerk)):
        with pytest.raises(NotFoundError):
            service.delete(who, hidden, seen=1)
    service.delete(colleague, shared, seen=3)
    assert named(clerk) == ["我的"]


def test_everybodys_view_is_read_and_not_changed(clerk, boss):
    shared = service.keep_new(boss, Title("全公司", "all"), OPEN)
    assert not card(clerk, shared).yours
    with pytest.raises(NotAllowedError):
        service.keep(clerk, shared, {}, seen=1)


def test_each_change_is_recorded(clerk):
    own = service.keep_new(clerk, Title("我的"), OPEN)
    service.rename(clerk, own, Title("待办"), seen=1)
    clerk.session.flush()
    found = clerk.session.query(AuditEvent).filter_by(table_name="saved_view", row_id=str(own))
    events = found.order_by(AuditEvent.id).all()
    assert [one.action for one in events] == ["created", "changed"]
    assert events[1].changes == {"name": ["我的", "待办"], "version": [1, 2]}


def test_views_are_brought_into_order_each_among_its_kind(clerk, colleague, boss, team):
    shared = service.keep_new(boss, Title("全公司", "all"), {})
    ids = [service.keep_new(clerk, Title(name), {}) for name in "甲乙丙"]
    theirs = service.keep_new(colleague, Title("丁"), {})
    service.arrange(clerk, [ids[2], shared, theirs, ids[0], 2**70])
    clerk.session.flush()
    assert named(clerk) == ["全公司", "丙", "乙", "甲"]
    service.arrange(clerk, [ids[0], ids[1], ids[2]])
    clerk.session.flush()
    assert named(clerk) == ["全公司", "甲", "乙", "丙"]


def test_a_role_begins_with_one_view_that_everybody_sees(clerk, boss):
    sync_roles(boss)
    first = service.keep_new(boss, Title("一", "all"), OPEN)
    second = service.keep_new(boss, Title("二", "all"), OPEN)
    own = service.keep_new(boss, Title("三"), OPEN)
    service.set_default(boss, first, ["clerk", "qa"], seen=1)
    service.set_default(boss, second, ["clerk"], seen=1)
    boss.session.flush()
    assert (card(boss, first).default_roles, card(boss, second).default_roles) == (["qa"], ["clerk"])
    begin = queries.default_of(queries.views(clerk), clerk.actor)
    assert begin is not None
    assert begin.id == second
    assert queries.default_of(queries.views(boss), boss.actor) is None
    assert codes(service.set_default, boss, own, ["clerk"], seen=1) == [("roles", "not_for_all")]
    assert codes(service.set_default, boss, second, ["nobody"], seen=2) == [("roles", "unknown_role")]
    with pytest.raises(NotAllowedError):
        service.set_default(clerk, second, ["clerk"], seen=2)
    service.rename(boss, second, Title("二"), seen=2)
    assert queries.default_of(queries.views(clerk), clerk.actor) is None


def test_two_views_made_the_first_of_a_role_at_once_are_not_both_it(fresh_transactions, fresh_database):
    with fresh_transactions.unit_of_work(SYSTEM, CAUSE) as work:
        sync_roles(work)
        boss = tickets.actor(work, "administrator")
    with fresh_transactions.unit_of_work(boss, CAUSE) as work:
        views = [service.keep_new(work, Title(name, "all"), OPEN) for name in ("一", "二")]

    def second():
        with (
            elsewhere(fresh_transactions, fresh_database) as mine,
            mine.unit_of_work(boss, CAUSE) as work,
        ):
            service.set_default(work, views[1], ["clerk"], seen=1)

    with ThreadPoolExecutor() as pool:
        with fresh_transactions.unit_of_work(boss, CAUSE) as work:
            service.set_default(work, views[0], ["clerk"], seen=1)
            other = pool.submit(second)
            # Long enough for the other to look; it is let through by the commit below.
            wait([other], 0.3)
        other.result()
    with fresh_transactions.reading(boss) as work:
        assert [one.id for one in queries.views(work) if one.default_roles] == [views[1]]


def test_of_more_views_than_are_shown_the_own_ones_stay(clerk, boss, monkeypatch):
    service.keep_new(boss, Title("全公司", "all"), {})
    service.keep_new(clerk, Title("我的"), OPEN)
    monkeypatch.setattr(queries, "SHOWN", 1)
    assert named(clerk) == ["我的"]


def test_nobody_keeps_more_than_a_sidebar_holds(clerk, monkeypatch):
    monkeypatch.setattr(service, "MOST", 1)
    service.keep_new(clerk, Title("一"), {})
    assert codes(service.keep_new, clerk, Title("二"), {}) == [("", "too_many")]
    assert clerk.session.query(SavedView).filter_by(owner_id=clerk.actor.user_id).count() == 1


def test_a_view_keeps_no_one_s_number(work, boss):
    tickets.template(work)
    asks = {"where": '{"field": "values.phone", "op": "is", "value": "13800138000"}'}
    assert codes(service.keep_new, boss, Title("某人"), asks) == [("where", "personal")]
    there = {"where": '{"field": "values.phone", "op": "is_not_empty"}'}
    view = service.keep_new(boss, Title("有电话"), there)
    assert codes(service.keep, boss, view, {"where": f'{{"all": [{asks["where"]}]}}'}, seen=1) == [
        ("where", "personal")
    ]
    assert card(boss, view).query == there


@pytest.mark.parametrize(
    "typed",
    ["13800138000", "138-0013-8000", "１３８ ００１３ ８０００", "+86 138 0013 8000", "0086-13800138000",
     "0755-8888 8888", "88776655", "漏水 13800138000", "电话：138.0013.8000", "SN-13800138000", "138_0013_8000"],
)  # fmt: skip
def test_a_view_searches_for_no_one_s_number(boss, typed):
    asked = {"q": typed, "category": "active"}
    assert codes(service.keep_new, boss, Title("某人", "all"), asked) == [("q", "personal")]
    view = service.keep_new(boss, Title("漏水", "all"), {"q": "漏水"})
    assert codes(service.keep, boss, view, asked, seen=1) == [("q", "personal")]
    boss.session.flush()
    assert typed not in str([one.changes for one in boss.session.query(AuditEvent)])


@pytest.mark.parametrize(
    "typed",
    ["漏水", "WX-20261121-0001", "20261121", "2026-11-21", "C000308", "SN-88877766", "KFR-35GW/(35530)", "110",
     "3000.00"],
)  # fmt: skip
def test_a_view_searches_for_any_other_number(boss, typed):
    assert card(boss, service.keep_new(boss, Title("视图"), {"q": typed})).query == {"q": typed}


def test_numbers_of_former_views_are_forgotten_and_the_record_of_them(boss, clerk):
    plain = service.keep_new(boss, Title("漏水", "all"), {"q": "漏水"})
    view = service.keep_new(boss, Title("某人", "all"), {"q": "空", "sort": "due"})
    boss.session.flush()
    boss.session.get_one(SavedView, view).query = {"q": "13800138000", "sort": "due"}
    boss.session.flush()
    events = boss.session.query(AuditEvent).filter_by(table_name="saved_view", row_id=str(view))
    recorded = events.order_by(AuditEvent.id.desc()).first()
    assert recorded.changes["query"][1]["q"] == "13800138000"
    assert [forget_numbers(boss), forget_numbers(boss)] == [1, 0]
    boss.session.expire_all()
    assert [card(clerk, one).query for one in (plain, view)] == [{"q": "漏水"}, {"q": "••••", "sort": "due"}]
    assert recorded.changes["query"] == [{"q": "空", "sort": "due"}, {"q": "••••", "sort": "due"}]
    service.keep(boss, view, {"q": "漏水"}, seen=1)
    service.delete(boss, view, seen=2)
    boss.session.flush()
    assert "13800138000" not in str([one.changes for one in boss.session.query(AuditEvent)])
