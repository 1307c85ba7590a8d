"""The facts of tickets for compiled conditions: read in batches, one statement for each thing that is asked about."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select

from app.assets.models import InstalledProduct, Product, ProductCategory
from app.conditions.standpoint import instant_text
from app.core.work import Work
from app.people.models import Customer, CustomerLevel, Outlet, Site, StaffProfile, Team, customer_tag, staff_team
from app.tickets import search
from app.tickets.columns import VALUE
from ticket_templates import queries as templates
from ticket_templates.field_types.base import FieldType

Row = Mapping[str, Any]
Facts = dict[str, Any]
_SECONDS: Final = 60


def facts(work: Work, rows: Sequence[Row], names: Collection[str]) -> list[Facts]:
    """Return what each ticket (a row of its columns by name) answers to the fields called ``names``."""
    versions = templates.versions(work, {row["version_id"] for row in rows})
    keys = [name.removeprefix(VALUE) for name in names if name.startswith(VALUE)]
    found = []
    for row in rows:
        version = versions[row["version_id"]]
        answered: Facts = {name: _plain(row.get(name)) for name in names if "." not in name}
        answered |= {name: reckon(row, work.now) for name, reckon in _RECKONED.items() if name in names}
        if "template" in names:
            answered["template"] = version.template_key
        for key in keys:
            stored = row["values"].get(key) if key in version.types else None
            if stored is not None:
                answered[VALUE + key] = _fact(version.types[key], stored)
        found.append(answered)
    for thing, (column, read) in _THINGS.items():
        if any(name.startswith(f"{thing}.") for name in names):
            known = read(work, {row[column] for row in rows} - {None})
            for index, row in enumerate(rows):
                found[index] |= known.get(row[column], {})
    return found


def _fact(ftype: FieldType, stored: Any) -> Any:
    value = ftype.open(stored)
    return search.mark(ftype.blind_index(value)) if ftype.sealed else ftype.fact(value)


def _plain(value: Any) -> Any:
    return instant_text(value) if isinstance(value, datetime) else value


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _minutes(begin: datetime | None, end: datetime | None) -> int | None:
    """Return the whole minutes between two instants, of which only the seconds count; as SQL divides: towards zero."""
    if begin is None or end is None:
        return None
    seconds = int(end.timestamp() // 1) - int(begin.timestamp() // 1)
    return seconds // _SECONDS if seconds >= 0 else -(-seconds // _SECONDS)


_RECKONED: Final[Mapping[str, Callable[[Row, datetime], int | None]]] = {
    "age_minutes": lambda row, now: _minutes(row["created_at"], now),
    "state_minutes": lambda row, now: _minutes(row["state_since"], now),
    "due_minutes": lambda row, now: _minutes(now, row["due_at"]),
    "resolution_minutes": lambda row, _now: _minutes(row["created_at"], row["resolved_at"]),
}


def _customers(work: Work, ids: set[int]) -> dict[int, Facts]:
    query = (
        select(Customer.id, Customer.kind, Customer.name, Customer.code, CustomerLevel.key)
        .outerjoin(CustomerLevel, CustomerLevel.id == Customer.level_id)
        .where(Customer.id.in_(sorted(ids)))
    )
    tags: dict[int, list[str]] = {}
    for customer, tag in work.session.execute(select(customer_tag).where(customer_tag.c.customer_id.in_(sorted(ids)))):
        tags.setdefault(customer, []).append(str(tag))
    return {
        key: {
            "customer.kind": kind, "customer.name": name, "customer.code": code, "customer.level": level,
            "customer.tags": tags.get(key),
        }
        for key, kind, name, code, level in work.session.execute(query)
    }  # fmt: skip


def _of_rows(key: Any, **columns: Any) -> Callable[[Work, set[int]], dict[int, Facts]]:
    """Return a reader of facts that are columns of one table: ``site__region`` is the fact ``site.region``."""
    names = [name.replace("__", ".") for name in columns]

    def read(work: Work, ids: set[int]) -> dict[int, Facts]:
        rows = work.session.execute(select(key, *columns.values()).where(key.in_(sorted(ids))))
        return {found: dict(zip(names, values, strict=True)) for found, *values in rows}

    return read


def _assignees(work: Work, ids: set[int]) -> dict[int, Facts]:
    staff = select(StaffProfile.user_id, StaffProfile.outlet_id).where(StaffProfile.user_id.in_(sorted(ids)))
    teams = (
        select(StaffProfile.user_id, staff_team.c.team_id)
        .join(staff_team, staff_team.c.staff_id == StaffProfile.id)
        .where(StaffProfile.user_id.in_(sorted(ids)))
    )
    found: dict[int, Facts] = {
        user: {"assignee.outlet": outlet, "assignee.teams": []} for user, outlet in work.session.execute(staff)
    }
    for user, team in work.session.execute(teams):
        found[user]["assignee.teams"].append(str(team))
    return found


def _units(work: Work, ids: set[int]) -> dict[int, Facts]:
    query = (
        select(
            InstalledProduct.id, InstalledProduct.serial, InstalledProduct.sold_on, InstalledProduct.installed_on
        )
        .where(InstalledProduct.id.in_(sorted(ids)))
    )  # fmt: skip
    return {
        key: {
            "installed_product.serial": serial, "installed_product.sold_on": _day(sold),
            "installed_product.installed_on": _day(installed),
        }
        for key, serial, sold, installed in work.session.execute(query)
    }  # fmt: skip


def _products(work: Work, ids: set[int]) -> dict[int, Facts]:
    query = (
        select(InstalledProduct.id, Product.id, Product.brand, Product.model, ProductCategory.path)
        .join(Product, Product.id == InstalledProduct.product_id)
        .outerjoin(ProductCategory, ProductCategory.id == Product.category_id)
        .where(InstalledProduct.id.in_(sorted(ids)))
    )
    return {
        key: {
            "product.id": product, "product.brand": brand, "product.model": model,
            "product.category": path and path.strip("/"),
        }
        for key, product, brand, model, path in work.session.execute(query)
    }  # fmt: skip


#: What a fact's first word is about: the ticket's column that points at it, and what reads its facts.
_THINGS: Final[Mapping[str, tuple[str, Callable[[Work, set[int]], dict[int, Facts]]]]] = {
    "customer": ("customer_id", _customers),
    "site": ("site_id", _of_rows(Site.id, site__region=Site.region_code)),
    "assignee": ("assignee_id", _assignees),
    "team": ("team_id", _of_rows(Team.id, team__code=Team.code, team__outlet=Team.outlet_id)),
    "outlet": ("outlet_id", _of_rows(Outlet.id, outlet__code=Outlet.code, outlet__region=Outlet.region_code)),
    "installed_product": ("installed_product_id", _units),
    "product": ("installed_product_id", _products),
}
