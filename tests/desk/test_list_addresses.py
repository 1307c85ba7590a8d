"""Whatever stands in a list's address, the list answers: no filter, order, page or text breaks it."""

import base64
import io
import json
from itertools import product
from random import Random

import pytest
from flask import url_for
from openpyxl import load_workbook

from app.core.errors import DomainError
from app.tickets.columns import COLUMNS
from app.tickets.queries import TicketQuery, ticket_page
from forms.ticket_list import FILTERS, ListState
from tests.factories import people, tickets
from views.tickets.desk import ticket_url

HOSTILE = (
    "", " ", "0", "-1", "1", "1.5", "1e9", "9" * 18, "9" * 19, "9" * 400, "²", "１", "٣", "NaN", "None", "[]", "me",
    "none", "active", "new", "closed", "urgent", "-", "--", "-created", "values.fault", "values.", "values." + "x" * 80,
    "'", '"', "%", "\\", ";DROP TABLE ticket", "a\x00b", "\x00", "\ud7ff", "\uffff", "😀" * 200, "空调", "<script>",
    "a" * 5000, "\u202e", "\n", "${7*7}", "{{7*7}}", "../..", "%00", "true", "1,2", "number,number,nonsense", ",,,",
    "13800138000", "WX202611210001", "空调　冰箱",
)  # fmt: skip
NAMES = (*FILTERS, "sort", "size", "cursor", "cols", "nonsense")
ORDERS = [sign + name for name, one in COLUMNS.items() if one.sort for sign in ("", "-")]
MOMENT = "2026-01-01T00:00:00+00:00"


def packed(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


SHAPES = [
    None, [], {}, 1, "x", [True], [True, ["created_at", "id"], [1, 2]], [1, ["created_at", "id"], [MOMENT, 1]],
    [False, ["id"], [5]],
]  # fmt: skip
BROKEN = [
    None, True, 1.5, -1, 0, 2**15, 2**31, 2**63, 10**40, "", "x", "\x00", "\ud800", "x" * 500, "2026-01-01", MOMENT,
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", [], {},
]  # fmt: skip


def cursors(names):
    """Damaged cursors of an order by these columns: each part is everything it must not be."""
    good = {"id": 1, "number": "WX-1", "state": "new", "category": "new", "priority": 3, "template_id": 1}
    for place, broken in product(range(len(names)), BROKEN):
        values = [good.get(name, MOMENT) for name in names]
        values[place] = broken
        yield from (packed([back, names, values]) for back in (False, True))


@pytest.fixture
def filled(work):
    """A ticket of everything a filter may name."""
    customer = people.customer(work, phone="13800138000")
    tickets.ticket(work, tickets.template(work), customer_id=customer.id, assignee_id=tickets.assignee(work))


def read(work, arguments):
    """Read the list as its view does and return whether it answers: what is damaged is refused in words."""
    return answers(work, ListState.of(arguments).query)


def answers(work, query):
    """Whether a query is answered; refused, it is with words and a code, and nothing else goes wrong."""
    try:
        ticket_page(work, query() if callable(query) else query)
    except DomainError as error:
        refusals = error.refusals
    else:
        return True
    assert all(one.message.in_("en") and one.code for one in refusals)
    return False


@pytest.mark.parametrize("name", NAMES)
def test_no_value_breaks_the_list(work, filled, name):
    answered = [value for value in HOSTILE if read(work, {name: value})]
    # Nothing at all, and what no filter knows, is the whole list.
    assert {"", " "} <= set(answered)
    if name in ("nonsense", "cols", "size", "q"):
        assert answered == list(HOSTILE)


@pytest.mark.parametrize("sort", ["", *ORDERS])
def test_no_cursor_breaks_the_list_in_any_order(work, filled, sort):
    names = [key.key for key, _down in COLUMNS[sort.removeprefix("-") or "created"].sort]
    for cursor in [*map(packed, SHAPES), *cursors(names)]:
        answers(work, TicketQuery(sort=sort.removeprefix("-") or None, cursor=cursor))
    assert answers(work, TicketQuery(sort=sort.removeprefix("-") or None))
    assert not answers(work, TicketQuery(sort=sort.removeprefix("-") or None, cursor=packed([])))


def test_no_combination_breaks_the_list(work, filled):
    dice = Random(7)
    drawn = [{name: dice.choice(HOSTILE) for name in dice.sample(NAMES, dice.randint(2, 6))} for _one in range(150)]
    answered = [one for one in drawn if read(work, one)]
    assert len(answered) > len(drawn) / 2


def test_texts_no_database_takes_are_refused(work):
    for wanted in ({"states": ["a\x00"]}, {"templates": ["\x00"]}, {"source": "\x00"}):
        with pytest.raises(DomainError):
            ticket_page(work, TicketQuery(**wanted))
    assert ticket_page(work, TicketQuery(text="\x00\ud800")).rows == []


def test_every_filter_goes_with_every_order(work):
    customer = people.customer(work, phone="13800138000")
    key = tickets.template(work)
    mine = tickets.ticket(work, key, customer_id=customer.id)
    tickets.tickets(work, key, 2)
    number = ticket_page(work, TicketQuery(customer_id=customer.id)).rows[0].number
    filters = [
        {}, {"category": "active"}, {"q": number}, {"q": "+86 138 0013 8000"}, {"assignee": "none"}, {"priority": "3"},
        {"customer": str(customer.id)}, {"template": key}, {"state": "waiting"}, {"category": "new", "q": number},
    ]  # fmt: skip
    for sort, wanted in product(ORDERS, filters):
        state = ListState.of({**wanted, "sort": sort})
        assert state.warnings == ()
        assert mine in [row.id for row in ticket_page(work, state.query()).rows], (sort, wanted)
        # Of what is closed there is none: with every order, and with every filter.
        if sort == ORDERS[0] or not wanted:
            assert ticket_page(work, ListState.of({**wanted, "sort": sort, "category": "closed"}).query()).rows == []


@pytest.mark.parametrize(
    "query",
    [
        "q=a%00b&state=%00&template=%00x",
        "sort=number&cursor=W10",
        "source=%00&cols=values.%00,number",
        "q=%ff%fe&size=1e9",
    ],
)
def test_the_pages_answer_damaged_addresses(desk, clerk, query):
    assert clerk.get(f"/tickets/?{query}").status_code == 200
    assert clerk.get(f"/tickets/columns?{query}").status_code == 200
    export = clerk.get(f"/tickets/export.csv?{query}&q=zzzz")
    assert export.status_code == 200
    assert export.data


def test_what_is_ticked_alone_is_taken_away_in_both_formats(desk, clerk, client_as):
    first, second, other = (desk.opened(clerk) for _ in range(3))
    # A ticket that was ticked is in the file, though the list it stood in has no such ticket by now.
    ticked = f"only={first}&only={second}&only=WX-0&q=zzzz&cols=number,subject&sort=number"
    rows = clerk.get(f"/tickets/export.csv?{ticked}").text.splitlines()[1:]
    assert [row.partition(",")[0] for row in rows] == [first, second]
    with clerk.get(f"/tickets/export.xlsx?{ticked}") as workbook:
        sheet = load_workbook(io.BytesIO(workbook.data)).worksheets[0]
    cells = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {first, second} <= cells
    assert other not in cells
    # The list it was ticked in may be long: its buttons send the wish, and the few are there at once.
    made = clerk.post(f"/tickets/export.csv?{ticked}")
    assert (made.status_code, made.headers["Location"]) == (303, f"/tickets/export.csv?{ticked}")
    many = "&".join(f"only=WX-{number}" for number in range(201))
    assert clerk.get(f"/tickets/export.csv?{many}").status_code == 422
    assert clerk.get("/tickets/export.csv?only=").text.count("\n") == 1
    # Nobody is given what is out of his reach.
    assert first not in client_as("technician").get(f"/tickets/export.csv?only={first}").text


@pytest.mark.parametrize("value", HOSTILE)
def test_an_address_read_and_written_again_is_the_same(value):
    for name in NAMES:
        first = ListState.of({name: value})
        again = ListState.of(dict(first.parameters(cursor=first.cursor)))
        assert again.parameters(cursor=again.cursor) == first.parameters(cursor=first.cursor)


@pytest.mark.parametrize("number", ["WX-20261121-0001", "单 7/8", "a+b?c#d", "100%", "x&y=z'!"])
def test_a_tickets_address_is_as_the_map_of_addresses_says_it(webs, number):
    with webs("sqlite").test_request_context("/"):
        assert ticket_url(number) == url_for("TicketPageView.show", number=number)
