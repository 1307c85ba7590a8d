"""Several at once: real threads, real connections, real commits."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import sessionmaker

from app.core.db import open_engine
from app.core.permissions import SYSTEM
from app.core.unit_of_work import Transactions
from app.core.work import Cause
from app.switchboard import HANDLERS
from app.tickets import attachments, queries, service
from app.tickets.models import Attachment, Ticket, TicketCounter, TicketEvent
from app.tickets.orders import ChangeTicket, LinkTickets, MergeTickets, NoteOrder, OpenTicket
from tests.clients import statements
from tests.conftest import NOW
from tests.factories import tickets
from tests.tickets import test_moving as moving

CAUSE = Cause("person")
THREADS = 8


@pytest.fixture
def house(fresh_database, company):
    """Units of work on a database of one's own, with a connection for each thread."""
    engine = open_engine(fresh_database, **({} if "sqlite" in fresh_database else {"pool_size": THREADS}))
    yield Transactions(sessionmaker(engine, expire_on_commit=False), HANDLERS, company, clock=lambda: NOW)
    engine.dispose()


@pytest.fixture
def key(house):
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        return tickets.template(work)


def at_once(tasks):
    """Run the tasks in threads that start together; their results in order."""
    barrier = threading.Barrier(len(tasks))

    def run(task):
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_numbers_have_no_gap_whoever_comes_when(house, key):
    def open_some(number):
        for _ in range(5):
            with house.unit_of_work(SYSTEM, CAUSE) as work:
                orders = [OpenTicket(key, {}, {"fault": str(number)}), OpenTicket(key, {}, {})]
                service.open_tickets(work, orders)

    def give_up():
        with pytest.raises(RuntimeError), house.unit_of_work(SYSTEM, CAUSE) as work:
            service.open_ticket(work, OpenTicket(key, {}, {"fault": "x"}))
            raise RuntimeError

    at_once([*(lambda n=n: open_some(n) for n in range(THREADS - 1)), give_up])
    with house.reading(SYSTEM) as work:
        numbers = work.session.scalars(select(Ticket.number).order_by(Ticket.number)).all()
        assert numbers == [f"WX-20261121-{i:04d}" for i in range(1, 5 * (THREADS - 1) + 1)]
        assert work.session.scalar(select(TicketCounter.last)) == len(numbers)


def test_of_two_edits_of_one_version_exactly_one_wins(house, key):
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        ticket = tickets.ticket(work, key)

    def edit(priority):
        with house.unit_of_work(SYSTEM, CAUSE) as work:
            return service.change_tickets(work, [ChangeTicket(ticket, 1, {"priority": priority})]).outcomes[0]

    outcomes = at_once([lambda p=1 + n % 2: edit(p) for n in range(THREADS)])
    assert sorted(outcome.status for outcome in outcomes) == ["changed"] + ["refused"] * (THREADS - 1)
    assert all(outcome.conflict for outcome in outcomes if outcome.status == "refused")
    with house.reading(SYSTEM) as work:
        assert work.session.scalar(select(Ticket.version)) == 2
        assert work.session.scalar(select(func.count()).select_from(TicketEvent)) == 2


def test_edits_without_a_version_all_happen(house, key):
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        ids = tickets.tickets(work, key, 6)

    def edit(number):
        # Crosswise: without an order of locking, two of these would wait for each other for ever.
        some = ids if number % 2 else ids[::-1]
        with house.unit_of_work(SYSTEM, CAUSE) as work:
            orders = [ChangeTicket(one, answers={"quantity": number}) for one in some]
            return [outcome.status for outcome in service.change_tickets(work, orders).outcomes]

    for statuses in at_once([lambda n=n: edit(n) for n in range(1, THREADS + 1)]):
        assert set(statuses) == {"changed"}
    with house.reading(SYSTEM) as work:
        assert set(work.session.scalars(select(Ticket.version))) == {1 + THREADS}


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_of_two_tickets_that_name_one_upload_one_gets_it(house, key):
    """SQLite has one writer at a time; here the second looks while the first has not committed."""
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        first, second = tickets.tickets(work, key, 2)
        file = attachments.upload(work, "a.txt", io.BytesIO(b"plain")).id

    def order(ticket):
        return ChangeTicket(ticket, note=NoteOrder("", files=(file,)))

    def come_second():
        with house.unit_of_work(SYSTEM, CAUSE) as work:
            return service.change_tickets(work, [order(second)]).outcomes[0]

    with ThreadPoolExecutor() as pool:
        with house.unit_of_work(SYSTEM, CAUSE) as work:
            service.change_ticket(work, order(first))
            waiting = pool.submit(come_second)
            # Long enough for it to look; it is let through by the commit.
            wait([waiting], 0.5)
            assert not waiting.done()
        refused = waiting.result()
    assert [one.code for one in refused.refusals] == ["unknown_file"]
    with house.reading(SYSTEM) as work:
        assert work.session.scalar(select(Attachment.ticket_id)) == first


def test_one_submission_sent_eight_times_is_one_ticket(house, key):
    def submit():
        with house.unit_of_work(SYSTEM, CAUSE) as work:
            orders = [
                OpenTicket(key, {}, {"fault": "x"}, submission_key="double click"),
                OpenTicket(key, {}, {"fault": "y"}, external_source="shop", external_id="1"),
            ]
            return service.open_tickets(work, orders).outcomes

    outcomes = at_once([submit] * THREADS)
    for place in (0, 1):
        assert sorted(one[place].status for one in outcomes) == ["changed"] + ["unchanged"] * (THREADS - 1)
        assert len({one[place].number for one in outcomes}) == 1
    with house.reading(SYSTEM) as work:
        numbers = work.session.scalars(select(Ticket.number).order_by(Ticket.number)).all()
        assert numbers == ["WX-20261121-0001", "WX-20261121-0002"]


def test_a_crash_in_the_middle_leaves_nothing(house, key, monkeypatch):
    def crash(*_args, **_options):
        raise RuntimeError("power cut")

    with house.unit_of_work(SYSTEM, CAUSE) as work:
        ids = tickets.tickets(work, key, 3)
    monkeypatch.setattr("app.tickets.change.write.search.write", crash)
    with pytest.raises(RuntimeError, match="power cut"), house.unit_of_work(SYSTEM, CAUSE) as work:
        service.change_tickets(work, [ChangeTicket(one, answers={"fault": "anders"}) for one in ids])
    with pytest.raises(RuntimeError, match="power cut"), house.unit_of_work(SYSTEM, CAUSE) as work:
        tickets.tickets(work, key, 3)
    with house.reading(SYSTEM) as work:
        assert set(work.session.scalars(select(Ticket.version))) == {1}
        assert work.session.scalar(select(func.count()).select_from(TicketEvent)) == 3
        assert work.session.scalar(select(TicketCounter.last)) == 3


def test_a_rehearsal_writes_nothing(house, key):
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        ticket = tickets.ticket(work, key)
    with house.rehearsal(SYSTEM, CAUSE) as work:
        assert service.change_ticket(work, ChangeTicket(ticket, transition="start")).status == "changed"
        assert tickets.ticket(work, key)
    with house.reading(SYSTEM) as work:
        assert work.session.execute(select(Ticket.state, Ticket.version)).all() == [("waiting", 1)]


def test_commands_of_several_chunks_never_wait_crosswise(house, monkeypatch):
    """Each of two takes in its first chunk what the other takes in its last: numbers, field numbers, tickets."""
    monkeypatch.setattr(service, "CHUNK", 2)
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        keys = [tickets.template(work, spec=_numbered(letter)) for letter in "ABC"]
        ids = [one for key in keys for one in tickets.tickets(work, key, 2)]

    def back_and_forth(place):
        step = 1 if place % 2 else -1
        for number in range(4):
            with house.unit_of_work(SYSTEM, CAUSE) as work:
                opened = [OpenTicket(key, {}, {"fault": "x"}) for key in keys for _ in range(2)]
                service.open_tickets(work, opened[::step])
            with house.unit_of_work(SYSTEM, CAUSE) as work:
                changes = [ChangeTicket(one, answers={"quantity": number + place}) for one in ids]
                service.change_tickets(work, changes[::step])
        return 4 * len(opened)

    opened = sum(at_once([lambda place=place: back_and_forth(place) for place in range(4)]))
    with house.reading(SYSTEM) as work:
        numbers = sorted(work.session.scalars(select(Ticket.number)))
    assert len(numbers) == opened + len(ids)
    assert numbers == sorted(f"{letter}-{one:04d}" for letter in "ABC" for one in range(1, len(numbers) // 3 + 1))


def _numbered(letter):
    return tickets.repair_spec(f"{letter}-{{seq:4}}")


def test_a_command_of_one_chunk_holds_nothing_beforehand(house, key):
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        with statements(work.session.get_bind()) as seen:
            service.open_tickets(work, [OpenTicket(key, {}, {"fault": "x"})] * 3)
        assert sum("ticket_counter" in one for one in seen) == 1


def test_all_who_collect_at_once_count(house):
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        ticket = tickets.ticket(work, tickets.template(work, spec=moving.spec()), {"fee": "300"})

    def collect(amount):
        with house.unit_of_work(SYSTEM, CAUSE) as work:
            order = ChangeTicket(ticket, answers={"received": str(amount)}, transition="collect")
            return service.change_ticket(work, order).status

    assert set(at_once([lambda n=n: collect(n) for n in range(1, THREADS + 1)])) == {"changed"}
    with house.reading(SYSTEM) as work:
        assert queries.ticket(work, ticket).values["received"] == 100 * sum(range(1, THREADS + 1))
        changes = work.session.scalars(select(TicketEvent.changes).where(TicketEvent.kind == "transitioned"))
        steps = [change["values.received"] for change in changes]
    assert sum(new - (old or 0) for old, new in steps) == 3600


def test_two_links_at_once_close_no_circle(house, key):
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        row = [tickets.ticket(work, key) for _ in range(3)]
        service.link_ticket(work, LinkTickets(row[0], "parent_of", row[1]))

    def link(above, below):
        with house.unit_of_work(SYSTEM, CAUSE) as work:
            return service.link_tickets(work, [LinkTickets(above, "parent_of", below)]).outcomes[0].status

    done = at_once([lambda: link(row[1], row[2]), lambda: link(row[2], row[0])])
    assert sorted(done) == ["changed", "refused"]


def test_of_two_merges_crosswise_one_wins(house, key):
    with house.unit_of_work(SYSTEM, CAUSE) as work:
        one, other = (tickets.ticket(work, key) for _ in range(2))

    def merge(source, target):
        with house.unit_of_work(SYSTEM, CAUSE) as work:
            return service.merge_tickets(work, [MergeTickets(source, target)]).outcomes[0].status

    assert sorted(at_once([lambda: merge(one, other), lambda: merge(other, one)])) == ["changed", "refused"]
