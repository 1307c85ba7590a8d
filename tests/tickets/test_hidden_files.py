"""A file is as secret as the field that holds it."""

from dataclasses import replace

import pytest

from app.core.errors import NotFoundError
from app.core.permissions import Scope
from app.tickets import attachments, queries, service
from app.tickets.orders import ChangeTicket, NoteOrder
from tests.factories import tickets
from tests.tickets.test_attachments import picture, upload


@pytest.fixture
def hidden():
    """A template whose photos are for quality assurance alone."""
    spec = tickets.repair_spec()
    main, *rest = spec.sections
    whose = {"read_roles": frozenset({"qa"}), "write_roles": frozenset({"qa"})}
    uses = tuple(replace(use, **whose) if use.field == "photos" else use for use in main.fields)
    return replace(spec, sections=(replace(main, fields=uses), *rest))


def test_a_file_of_a_field_one_may_not_read_is_no_file(work, make_work, hidden):
    qa, clerk = (make_work(tickets.actor(work, role, scope=Scope.ALL)) for role in ("qa", "clerk"))
    proof, shared = upload(qa, picture()), upload(qa, b"%PDF-1.7", "a.pdf")
    ticket = tickets.ticket(work, tickets.template(work, spec=hidden))
    note = NoteOrder("", files=(shared.id,))
    service.change_ticket(qa, ChangeTicket(ticket, answers={"photos": [proof.id]}, note=note))
    assert [one.id for one in attachments.files_of(qa, ticket)] == [proof.id, shared.id]
    assert attachments.open_file(qa, proof.id).is_image
    assert [one.id for one in attachments.files_of(clerk, ticket)] == [shared.id]
    assert attachments.open_file(clerk, shared.id).filename == "a.pdf"
    for way in (attachments.open_file, attachments.thumbnail):
        with pytest.raises(NotFoundError):
            way(clerk, proof.id)
    # Nor does the timeline of files say that there was one.
    assert [len(queries.timeline(who, ticket, kinds=["file"])) for who in (qa, clerk)] == [2, 1]
    (told,) = queries.timeline(clerk, ticket, kinds=["file"])
    assert [card.filename for card in told.files] == ["a.pdf"]
