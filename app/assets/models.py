"""What is sold and serviced: categories, products, and each installed one."""

from datetime import date
from typing import Final

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assets.warranty import warranty_of
from app.core.audit import Audited
from app.core.db import KEYS_ONCE, Base, BigKey
from app.people.models import Customer, Site

#: Between a category and the one beneath it.
_BENEATH: Final = " › "


class ProductCategory(Audited, Base):
    """A node of the category tree; ``path`` is the codes from the root, ``/appliance/aircon/``."""

    __tablename__ = "product_category"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("product_category.id"), index=True)
    path: Mapped[str] = mapped_column(String(400), index=True)

    parent: Mapped["ProductCategory | None"] = relationship(remote_side="ProductCategory.id")

    @property
    def trail(self) -> str:
        """Where it stands in the tree, as people read it: the names from the root."""
        above = self.parent.trail + _BENEATH if self.parent else ""
        return above + self.name

    def __str__(self) -> str:
        return self.name


class Product(Audited, Base):
    """A model the company sells or services."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    brand: Mapped[str | None] = mapped_column(String(80))
    model: Mapped[str | None] = mapped_column(String(80))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("product_category.id"), index=True)
    warranty_months: Mapped[int | None] = mapped_column(Integer)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    category: Mapped[ProductCategory | None] = relationship()

    def __str__(self) -> str:
        return self.name


class InstalledProduct(Audited, Base):
    """One unit at one customer (客户设备). Its serial is unique within the product."""

    __tablename__ = "installed_product"
    told = frozenset({"serial"})
    __table_args__ = (
        Index("uq_installed_product_serial", "product_id", "serial", unique=True),
        # Serials are ASCII, which both databases make small alike.
        Index("ix_installed_product_serial_lower", text("lower(serial)")),
        KEYS_ONCE,
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    serial: Mapped[str] = mapped_column(String(80), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    sold_on: Mapped[date | None] = mapped_column(Date)
    delivered_on: Mapped[date | None] = mapped_column(Date)
    installed_on: Mapped[date | None] = mapped_column(Date)
    invoice_no: Mapped[str | None] = mapped_column(String(80))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("installed_product.id"))
    remark: Mapped[str | None] = mapped_column(Text)

    product: Mapped[Product] = relationship()
    customer: Mapped[Customer | None] = relationship()
    site: Mapped[Site | None] = relationship()
    replaced_by: Mapped["InstalledProduct | None"] = relationship(remote_side="InstalledProduct.id")

    @property
    def warranty_until(self) -> date | None:
        """Return the last day of the warranty; None where it cannot be known."""
        found = warranty_of(
            date.max, self.product.warranty_months, installed_on=self.installed_on, delivered_on=self.delivered_on,
            sold_on=self.sold_on,
        )  # fmt: skip
        return found.until if found else None

    def __str__(self) -> str:
        return f"{self.product} {self.serial}"
