"""The one row that says who the company is, and the picture of its logo."""

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.audit import Audited
from app.core.columns import Json
from app.core.db import Base

#: There is one company; its row is made when an administrator first saves it.
ONLY = 1


class CompanyLogo(Base):
    """A logo, named by its content. It lies in the database, so that it is saved, restored and rolled back with it."""

    __tablename__ = "company_logo"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class CompanyProfile(Audited, Base):
    """What stands at the head of documents; ``names`` per language."""

    __tablename__ = "company_profile"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    names: Mapped[dict[str, str]] = mapped_column(Json)
    address: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(320))
    tax_number: Mapped[str | None] = mapped_column(String(40))
    logo: Mapped[str | None] = mapped_column(ForeignKey("company_logo.name"))
