"""What the one search box of every page offers while somebody types, and where Enter leads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.assets import scope as assets_scope
from app.assets.models import InstalledProduct, Product
from app.core.db import folded
from app.core.work import Work
from app.people import phones, privacy
from app.people import scope as people_scope
from app.people.models import Customer, Phone
from app.tickets import scope
from app.tickets.models import Ticket
from app.tickets.queries.page import newest
from app.tickets.queries.selection import TicketQuery
from app.tickets.queries.ways import LONGEST, numbers_meant, plain, spellings
from app.tickets.rows import TicketRow

#: What one group shows; whoever does not find it there types more, or goes to the list.
SHOWN: Final = 5
#: A single character says nothing yet, and of figures and Latin letters two do not.
SHORTEST: Final = 2
_SHORTEST_PLAIN: Final = 3
#: So many of the newest customers are looked through for what stands in the middle of a name.
_LOOKED_THROUGH: Final = 200_000
#: So many digits and nothing else are most often a whole phone or customer's number.
_A_NUMBER: Final = re.compile(r"[+( ]*(\d[() -]*){5,}")
_IN_A_SERIAL: Final = re.compile(r"[A-Za-z0-9]")
#: Customers with more have their first ones looked at.
_MOST_PHONES: Final = 200
_CUSTOMER: Final[Any] = select(Customer.id, Customer.code, Customer.name)


@dataclass(frozen=True, slots=True)
class CustomerFound:
    """A customer; ``phone``, masked unless the actor sees personal data, tells two of one name apart."""

    id: int
    code: str
    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class UnitFound:
    """An installed product."""

    id: int
    serial: str
    product: str
    customer: str


@dataclass(frozen=True, slots=True)
class Findings:
    """The first hits of each kind the actor may see."""

    tickets: Sequence[TicketRow] = ()
    customers: Sequence[CustomerFound] = ()
    units: Sequence[UnitFound] = ()

    @property
    def number(self) -> int:
        """Return how many there are."""
        return len(self.tickets) + len(self.customers) + len(self.units)


@dataclass(frozen=True, slots=True)
class Target:
    """The one thing that was typed: ``kind`` is ticket (key: its number), customer or installed_product."""

    kind: str
    key: int | str


def find(work: Work, typed: str) -> Findings:
    """Return what ``typed`` may mean: part of a number or text, a phone, a customer, the beginning of a serial."""
    text = plain(typed)[:LONGEST]
    if len(text) < (_SHORTEST_PLAIN if text.isascii() else SHORTEST):
        return Findings()
    may = work.actor.may
    return Findings(
        newest(work, TicketQuery(text=text, size=SHOWN, columns=("customer",))) if may("ticket.read") else (),
        _customers(work, text) if may("customer.read") else (),
        _units(work, text) if may("installed_product.read") else (),
    )


def exact(work: Work, typed: str) -> Target | None:
    """Return the one thing of that ticket number, phone, customer's number or serial; None: none, or several."""
    text = plain(typed)
    if not text or len(text) > LONGEST:
        return None
    may = work.actor.may
    targets: list[Target] = []
    if may("ticket.read"):
        targets += [Target("ticket", number) for number in _numbers(work, text)]
    if may("customer.read"):
        ids = work.session.scalars(_within(work).with_only_columns(Customer.id).where(_named_exactly(text)).limit(2))
        targets += [Target("customer", one) for one in ids]
    if may("installed_product.read"):
        same = InstalledProduct.serial.in_(spellings(text))
        reach = assets_scope.installed_products(work.actor)
        units = work.session.scalars(select(InstalledProduct.id).where(same, reach).limit(2))
        targets += [Target("installed_product", one) for one in units]
    return targets[0] if len(targets) == 1 else None


def _numbers(work: Work, text: str) -> Sequence[str]:
    query = select(Ticket.number).where(Ticket.number.in_([*spellings(text), *numbers_meant(work, text)]))
    query = scope.in_reach(query, work.actor)
    return work.session.scalars(query.limit(2)).all()


def _within(work: Work) -> Any:
    return _CUSTOMER.where(people_scope.customers(work.actor))


def _named_exactly(text: str) -> ColumnElement[bool]:
    """Return the condition for the customers of that number or phone."""
    same: ColumnElement[bool] = Customer.code.in_(spellings(text))
    if index := phones.index_of(text):
        return or_(same, Customer.id.in_(select(Phone.customer_id).where(Phone.number_index == index)))
    return same


def _customers(work: Work, text: str) -> list[CustomerFound]:
    """Return the customers of that phone or number; then those whose name begins with it; then those it is in."""
    name = folded(text)
    inside = Customer.name_folded.contains(name, autoescape=True)
    is_number = _A_NUMBER.fullmatch(text) is not None
    if is_number:
        inside = or_(inside, Customer.code.contains(text, autoescape=True))
    ways = [
        _named_exactly(text),
        begins(work, Customer.name_folded, name),
        begins(work, Customer.code, text.upper()),
        and_(inside, Customer.id > select(func.max(Customer.id) - _LOOKED_THROUGH).scalar_subquery()),
    ]
    found: dict[int, Any] = {}
    for place, way in enumerate(ways, start=1):
        # A number that is somebody's is not looked for in the middle of what others are called.
        if len(found) < SHOWN and not (found and is_number and place == len(ways)):
            for row in work.session.execute(_within(work).where(way).limit(SHOWN)):
                found.setdefault(row.id, row)
    rows = list(found.values())[:SHOWN]
    numbers = _phones(work, phones.index_of(text), [row.id for row in rows])
    return [CustomerFound(row.id, row.code, row.name, numbers.get(row.id, "")) for row in rows]


def _phones(work: Work, index: str | None, ids: Sequence[int]) -> dict[int, str]:
    """Return a phone of each customer: the one it was found by, or its first."""
    if not ids:
        return {}
    query = (
        select(Phone.customer_id, Phone.id, Phone.tail)
        .where(Phone.customer_id.in_(ids))
        .order_by(Phone.number_index == (index or ""), Phone.id.desc())
        .limit(_MOST_PHONES)
    )
    chosen = {row.customer_id: row for row in work.session.execute(query)}
    if not privacy.may_see(work.actor):
        return {one: privacy.masked_phone(row.tail) for one, row in chosen.items()}
    # Decrypted only those that are shown.
    shown = select(Phone.customer_id, Phone.raw).where(Phone.id.in_([row.id for row in chosen.values()]))
    return {one: phones.as_written(raw) for one, raw in work.session.execute(shown)}


def _units(work: Work, text: str) -> list[UnitFound]:
    if not _IN_A_SERIAL.search(text):
        return []
    serial = InstalledProduct.serial
    query = (
        select(InstalledProduct.id, serial, Product.name, Customer.name)
        .join(Product, Product.id == InstalledProduct.product_id)
        .outerjoin(Customer, Customer.id == InstalledProduct.customer_id)
        .where(assets_scope.installed_products(work.actor))
        .order_by(serial, InstalledProduct.id)
        .limit(SHOWN)
    )
    found: dict[int, UnitFound] = {}
    for spelling in spellings(text):
        if len(found) < SHOWN:
            # One spelling a statement: each walks a piece of the index, both together would walk all of it.
            for one, number, product, owner in work.session.execute(query.where(begins(work, serial, spelling))):
                found[one] = UnitFound(one, number, product, owner or "")
    return list(found.values())[:SHOWN]


def begins(work: Work, column: Any, text: str) -> ColumnElement[bool]:
    """Return whether a text column begins with ``text``, said as the database's index of the column answers it."""
    if work.dialect == "postgresql":
        condition: ColumnElement[bool] = column.startswith(text, autoescape=True)
        return condition
    # LIKE takes either case on SQLite, which no plain index knows.
    return and_(column >= text, column < f"{text}\U0010ffff")
