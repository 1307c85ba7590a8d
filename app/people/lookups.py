"""How people's records are found by what somebody types into a remote select."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import folded
from app.core.i18n import label_in
from app.core.pinyin import by_pinyin
from app.core.records.lookups import Lookup, register
from app.core.sql import contains, label_contains
from app.core.work import Work
from app.people import phones, scope
from app.people.models import (
    Account,
    Contact,
    Customer,
    CustomerLevel,
    Outlet,
    Phone,
    Region,
    Site,
    Skill,
    StaffProfile,
    Tag,
    Team,
)
from app.people.neighbours import INSTALLED
from app.people.regions import UNSPOKEN, level_label


def customer_matches(typed: str) -> ColumnElement[bool]:
    """Return the condition for customers of that phone, code, serial (the whole of it) or part of the name."""
    either = [
        Customer.name_folded.contains(folded(typed), autoescape=True),
        Customer.code.istartswith(folded(typed), autoescape=True),
        Customer.id.in_(select(INSTALLED.c.customer_id).where(func.lower(INSTALLED.c.serial) == folded(typed))),
    ]
    if index := phones.index_of(typed):
        either.append(Customer.id.in_(select(Phone.customer_id).where(Phone.number_index == index)))
    return or_(*either)


def contact_matches(typed: str) -> ColumnElement[bool]:
    """Return the condition for contacts of a customer so found."""
    return Contact.customer_id.in_(select(Customer.id).where(customer_matches(typed)))


def phone_matches(typed: str) -> ColumnElement[bool]:
    """Return the condition for phones of that number, those last four digits, or a customer so found."""
    either: list[ColumnElement[bool]] = [Phone.customer_id.in_(select(Customer.id).where(customer_matches(typed)))]
    if len(typed) == 4 and typed.isascii() and typed.isdecimal():  # noqa: PLR2004 - the digits a mask shows
        either.append(Phone.tail == typed)
    if index := phones.index_of(typed):
        either.append(Phone.number_index == index)
    return or_(*either)


def site_matches(typed: str) -> ColumnElement[bool]:
    """Return the condition for sites of that name, in that region, or of a customer so found."""
    return or_(
        contains(Site.name, typed),
        Site.region_code.in_(select(Region.code).where(_regions(None, typed))),
        Site.customer_id.in_(select(Customer.id).where(customer_matches(typed))),
    )


def staff_matches(typed: str) -> ColumnElement[bool]:
    """Return the condition for staff of that name or account, in that team, or with that skill."""
    named = (Account.name, Account.username)
    return or_(
        StaffProfile.user_id.in_(select(Account.id).where(or_(*(contains(one, typed) for one in named)))),
        StaffProfile.teams.any(contains(Team.name, typed)),
        StaffProfile.known_skills.any(or_(label_contains(Skill.labels, typed), contains(Skill.key, typed))),
    )


def _regions(_work: Work | None, typed: str) -> ColumnElement[bool]:
    return or_(
        and_(*(Region.full_name.contains(word, autoescape=True) for word in typed.split()[:5])),
        Region.code == typed,
    )


def _named(*columns: Any) -> Any:
    return lambda _work, typed: or_(*(contains(column, typed) for column in columns))


def _far_from_outlets() -> ColumnElement[int]:
    """Return how far a region is from the company's outlets: 0 in the city of one, 1 in its province, else 2.

    The code of a part begins with its whole's: two digits for the province, four for the city.
    """
    known = Outlet.active.is_(True), Outlet.region_code.is_not(None)
    city, province = (
        func.substr(Region.code, 1, digits).in_(select(func.substr(Outlet.region_code, 1, digits)).where(*known))
        for digits in (4, 2)
    )
    return case((city, 0), (province, 1), else_=2)


#: Most people are asked for by the first letters of how they sound.
_BY_NAME = (by_pinyin(Account.name), Account.id)

register(
    Lookup("customer", Customer, Customer.id, ("customer.read",), lambda _work, typed: customer_matches(typed),
           text=lambda row, _locale: row.name, hint=lambda row, _locale: row.code,
           order=(Customer.name_folded, Customer.id), reach=scope.customers, yours=scope.customers_on_desk,
           offered=Customer.active.is_(True)),
    Lookup("contact", Contact, Contact.id, ("contact.read",), _named(Contact.name),
           text=lambda row, _locale: row.name, hint=lambda row, _locale: row.customer.name,
           order=(Contact.name, Contact.id), reach=scope.contacts, yours=scope.contacts_on_desk,
           options=(selectinload(Contact.customer),)),
    Lookup("site", Site, Site.id, ("site.read",), _named(Site.name),
           text=lambda row, _locale: row.name,
           hint=lambda row, _locale: " · ".join(str(one) for one in (row.customer, row.region) if one),
           order=(Site.name, Site.id), reach=scope.sites, yours=scope.sites_on_desk,
           options=(selectinload(Site.customer), selectinload(Site.region))),
    Lookup("user", Account, Account.id, ("ticket.read", "staff.read", "account.read"),
           _named(Account.name, Account.username),
           text=lambda row, _locale: row.name, hint=lambda row, _locale: row.username, order=_BY_NAME,
           reach=lambda actor: scope.colleagues(actor, Account.id), offered=Account.active.is_(True)),
    Lookup("staff", StaffProfile, StaffProfile.id, ("staff.read",), lambda _work, typed: staff_matches(typed),
           text=lambda row, _locale: str(row), hint=lambda row, _locale: str(row.outlet or ""),
           order=(StaffProfile.id,), reach=scope.staff,
           options=(joinedload(StaffProfile.user), joinedload(StaffProfile.outlet))),
    Lookup("phone", Phone, Phone.id, ("contact.read",), lambda _work, typed: phone_matches(typed),
           text=lambda row, _locale: str(row), hint=lambda row, _locale: row.customer.name,
           order=(Phone.id,), reach=scope.phones, yours=scope.phones_on_desk, options=(joinedload(Phone.customer),)),
    Lookup("team", Team, Team.id, ("team.read", "ticket.read"), _named(Team.name, Team.code),
           text=lambda row, _locale: row.name, hint=lambda row, _locale: str(row.outlet or ""),
           order=(Team.name, Team.id), offered=Team.active.is_(True), options=(selectinload(Team.outlet),)),
    Lookup("outlet", Outlet, Outlet.id, ("outlet.read",), _named(Outlet.name, Outlet.code),
           text=lambda row, _locale: row.name, hint=lambda row, _locale: row.code, order=(Outlet.code,),
           reach=scope.outlets, offered=Outlet.active.is_(True)),
    Lookup("region", Region, Region.code, ("region.read",), _regions,
           text=lambda row, _locale: row.full_name,
           hint=lambda row, locale: f"{level_label(row.level).in_(locale)} {row.code}",
           order=(_far_from_outlets(), Region.code),
           # 北京市 / 市辖区 reads 北京市 like its whole: choosing it says nothing more.
           offered=Region.name.not_in(sorted(UNSPOKEN))),
    Lookup("skill", Skill, Skill.id, ("skill.read",), None,
           text=lambda row, locale: label_in(row.labels, locale), hint=lambda row, _locale: row.key,
           order=(Skill.key,)),
    Lookup("tag", Tag, Tag.id, ("tag.read", "ticket.read"),
           lambda _work, typed: Tag.name_folded.contains(folded(typed), autoescape=True),
           text=lambda row, _locale: row.name, order=(by_pinyin(Tag.name), Tag.id)),
    Lookup("customer_level", CustomerLevel, CustomerLevel.id, ("customer_level.read",), None,
           text=lambda row, locale: label_in(row.labels, locale), hint=lambda row, _locale: row.key,
           order=(CustomerLevel.rank, CustomerLevel.id)),
)  # fmt: skip
