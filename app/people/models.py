"""Customers and their people and places; outlets, teams, staff and what they can do."""

from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Date, ForeignKey, Index, Integer, Numeric, String, Table, Text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, validates

from app.core.audit import UNRECORDED, Audited, Recorded, Stamped
from app.core.columns import Encrypted, Json
from app.core.db import KEYS_ONCE, Base, BigKey
from app.core.i18n import DEFAULT_LOCALE, label_in
from app.people import tags
from app.people.names import full_name, full_name_in


class Account(Base):
    """A person who signs in: the columns of Flask-AppBuilder's `ab_user` the domain needs. FAB writes it."""

    __tablename__ = "ab_user"
    __table_args__ = {"info": {"owner": "flask-appbuilder"}}  # noqa: RUF012 - SQLAlchemy's contract

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    username: Mapped[str] = mapped_column(String(64))
    first_name: Mapped[str] = mapped_column(String(64))
    last_name: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(320))
    active: Mapped[bool | None] = mapped_column(Boolean)

    @hybrid_property
    def name(self) -> str:
        """What the person is called."""
        return full_name(self.first_name, self.last_name, self.username)

    @name.inplace.expression
    @classmethod
    def _name_in_sql(cls) -> ColumnElement[str]:
        return full_name_in(cls)

    def __str__(self) -> str:
        return self.name


class Region(Recorded, Base):
    """A province, city or district with its six-digit (or shorter) code; the code of a part begins with its whole's."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    level: Mapped[int] = mapped_column(Integer)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)
    #: The whole name from the province down, as printed on documents: ``广东省深圳市南山区``.
    full_name: Mapped[str] = mapped_column(String(200))

    parent: Mapped["Region | None"] = relationship(remote_side="Region.code")

    def __str__(self) -> str:
        return self.full_name


class CustomerLevel(Audited, Base):
    """A rank of customers (VIP, …); ``labels`` per language."""

    __tablename__ = "customer_level"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    labels: Mapped[dict[str, str]] = mapped_column(Json)
    rank: Mapped[int] = mapped_column(Integer, default=0)
    color: Mapped[str] = mapped_column(String(20), default="secondary")

    def __str__(self) -> str:
        return label_in(self.labels, DEFAULT_LOCALE)


class Tag(Audited, Base):
    """A free word put on customers and tickets; two that differ in case or width alone are one."""

    __tablename__ = "tag"
    __table_args__ = (Index("uq_tag_name_folded", "name_folded", unique=True), KEYS_ONCE)
    told = frozenset({"name"})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    name_folded: Mapped[str] = mapped_column(String(200))

    @validates("name")
    def _fold(self, _column: str, name: str) -> str:
        self.name_folded = tags.same(name or "")
        return name

    def __str__(self) -> str:
        return self.name


customer_tag = Table(
    "customer_tag",
    Base.metadata,
    Column("customer_id", ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Customer(Audited, Base):
    """Who is served: a person or a company."""

    __tablename__ = "customer"
    told = frozenset({"name"})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    #: ``person`` or ``company``.
    kind: Mapped[str] = mapped_column(String(10), default="person")
    name: Mapped[str] = mapped_column(String(120))
    name_folded: Mapped[str] = mapped_column(String(200), index=True)
    level_id: Mapped[int | None] = mapped_column(ForeignKey("customer_level.id"))
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlet.id"), index=True)
    #: ID card or company registration number.
    id_number: Mapped[str | None] = mapped_column(Encrypted)
    email: Mapped[str | None] = mapped_column(String(320))
    remark: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    level: Mapped[CustomerLevel | None] = relationship()
    outlet: Mapped["Outlet | None"] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=customer_tag)
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="Contact.id"
    )
    phones: Mapped[list["Phone"]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="Phone.id"
    )
    sites: Mapped[list["Site"]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="Site.id"
    )

    def __str__(self) -> str:
        return self.name


class Contact(Audited, Base):
    """A person to speak to at a customer."""

    __tablename__ = "contact"
    part_of = ("customer_id",)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[str | None] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(320))
    is_primary: Mapped[bool] = mapped_column(Boolean, default=False)

    customer: Mapped[Customer] = relationship(back_populates="contacts")
    #: Numbers of the customer by which this person is reached. Whoever deletes a person deletes none of them unasked.
    phones: Mapped[list["Phone"]] = relationship(overlaps="contact", passive_deletes="all", order_by="Phone.id")

    def __str__(self) -> str:
        return self.name


class Phone(Audited, Base):
    """A phone number, encrypted; found again exactly by the blind index of its E.164 form."""

    __tablename__ = "phone"
    part_of = ("customer_id", "contact_id")

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    #: As typed, extension included.
    raw: Mapped[str] = mapped_column(Encrypted)
    #: E.164, or the raw text where that cannot be told.
    number: Mapped[str] = mapped_column(Encrypted)
    number_index: Mapped[str] = mapped_column(String(64), index=True, info={UNRECORDED: True})
    #: Last four digits, for masked lists: ``•••• 8001``.
    tail: Mapped[str] = mapped_column(String(4))

    customer: Mapped[Customer] = relationship(back_populates="phones")
    contact: Mapped[Contact | None] = relationship()

    def __str__(self) -> str:
        # Masked: whoever may see more asks `queries.phone_text`.
        return f"•••• {self.tail}"


class Site(Audited, Base):
    """A place of a customer where something stands or is serviced."""

    __tablename__ = "site"
    part_of = ("customer_id",)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)
    address_line: Mapped[str | None] = mapped_column(Encrypted)
    #: WGS 84 degrees, six decimals (about 0.1 m).
    latitude: Mapped[Any | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    longitude: Mapped[Any | None] = mapped_column(Numeric(9, 6, asdecimal=False))

    customer: Mapped[Customer] = relationship(back_populates="sites")
    #: What one calls before going there.
    phones: Mapped[list[Phone]] = relationship(
        primaryjoin=lambda: foreign(Phone.customer_id) == Site.customer_id,
        viewonly=True, order_by=lambda: (Phone.contact_id.is_not(None), Phone.id),
    )  # fmt: skip
    region: Mapped[Region | None] = relationship()

    def __str__(self) -> str:
        return self.name


class Outlet(Audited, Base):
    """A service outlet (网点): a branch or partner that does the work of its regions."""

    __tablename__ = "outlet"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    address: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    region: Mapped[Region | None] = relationship()

    def __str__(self) -> str:
        return self.name


class Team(Audited, Base):
    """A group of staff that shares work."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlet.id"), index=True)
    active: Mapped[bool] = mapped_column(Boolean, default=True)

    outlet: Mapped[Outlet | None] = relationship()

    def __str__(self) -> str:
        return self.name


class Skill(Audited, Base):
    """Something staff can be able to do; ``labels`` per language."""

    __tablename__ = "skill"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    labels: Mapped[dict[str, str]] = mapped_column(Json)

    def __str__(self) -> str:
        return label_in(self.labels, DEFAULT_LOCALE)


staff_team = Table(
    "staff_team",
    Base.metadata,
    Column("staff_id", ForeignKey("staff_profile.id", ondelete="CASCADE"), primary_key=True),
    Column("team_id", ForeignKey("team.id", ondelete="CASCADE"), primary_key=True, index=True),
)

staff_region = Table(
    "staff_region",
    Base.metadata,
    Column("staff_id", ForeignKey("staff_profile.id", ondelete="CASCADE"), primary_key=True),
    Column("region_code", ForeignKey("region.code", ondelete="CASCADE"), primary_key=True),
)


class StaffProfile(Audited, Base):
    """What the company knows of an account that works for it."""

    __tablename__ = "staff_profile"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlet.id"), index=True)
    phone: Mapped[str | None] = mapped_column(Encrypted)
    #: Tickets a day this person can take; None: no ceiling.
    capacity_per_day: Mapped[int | None] = mapped_column(Integer)
    #: The language this person reads, `zh_Hans` unless chosen.
    locale: Mapped[str | None] = mapped_column(String(10))

    user: Mapped[Account] = relationship(foreign_keys=[user_id])
    outlet: Mapped[Outlet | None] = relationship()
    teams: Mapped[list[Team]] = relationship(secondary=staff_team)
    regions: Mapped[list[Region]] = relationship(secondary=staff_region)
    skills: Mapped[list["StaffSkill"]] = relationship(back_populates="staff", cascade="all, delete-orphan")
    #: The same without levels and certificates: what lists show and are filtered by.
    known_skills: Mapped[list[Skill]] = relationship(secondary="staff_skill", viewonly=True)

    def __str__(self) -> str:
        return str(self.user)


class StaffSkill(Audited, Base):
    """A skill a person has, how well (1 to 5), and the certificate that says so."""

    __tablename__ = "staff_skill"
    part_of = ("staff_id",)
    __table_args__ = (Index("uq_staff_skill", "staff_id", "skill_id", unique=True), KEYS_ONCE)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_profile.id"))
    skill_id: Mapped[int] = mapped_column(ForeignKey("skill.id"))
    level: Mapped[int] = mapped_column(Integer, default=1)
    certificate_no: Mapped[str | None] = mapped_column(String(80))
    valid_until_on: Mapped[date | None] = mapped_column(Date)

    staff: Mapped[StaffProfile] = relationship(back_populates="skills")
    skill: Mapped[Skill] = relationship()


class RoleScope(Stamped, Base):
    """How far a role reaches: ``own``, ``team``, ``outlet`` or ``all``, by the role's name in Flask-AppBuilder.

    Its changes are recorded with the role's own (`role_service`).
    """

    __tablename__ = "role_scope"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    role_name: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(10), default="own")
