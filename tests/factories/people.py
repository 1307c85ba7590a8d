"""Makers of people and things for tests: each flushes and returns what tests ask for, with names that differ."""

from collections.abc import Iterable
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import insert, select

from app.assets.models import InstalledProduct, Product
from app.assets.records import INSTALLED_PRODUCT, PRODUCT
from app.core.permissions import SYSTEM, Actor, Scope
from app.core.records import service
from app.core.work import Work
from app.people.access import actor_of, create_account
from app.people.access_sync import sync_roles
from app.people.access_tables import ACCOUNT, ROLE
from app.people.models import Customer, Outlet, StaffProfile, Tag, Team
from app.people.records import CUSTOMER, OUTLET, STAFF, TAG, TEAM
from app.people.roles import ROLE_BY_NAME

PASSWORD = "a long enough passphrase"

_numbers = count(1)


def as_system(work: Work) -> Work:
    """Return the same transaction as the system's: factories are not what a test is about."""
    return Work(work.session, SYSTEM, work.now, work.cause, work.company)


def role_actor(
    role: str,
    *,
    user_id: int = 900_001,
    outlets: Iterable[int] = (),
    teams: Iterable[int] = (),
    scope: Scope | None = None,
) -> Actor:
    """Return an actor with a seeded role's rights and no account behind it: enough where nothing refers to it."""
    seed = ROLE_BY_NAME[role]
    return Actor(
        user_id=user_id, name=role, roles=frozenset({role}), permissions=seed.permissions, scope=scope or seed.scope,
        outlet_ids=frozenset(outlets), team_ids=frozenset(teams),
    )  # fmt: skip


def account(
    work: Work, username: str = "", roles: Iterable[str] = ("clerk",), outlet: Outlet | None = None,
    teams: Iterable[Team] = (), *, name: str = "",
) -> Actor:  # fmt: skip
    """Make an account with password `PASSWORD`, its staff profile, and return it as the actor it signs in as."""
    work = as_system(work)
    if work.session.scalar(select(ROLE.c.id).where(ROLE.c.name == "auditor")) is None:
        sync_roles(work)
    username = username or f"person{next(_numbers)}"
    user_id = create_account(work, username, PASSWORD, name=name or username, roles=roles, must_change_password=False)
    service.create(
        work,
        STAFF,
        {"user_id": user_id, "outlet_id": outlet.id if outlet else None, "teams": [team.id for team in teams]},
    )
    actor = actor_of(work.session, user_id)
    assert actor is not None
    return actor


def person(work: Work, **values: Any) -> int:
    """Make a bare account row without password or roles, for foreign keys; return its id."""
    number = next(_numbers)
    given = {
        "username": f"account{number}", "first_name": f"人员{number}", "last_name": "",
        "email": f"account{number}@example.com", "active": True,
    } | values  # fmt: skip
    return int(work.session.execute(insert(ACCOUNT).values(given).returning(ACCOUNT.c.id)).scalar_one())


def outlet(work: Work, **values: Any) -> Outlet:
    number = next(_numbers)
    row: Outlet = service.create(
        as_system(work), OUTLET, {"code": f"OUT{number}", "name": f"网点{number}", "active": True} | values
    )
    return row


def team(work: Work, **values: Any) -> Team:
    number = next(_numbers)
    row: Team = service.create(
        as_system(work), TEAM, {"code": f"TEAM{number}", "name": f"班组{number}", "active": True} | values
    )
    return row


def tag(work: Work, name: str = "") -> Tag:
    row: Tag = service.create(as_system(work), TAG, {"name": name or f"标签{next(_numbers)}"})
    return row


def customer(work: Work, name: str = "", *, phone: str = "", **values: Any) -> Customer:
    """Make a customer; ``phone`` gives it one number."""
    given = {"name": name or f"客户{next(_numbers)}", "active": True} | values
    if phone:
        given["phones"] = [{"raw": phone}]
    row: Customer = service.create(as_system(work), CUSTOMER, given)
    return row


def product(work: Work, name: str = "", **values: Any) -> Product:
    number = next(_numbers)
    given = {"code": f"P{number}", "name": name or f"空调{number}", "brand": "海信", "active": True} | values
    row: Product = service.create(as_system(work), PRODUCT, given)
    return row


def installed_product(
    work: Work, customer: Customer | None = None, product_of: Product | None = None, **values: Any
) -> InstalledProduct:
    given = {
        "product_id": (product_of or product(work)).id,
        "serial": f"SN{next(_numbers):08d}",
        "customer_id": customer.id if customer else None,
        "installed_on": date(2025, 5, 1),
    } | values
    row: InstalledProduct = service.create(as_system(work), INSTALLED_PRODUCT, given)
    return row


def profile_of(work: Work, actor: Actor) -> StaffProfile:
    """Return the staff profile of an account."""
    row = work.session.scalar(select(StaffProfile).where(StaffProfile.user_id == actor.user_id))
    assert row is not None
    return row
