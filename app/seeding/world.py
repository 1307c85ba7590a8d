"""What seeded tickets are about: the customers and machines, the people and the templates of the installation."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final

from sqlalchemy import select

from app.assets.models import InstalledProduct, Product, ProductCategory
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.records import service as records
from app.core.work import Work
from app.people.access_tables import ACCOUNT_ROLE, ROLE
from app.people.models import Account, Customer, Outlet, Skill, StaffProfile, StaffSkill, Team, staff_team
from app.people.records import CUSTOMER, OUTLET, TEAM
from app.seeding.appliances import APPLIANCES
from app.seeding.doors import Doors
from app.seeding.guesses import pools
from app.seeding.marks import tags_of_desk
from app.seeding.people import People
from app.seeding.placing import Places
from app.seeding.scenes import Machine
from app.seeding.stories import BELONGS, STORIES
from app.tickets import search
from ticket_templates import queries as templates
from ticket_templates.field_types.base import Context
from ticket_templates.versions import CompiledVersion

SURNAMES: Final = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾"
PLACES: Final = ("深圳南山", "广州天河", "杭州西湖", "成都高新", "武汉江汉", "西安雁塔", "南京鼓楼", "苏州园区")
#: Of a hundred tickets, so many are of a template nobody told a story of.
OTHER_SHARE: Final = 5
_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Hands:
    """Somebody who works on tickets, with outlet and team and what they can do."""

    user_id: int
    outlet_id: int | None
    team_id: int | None
    skills: frozenset[str] = frozenset()


#: Templates whose work is done at a desk, whatever technicians may do of it: by role.
_AT_A_DESK: Final[Mapping[str, str]] = {"it_fault": "administrator", "return_exchange": "clerk"}
#: Templates of the house itself: no customer, no machine.
INTERNAL: Final = frozenset({"it_fault", "vehicle_service"})


@dataclass(slots=True)
class Kind:
    """One template as the seeder sees it."""

    version: CompiledVersion
    share: int
    #: Which step brings which answers, and which steps are open to a ticket.
    places: Places
    doors: Doors
    #: Whose desk it comes to; empty: a technician sees to it.
    desk: str
    is_internal: bool
    #: For a template without a story: raw answers by field, and what of them every ticket has.
    pools: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()


@dataclass(slots=True)
class World:
    """All of it, read once."""

    kinds: Sequence[Kind]
    machines: Sequence[Machine]
    outlets: Sequence[int]
    crew: Sequence[Hands]
    people: People
    #: What the search finds a customer by.
    names: Mapping[int, str]
    #: What tickets are marked with, by id.
    tags: Mapping[int, str]
    #: Who is fit for work of an outlet and a skill, once asked.
    fitting: dict[tuple[int | None, str], Sequence[Hands]] = field(default_factory=dict)

    def hands(self, dice: random.Random, kind: Kind, outlet_id: int | None, skill: str) -> Hands | None:
        """Return who does it: of that outlet and able to, able to, of that outlet, or anybody; or whose desk it is."""
        if kind.desk:
            at_desk = self.people.by_role.get(kind.desk) or self.people.clerks()
            return Hands(dice.choice(at_desk), None, None) if at_desk else None
        found = self.fitting.get((outlet_id, skill))
        if found is None:
            near = [one for one in self.crew if one.outlet_id == outlet_id]
            able = [one for one in self.crew if any(skill in known for known in one.skills)]
            found = [one for one in near if one in able] or able or near or self.crew
            self.fitting[outlet_id, skill] = found
        return dice.choice(found) if found else None


def world_of(work: Work, dice: random.Random, context: Context) -> World:
    """Read what there is; make customers, teams and outlets where there are none."""
    cards = [card for card in templates.templates(work) if card.version_id is not None and not card.withdrawn]
    if not cards:
        raise DomainError(_("There is no published template to make tickets of."), code="no_templates")
    kinds = [_kind(templates.published_version(work, card.key), context, dice) for card in cards]
    outlets = _ids(work, Outlet) or [_outlet(work, place) for place in PLACES]
    teams = _ids(work, Team) or [_team(work, sort.name) for sort in APPLIANCES]
    customers = _ids(work, Customer) or [_customer(work, one) for one in range(200)]
    machines = _machines(work) or [Machine(None, one, None, None, "") for one in customers]
    crew = _technicians(work) or [Hands(one, None, team) for one, team in zip(_ids(work, Account), cycle(teams))]
    return World(kinds, machines, outlets, crew, _people(work), _names(work, machines), tags_of_desk(work))


def _names(work: Work, machines: Sequence[Machine]) -> dict[int, str]:
    ids = sorted({machine.customer_id for machine in machines})
    found = work.session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
    return {one: " ".join(search.tokens([name])) for one, name in found}


def _kind(version: CompiledVersion, context: Context, dice: random.Random) -> Kind:
    key = version.template_key
    story = STORIES.get(key)
    steps = version.spec.workflow.transitions
    outdoors = any(not step.roles or "technician" in step.roles for step in steps)
    kind = Kind(
        version, story[1] if story else OTHER_SHARE, Places(version, BELONGS.get(key, {})), Doors(version),
        _AT_A_DESK.get(key, "" if outdoors else "clerk"), key in INTERNAL,
    )  # fmt: skip
    if story is None:
        kind.pools = pools(version, context, dice)
        kind.required = frozenset(key for key, use in version.uses.items() if use.required)
        kind.required |= {key for step in steps for key in step.askable}
    return kind


def _ids(work: Work, model: Any) -> list[int]:
    return list(work.session.scalars(select(model.id).where(model.active.is_(True)).order_by(model.id).limit(_MOST)))


def _machines(work: Work) -> list[Machine]:
    query = (
        select(
            InstalledProduct.id, InstalledProduct.customer_id, InstalledProduct.site_id, Customer.outlet_id,
            ProductCategory.code, Product.brand, Product.model, InstalledProduct.serial, InstalledProduct.sold_on,
            InstalledProduct.installed_on, Product.warranty_months, Customer.kind,
        )
        .join(Customer, Customer.id == InstalledProduct.customer_id)
        .join(Product, Product.id == InstalledProduct.product_id)
        .outerjoin(ProductCategory, ProductCategory.id == Product.category_id)
        .where(Customer.active.is_(True), InstalledProduct.customer_id.is_not(None))
        .order_by(InstalledProduct.id)
        .limit(_MOST)
    )  # fmt: skip
    return [
        Machine(
            one,
            int(customer or 0),
            site,
            outlet,
            category or "",
            brand or "",
            model or "",
            serial or "",
            *dates_and_term,
        )
        for one, customer, site, outlet, category, brand, model, serial, *dates_and_term in work.session.execute(query)
    ]


def playing(work: Work, role: str) -> list[int]:
    """Return the active accounts that play a role."""
    query = (
        select(Account.id)
        .join(ACCOUNT_ROLE, ACCOUNT_ROLE.c.user_id == Account.id)
        .join(ROLE, ROLE.c.id == ACCOUNT_ROLE.c.role_id)
        .where(ROLE.c.name == role, Account.active.is_(True))
        .order_by(Account.id)
    )
    return list(work.session.scalars(query))


def _people(work: Work) -> People:
    """Return who plays what; where some of a role are staff, the others of it have no work: accounts of a machine."""
    query = (
        select(ROLE.c.name, Account.id, StaffProfile.id.is_not(None), StaffProfile.outlet_id)
        .join(ACCOUNT_ROLE, ACCOUNT_ROLE.c.role_id == ROLE.c.id)
        .join(Account, ACCOUNT_ROLE.c.user_id == Account.id)
        .outerjoin(StaffProfile, StaffProfile.user_id == Account.id)
        .where(Account.active.is_(True))
        .order_by(Account.id)
    )
    players: dict[str, list[tuple[int, bool]]] = {}
    managers: dict[int | None, list[int]] = {}
    roles_of: dict[int, frozenset[str]] = {}
    for role, user, is_staff, outlet in work.session.execute(query):
        players.setdefault(role, []).append((user, is_staff))
        roles_of[user] = roles_of.get(user, frozenset()) | {role}
        if role == "outlet_manager":
            managers.setdefault(outlet, []).append(user)
    by_role = {
        role: [user for user, is_staff in several if is_staff] or [user for user, _is_staff in several]
        for role, several in players.items()
    }
    return People(by_role, managers, roles_of)


def _technicians(work: Work) -> list[Hands]:
    """Return the active staff that play technician."""
    wanted = playing(work, "technician")
    staff = select(StaffProfile.id, StaffProfile.user_id, StaffProfile.outlet_id).order_by(StaffProfile.user_id)
    found = work.session.execute(staff.where(StaffProfile.user_id.in_(wanted))).all()
    teams: dict[int, int] = {}
    for one, team in work.session.execute(
        select(staff_team.c.staff_id, staff_team.c.team_id).order_by(staff_team.c.team_id)
    ):
        teams.setdefault(one, team)
    skills: dict[int, set[str]] = {}
    for one, key in work.session.execute(
        select(StaffSkill.staff_id, Skill.key).join(Skill, Skill.id == StaffSkill.skill_id)
    ):
        skills.setdefault(one, set()).add(key)
    return [Hands(user, outlet, teams.get(one), frozenset(skills.get(one, ()))) for one, user, outlet in found]


def _outlet(work: Work, place: str) -> int:
    given = {"code": f"SEED-{PLACES.index(place) + 1}", "name": f"{place}网点", "active": True}
    return int(records.create(work, OUTLET, given).id)


def _team(work: Work, name: str) -> int:
    number = [one.name for one in APPLIANCES].index(name) + 1
    return int(records.create(work, TEAM, {"code": f"SEED-{number}", "name": f"{name}组", "active": True}).id)


def _customer(work: Work, number: int) -> int:
    # Dice of its own: whether customers had to be made does not change the tickets.
    dice = random.Random(number)  # noqa: S311 - repeatable on purpose
    company = number % 5 == 0
    surname = dice.choice(SURNAMES)
    name = f"{dice.choice(PLACES)}{surname}记酒店" if company else f"{surname}{dice.choice(('先生', '女士'))}"
    given = {"name": f"{name} {number + 1}", "kind": "company" if company else "person", "active": True}
    return int(records.create(work, CUSTOMER, given).id)
