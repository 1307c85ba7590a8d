"""The list as a board: the same tickets as the list, by column, in few statements; and what a card may do."""

import re
from html import unescape

import pytest

from app.core.deadline import TooLongError
from app.core.i18n import _
from app.core.permissions import Scope
from app.tickets import service
from app.tickets.orders import ChangeTicket
from app.tickets.queries import TicketQuery, ticket_page
from app.tickets.queries import board as boards
from app.tickets.queries.board import board, column_query
from tests.clients import statements
from tests.factories import tickets


@pytest.fixture
def key(work):
    return tickets.template(work)


def categories(*names):
    return dict(zip(names, names, strict=True))


def ids(column):
    return [row.id for row in column.rows]


@pytest.mark.parametrize("wish", [{}, {"sort": "due", "descending": False}, {"sort": "priority"}, {"sort": "number"}])
@pytest.mark.parametrize("by", ["state", "category"])
def test_a_column_is_the_list_narrowed(work, key, by, wish):
    made = tickets.tickets(work, key, 7)
    for one in made[:3]:
        service.change_ticket(work, ChangeTicket(one, transition="start"))
    tickets.finish(work, made[3])
    query = TicketQuery(templates=[key], size=2, **wish)
    wanted = {"waiting": "new", "working": "open", "done": "resolved"}
    wanted = wanted if by == "state" else {one: one for one in wanted.values()}
    found = board(work, query, by, wanted)
    assert [one.count.number for one in found.columns] == [3, 3, 1]
    for column in found.columns:
        page = ticket_page(work, column_query(query, by, column.value, wanted[column.value]))
        assert ids(column) == [row.id for row in page.rows]
        assert column.next_cursor == page.next_cursor


def test_text_and_conditions_hold_in_every_column(work, key):
    made = tickets.tickets(work, key, 4)
    service.change_ticket(work, ChangeTicket(made[0], transition="start", fields={"priority": 1}))
    service.change_ticket(work, ChangeTicket(made[1], fields={"priority": 1}))
    urgent = {"field": "priority", "op": "is", "value": 1}
    found = board(work, TicketQuery(templates=[key], where=urgent), "category", categories("new", "open", "closed"))
    assert [ids(one) for one in found.columns] == [[made[1]], [made[0]], []]
    assert [one.count.number for one in found.columns] == [1, 1, 0]
    (number,) = [row.number for row in ticket_page(work, TicketQuery(templates=[key])).rows if row.id == made[2]]
    found = board(work, TicketQuery(text=number), "category", categories("new", "open"))
    assert [ids(one) for one in found.columns] == [[made[2]], []]


def test_the_columns_cost_the_same_statements_however_many(work, key):
    tickets.tickets(work, key, 3)
    engine = work.session.get_bind().engine

    def cost(values):
        with statements(engine) as seen:
            board(work, TicketQuery(templates=[key]), "state", dict.fromkeys(values))
        return len(seen)

    cost(["waiting"])
    assert cost(["waiting"]) == cost(["waiting", "working", "parts", "done", "closed"])


@pytest.mark.parametrize("scope", [Scope.OWN, Scope.TEAM, Scope.OUTLET])
def test_nobody_sees_another_ones_cards(work, key, make_work, scope):
    tickets.tickets(work, key, 3)
    other = make_work(tickets.actor(work, "clerk", scope=scope))
    mine = tickets.ticket(other, key)
    found = board(other, TicketQuery(templates=[key]), "category", categories("new", "open"))
    assert [ids(one) for one in found.columns] == [[mine], []]
    assert [one.count.number for one in found.columns] == [1, 0]


def test_an_order_that_takes_too_long_gives_way_to_the_newest(work, key, monkeypatch):
    made = tickets.tickets(work, key, 2)
    first = boards._firsts

    def slow(work, query, by, values):
        if query.sort:
            raise TooLongError(_("This takes too long to be counted."))
        return first(work, query, by, values)

    monkeypatch.setattr(boards, "_firsts", slow)
    found = board(work, TicketQuery(templates=[key], sort="due", descending=False), "state", {"waiting": "new"})
    assert found.unordered
    assert sorted(ids(found.columns[0])) == sorted(made)


def columns(text):
    """Value and cards of each column of a page."""
    parts = re.split(r'data-testid="board-column"', text)
    heads = re.findall(r'data-column="(\w+)"', text)
    return {head: re.findall(r'data-number="([^"]+)"', part) for head, part in zip(heads, parts[1:], strict=True)}


class TestScreen:
    def test_the_same_address_as_the_list(self, desk, boss):
        number = desk.opened(boss)
        found = columns(boss.get(f"/tickets/?layout=board&q={number}").text)
        assert list(found) == ["new", "open", "pending", "resolved", "closed"]
        assert [cards for cards in found.values() if cards] == [[number]]
        found = columns(boss.get(f"/tickets/?layout=board&template={desk.small}&category=active").text)
        assert list(found) == ["waiting", "working", "parts"]
        assert number in found["waiting"]
        assert list(columns(boss.get(f"/tickets/?layout=board&template={desk.small}&state=done").text)) == ["done"]

    def test_few_statements(self, desk, boss):
        desk.opened(boss, customer_id=desk.ids["customer"])
        for url in ("/tickets/?layout=board", f"/tickets/?layout=board&template={desk.small}&sort=due"):
            boss.get(url)
            with statements(desk.app.extensions["gongdan"].engine) as seen:
                assert boss.get(url).status_code == 200
            assert len(seen) <= 12, "\n".join(seen)

    def test_a_column_goes_on(self, desk, boss, monkeypatch):
        monkeypatch.setattr("views.tickets.board.SIZE", 2)
        made = [desk.opened(boss) for _ in range(3)]
        text = boss.get(f"/tickets/?layout=board&template={desk.small}").text
        assert columns(text)["waiting"] == made[:0:-1]
        more = unescape(re.search(r'hx-get="(/tickets/board/column[^"]+)"', text)[1])
        rest = boss.get(more).text
        assert made[0] in rest
        assert made[1] not in rest
        assert boss.get(more.replace("column=waiting", "column=%00")).status_code in (200, 422)

    @pytest.mark.parametrize("query", ["layout=nonsense", "layout=board&sort=password", "layout=board&cursor=x",
                                       "layout=board&where=%7B", "layout=board&q=%00", "layout=board&group=state",
                                       "layout=board&template=no_such", "layout=board&view=99999"])  # fmt: skip
    def test_a_strange_address_is_a_page(self, desk, boss, query):
        assert boss.get(f"/tickets/?{query}").status_code == 200

    def test_an_unknown_column_is_refused(self, desk, boss):
        assert boss.get("/tickets/board/column?layout=board&column=nope").status_code == 422

    def test_who_moved_a_card_since_it_was_drawn_is_named(self, desk, boss, clerk):
        number = desk.opened(boss)
        boss.post(f"/tickets/{number}/quick", data={"priority": "1", "version": "1"})
        assert boss.get(f"/tickets/{number}/moves?seen=1").json["moved_by"] == ""
        clerk.post(f"/tickets/{number}/quick", data={"step": "start", "version": "2"})
        told = boss.get(f"/tickets/{number}/moves?seen=1").json
        assert (told["state"], told["state_label"]) == ("working", "Working")
        assert told["moved_by"]
        for seen in ("3", "", "x", "٣", "9" * 30, "-1"):
            assert boss.get(f"/tickets/{number}/moves?seen={seen}").json["moved_by"] == "", seen

    def test_a_card_says_where_it_may_go(self, desk, boss):
        number = desk.opened(boss)
        answer = boss.get(f"/tickets/{number}/moves").json
        assert answer["state"] == "waiting"
        assert [(one["key"], one["target"], one["open"], one["at_once"]) for one in answer["moves"]] == [
            ("start", "working", True, True)
        ]
        done = boss.post(f"/tickets/{number}/quick?layout=board", data={"step": "start", "version": answer["version"]})
        assert 'data-state="working"' in done.json["html"]
        closed = {one["key"]: one for one in boss.get(f"/tickets/{number}/moves").json["moves"]}
        assert closed["wait"]["open"]
        assert not closed["wait"]["at_once"]
