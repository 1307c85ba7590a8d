"""Loads the demo company through the same doors people use. What is there already stays as it is."""

import random
import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from app.assets.models import Product, ProductCategory
from app.assets.records import INSTALLED_PRODUCT, PRODUCT, PRODUCT_CATEGORY
from app.company.profile import profile, save
from app.core.records import service
from app.core.records.service import RecordType
from app.core.work import Work
from app.demo import names, people, things
from app.people import access
from app.people.models import Account, Customer, CustomerLevel, Outlet, Skill, Tag, Team
from app.people.records import CUSTOMER, CUSTOMER_LEVEL, OUTLET, SKILL, STAFF, TAG, TEAM

#: The seed of everything that looks like chance.
SEED: Final = 20261121
CUSTOMERS: Final = 300
LOGO: Final = Path(__file__).with_name("logo.png")


def load_demo(work: Work, *, passwords: Mapping[str, str] | None = None) -> None:
    """Load the demo company; a second run adds nothing. Regions, roles and an administrator are there already.

    ``passwords`` by user name: those accounts may sign in. All others have a password nobody knows, until an
    administrator sets one.
    """
    chance = random.Random(SEED)  # noqa: S311 - the same company each time, no secret
    if profile(work).seen is None:
        with LOGO.open("rb") as picture:
            save(work, things.COMPANY, seen=None, picture=picture)
    outlets = _keyed(work, OUTLET, Outlet.code, things.OUTLETS)
    teams = _keyed(
        work, TEAM, Team.code, [{**one, "outlet_id": outlets[str(one["outlet_id"])]} for one in things.TEAMS]
    )
    skills = _keyed(work, SKILL, Skill.key, things.SKILLS)
    levels = _keyed(work, CUSTOMER_LEVEL, CustomerLevel.key, things.LEVELS)
    tags = _keyed(work, TAG, Tag.name, [{"name": name} for name in things.TAGS])
    products = _products(work)
    _staff(work, outlets, teams, skills, passwords or {})
    _customers(work, chance, (outlets, levels, tags, products))


def _keyed(work: Work, record: RecordType, key: Any, rows: Any) -> dict[str, Any]:
    """Make what is missing of ``rows`` and return the primary keys by ``key``."""
    present: dict[str, Any] = {row[0]: row[1] for row in work.session.execute(select(key, record.key))}
    for row in rows:
        if row[key.key] not in present:
            made = service.create(work, record, {"active": True, **row} if _has_active(record) else row)
            present[row[key.key]] = made.id
    return present


def _has_active(record: RecordType) -> bool:
    return any(one.name == "active" for one in record.attributes)


def _products(work: Work) -> list[int]:
    categories: dict[str, Any] = {}
    for code, name, parent in things.CATEGORIES:
        row = {"code": code, "name": name, "parent_id": categories.get(parent)}
        categories |= _keyed(work, PRODUCT_CATEGORY, ProductCategory.code, [row])
    rows = [
        {
            "code": f"{brand_code}-{model}", "name": f"{brand} {name} {model}", "brand": brand, "model": model,
            "category_id": categories[category], "warranty_months": months,
        }
        for category, name, months, brand, brand_code, models in things.PRODUCTS
        for model in models
    ]  # fmt: skip
    made = _keyed(work, PRODUCT, Product.code, rows)
    return [made[str(row["code"])] for row in rows]


def _staff(
    work: Work, outlets: Mapping[str, int], teams: Mapping[str, int], skills: Mapping[str, int],
    passwords: Mapping[str, str],
) -> None:  # fmt: skip
    present = set(work.session.scalars(select(Account.username)))
    for number, (username, name, role, outlet, team, able) in enumerate(people.STAFF):
        if username in present:
            continue
        known = passwords.get(username)
        user_id = access.create_account(
            work, username, known or secrets.token_urlsafe(24), name=name, roles=[role],
            must_change_password=known is None,
        )  # fmt: skip
        lines = [
            {"skill_id": skills[skill], "level": level, "certificate_no": f"GZ{number:03d}{level:02d}2024",
             "valid_until_on": date(2028, 6, 30)}
            for skill, level in able
        ]  # fmt: skip
        service.create(
            work, STAFF,
            {"user_id": user_id, "outlet_id": outlets.get(outlet), "teams": [teams[team]] if team else [],
             "capacity_per_day": 6 if role == "technician" else None, "phone": f"1390013{number:04d}",
             "locale": "zh_Hans", "skills": lines},
        )  # fmt: skip


def _customers(work: Work, chance: random.Random, known: tuple[Any, ...]) -> None:
    outlets, levels, tags, products = known
    if work.session.scalar(select(Customer.id).where(Customer.code == "KH0001")) is not None:
        return
    for number in range(1, CUSTOMERS + 1):
        values = names.customer(chance, number)
        values |= {
            "outlet_id": outlets[str(values["outlet_id"])],
            "level_id": levels[chance.choices(["normal", "silver", "gold", "vip"], [70, 18, 8, 4])[0]],
            "tags": [tags[one] for one in _tags(chance, str(values["kind"]))],
        }
        row = service.create(work, CUSTOMER, values)
        for _unit in range(
            chance.choices([1, 2, 3], [60, 30, 10])[0] if row.kind == "person" else chance.randint(2, 6)
        ):
            service.create(work, INSTALLED_PRODUCT, _unit_of(chance, row, chance.choice(products), number))


def _tags(chance: random.Random, kind: str) -> list[str]:
    fitting = [one for one in things.TAGS if one not in things.TAGS_OF_OTHERS[kind]]
    return chance.sample(fitting, chance.choice([0, 0, 0, 1, 1, 2]))


def _unit_of(chance: random.Random, customer: Customer, product_id: int, number: int) -> dict[str, Any]:
    sold = date(2021, 1, 4) + timedelta(days=chance.randrange(2100))
    delivered = sold + timedelta(days=chance.randrange(1, 6))
    return {
        "product_id": product_id,
        "serial": f"{sold:%y%m}{number:04d}{chance.randrange(10**6):06d}",
        "customer_id": customer.id,
        "site_id": customer.sites[0].id,
        "sold_on": sold,
        "delivered_on": delivered,
        "installed_on": delivered + timedelta(days=chance.randrange(4)),
        "invoice_no": f"{chance.randrange(10**8):08d}",
    }
