"""What is known of a ticket's customer, contact, site and product: defaults of its fields.

Read once a batch and kind of record, and only what a template asks for. It is known as of the day the ticket was made:
a unit that was under warranty when its fault was reported stays so, however long the repair takes.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select

from app.assets.models import InstalledProduct, Product, ProductCategory
from app.assets.warranty import months_after, warranty_of
from app.core.i18n import label_in
from app.core.permissions import Actor
from app.core.work import Work
from app.people import scope
from app.people.models import Contact, Customer, CustomerLevel, Site
from ticket_templates.origins import ORIGINS
from ticket_templates.versions import CompiledVersion

__all__ = ["RECORDS", "Origins", "months_after", "records_of"]


class Origins:
    """What the records that tickets name are known by; one for a batch.

    Without ``within_reach`` that of every record, be it one the actor does not reach: what stands on a ticket he has is
    compared with what its former customer gave. Whom he may name is asked before.
    """

    def __init__(self, work: Work, *, within_reach: bool = True) -> None:
        self._work = work
        self._within_reach = within_reach
        self._rows: dict[tuple[str, int], Row[Any]] = {}
        self._known: dict[tuple[str, int, date], dict[str, Any]] = {}
        self._records: dict[int, set[str]] = {}

    def preload(self, tickets: Iterable[tuple[CompiledVersion, Mapping[str, Any]]]) -> None:
        """Read what the fields of these tickets (version, columns) take their defaults from."""
        wanted: dict[str, set[int]] = {}
        for version, columns in tickets:
            for record in self._records_of(version):
                key = columns.get(f"{record}_id")
                if key is not None and (record, key) not in self._rows:
                    wanted.setdefault(record, set()).add(key)
        for record, ids in wanted.items():
            self._read(record, ids)

    def of(self, version: CompiledVersion, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return the raw values by name (`ticket_templates.origins`) that a ticket with these columns starts from."""
        if not self._rows:
            return {}
        day = self._work.company.day_of(columns.get("created_at") or self._work.now)
        found: dict[str, Any] = {}
        for record in self._records_of(version):
            found |= self._facts(record, columns.get(f"{record}_id") or 0, day)
        return found

    def answers(self, version: CompiledVersion, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is known, raw, by the field it answers."""
        known = self.of(version, columns)
        return {key: known[name] for key, name in version.rules.origins.items() if name in known} if known else {}

    def _facts(self, record: str, key: int, day: date) -> dict[str, Any]:
        row = self._rows.get((record, key))
        if row is None:
            return {}
        if (record, key, day) not in self._known:
            facts = RECORDS[record][2](row, day, self._work)
            told = {f"{record}.{name}": value for name, value in facts.items() if value not in (None, "")}
            self._known[record, key, day] = told
        return self._known[record, key, day]

    def _records_of(self, version: CompiledVersion) -> set[str]:
        if version.id not in self._records:
            self._records[version.id] = records_of(version)
        return self._records[version.id]

    def _read(self, record: str, ids: set[int]) -> None:
        build, reach, _facts = RECORDS[record]
        query = build()
        query = query.where(query.selected_columns[0].in_(sorted(ids)))
        if self._within_reach:
            query = query.where(reach(self._work.actor))
        for row in self._work.session.execute(query):
            self._rows[record, row.id] = row


def records_of(version: CompiledVersion) -> set[str]:
    """Return the kinds of records the version's fields take defaults from."""
    return {ORIGINS[name].record for name in version.rules.origins.values() if name in ORIGINS}


def _units() -> Any:
    unit = InstalledProduct
    return (
        select(
            unit.id, unit.serial, unit.sold_on, unit.delivered_on, unit.installed_on, unit.invoice_no, unit.product_id,
            Product.name, Product.brand, Product.model, Product.warranty_months,
            ProductCategory.name.label("category"),
        )
        .join(Product, Product.id == unit.product_id)
        .join(ProductCategory, ProductCategory.id == Product.category_id, isouter=True)
    )  # fmt: skip


def _unit_facts(row: Row[Any], day: date, _work: Work) -> dict[str, Any]:
    days = ("sold_on", "delivered_on", "installed_on")
    warranty = warranty_of(day, row.warranty_months, **{name: getattr(row, name) for name in days})
    return {
        "serial": row.serial,
        "product": row.product_id,
        "product_name": row.name,
        "product_category": row.category,
        "brand": row.brand,
        "model": row.model,
        "invoice_no": row.invoice_no,
        "warranty": warranty and ("in_warranty" if warranty.holds else "out_of_warranty"),
        **{name: one.isoformat() for name in days if (one := getattr(row, name))},
    }


def _customers() -> Any:
    return select(Customer.id, Customer.name, CustomerLevel.labels).join(CustomerLevel, isouter=True)


def _customer_facts(row: Row[Any], _day: date, work: Work) -> dict[str, Any]:
    return {"name": row.name, "level": label_in(row.labels or {}, work.company.locale)}


def _site_facts(row: Row[Any], _day: date, _work: Work) -> dict[str, Any]:
    parts = {"region": row.region_code, "line": row.address_line}
    return {"name": row.name, "address": {name: part for name, part in parts.items() if part}}


def _unit_reach(actor: Actor) -> ColumnElement[bool]:
    return InstalledProduct.customer_id.is_(None) | scope.of_customer(InstalledProduct.customer_id, actor)


_Facts = Callable[[Row[Any], date, Work], dict[str, Any]]
#: How the rows of a kind of record are read, which of them the actor reaches, and what a row says as of a day.
_Reads = tuple[Callable[[], Any], Callable[[Actor], ColumnElement[bool]], _Facts]
RECORDS: Final[Mapping[str, _Reads]] = {
    "installed_product": (_units, _unit_reach, _unit_facts),
    "customer": (_customers, scope.customers, _customer_facts),
    "contact": (lambda: select(Contact.id, Contact.name), scope.contacts, lambda row, _day, _work: {"name": row.name}),
    "site": (lambda: select(Site.id, Site.name, Site.region_code, Site.address_line), scope.sites, _site_facts),
}
