"""The service report of one ticket: read as this person may see it, then laid out."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from app.company.profile import logo, profile
from app.core.errors import NotFoundError
from app.core.i18n import _, label_in
from app.core.work import Work
from app.reports.pdf.content import (
    Card,
    Check,
    Fact,
    Gallery,
    Grid,
    Letterhead,
    Picture,
    PublicNote,
    Report,
    SectionBlock,
    Signature,
)
from app.reports.pdf.layout import report_bytes
from app.tickets import attachments, queries
from app.tickets.columns import COLUMNS
from app.tickets.queries import TicketDetail
from ticket_templates.field_types.base import FieldType
from ticket_templates.spec import FieldUse, PrintLayout, Section

#: Columns of the ticket on every report, in order; empty ones are left out.
_FACTS: Final = ("state", "installed_product", "outlet", "assignee", "created", "resolved", "closed")
#: Of these, people outside the house need no code or user name: ``南山网点 (SZ-NS)``.
_CODED: Final = frozenset({"outlet", "assignee"})
_CODE: Final = re.compile(r" \([^()]*\)$")
#: Notes after so many are in the ticket, not on paper.
MOST_NOTES: Final = 50
_PAGE: Final = 200
_NUMBER: Final = re.compile(r"[-−]?(?:[A-Z]{0,3}[¥$€£])?\s?[\d.,]+\s?%?")
#: Fields that take more than this of 12 columns have a line of their own.
_HALF: Final = 6


def report_pdf(work: Work, number: str, locale: str, link: str = "") -> bytes:
    """Return the service report as a PDF; equal tickets at one instant give equal bytes.

    ``link`` is the address the QR code leads to; without one it holds the ticket's number.
    """
    return report_bytes(report_of(work, queries.ticket(work, number), locale, link))


def report_of(work: Work, detail: TicketDetail, locale: str, link: str = "") -> Report:
    """Return what the report says, in ``locale``, of what this person may see; of notes, only public ones."""
    layout = detail.version.spec.print
    customer = _card(work, detail)
    printed_at = _("Printed %(at)s", at=_local(work, work.now)).in_(locale)
    return Report(
        locale=locale,
        company=_letterhead(work, locale),
        title=label_in(layout.title, locale) or _("Service report").in_(locale),
        number=detail.number,
        code=link or detail.number,
        subject=detail.subject,
        cards=(
            Card(_("Customer").in_(locale), tuple(_customer(detail, customer, locale))),
            Card(_("Service").in_(locale), tuple(_facts(detail, locale))),
        ),
        sections=tuple(_sections(work, detail, layout, locale)),
        checklist=tuple(_checklist(work, detail, locale)) if layout.checklist else (),
        notes=tuple(_notes(work, detail)),
        signatures=tuple(_signatures(work, detail, customer, locale)) if layout.signature else (),
        footer=label_in(layout.footer, locale),
        printed=printed_at,
    )


def _letterhead(work: Work, locale: str) -> Letterhead:
    known = profile(work)
    tax = _("Tax number: %(number)s", number=known.tax_number).in_(locale) if known.tax_number else ""
    lines = (known.address, "  ·  ".join(one for one in (known.phone, known.email, tax) if one))
    data = logo(work, known.logo)
    picture = Picture(BytesIO(data)) if data else None
    return Letterhead(known.name(locale), tuple(one for one in lines if one), picture)


def _customer(detail: TicketDetail, card: queries.Customer360 | None, locale: str) -> Iterator[Fact]:
    """Yield who is served, how they are reached and where; masked for who may not see personal data."""
    contact_id, site_id = detail.columns["contact_id"], detail.columns["site_id"]
    name, contact = card.name if card else detail.named("customer_id"), detail.named("contact_id")
    facts = [(_("Name"), name), (_("Contact"), contact if contact != name else "")]
    if card:
        phones = {one.id: one.phones for one in card.people}
        known = phones.get(contact_id) or phones.get(None) or next(filter(None, phones.values()), ())
        facts.append((_("Phone"), ", ".join(known[:2])))
        # The only place there is needs no choosing.
        places = [one for one in card.places if one.id == site_id or (site_id is None and len(card.places) == 1)]
        facts += [(_("Address"), one.address) for one in places]
    yield from (Fact(label.in_(locale), text) for label, text in facts if text)


def _card(work: Work, detail: TicketDetail) -> queries.Customer360 | None:
    customer_id = detail.columns["customer_id"]
    try:
        return queries.customer_360(work, customer_id, reader=detail.reader) if customer_id else None
    except NotFoundError:
        return None


def _facts(detail: TicketDetail, locale: str) -> Iterator[Fact]:
    for name in _FACTS:
        column = COLUMNS[name]
        text = column.text(detail, locale)
        if text:
            yield Fact(column.label_in(locale), _CODE.sub("", text) if name in _CODED else text)


def _sections(work: Work, detail: TicketDetail, layout: PrintLayout, locale: str) -> Iterator[SectionBlock]:
    by_key = {section.key: section for section in detail.version.spec.sections}
    visible = detail.version.visible(detail.values, detail.columns)
    for key in layout.sections or by_key:
        section = by_key.get(key)
        parts = tuple(_parts(work, detail, section, visible, locale)) if section else ()
        if section and parts:
            yield SectionBlock(label_in(section.labels, locale), parts)


def _parts(
    work: Work, detail: TicketDetail, section: Section, visible: set[str], locale: str
) -> Iterator[Fact | Grid | Gallery]:
    photos = detail.version.spec.print.photos
    for use in section.fields:
        value = detail.value(use.field)
        if value is None or use.field not in visible:
            continue
        field_type = detail.version.types[use.field]
        if _is_signature(field_type):
            continue
        if field_type.kind == "attachments":
            yield from _files(work, field_type, value, locale, photos=photos)
        else:
            yield _shown(detail, field_type, use, value, locale)


def _shown(detail: TicketDetail, field_type: FieldType, use: FieldUse, value: Any, locale: str) -> Fact | Grid:
    label = field_type.label_in(locale)
    grid = field_type.grid(value, detail.reader.context(locale))
    if grid is not None:
        headings, rows = grid
        return Grid(label, tuple(headings), tuple(map(tuple, rows)), _numeric(rows))
    # A cell of a list is one line; on paper a long text keeps its own.
    text = value if field_type.input == "textarea" and isinstance(value, str) else detail.shown(use.field, locale)
    amount = field_type.kind == "money"
    return Fact(label, text, wide=use.width > _HALF, amount=amount, total=amount and field_type.derived)


def _numeric(rows: Sequence[Sequence[str]]) -> frozenset[int]:
    """Return the columns that hold nothing but numbers and amounts."""
    return frozenset(
        place
        for place, column in enumerate(zip(*rows, strict=True))
        if any(column) and all(not cell or _NUMBER.fullmatch(cell) for cell in column)
    )


def _files(work: Work, field_type: FieldType, value: Any, locale: str, *, photos: bool) -> Iterator[Fact | Gallery]:
    """Yield the pictures as pictures, and other files by their names."""
    label = field_type.label_in(locale)
    pictures, names = [], []
    for one in field_type.files(value):
        file = _stored(work, one)
        if file is None:
            continue
        if photos and file.media_type.startswith("image/"):
            pictures.append(Picture(file.path, file.filename.rpartition(".")[0] or file.filename))
        else:
            names.append(file.filename)
    if pictures:
        yield Gallery(label, tuple(pictures))
    if names:
        yield Fact(label, "\n".join(names), wide=True)


def _stored(work: Work, attachment_id: int) -> Any | None:
    """Return the file, or None when it is gone: a lost file must not cost the customer the report."""
    try:
        return attachments.open_file(work, attachment_id)
    except NotFoundError:
        return None


def _checklist(work: Work, detail: TicketDetail, locale: str) -> Iterator[Check]:
    ticked = detail.columns["checklist"]
    due = detail.version.items(detail.every_value, detail.columns)
    for item in detail.version.spec.checklist:
        tick = ticked.get(item.key)
        if tick is None and item not in due:
            continue
        done = _local(work, datetime.fromisoformat(tick["at"])) if tick else ""
        yield Check(label_in(item.labels, locale), done)


def _notes(work: Work, detail: TicketDetail) -> list[PublicNote]:
    """Return the public notes, oldest first."""
    found: list[PublicNote] = []
    before: str | None = None
    while len(found) < MOST_NOTES:
        entries = queries.timeline(work, detail.id, kinds={"note"}, before=before, size=_PAGE, detail=detail)
        found += [
            PublicNote(f"{_local(work, one.at)} · {one.actor}", one.body) for one in entries if one.public and one.body
        ]
        if len(entries) < _PAGE:
            break
        before = entries[-1].cursor
    if len(found) > MOST_NOTES:
        found = found[:MOST_NOTES]
    return found[::-1]


def _signatures(work: Work, detail: TicketDetail, card: queries.Customer360 | None, locale: str) -> Iterator[Signature]:
    """Yield the signatures given on a screen; without any, places to sign by pen."""
    customer = detail.named("contact_id") or (card.name if card else detail.named("customer_id"))
    technician, resolved = _CODE.sub("", detail.named("assignee_id")), detail.columns["resolved_at"]
    signed = False
    for key, field_type in detail.version.types.items():
        value = detail.value(key) if _is_signature(field_type) else None
        for one in field_type.files(value) if value is not None else ():
            if (file := _stored(work, one)) is not None:
                signed = True
                at = _local(work, file.uploaded_at) if file.uploaded_at else ""
                yield Signature(field_type.label_in(locale), Picture(file.path), customer, at)
    if not signed:
        yield Signature(_("Customer's signature and date").in_(locale))
        yield Signature(_("Technician's signature and date").in_(locale), None, technician)
    elif technician:
        yield Signature(_("Technician").in_(locale), None, technician, _local(work, resolved) if resolved else "")


def _is_signature(field_type: FieldType) -> bool:
    return field_type.input == "signature"


def _local(work: Work, moment: datetime) -> str:
    return moment.astimezone(work.company.zone).strftime("%Y-%m-%d %H:%M")
