"""What an administrator defines, as stored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import DDL, Boolean, ForeignKey, Index, Integer, String, event, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited, Stamped
from app.core.columns import Json, UtcDateTime
from app.core.db import Base


class FieldDefinition(Audited, Base):
    """A field of the library. The key is unique for ever; the type never changes once a template uses it."""

    __tablename__ = "field_definition"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    #: Stored name of a class in `ticket_templates/field_types/`.
    type: Mapped[str] = mapped_column(String(40))
    labels: Mapped[dict[str, str]] = mapped_column(Json)
    help: Mapped[dict[str, str] | None] = mapped_column(Json)
    #: As `spec.OPTIONS` writes them: key, labels, color, retired, children.
    options: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    #: Settings of the type: min, max, scale, currency, pattern, formula, columns, …
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    #: Lists are filtered by it often: its answers have an index (`app.tickets.indexes`).
    indexed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class TicketTemplate(Audited, Base):
    """A kind of ticket. New ones are made with the highest published version; withdrawn: none are made any more."""

    __tablename__ = "ticket_template"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    labels: Mapped[dict[str, str]] = mapped_column(Json)
    description: Mapped[dict[str, str] | None] = mapped_column(Json)
    icon: Mapped[str] = mapped_column(String(40), default="ticket")
    color: Mapped[str] = mapped_column(String(20), default="blue")
    position: Mapped[int] = mapped_column(Integer, default=0)
    withdrawn: Mapped[bool] = mapped_column(Boolean, default=False)

    versions: Mapped[list["TemplateVersion"]] = relationship(back_populates="template")


class TemplateVersion(Stamped, Base):
    """One version of a template. ``spec`` never changes once ``published_at`` is set; at most one draft a template."""

    __tablename__ = "template_version"
    __table_args__ = (
        Index("uq_template_version_number", "template_id", "number", unique=True),
        Index(
            "uq_template_version_draft",
            "template_id",
            unique=True,
            sqlite_where=text("published_at IS NULL"),
            postgresql_where=text("published_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("ticket_template.id"))
    number: Mapped[int] = mapped_column(Integer)
    #: `spec.TemplateSpec.as_json()`: self-contained, with the field definitions as they were.
    spec: Mapped[dict[str, Any]] = mapped_column(Json)
    #: SHA-256 of the spec's canonical JSON: the key under which the compiled version is cached.
    checksum: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(String(300))

    template: Mapped[TicketTemplate] = relationship(back_populates="versions")


#: The database itself refuses to change or delete what is published, whoever asks: dialect → statements.
#: Migrations run the same ones.
KEEP_PUBLISHED: Final[Mapping[str, tuple[str, ...]]] = {
    "sqlite": tuple(
        f"""CREATE TRIGGER template_version_keeps_{what} BEFORE {when} ON template_version
        WHEN OLD.published_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a published template version never changes'); END"""
        for what, when in (
            ("published", "UPDATE OF template_id, number, spec, checksum, published_at"),
            ("rows", "DELETE"),
        )
    ),
    "postgresql": (
        """CREATE FUNCTION template_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'a published template version never changes'; END $$""",
        """CREATE TRIGGER template_version_keeps_published
        BEFORE UPDATE OF template_id, number, spec, checksum, published_at OR DELETE ON template_version
        FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION template_version_refuse()""",
    ),
}

for _dialect, _statements in KEEP_PUBLISHED.items():
    for _statement in _statements:
        event.listen(
            TemplateVersion.__table__,
            "after_create",
            DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call] # SQLAlchemy's
        )
