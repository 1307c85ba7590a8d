"""Tickets and what hangs on them. Only `app/tickets` writes these tables, set-based (a house test proves it)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Json, UtcDateTime
from app.core.db import KEYS_ONCE, Base, BigKey


class Ticket(Base):
    """A piece of service work, pinned to the template version it was made with."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    #: In the order of its characters on every server: so the index finds what begins as somebody typed.
    number: Mapped[str] = mapped_column(String(60).with_variant(String(60, collation="C"), "postgresql"), unique=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("ticket_template.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("template_version.id"))
    subject: Mapped[str] = mapped_column(String(300))
    #: Key of a state of the version's workflow, and that state's category: new, open, pending, resolved, closed.
    state: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(10))
    #: 1 urgent, 2 high, 3 normal, 4 low.
    priority: Mapped[int] = mapped_column(SmallInteger, default=3)
    #: Where it came from: desk, phone, portal, mail, api, import, …
    channel: Mapped[str] = mapped_column(String(20))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    installed_product_id: Mapped[int | None] = mapped_column(ForeignKey("installed_product.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    outlet_id: Mapped[int | None] = mapped_column(ForeignKey("outlet.id"))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    #: Canonical values by field key (see `ticket_templates/field_types`).
    values: Mapped[dict[str, Any]] = mapped_column(Json)
    #: Ids of its tags as text, in their order: what lists show. `TicketTag` says the same for those who look for them.
    tags: Mapped[list[str] | None] = mapped_column(Json)
    #: Ticked items of the closing checklist: ``{item: {"at": instant, "by": user id}}``.
    checklist: Mapped[dict[str, Any]] = mapped_column(Json)
    #: Optimistic lock: 1 at first, one more at each change.
    version: Mapped[int] = mapped_column(Integer, default=1)
    #: Where an imported ticket came from; the pair is unique, so a second import finds it.
    external_source: Mapped[str | None] = mapped_column(String(60))
    external_id: Mapped[str | None] = mapped_column(String(120))
    #: Names one submission of a form or API call; a second with the same key finds the first.
    submission_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When the time limit of the present step ends; None: no limit.
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When it last came back to work after it had been resolved or closed; None: never.
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


# Each list order the desk offers ends in the id, so that keyset paging is exact. What lists are filtered by stands
# behind it, so that only the tickets shown are looked at; by category there stands all of it, for the work at hand.
_NEWEST = (Ticket.created_at.desc(), Ticket.id.desc())
_PLACES = (Ticket.assignee_id, Ticket.team_id, Ticket.outlet_id, Ticket.created_by_id)
_FILTERS = (Ticket.category, Ticket.priority, Ticket.template_id)
Index("ix_ticket_created", *_NEWEST)
Index("ix_ticket_changed", Ticket.changed_at.desc(), Ticket.id.desc(), *_FILTERS, *_PLACES)
Index("ix_ticket_state_created", Ticket.state, *_NEWEST)
Index("ix_ticket_category_created", Ticket.category, *_NEWEST, *_FILTERS[1:], *_PLACES, Ticket.due_at)
Index("ix_ticket_template_created", Ticket.template_id, *_NEWEST, Ticket.category, Ticket.priority)
Index("ix_ticket_assignee_created", Ticket.assignee_id, *_NEWEST, *_FILTERS)
Index("ix_ticket_team_created", Ticket.team_id, *_NEWEST, *_FILTERS)
Index("ix_ticket_outlet_created", Ticket.outlet_id, *_NEWEST, *_FILTERS)
Index("ix_ticket_creator_created", Ticket.created_by_id, *_NEWEST, *_FILTERS)
Index("ix_ticket_priority_created", Ticket.priority, *_NEWEST, Ticket.category, Ticket.template_id)
Index(
    "ix_ticket_due",
    Ticket.due_at,
    Ticket.id,
    Ticket.category,
    sqlite_where=Ticket.due_at.is_not(None),
    postgresql_where=Ticket.due_at.is_not(None),
)
# Few tickets ever come back: those that are open again are found among them alone.
Index(
    "ix_ticket_reopened",
    Ticket.category,
    *_NEWEST,
    sqlite_where=Ticket.reopened_at.is_not(None),
    postgresql_where=Ticket.reopened_at.is_not(None),
)
Index("ix_ticket_customer_created", Ticket.customer_id, *_NEWEST)
Index("ix_ticket_installed", Ticket.installed_product_id, *_NEWEST)
Index("uq_ticket_external", Ticket.external_source, Ticket.external_id, unique=True)


class TicketTag(Base):
    """That a ticket has a tag: written with the ticket's own ``tags``, for finding it by them."""

    __tablename__ = "ticket_tag"

    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)


class TicketEvent(Base):
    """The journal: one row a ticket and change, append-only. Replaying it yields the ticket."""

    __tablename__ = "ticket_event"
    __table_args__ = (Index("ix_ticket_event_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    cause: Mapped[dict[str, Any]] = mapped_column(Json)
    #: opened, changed, transitioned, transferred, noted, attached, watched, linked, unlinked.
    kind: Mapped[str] = mapped_column(String(20))
    #: The transition's key, where one was taken.
    transition: Mapped[str | None] = mapped_column(String(40))
    #: ``{field: [old, new]}``; custom fields as ``values.KEY``, checklist items as ``checklist.KEY``.
    changes: Mapped[dict[str, Any]] = mapped_column(Json)
    #: The ticket's version after this.
    version: Mapped[int] = mapped_column(Integer)


class TicketNote(Base):
    """A note on a ticket; public ones a customer may read, internal ones never."""

    __tablename__ = "ticket_note"
    __table_args__ = (Index("ix_ticket_note_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    body: Mapped[str] = mapped_column(Text)
    public: Mapped[bool] = mapped_column(Boolean)
    #: Accounts named with @username.
    mentions: Mapped[list[int]] = mapped_column(Json, default=list)


class Attachment(Base):
    """A file: uploaded first (``ticket_id`` None, swept after a day), then claimed by the ticket that names it."""

    __tablename__ = "attachment"
    __table_args__ = KEYS_ONCE

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    field_key: Mapped[str | None] = mapped_column(String(60))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("ticket_note.id"))
    filename: Mapped[str] = mapped_column(String(200))
    #: Told from the content, never from the name.
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    #: Random name under the storage folder.
    storage_key: Mapped[str] = mapped_column(String(80), unique=True)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))


class TicketWatcher(Base):
    """Somebody who wants to know what happens to a ticket."""

    __tablename__ = "ticket_watcher"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), primary_key=True, index=True)


class TicketNotice(Base):
    """That a ticket is news to somebody (named on it, given it, watching it …) who has not opened it since."""

    __tablename__ = "ticket_notice"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: mentioned, assigned; of one that comes back: returned, handed_back, reopened, cancelled; of one that is watched
    #: or one's own also: noted, resolved, closed, merged.
    kind: Mapped[str] = mapped_column(String(20))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))


class TicketCounter(Base):
    """The last number given in a scope (``WX-20261121``); locked while a batch takes its numbers, so gap-free."""

    __tablename__ = "ticket_counter"

    scope: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
