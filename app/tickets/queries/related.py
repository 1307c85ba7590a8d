"""What stands beside a ticket: other tickets of the customer and of the unit, and the customer all around."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, case, func, or_, select

from app.assets.models import InstalledProduct, Product
from app.assets.warranty import Warranty, today_of, warranty_of
from app.core.errors import NotFoundError
from app.core.i18n import Label, _
from app.core.work import Work
from app.people import scope as people_scope
from app.people.models import Contact, Customer, CustomerLevel, Phone, Region, Site
from app.people.queries import address_text, phone_shown, point_text
from app.tickets import scope
from app.tickets.change.read import COLUMNS
from app.tickets.models import Ticket
from app.tickets.queries.detail import TicketDetail
from app.tickets.rows import Reader, TicketRow

_SHOWN: Final = 10
_LISTED: Final = 50
_BESIDE: Final = ("assignee_id",)
# Every ticket page asks these; to put one together takes ten times as long as to have it answered.
_NEWEST: Final = select(*COLUMNS).order_by(Ticket.created_at.desc(), Ticket.id.desc())
_CUSTOMER: Final = (
    select(Customer.id, Customer.code, Customer.name, Customer.kind, Customer.remark,
           CustomerLevel.labels, CustomerLevel.color)
    .outerjoin(CustomerLevel, CustomerLevel.id == Customer.level_id)
    .where(Customer.id == bindparam("customer"))
)  # fmt: skip
_CONTACTS: Final = (
    select(Contact.id, Contact.name, Contact.position)
    .where(Contact.customer_id == bindparam("customer"))
    .order_by(Contact.is_primary.desc(), Contact.id)
    .limit(_LISTED)
)
_PHONES: Final = (
    select(Phone.contact_id, Phone.raw, Phone.number, Phone.tail)
    .where(Phone.customer_id == bindparam("customer"))
    .order_by(Phone.id)
    .limit(_LISTED)
)
_SITES: Final = (
    select(Site.id, Site.name, Site.address_line, Region.full_name, Site.latitude, Site.longitude)
    .outerjoin(Region, Region.code == Site.region_code)
    .order_by(Site.id)
    .limit(_LISTED)
)
_SITE: Final = _SITES.where(Site.id == bindparam("site"))
_SITES_OF: Final = _SITES.where(Site.customer_id == bindparam("customer"))
_UNITS: Final = (
    select(
        InstalledProduct.id, Product.name, InstalledProduct.serial, InstalledProduct.installed_on,
        InstalledProduct.delivered_on, InstalledProduct.sold_on, InstalledProduct.replaced_by_id,
        Product.warranty_months,
    )
    .join(Product, Product.id == InstalledProduct.product_id)
    .where(InstalledProduct.customer_id == bindparam("customer"))
    .order_by(InstalledProduct.id.desc())
    .limit(_LISTED)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Related:
    """Other tickets within the actor's scope, newest first."""

    of_unit: tuple[TicketRow, ...]
    of_customer: tuple[TicketRow, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """An installed product of a customer."""

    id: int
    product: str
    serial: str
    installed_on: date | None
    sold_on: date | None
    is_replaced: bool
    warranty: Warranty | None


@dataclass(frozen=True, slots=True)
class Place:
    """A site of a customer; of its address, who may not see personal data is shown the region."""

    id: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Person:
    """A contact of a customer with the phone numbers, masked for who may not see personal data."""

    id: int | None
    name: str
    position: str
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Customer360:
    """A customer with everything a ticket's page shows beside the ticket."""

    id: int
    code: str
    name: str
    kind: str
    level: Label
    level_color: str
    remark: str
    people: tuple[Person, ...]
    places: tuple[Place, ...]
    units: tuple[Unit, ...]
    tickets: tuple[TicketRow, ...]
    open_tickets: int
    all_tickets: int


@dataclass(frozen=True, slots=True)
class TicketsOf:
    """The newest tickets of a customer within the actor's scope, and how many there are."""

    newest: Sequence[TicketRow]
    open: int
    all: int


def related(work: Work, detail: TicketDetail) -> Related:
    """Return the other tickets of the same unit and of the same customer, each listed once."""
    columns = detail.columns
    shared = {name: columns[name] for name in ("installed_product_id", "customer_id") if columns[name] is not None}
    if not shared:
        return Related((), ())
    query = scope.in_reach(_sharing(*shared), work.actor)
    rows = detail.reader.rows(work.rows(query, {**shared, "ticket": detail.id}).all(), pointers=_BESIDE, fields=())
    unit = shared.get("installed_product_id")
    of_unit = [row for row in rows if unit is not None and row.columns["installed_product_id"] == unit]
    others = [row for row in rows if row not in of_unit]
    return Related(tuple(of_unit[:_SHOWN]), tuple(others[:_SHOWN]))


@cache
def _sharing(*columns: str) -> Select[*tuple[Any, ...]]:
    """Select the other tickets that have one of ``columns`` in common with a ticket."""
    shared = [getattr(Ticket, name) == bindparam(name) for name in columns]
    return _NEWEST.where(or_(*shared), Ticket.id != bindparam("ticket")).limit(2 * _SHOWN)


def place(work: Work, detail: TicketDetail) -> Place | None:
    """Return where the work of a ticket is to be done; None where it names no site."""
    site = detail.columns["site_id"]
    return next(iter(_places(work, _SITE, site=site)), None) if site is not None else None


def customer_360(work: Work, customer_id: int, *, reader: Reader | None = None, unit: int | None = None) -> Customer360:
    """Return a customer the actor reaches (itself, or through a ticket in scope); NotFoundError otherwise.

    ``reader`` (``detail.reader``) saves reading again what a ticket's page knows already. With ``unit``, the tickets
    of that installed product are among those listed, whoever owned it then; the counts are the customer's.
    """
    query = _CUSTOMER.where(people_scope.customer(work.actor))
    found = work.rows(query, {"customer": customer_id}).first() if 0 < customer_id < 2**63 else None
    if found is None:
        raise NotFoundError(_("There is no such customer."), code="not_found")
    tickets, opened, every = _tickets(work, customer_id, unit, reader or Reader(work))
    return Customer360(
        id=found.id,
        code=found.code,
        name=found.name,
        kind=found.kind,
        level=found.labels or {},
        level_color=found.color or "secondary",
        remark=found.remark or "",
        people=_people(work, customer_id),
        places=_places(work, _SITES_OF, customer=customer_id),
        units=_units(work, customer_id),
        tickets=tuple(tickets),
        open_tickets=opened,
        all_tickets=every,
    )


def customer_tickets(work: Work, customer_id: int) -> TicketsOf:
    """Return the tickets of a customer who was read within reach."""
    return TicketsOf(*_tickets(work, customer_id, None, Reader(work)))


def _tickets(work: Work, customer_id: int, unit: int | None, reader: Reader) -> tuple[Sequence[TicketRow], int, int]:
    """Return the newest tickets, how many are open, and how many there are, in one statement."""
    query = scope.in_reach(_counted(of_unit=unit is not None), work.actor)
    records = work.rows(query, {"customer": customer_id, "unit": unit}).all()
    rows = reader.rows([record[:-2] for record in records], pointers=(), fields=())
    return rows, *((int(records[0][-2]), int(records[0][-1])) if records else (0, 0))


@cache
def _counted(*, of_unit: bool) -> Select[*tuple[Any, ...]]:
    """Select the newest tickets of a customer, or ``of_unit`` as well; each row says how many are the customer's."""
    own = Ticket.customer_id == bindparam("customer")
    is_open = case((and_(own, Ticket.category.not_in(("resolved", "closed"))), 1), else_=0)
    counts = func.sum(is_open).over(), func.sum(case((own, 1), else_=0)).over()
    wanted = or_(own, Ticket.installed_product_id == bindparam("unit")) if of_unit else own
    return _NEWEST.add_columns(*counts).where(wanted).limit(_SHOWN)


def _people(work: Work, customer_id: int) -> tuple[Person, ...]:
    of_customer = {"customer": customer_id}
    contacts = work.rows(_CONTACTS, of_customer).all()
    numbers: dict[int | None, list[str]] = {}
    phone: Any
    for phone in work.rows(_PHONES, of_customer):
        numbers.setdefault(phone.contact_id, []).append(phone_shown(work, phone))
    own = (Person(None, "", "", tuple(numbers[None])),) if None in numbers else ()
    return own + tuple(Person(one.id, one.name, one.position or "", tuple(numbers.get(one.id, ()))) for one in contacts)


def _places(work: Work, query: Select[*tuple[Any, ...]], **which: int) -> tuple[Place, ...]:
    return tuple(
        Place(key, name, address_text(work, line, region or "") or point_text(work, *point))
        for key, name, line, region, *point in work.rows(query, which)
    )


def _units(work: Work, customer_id: int) -> tuple[Unit, ...]:
    today = today_of(work)
    return tuple(
        Unit(
            row.id, row.name, row.serial, row.installed_on, row.sold_on, row.replaced_by_id is not None,
            warranty_of(today, row.warranty_months, installed_on=row.installed_on, delivered_on=row.delivered_on,
                        sold_on=row.sold_on),
        )
        for row in work.rows(_UNITS, {"customer": customer_id})
    )  # fmt: skip


def unit_tickets(work: Work, unit_id: int) -> tuple[TicketRow, ...]:
    """Return the newest tickets about a unit, whoever owned it then, within the actor's scope."""
    query = scope.in_reach(_NEWEST.where(Ticket.installed_product_id == unit_id), work.actor).limit(_LISTED)
    return tuple(Reader(work).rows(work.rows(query).all(), pointers=(), fields=()))
