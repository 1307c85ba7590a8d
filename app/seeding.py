"""Realistic tickets in any number, the same ones each time: for trying out, for demonstrations, for benches."""

import random
from bisect import bisect
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, cycle
from typing import Any, Final

from sqlalchemy import func, select

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.permissions import SYSTEM
from app.core.records import service as records
from app.core.unit_of_work import Transactions
from app.core.work import Cause, Work
from app.people.access_tables import ACCOUNT_ROLE, ROLE
from app.people.models import Account, Customer, Outlet, StaffProfile, Team, staff_team
from app.people.records import CUSTOMER, OUTLET, TEAM
from app.tickets.change.loading import Past, PastStep, load
from app.tickets.change.plan import Plan, enter
from app.tickets.orders import OpenTicket
from ticket_templates import queries as templates
from ticket_templates.field_types.base import Context, FieldType
from ticket_templates.spec import Option, Transition
from ticket_templates.versions import CompiledVersion

CHUNK: Final = 5_000
#: Share of the optional fields that are answered.
ANSWERED: Final = 0.55
DAYS: Final = 3 * 365
#: So many steps into its workflow a ticket has answers of the work itself.
WELL_ON: Final = 3
#: Chance that work of a month comes in, January first: air conditioners in summer, heating and holidays in winter.
SEASONS: Final = (1.2, 0.7, 0.9, 0.9, 1.2, 1.9, 2.4, 2.2, 1.3, 0.9, 1.0, 1.3)
HOURS: Final = (8, 9, 9, 9, 10, 10, 10, 11, 11, 13, 14, 14, 15, 15, 16, 16, 17, 18, 19, 20, 21)
PRIORITIES: Final = (3,) * 14 + (2,) * 3 + (4,) * 2 + (1,)
CHANNELS: Final = ("phone",) * 5 + ("desk",) * 3 + ("wechat",) * 3 + ("portal",) * 2 + ("mail", "api")
SURNAMES: Final = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾"
PLACES: Final = ("深圳南山", "广州天河", "杭州西湖", "成都高新", "武汉江汉", "西安雁塔", "南京鼓楼", "苏州园区")

THINGS: Final = ("空调", "冰箱", "洗衣机", "热水器", "油烟机", "电视机", "净水器", "微波炉", "洗碗机", "扫地机器人")
FAULTS: Final = (
    "不制冷", "不制热", "漏水", "异响很大", "不通电", "屏幕花屏", "显示故障码 E1", "显示故障码 E07", "排水不畅",
    "遥控器失灵", "有焦糊味", "频繁跳闸", "结霜严重", "门封老化", "无法联网", "加热慢",
)  # fmt: skip
REMARKS: Final = (
    "客户下午在家", "需要带梯子", "已拍照留存", "老人独居，请提前电话", "楼上没有电梯", "已更换电容，试机正常",
    "清洗滤网后恢复", "建议更换主板", "客户要求开发票", "配件两天后到货",
)  # fmt: skip
SINCE: Final = ("昨天开始的", "已经一周了", "时好时坏", "刚买三个月", "搬家后出现", "开机十分钟后出现", "夜里更明显")
BRANDS: Final = ("美的", "格力", "海尔", "海信", "TCL", "小米", "西门子", "松下", "Bosch", "LG")
_NOT_TYPED: Final = frozenset({"attachments", "reference"})


def seed_tickets(
    transactions: Transactions, number: int, *, cause: Cause | None = None, seed: int = 20, days: int = DAYS
) -> int:
    """Write ``number`` tickets of the published templates over the last ``days``, oldest first; return how many.

    The same number on the same day gives the same tickets.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
    cause = cause or Cause("system", "seed")
    with transactions.unit_of_work(SYSTEM, cause) as work:
        world = _World.of(work, dice)
        moments = _moments(work.now, number, dice, world.zone_offset, days)
    for start in range(0, number, CHUNK):
        with transactions.unit_of_work(SYSTEM, cause) as work:
            load(work, [world.past(moment) for moment in moments[start : start + CHUNK]])
    return number


def _moments(now: datetime, number: int, dice: random.Random, offset: timedelta, back: int) -> list[datetime]:
    """Return when the tickets were made: more in season, in working hours, none in the future; in order."""
    days = [now - timedelta(days=ago) for ago in range(back, -1, -1)]
    weights = list(accumulate(SEASONS[day.month - 1] * (0.6 if day.weekday() > 4 else 1) for day in days))  # noqa: PLR2004 - Saturday
    found = []
    for _one in range(number):
        day = days[bisect(weights, dice.random() * weights[-1])]
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0) - offset
        moment = midnight + timedelta(hours=dice.choice(HOURS), seconds=dice.randrange(3600))
        found.append(min(moment, now - timedelta(minutes=1)))
    return sorted(found)


@dataclass(slots=True)
class _Kind:
    """One template as the seeder sees it: what its fields may hold, and the way to each state."""

    version: CompiledVersion
    pools: Mapping[str, Sequence[Any]]
    required: frozenset[str]
    #: Fields of the sections filled at creation; the others come with the work.
    asked_first: frozenset[str]
    paths: Mapping[str, Sequence[Transition]]
    #: Keys of states by what becomes of a ticket: done with, or still in hand.
    ended: Sequence[str] = ()
    in_hand: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Hands:
    """Somebody who works on tickets, with outlet and team."""

    user_id: int
    outlet_id: int | None
    team_id: int | None


@dataclass(slots=True)
class _World:
    """What tickets are made of."""

    now: datetime
    dice: random.Random
    kinds: Sequence[_Kind]
    customers: Sequence[int]
    outlets: Sequence[int]
    crew: Sequence["_Hands"]
    context: Context
    zone_offset: timedelta

    @classmethod
    def of(cls, work: Work, dice: random.Random) -> "_World":
        """Read what there is; make customers, teams and outlets where there are none."""
        cards = [card for card in templates.templates(work) if card.version_id is not None and not card.withdrawn]
        if not cards:
            raise DomainError(_("There is no published template to make tickets of."), code="no_templates")
        company = work.company
        context = Context(now=work.now, zone=company.zone, locale=company.locale, currency=company.currency)
        kinds = [_kind(templates.published_version(work, card.key), context, dice) for card in cards]
        outlets = _ids(work, Outlet) or [_outlet(work, place) for place in PLACES]
        teams = _ids(work, Team) or [_team(work, thing) for thing in THINGS[:6]]
        customers = _ids(work, Customer) or [_customer(work, dice, one) for one in range(200)]
        offset = work.now.astimezone(company.zone).utcoffset() or timedelta()
        crew = _technicians(work) or [_Hands(user, None, team) for user, team in zip(_ids(work, Account), cycle(teams))]
        return cls(work.now, dice, kinds, customers, outlets, crew, context, offset)

    def past(self, moment: datetime) -> Past:
        """Return a ticket made at ``moment`` and what happened to it since."""
        dice = self.dice
        # The first templates are used most, as in life.
        kind = self.kinds[min(int(dice.expovariate(0.6)), len(self.kinds) - 1)]
        version = kind.version
        old = self.now - moment > timedelta(days=30)
        states = kind.ended if dice.random() < (0.94 if old else 0.35) else kind.in_hand
        path = kind.paths[dice.choice(states)]
        well_on = len(path) >= WELL_ON
        wanted = kind.required if well_on else kind.required & kind.asked_first
        wanted = wanted | {key for step in path for key in step.required}
        values = {
            key: dice.choice(pool)
            for key, pool in kind.pools.items()
            if key in wanted or (dice.random() < ANSWERED and (well_on or key in kind.asked_first))
        }
        plan = Plan(OpenTicket(version.template_key), version, {}, kind="opened")
        columns = {
            "template_id": version.template_id,
            "version_id": version.id,
            "state": version.initial,
            "priority": dice.choice(PRIORITIES),
            "channel": dice.choice(CHANNELS),
            "customer_id": dice.choice(self.customers),
            "outlet_id": dice.choice(self.outlets),
            "subject": version.subject_of(values, self.context),
        }
        if path and self.crew:
            # Who works on it: a ticket in its first state waits for somebody.
            hands = dice.choice(self.crew)
            columns |= {"assignee_id": hands.user_id, "team_id": hands.team_id}
            columns["outlet_id"] = hands.outlet_id or columns["outlet_id"]
        for name, value in columns.items():
            plan.set(name, value)
        plan.changes.update({f"values.{key}": [None, value] for key, value in values.items()})
        plan.new |= {"values": values, "checklist": {}, "version": 1, "created_at": moment, "changed_at": moment}
        plan.new |= enter(version.states[version.initial], moment, {})
        return Past(plan, self._steps(plan, path, moment))

    def _steps(self, plan: Plan[OpenTicket], path: Sequence[Transition], moment: datetime) -> list[PastStep]:
        steps = []
        for transition in path:
            moment += timedelta(minutes=self.dice.randrange(5, 60 * 24))
            if moment >= self.now:
                break
            changes: dict[str, list[Any]] = {}
            if transition.checklist and not plan.new["checklist"]:
                tick = {"at": moment.isoformat(), "by": None}
                plan.new["checklist"] = {item.key: tick for item in plan.version.spec.checklist}
                changes = {f"checklist.{item.key}": [None, tick] for item in plan.version.spec.checklist}
            steps.append(PastStep(transition.key, transition.target, moment, changes))
        return steps


def _kind(version: CompiledVersion, context: Context, dice: random.Random) -> _Kind:
    paths = _paths(version)
    states = [version.states[key] for key in paths]
    ended = [state.key for state in states if state.category in ("resolved", "closed")]
    in_hand = [state.key for state in states if state.category not in ("resolved", "closed")]
    pools = {
        key: pool
        for key, one in version.types.items()
        if not one.derived and one.kind not in _NOT_TYPED and key not in version.rules.visible_when
        if (pool := _pool(one, context, dice))
    }
    required = frozenset(key for key, use in version.uses.items() if use.required)
    first = frozenset(use.field for section in version.spec.sections if section.on_create for use in section.fields)
    return _Kind(version, pools, required, first, paths, ended or in_hand, in_hand or ended)


def _paths(version: CompiledVersion) -> dict[str, list[Transition]]:
    """Return the shortest way from the first state to each that can be reached."""
    paths: dict[str, list[Transition]] = {version.initial: []}
    waiting = deque([version.initial])
    while waiting:
        state = waiting.popleft()
        for step in version.rules.steps_from(state):
            if step.target not in paths:
                paths[step.target] = [*paths[state], step]
                waiting.append(step.target)
    return paths


def _pool(kind: FieldType, context: Context, dice: random.Random) -> list[Any]:
    """Return canonical (sealed) values of a field: what its own type makes of plausible input."""
    return [kind.seal(value) for value in _cleaned(kind, _plausible(kind, context, dice), context)] or [
        kind.seal(value) for value in _cleaned(kind, (case.raw for case in kind.cases if not case.options), context)
    ]


def _cleaned(kind: FieldType, raws: Iterable[Any], context: Context) -> list[Any]:
    found: list[Any] = []
    for raw in raws:
        try:
            value = kind.clean(raw, context)
        except DomainError:
            continue
        if value is not None and value not in found:
            found.append(value)
    return found


def _plausible(kind: FieldType, context: Context, dice: random.Random) -> Iterator[Any]:
    """Yield raw input a person might give; what the field refuses is left out by the caller."""
    if kind.spec.options:
        yield from _chosen(kind.spec.options)
    elif kind.name == "phone":
        yield from (f"138{dice.randrange(10**8):08d}" for _one in range(60))
    elif kind.kind == "text":
        yield from (_said(kind.spec.key, dice) for _one in range(80))
    elif kind.kind in ("date", "datetime"):
        clock = " 14:30" if kind.kind == "datetime" else ""
        today = context.now.date()
        yield from (f"{today - timedelta(days=dice.randrange(90))}{clock}" for _one in range(30))
    elif kind.kind in ("number", "money"):
        yield from (str(dice.randrange(1, top)) for top in (6, 100, 500, 2_020) for _one in range(10))


def _chosen(options: Sequence[Option]) -> Iterator[Any]:
    """Yield each option as one choice, as a list of one, and as the way to it in a tree."""
    for option in options:
        path = [option.key]
        while option.children:
            option = option.children[0]  # noqa: PLW2901 - down one branch
            path.append(option.key)
        yield from (path[0], [path[0]], path, path[-1])


def _said(key: str, dice: random.Random) -> str:
    """Return what a person writes into a field of that name."""
    thing = dice.choice(THINGS)
    kinds = (
        (("brand",), dice.choice(BRANDS)),
        (
            ("model", "serial", "order", "_no", "code"),
            f"{dice.choice('KFRWQ')}{dice.choice('ABCD')}-{dice.randrange(1000, 99999)}",
        ),
        (("fault", "problem", "symptom", "description", "content"), f"{dice.choice(FAULTS)}，{dice.choice(SINCE)}"),
        (("product", "category", "item"), thing),
    )
    return next((text for words, text in kinds if any(word in key for word in words)), dice.choice(REMARKS))


def _ids(work: Work, model: Any) -> list[int]:
    query = select(model.id).where(model.active.is_(True)).order_by(model.id).limit(20_000)
    return list(work.session.scalars(query))


def _technicians(work: Work) -> list[_Hands]:
    """Return the active staff that play technician."""
    query = (
        select(StaffProfile.user_id, StaffProfile.outlet_id, func.min(staff_team.c.team_id))
        .join(Account, Account.id == StaffProfile.user_id)
        .join(ACCOUNT_ROLE, ACCOUNT_ROLE.c.user_id == Account.id)
        .join(ROLE, ROLE.c.id == ACCOUNT_ROLE.c.role_id)
        .outerjoin(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .where(ROLE.c.name == "technician", Account.active.is_(True))
        .group_by(StaffProfile.user_id, StaffProfile.outlet_id)
        .order_by(StaffProfile.user_id)
    )
    return [_Hands(*row) for row in work.session.execute(query)]


def _outlet(work: Work, place: str) -> int:
    given = {"code": f"SEED-{PLACES.index(place) + 1}", "name": f"{place}网点", "active": True}
    return int(records.create(work, OUTLET, given).id)


def _team(work: Work, thing: str) -> int:
    given = {"code": f"SEED-{THINGS.index(thing) + 1}", "name": f"{thing}组", "active": True}
    return int(records.create(work, TEAM, given).id)


def _customer(work: Work, dice: random.Random, number: int) -> int:
    company = number % 5 == 0
    surname = dice.choice(SURNAMES)
    name = f"{dice.choice(PLACES)}{surname}记酒店" if company else f"{surname}{dice.choice(('先生', '女士'))}"
    given = {"name": f"{name} {number + 1}", "kind": "company" if company else "person", "active": True}
    return int(records.create(work, CUSTOMER, given).id)
