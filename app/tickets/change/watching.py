"""Who watches a ticket; journaled without a new version, since it changes nothing anybody could overwrite."""

from sqlalchemy import delete, select

from app.core.errors import DomainError, NotAllowedError, NotFoundError
from app.core.i18n import _
from app.core.work import Work
from app.people.models import Account
from app.tickets import scope
from app.tickets.change import read, write
from app.tickets.change.plan import NOT_FOUND, NOT_YOURS
from app.tickets.events import TicketChange
from app.tickets.models import TicketWatcher


def watch(work: Work, ticket_id: int, *, on: bool, user_id: int | None) -> None:
    """Add or remove a watcher; nothing happens when it is so already."""
    if not work.actor.may("ticket.note"):
        # Who only reads leaves no trace.
        raise NotAllowedError(_("You may not watch tickets."))
    rows = read.rows(work, [ticket_id])
    row = rows.columns.get(ticket_id)
    if row is None:
        raise NotFoundError(NOT_FOUND, code="not_found")
    if user_id is None or not work.session.scalar(
        select(Account.id).where(Account.id == user_id, Account.active.is_(True))
    ):
        raise DomainError(_("There is no such person."), field="user_id", code="not_found")
    others = user_id != work.actor.user_id
    if others and not on and ticket_id not in rows.yours:
        raise NotAllowedError(NOT_YOURS)
    # Watching opens the ticket to whoever watches.
    invited = others and on and not (work.actor.may("ticket.transfer") and ticket_id in rows.yours)
    if invited and not scope.within(work, user_id, [ticket_id]):
        message = _("This person may not see the ticket. Ask somebody who may hand tickets over.")
        raise DomainError(message, field="user_id", code="out_of_reach")
    pair = (TicketWatcher.ticket_id == ticket_id, TicketWatcher.user_id == user_id)
    if bool(work.session.scalar(select(TicketWatcher.user_id).where(*pair))) == on:
        return
    if on:
        write.add_watchers(work, [(ticket_id, user_id)])
    else:
        work.session.execute(delete(TicketWatcher).where(*pair))
    watcher = {"watcher": [None, user_id] if on else [user_id, None]}
    write.journal(work, [(TicketChange(ticket_id, "watched", watcher), row["version"])])
