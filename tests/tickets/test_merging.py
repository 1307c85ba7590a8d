"""Merging tickets and undoing it: nothing is lost, nobody reads more, and after undoing all is as before."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core.errors import ConflictError, DomainError, NotAllowedError, NotFoundError
from app.core.permissions import Scope
from app.tickets import attachments, journal, queries, service
from app.tickets.change.read import COLUMNS, NAMES
from app.tickets.links import reading
from app.tickets.links.filling import fillable
from app.tickets.links.models import TicketMerge
from app.tickets.merged import MERGED
from app.tickets.models import Ticket, TicketEvent, TicketNote, TicketWatcher
from app.tickets.orders import ChangeTicket, LinkTickets, MergeTickets, NoteOrder
from tests.clients import statements
from tests.conftest import NOW
from tests.factories import people, tickets
from tests.tickets.records_known import household, spec
from tests.tickets.test_attachments import picture, upload
from ticket_templates import queries as templates


@pytest.fixture
def clerk(work, make_work):
    return make_work(tickets.actor(work), now=NOW + timedelta(minutes=5))


@pytest.fixture
def pair(work, key):
    """A source with a note, a watcher and answers the target lacks."""
    source = tickets.ticket(work, key, {"quantity": 3, "phone": "13800138000"}, customer_id=people.customer(work).id)
    service.change_ticket(work, ChangeTicket(source, note=NoteOrder("来自源")))
    service.watch(work, source, user_id=tickets.account(work))
    return source, tickets.ticket(work, key)


def columns(work, ticket):
    record = work.session.execute(select(*COLUMNS).where(Ticket.id == ticket)).one()
    return {name: value for name, value in zip(NAMES, record, strict=True) if name not in {"version", "changed_at"}}


def replayed(work, ticket):
    events = work.session.execute(
        select(TicketEvent.at, TicketEvent.kind, TicketEvent.changes, TicketEvent.version)
        .where(TicketEvent.ticket_id == ticket)
        .order_by(TicketEvent.id)
    ).mappings()
    found = journal.replay(events, lambda version_id: templates.version(work, version_id))
    return {name: found.get(name) for name in columns(work, ticket) if name != "id"}


def watchers(work, ticket):
    return set(work.session.scalars(select(TicketWatcher.user_id).where(TicketWatcher.ticket_id == ticket)))


def refused(work, source, target, **more):
    (outcome,) = service.merge_tickets(work, [MergeTickets(source, target, **more)]).outcomes
    return [(one.field, one.code) for one in outcome.refusals]


@pytest.mark.parametrize("fill", [(), ("customer_id", "values.quantity", "values.phone", "values.gone")])
def test_merged_and_undone_is_as_before(work, clerk, pair, fill):
    source, target = pair
    before = [columns(work, one) for one in pair]
    watched = [watchers(work, one) for one in pair]
    service.merge_ticket(clerk, MergeTickets(source, target, fill))
    gone = columns(work, source)
    assert (gone["state"], gone["category"], gone["due_at"], gone["resolved_at"]) == (MERGED.key, "closed", None, None)
    assert queries.ticket(clerk, target).values.get("quantity") == (3 if fill else None)
    assert watchers(work, target) == watched[0] | watched[1]
    for one in pair:
        assert {name: value for name, value in columns(work, one).items() if name != "id"} == replayed(work, one)
    service.unmerge_ticket(clerk, source)
    assert [columns(work, one) for one in pair] == before
    assert [watchers(work, one) for one in pair] == watched
    assert work.session.scalar(select(func.count()).select_from(TicketMerge)) == 0
    for one in pair:
        assert {name: value for name, value in columns(work, one).items() if name != "id"} == replayed(work, one)


def test_what_was_typed_since_stays_when_it_is_undone(clerk, pair):
    source, target = pair
    service.merge_ticket(clerk, MergeTickets(source, target, ("values.quantity", "values.phone")))
    service.change_ticket(clerk, ChangeTicket(target, answers={"quantity": 9}))
    service.unmerge_ticket(clerk, source)
    assert queries.ticket(clerk, target).values.get("quantity") == 9
    assert "phone" not in queries.ticket(clerk, target).values


def test_no_note_file_or_link_is_lost_and_all_are_seen_on_the_target(work, clerk, key, pair):
    source, target = pair
    file = upload(work, picture()).id
    service.change_ticket(work, ChangeTicket(source, note=NoteOrder("照片", files=(file,))))
    third = tickets.ticket(work, key)
    service.link_ticket(work, LinkTickets(source, "blocks", third))
    service.link_ticket(work, LinkTickets(source, "relates", target))
    notes = work.session.scalar(select(func.count()).select_from(TicketNote))
    last = tickets.ticket(work, key)
    for one, other in ((source, target), (target, last)):
        service.merge_ticket(clerk, MergeTickets(one, other))
    number = queries.ticket(clerk, source).number
    seen = [(one.body, one.origin, len(one.files)) for one in queries.timeline(clerk, last) if one.kind == "note"]
    assert seen == [("照片", number, 1), ("来自源", number, 0)]
    assert [(one.end.name, one.ticket.id) for one in reading.linked(clerk, queries.ticket(clerk, last))] == [
        ("blocks", third)
    ]
    assert work.session.scalar(select(func.count()).select_from(TicketNote)) == notes
    assert attachments.open_file(clerk, file).id == file


def test_who_reaches_the_target_alone_reads_the_notes_and_files_and_not_the_source(work, make_work, pair):
    source, target = pair
    file = upload(work, picture()).id
    service.change_ticket(work, ChangeTicket(source, note=NoteOrder("照片", files=(file,))))
    own = make_work(tickets.actor(work, "clerk", scope=Scope.OWN))
    service.watch(work, target, user_id=own.actor.user_id)
    with pytest.raises(NotFoundError):
        attachments.open_file(own, file)
    assert refused(own, target, source) == [("", "not_allowed"), ("target_id", "not_found")]
    service.merge_ticket(work, MergeTickets(source, target))
    assert attachments.open_file(own, file).id == file
    assert [one.body for one in queries.timeline(own, target) if one.kind == "note"] == ["照片", "来自源"]
    with pytest.raises(NotFoundError):
        queries.ticket(own, source)
    with pytest.raises(NotFoundError):
        service.unmerge_ticket(own, source)
    assert "absorbed" not in {one.kind for one in queries.timeline(own, target)}


def test_a_merged_ticket_is_shut_and_leads_on(clerk, pair, key, work):
    source, target = pair
    service.merge_ticket(clerk, MergeTickets(source, target))
    number = queries.ticket(clerk, target).number
    for wish in ({"fields": {"priority": 1}}, {"note": NoteOrder("x")}, {"transition": "start"}):
        (outcome,) = service.change_tickets(clerk, [ChangeTicket(source, **wish)]).outcomes
        assert [one.code for one in outcome.refusals] == ["merged"]
        assert number in outcome.refusals[0].message.in_("en")
    detail = queries.ticket(clerk, source)
    assert (queries.steps(clerk, detail), detail.state_label("zh_Hans")) == ([], "已合并")
    third = tickets.ticket(work, key)
    (outcome,) = service.link_tickets(clerk, [LinkTickets(source, "relates", third)]).outcomes
    assert [one.code for one in outcome.refusals] == ["merged"]
    assert refused(clerk, source, third) == [("", "merged")]
    assert refused(clerk, third, source) == [("target_id", "merged")]


def test_what_cannot_be_merged_is_refused(work, make_work, clerk, pair, key):
    source, target = pair
    assert refused(clerk, source, source) == [("target_id", "itself")]
    assert refused(clerk, source, 10**30) == [("target_id", "not_found")]
    assert refused(clerk, source, target, source_version=9) == [("", "conflict")]
    assert refused(make_work(tickets.actor(work, "technician", scope=Scope.ALL)), source, target) == [
        ("", "not_allowed")
    ]
    service.link_ticket(work, LinkTickets(source, "parent_of", tickets.ticket(work, key)))
    assert refused(clerk, source, target) == [("transition", "children")]


def test_a_chain_of_merges_is_short(clerk, key, work):
    row = [tickets.ticket(work, key) for _ in range(5)]
    outcomes = service.merge_tickets(clerk, [MergeTickets(one, row[n + 1]) for n, one in enumerate(row[:-1])]).outcomes
    assert [one.status for one in outcomes] == ["changed", "changed", "changed", "refused"]
    assert outcomes[-1].refusals[0].code == "too_deep"


def test_undoing_has_its_time_and_its_conditions(work, make_work, clerk, pair, key):
    source, target = pair
    with pytest.raises(DomainError):
        service.unmerge_ticket(clerk, source)
    service.merge_ticket(clerk, MergeTickets(source, target))
    with pytest.raises(ConflictError):
        service.unmerge_ticket(clerk, source, 1)
    with pytest.raises(NotAllowedError):
        service.unmerge_ticket(make_work(tickets.actor(work, "technician", scope=Scope.ALL)), source)
    with pytest.raises(DomainError) as told:
        service.unmerge_ticket(make_work(clerk.actor, now=clerk.now + timedelta(days=7, seconds=1)), source)
    assert told.value.refusals[0].code == "too_late"
    service.unmerge_ticket(make_work(clerk.actor, now=clerk.now + timedelta(days=7)), source)
    assert queries.ticket(clerk, source).state == "waiting"


@pytest.fixture
def looked_after(work):
    """A household that an outlet looks after, and a ticket about it; one about nothing, of the same template."""
    outlet = people.outlet(work, name="上海浦东")
    home = household(work, "海天", "SN-1", NOW.date() - timedelta(days=900), outlet_id=outlet.id)
    key = tickets.template(work, spec=spec())
    tag = people.tag(work, "漏水").name
    source, target = tickets.ticket(work, key, **home.named), tickets.ticket(work, key)
    service.change_ticket(work, ChangeTicket(source, fields={"tags": [tag]}))
    return source, target, outlet, home


def foretold(clerk, source, target, leaving=()):
    here, there = queries.ticket(clerk, source), queries.ticket(clerk, target)
    known = fillable(clerk.actor, here.columns, here.version, there.columns, there.version)
    chosen = [name for name in known if name not in leaving]
    found = queries.merge_brings(here, there, known, chosen)
    return chosen, {one.field: (one.old, one.new) for one in found}


def test_all_that_a_merge_changes_is_said_before(work, clerk, looked_after):
    source, target, outlet, _home = looked_after
    before, called = columns(work, target), f"{outlet.name} ({outlet.code})"
    with statements(clerk.session.get_bind()) as asked:
        chosen, said = foretold(clerk, source, target)
    assert asked
    assert not [one for one in asked if "FROM ticket" in one and " FOR " in one], (
        "who only looks keeps nobody from working on them"
    )
    assert said == {
        "values.warranty": ("unknown", "out_of_warranty"), "outlet_id": ("", called), "tags": ("", "漏水"),
    }  # fmt: skip
    assert columns(work, target) == before
    service.merge_ticket(clerk, MergeTickets(source, target, tuple(chosen)))
    after = columns(work, target)
    changed = {name for name in before.keys() - {"values"} if before[name] != after[name]}
    values = {f"values.{key}" for key, one in after["values"].items() if before["values"].get(key) != one}
    assert changed | values == {*chosen, *said}


def test_what_is_not_taken_over_changes_nothing_else(clerk, looked_after):
    source, target, outlet, _home = looked_after
    unit_left = foretold(clerk, source, target, ["installed_product_id"])[1]
    assert "values.warranty" not in unit_left
    assert unit_left["outlet_id"] == ("", f"{outlet.name} ({outlet.code})")
    every = ["customer_id", "contact_id", "site_id", "installed_product_id"]
    assert foretold(clerk, source, target, every)[1].keys() == {"tags"}


def test_undone_the_outlet_is_the_one_of_before(work, make_work, clerk, looked_after):
    source, target, outlet, _home = looked_after
    before = [columns(work, one) for one in (source, target)]
    theirs = make_work(tickets.actor(work, "outlet_manager", scope=Scope.OUTLET, outlets=[outlet.id]))
    chosen, _said = foretold(clerk, source, target)
    service.merge_ticket(clerk, MergeTickets(source, target, tuple(chosen)))
    assert queries.ticket(theirs, target).id == target
    service.unmerge_ticket(clerk, source)
    assert [columns(work, one) for one in (source, target)] == before
    with pytest.raises(NotFoundError):
        queries.ticket(theirs, target)
    assert {name: one for name, one in columns(work, target).items() if name != "id"} == replayed(work, target)


@pytest.mark.parametrize("away", [False, True])
def test_undone_the_outlet_stays_that_somebody_gave_the_ticket_to_since(work, clerk, looked_after, away):
    source, target, outlet, _home = looked_after
    chosen, _said = foretold(clerk, source, target)
    service.merge_ticket(clerk, MergeTickets(source, target, tuple(chosen)))
    if away:
        other = people.outlet(work)
        for one in (other, outlet):
            service.change_ticket(clerk, ChangeTicket(target, fields={"outlet_id": one.id}, reason="换网点"))
    else:
        team = people.team(work)
        service.change_ticket(clerk, ChangeTicket(target, fields={"team_id": team.id}, reason="给这个小组"))
    service.unmerge_ticket(clerk, source)
    now = columns(work, target)
    assert (now["customer_id"], now["outlet_id"]) == (None, outlet.id)
