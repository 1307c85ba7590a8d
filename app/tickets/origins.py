"""What is known of the customer, contact, site and product of a new ticket: defaults of its fields.

Read once a batch and kind of record, within the actor's reach, and only what a template asks for.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select

from app.assets.models import InstalledProduct, Product, ProductCategory
from app.assets.warranty import months_after, today_of, warranty_of
from app.core.i18n import label_in
from app.core.permissions import Actor
from app.core.work import Work
from app.people import scope
from app.people.models import Contact, Customer, CustomerLevel, Site
from ticket_templates.origins import ORIGINS
from ticket_templates.versions import CompiledVersion

__all__ = ["RECORDS", "Origins", "months_after", "records_of"]


class Origins:
    """What the records that new tickets name are known by; one for a batch."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[tuple[str, int], dict[str, Any]] = {}
        self._records: dict[int, set[str]] = {}

    def preload(self, tickets: Iterable[tuple[CompiledVersion, Mapping[str, Any]]]) -> None:
        """Read what the fields of these tickets (version, columns) take their defaults from."""
        wanted: dict[str, set[int]] = {}
        for version, columns in tickets:
            for record in self._records_of(version):
                key = columns.get(f"{record}_id")
                if key is not None and (record, key) not in self._known:
                    wanted.setdefault(record, set()).add(key)
        for record, ids in wanted.items():
            self._read(record, ids)

    def of(self, version: CompiledVersion, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return the raw values by name (`ticket_templates.origins`) that a ticket with these columns starts from."""
        found: dict[str, Any] = {}
        for record in self._records_of(version):
            known = self._known.get((record, columns.get(f"{record}_id") or 0), {})
            found |= {f"{record}.{name}": value for name, value in known.items() if value not in (None, "")}
        return found

    def _records_of(self, version: CompiledVersion) -> set[str]:
        if version.id not in self._records:
            self._records[version.id] = records_of(version)
        return self._records[version.id]

    def _read(self, record: str, ids: set[int]) -> None:
        build, reach, facts = RECORDS[record]
        query = build()
        rows = self._work.session.execute(
            query.where(query.selected_columns[0].in_(sorted(ids)), reach(self._work.actor))
        )
        for row in rows:
            self._known[record, row.id] = facts(row, self._work)


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


def _unit_facts(row: Row[Any], work: Work) -> dict[str, Any]:
    days = ("sold_on", "delivered_on", "installed_on")
    warranty = warranty_of(today_of(work), row.warranty_months, **{name: getattr(row, name) for name in days})
    return {
        "serial": row.serial,
        "product": row.product_id,
        "product_name": row.name,
        "product_category": row.category,
        "brand": row.brand,
        "model": row.model,
        "invoice_no": row.invoice_no,
        "warranty": warranty and ("in_warranty" if warranty.holds else "out_of_warranty"),
        **{name: day.isoformat() for name in days if (day := getattr(row, name))},
    }


def _customers() -> Any:
    return select(Customer.id, Customer.name, CustomerLevel.labels).join(CustomerLevel, isouter=True)


def _customer_facts(row: Row[Any], work: Work) -> dict[str, Any]:
    return {"name": row.name, "level": label_in(row.labels or {}, work.company.locale)}


def _site_facts(row: Row[Any], _work: Work) -> dict[str, Any]:
    parts = {"region": row.region_code, "line": row.address_line}
    return {"name": row.name, "address": {name: part for name, part in parts.items() if part}}


def _unit_reach(actor: Actor) -> ColumnElement[bool]:
    return InstalledProduct.customer_id.is_(None) | scope.of_customer(InstalledProduct.customer_id, actor)


#: How the rows of a kind of record are read, which of them the actor reaches, and what a row says.
_Reads = tuple[Callable[[], Any], Callable[[Actor], ColumnElement[bool]], Callable[[Row[Any], Work], dict[str, Any]]]
RECORDS: Final[Mapping[str, _Reads]] = {
    "installed_product": (_units, _unit_reach, _unit_facts),
    "customer": (_customers, scope.customers, _customer_facts),
    "contact": (lambda: select(Contact.id, Contact.name), scope.contacts, lambda row, _work: {"name": row.name}),
    "site": (lambda: select(Site.id, Site.name, Site.region_code, Site.address_line), scope.sites, _site_facts),
}
