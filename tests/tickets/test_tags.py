"""Tags of tickets: set, added, taken away; made by who may; found, merged, told in the journal."""

import pytest
from sqlalchemy import select

from app.core.errors import ConflictError, DomainError
from app.core.records import service as records
from app.people.models import Tag
from app.people.records import TAG
from app.tickets import conditions, queries, service
from app.tickets.change.tags import MOST
from app.tickets.journal import replay
from app.tickets.models import Ticket, TicketEvent, TicketTag
from app.tickets.orders import ChangeTicket, MergeTickets, OpenTicket, SplitTicket
from app.tickets.queries import TicketQuery, ticket_page
from tests.clients import statements
from tests.factories import people, tickets
from ticket_templates import queries as templates


@pytest.fixture
def key(work):
    return tickets.template(work)


@pytest.fixture
def clerk(work, make_work):
    return make_work(tickets.actor(work))


def opened(work, key, *tags):
    return service.open_ticket(work, OpenTicket(key, {"tags": list(tags)}, {"fault": "空调不制冷"})).ticket_id


def tagged(work, ticket, wish, **more):
    return service.change_ticket(work, ChangeTicket(ticket, fields={"tags": wish}, **more))


def tags_of(work, ticket):
    """What the ticket's tags are called; the two places that hold them say the same."""
    work.session.expire_all()
    row = work.session.get(Ticket, ticket)
    found = set(work.session.scalars(select(TicketTag.tag_id).where(TicketTag.ticket_id == ticket)))
    assert {int(one) for one in row.tags or ()} == found
    return queries.ticket(work, ticket).tags


def test_tags_are_set_added_and_taken_away(clerk, key):
    ticket = opened(clerk, key, "加急", " VIP ")
    assert tags_of(clerk, ticket) == ["加急", "VIP"]
    assert tagged(clerk, ticket, {"add": ["投诉"], "remove": ["vip"]}).status == "changed"
    assert tags_of(clerk, ticket) == ["加急", "投诉"]
    tagged(clerk, ticket, ["投诉"])
    assert tags_of(clerk, ticket) == ["投诉"]
    tagged(clerk, ticket, None)
    assert tags_of(clerk, ticket) == []
    assert clerk.session.get(Ticket, ticket).tags is None


def test_a_tag_is_one_whatever_its_case_width_and_spaces(clerk, key):
    ticket = opened(clerk, key, "VIP", "ｖｉｐ", "  vip")
    assert tags_of(clerk, ticket) == ["VIP"]
    assert tagged(clerk, ticket, ["Vip"]).status == "unchanged"
    assert clerk.session.scalars(select(Tag.name)).all() == ["VIP"]
    with pytest.raises(DomainError):
        records.create(people.as_system(clerk), TAG, {"name": "ＶＩＰ"})


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (["x" * 61], "invalid"),
        (["a,b"], "invalid"),
        ([f"t{number}" for number in range(MOST + 1)], "too_many"),
        (["t"] * 100_000, "invalid"),
        ([9_999], "not_found"),
        ([0], "invalid"),
        ([True], "invalid"),
        ([None], "invalid"),
        ([["a"]], "invalid"),
        ("vip", "invalid"),
        ({"set": ["a"]}, "invalid"),
        ({"add": "a"}, "invalid"),
        ([10**30], "invalid"),
    ],
)
def test_what_is_no_tag_is_refused_at_its_field(clerk, key, wish, code):
    ticket = opened(clerk, key)
    with pytest.raises(DomainError) as told:
        tagged(clerk, ticket, wish)
    assert [(one.field, one.code) for one in told.value.refusals] == [("tags", code)]


def test_only_who_may_makes_new_tags(work, make_work, key):
    people.tag(work, "加急")
    ticket = opened(work, key)
    worker = make_work(tickets.actor(work, "qa"))
    assert not worker.actor.may("tag.create")
    tagged(worker, ticket, ["加急"])
    with pytest.raises(DomainError) as told:
        tagged(worker, ticket, {"add": ["新词"]})
    assert told.value.refusals[0].code == "not_found"
    assert tags_of(work, ticket) == ["加急"]
    # What nobody knows is not there to be taken away either.
    assert tagged(worker, ticket, {"remove": ["新词", 9_999]}).status == "unchanged"


def test_a_change_of_tags_is_one_of_the_ticket(clerk, key):
    ticket = opened(clerk, key, "a")
    with pytest.raises(ConflictError):
        tagged(clerk, ticket, ["b"], version=7)
    tagged(clerk, ticket, {"add": ["b"]}, version=1)
    events = clerk.session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket).order_by(TicketEvent.id)
    ).all()
    ids = [str(one) for one in clerk.session.scalars(select(Tag.id).order_by(Tag.id))]
    assert [event.changes["tags"] for event in events] == [[None, ids[:1]], [ids[:1], ids]]
    assert events[-1].version == queries.ticket(clerk, ticket).lock_version == 2
    rows = [{name: getattr(one, name) for name in ("at", "kind", "changes", "version")} for one in events]
    version = templates.published_version(clerk, key)
    assert replay(rows, lambda _id: version)["tags"] == ids
    (change,) = [one for entry in queries.timeline(clerk, ticket)[:1] for one in entry.changes]
    assert (change.old, change.new) == ("a", "a、b")


def test_who_may_not_change_tickets_tags_none(work, make_work, key):
    people.tag(work, "a")
    ticket = opened(work, key)
    auditor = make_work(tickets.actor(work, "auditor"))
    with pytest.raises(DomainError) as told:
        tagged(auditor, ticket, ["a"])
    assert told.value.refusals[0].code == "not_allowed"


def test_a_tag_tickets_have_is_not_deleted(work, key):
    ticket = opened(work, key, "a")
    tag = work.session.scalar(select(Tag.id))
    with pytest.raises(DomainError) as told:
        records.delete(people.as_system(work), TAG, tag)
    assert told.value.refusals[0].code == "in_use"
    assert tags_of(work, ticket) == ["a"]


def test_a_merge_unites_the_tags_and_undone_takes_back_what_it_brought(clerk, key):
    target, source = opened(clerk, key, "a", "b"), opened(clerk, key, "b", "c", "d")
    service.merge_ticket(clerk, MergeTickets(source, target))
    assert tags_of(clerk, target) == ["a", "b", "c", "d"]
    assert tags_of(clerk, source) == ["b", "c", "d"]
    tagged(clerk, target, {"add": ["e"], "remove": ["d"]})
    service.unmerge_ticket(clerk, source)
    assert tags_of(clerk, target) == ["a", "b", "e"]


def test_a_merge_of_tickets_without_tags_leaves_the_target_as_it_is(clerk, key):
    target, source = opened(clerk, key, "a"), opened(clerk, key)
    service.merge_ticket(clerk, MergeTickets(source, target))
    assert queries.ticket(clerk, target).lock_version == 1


def test_tickets_are_listed_with_their_tags_in_no_more_statements(clerk, key):
    for place in range(5):
        opened(clerk, key, "a", f"t{place}")
    columns = ("number", "customer", "assignee", "tags")
    with statements(clerk.session.connection()) as seen:
        page = ticket_page(clerk, TicketQuery(columns=columns))
        shown = [row.tags for row in page.rows]
    assert shown == [["a", f"t{place}"] for place in range(4, -1, -1)]
    assert len(seen) <= 4, seen


def test_conditions_ask_for_tags(clerk, key):
    both, one, none = opened(clerk, key, "a", "b"), opened(clerk, key, "b"), opened(clerk, key)
    ids = dict(clerk.session.execute(select(Tag.name, Tag.id)).all())
    a, b = str(ids["a"]), str(ids["b"])
    for operator, wanted, found in (
        ("includes_any", [a, b], {both, one}),
        ("includes_all", [a, b], {both}),
        ("includes_none", [a], {one}),
        ("is_empty", None, {none}),
        ("is_not_empty", None, {both, one}),
    ):
        tree = {"field": "tags", "op": operator} | ({} if wanted is None else {"value": wanted})
        page = ticket_page(clerk, TicketQuery(where=tree))
        assert {row.id for row in page.rows} == found, operator
    assert "b" in conditions.said(clerk, {"field": "tags", "op": "includes_any", "value": [b]})


def test_what_is_split_off_has_the_tags_unless_it_names_its_own(clerk, key):
    source = opened(clerk, key, "a", "b")
    for fields, expected in (({}, ["a", "b"]), ({"tags": ["c"]}, ["c"]), ({"tags": []}, [])):
        order = OpenTicket(key, fields, {"fault": "异响"})
        assert tags_of(clerk, service.split_ticket(clerk, SplitTicket(source, order)).ticket_id) == expected
