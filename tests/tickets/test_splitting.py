"""Splitting a ticket: notes go over with their files, none is lost, and both journals tell of it."""

import pytest
from sqlalchemy import func, select

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.permissions import Scope
from app.tickets import attachments, queries, service
from app.tickets.links import reading
from app.tickets.models import TicketNote
from app.tickets.orders import ChangeTicket, MergeTickets, NoteOrder, OpenTicket, SplitTicket
from tests.factories import tickets
from tests.tickets.test_attachments import picture, upload


@pytest.fixture
def source(work, key):
    ticket = tickets.ticket(work, key)
    file = upload(work, picture()).id
    for body, files in (("留下", ()), ("另一件事", (file,))):
        service.change_ticket(work, ChangeTicket(ticket, note=NoteOrder(body, files=files)))
    return ticket


def notes(work, ticket):
    return [(one.id, one.body, len(one.files)) for one in queries.timeline(work, ticket, kinds=["note"])]


def split(work, source, key, *moved, **more):
    return service.split_ticket(work, SplitTicket(source, OpenTicket(key, {}, {"fault": "漏水"}), moved, **more))


def test_the_chosen_notes_go_over_with_their_files_and_both_tell_of_it(clerk, key, source):
    (moved, body, files), kept = notes(clerk, source)
    new = split(clerk, source, key, moved).ticket_id
    assert [(one.ticket_id, one.kind) for one in clerk.events[-1].changes] == [(source, "split"), (new, "split")]
    assert (notes(clerk, new), notes(clerk, source)) == ([(moved, body, files)], [kept])
    assert [one.ticket.id for one in reading.linked(clerk, queries.ticket(clerk, new))] == [source]
    assert len(attachments.files_of(clerk, new)) == 1
    assert len(attachments.files_of(clerk, source)) == 0
    numbers = {one: queries.ticket(clerk, one).number for one in (source, new)}
    for one, other in ((source, new), (new, source)):
        (entry,) = [entry for entry in queries.timeline(clerk, one) if entry.kind == "split"]
        assert {change.new for change in entry.changes} == {numbers[other], "1"}


def test_what_cannot_be_split_makes_no_ticket(work, make_work, clerk, key, source):
    other = tickets.ticket(work, key)
    count = select(func.count()).select_from(TicketNote)
    before = work.session.scalar(count)
    with pytest.raises(DomainError, match="note"):
        split(clerk, other, key, notes(clerk, source)[0][0])
    with pytest.raises(ConflictError):
        split(clerk, source, key, version=99)
    with pytest.raises(NotAllowedError):
        split(make_work(tickets.actor(work, "technician", scope=Scope.ALL)), source, key)
    with pytest.raises(NotFoundError):
        split(make_work(tickets.actor(work, scope=Scope.OWN)), source, key)
    service.merge_ticket(clerk, MergeTickets(source, other))
    with pytest.raises(DomainError, match="merged"):
        split(clerk, source, key)
    assert work.session.scalar(count) == before
