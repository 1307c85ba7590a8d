"""Templates and their versions as lists show them, and the field library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, func, select

from app.core.errors import NotFoundError
from app.core.i18n import Label, _
from app.core.work import Work
from ticket_templates.models import FieldDefinition, TemplateVersion, TicketTemplate
from ticket_templates.spec import TemplateSpec, from_json


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """A template as lists show it. ``version_id`` and ``number`` are of the version new tickets are made with."""

    id: int
    key: str
    labels: Label
    description: Label
    icon: str
    color: str
    withdrawn: bool
    version_id: int | None
    number: int | None


@dataclass(frozen=True, slots=True)
class VersionCard:
    """One version of a template as the history shows it."""

    id: int
    number: int
    published_at: datetime | None
    note: str
    checksum: str
    changed_at: datetime
    changed_by_id: int | None

    @property
    def is_draft(self) -> bool:
        """Whether it may still change."""
        return self.published_at is None


@dataclass(frozen=True, slots=True)
class FieldCard:
    """A definition of the library, and the keys of the templates whose current version or draft uses it."""

    id: int
    key: str
    type: str
    labels: Label
    help: Label
    options: int
    used_in: tuple[str, ...]


NEWEST: Final = (
    select(TemplateVersion.template_id, func.max(TemplateVersion.number).label("number"))
    .where(TemplateVersion.published_at.is_not(None))
    .group_by(TemplateVersion.template_id)
    .subquery("newest")
)
CARDS: Final = (
    select(
        TicketTemplate.id,
        TicketTemplate.key,
        TicketTemplate.labels,
        TicketTemplate.description,
        TicketTemplate.icon,
        TicketTemplate.color,
        TicketTemplate.withdrawn,
        TemplateVersion.id.label("version_id"),
        TemplateVersion.number,
    )
    .outerjoin(NEWEST, NEWEST.c.template_id == TicketTemplate.id)
    .outerjoin(
        TemplateVersion,
        and_(TemplateVersion.template_id == TicketTemplate.id, TemplateVersion.number == NEWEST.c.number),
    )
    .order_by(TicketTemplate.position, TicketTemplate.key)
)


def templates(work: Work, *, with_withdrawn: bool = False) -> list[TemplateCard]:
    """Return the templates in the administrator's order; one without a published version has no number."""
    query = CARDS if with_withdrawn else CARDS.where(TicketTemplate.withdrawn.is_(False))
    return [card_of(row) for row in work.session.execute(query)]


def card(work: Work, template_key: str) -> TemplateCard:
    """Return one template, withdrawn or not; NotFoundError."""
    for one in templates(work, with_withdrawn=True):
        if one.key == template_key:
            return one
    raise no_template(template_key)


def template_versions(work: Work, template_key: str) -> list[VersionCard]:
    """Return the versions of a template, the newest first, a draft among them."""
    query = (
        select(TemplateVersion)
        .join(TicketTemplate)
        .where(TicketTemplate.key == template_key)
        .order_by(TemplateVersion.number.desc())
    )
    return [
        VersionCard(
            one.id, one.number, one.published_at, one.note or "", one.checksum, one.changed_at, one.changed_by_id
        )
        for one in work.session.scalars(query)
    ]


def spec_of(work: Work, template_key: str, number: int) -> TemplateSpec:
    """Return what a version or draft says; NotFoundError."""
    query = (
        select(TemplateVersion.spec)
        .join(TicketTemplate)
        .where(TicketTemplate.key == template_key, TemplateVersion.number == number)
    )
    data = work.session.scalar(query)
    if data is None:
        raise NotFoundError(_("There is no version %(number)s of this template.", number=number), code="no_version")
    return from_json(data)


def fields(work: Work) -> list[FieldCard]:
    """Return the field library by key, each with the templates whose newest version or draft uses it."""
    used: dict[str, set[str]] = {}
    for template_key, spec in work.session.execute(current_specs()):
        for one in spec["fields"]:
            used.setdefault(one["key"], set()).add(template_key)
    return [
        FieldCard(
            one.id, one.key, one.type, one.labels, one.help or {}, len(one.options or ()),
            tuple(sorted(used.get(one.key, ()))),
        )
        for one in work.session.scalars(select(FieldDefinition).order_by(FieldDefinition.key))
    ]  # fmt: skip


def definition(work: Work, key: str) -> FieldDefinition:
    """Return one definition of the library."""
    found = work.session.scalar(select(FieldDefinition).where(FieldDefinition.key == key.replace("\x00", "")))
    if found is None:
        raise NotFoundError(_("There is no such field."), code="not_found")
    return found


def no_template(template_key: str) -> NotFoundError:
    """Return that there is no template of that key (or none is published)."""
    message = _("There is no template “%(key)s”.", key=template_key[:60])
    return NotFoundError(message, field="template", code="no_template")


def current_specs() -> Select[Any]:
    """Select key and spec of each template's newest version and its draft."""
    newest = and_(NEWEST.c.template_id == TemplateVersion.template_id, NEWEST.c.number == TemplateVersion.number)
    return (
        select(TicketTemplate.key, TemplateVersion.spec)
        .join(TemplateVersion, TemplateVersion.template_id == TicketTemplate.id)
        .outerjoin(NEWEST, newest)
        .where((NEWEST.c.number.is_not(None)) | TemplateVersion.published_at.is_(None))
    )


def card_of(row: Sequence[Any]) -> TemplateCard:
    """Return the card of a row that begins as `CARDS` has its columns."""
    key, name, labels, description, icon, color, withdrawn, version_id, number, *_further = row
    return TemplateCard(key, name, labels, description or {}, icon, color, withdrawn, version_id, number)
