"""Who the company is: read for documents, written by administrators, audited like any record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO, Final

from sqlalchemy import delete, select

from app.company.logo import prepared
from app.company.models import ONLY, CompanyLogo, CompanyProfile
from app.core.errors import ConflictError
from app.core.i18n import Label, _, label_in
from app.core.records import service
from app.core.records.attributes import Email, Labels, Text
from app.core.records.service import RecordType
from app.core.work import Work

COMPANY: Final = RecordType(
    "settings", CompanyProfile, _("Company"),
    (
        Labels(name="names", label=_("Name"), limit=120, required=True,
               help=_("As documents show it; a language left empty shows another one's.")),
        Text(name="address", label=_("Address"), limit=200),
        Text(name="phone", label=_("Phone"), limit=80, help=_("As customers are to dial it, e.g. a service hotline.")),
        Email(name="email", label=_("E-mail")),
        Text(name="tax_number", label=_("Tax number"), limit=40),
    ),
)  # fmt: skip

#: With the logo, which is no text anybody types: for the audit.
RECORDED: Final = replace(COMPANY, attributes=(*COMPANY.attributes, Text(name="logo", label=_("Logo"), limit=40)))


@dataclass(frozen=True, slots=True)
class Profile:
    """The company as documents show it. ``seen`` is when it was last changed, None: never."""

    names: Label
    address: str = ""
    phone: str = ""
    email: str = ""
    tax_number: str = ""
    #: Name of the logo; it changes with the picture.
    logo: str = ""
    seen: datetime | None = None

    def name(self, locale: str) -> str:
        """Return the name in ``locale``, or in the language there is."""
        return label_in(self.names, locale)


def profile(work: Work) -> Profile:
    """Return what is kept; before an administrator kept anything, the name from the settings."""
    row = work.session.get(CompanyProfile, ONLY)
    if row is None:
        return Profile({work.company.locale: work.company.name})
    return Profile(
        row.names, row.address or "", row.phone or "", row.email or "", row.tax_number or "", row.logo or "",
        row.changed_at,
    )  # fmt: skip


def logo(work: Work, name: str) -> bytes | None:
    """Return the PNG of that name, None when there is none."""
    return work.session.scalar(select(CompanyLogo.data).where(CompanyLogo.name == name[:40])) if name else None


def save(
    work: Work,
    values: Mapping[str, Any],
    *,
    seen: datetime | None,
    picture: BinaryIO | None = None,
    without_logo: bool = False,
) -> None:
    """Keep the company; ``seen`` is what `profile` said when the form was opened, so that nobody's change is lost."""
    service.demand(work, COMPANY, "change")
    # Locked, so that the second of two who save at once sees what the first one saved.
    row = work.session.get(CompanyProfile, ONLY, with_for_update=True)
    if (row.changed_at if row else None) != seen:
        raise ConflictError(
            _("Somebody else changed this meanwhile. Read it again, then make your change."), code="conflict"
        )
    if row is None:
        row = CompanyProfile(id=ONLY)
    service.fill(work, COMPANY, row, values)
    before = row.logo
    if picture is not None:
        row.logo = _kept(work, *prepared(picture))
    elif without_logo:
        row.logo = None
    work.session.add(row)
    service.write(work, COMPANY, row)
    if before and before != row.logo:
        work.session.execute(delete(CompanyLogo).where(CompanyLogo.name == before))


def _kept(work: Work, name: str, data: bytes) -> str:
    if work.session.get(CompanyLogo, name) is None:
        work.session.add(CompanyLogo(name=name, data=data))
        work.session.flush()
    return name
