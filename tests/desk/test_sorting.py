"""The list by any column: headings, addresses, the board, and an order there are too many tickets for."""

import json
import re
from html import unescape

from app.core.deadline import TooLongError
from app.tickets.queries import listing
from app.tickets.queries import page as pages


def numbers(html):
    return re.findall(r'data-testid="ticket-row"', html), re.findall(r'data-number="([^"]+)"', html)


def test_headings_sort_by_what_they_show(desk, clerk):
    first = desk.opened(clerk, desk.small, **{"values.fault": "排序 乙"})
    second = desk.opened(clerk, desk.small, **{"values.fault": "排序 甲"})
    address = f"/tickets/?template={desk.small}&q=排序&cols=number,subject,customer,values.fault,values.quantity,tags"
    html = clerk.get(address).text
    links = [unescape(one) for one in re.findall(r'table-sort-link" href="([^"]+)"', html)]
    asked = [re.search(r"sort=([^&]+)", one)[1] for one in links]
    assert asked == ["number", "subject", "customer", "values.fault", "values.quantity"]
    up = clerk.get(f"{address}&sort=values.fault").text
    down = clerk.get(f"{address}&sort=-values.fault").text
    assert 'aria-sort="ascending"' in up
    assert 'aria-sort="descending"' in down
    assert numbers(up)[1] == [second, first]
    assert numbers(down)[1] == [first, second]
    assert clerk.get(f"{address}&sort=subject&layout=board").status_code == 200


def test_a_search_says_the_order_it_is_in(desk, clerk, monkeypatch):
    made = [desk.opened(clerk, desk.small, **{"values.fault": f"录入 {place}"}) for place in range(3)]
    address = f"/tickets/?template={desk.small}&q=录入"
    few = clerk.get(address).text
    assert few.count('aria-sort="descending"') == 1
    assert "by-record" not in few
    monkeypatch.setattr(listing, "DEARLY_COUNTED", 2)
    many = clerk.get(address).text
    assert numbers(many)[1] == made[::-1]
    assert "aria-sort" not in many
    assert "Last entered first" in re.search(r'data-testid="by-record".*?</span>', many)[0]
    assert '<option value="" selected>Last entered first</option>' in many
    wished = clerk.get(f"{address}&sort=-created").text
    assert 'aria-sort="descending"' in wished
    assert "by-record" not in wished


def test_what_gives_no_order_is_told_and_the_list_is_there(desk, clerk):
    number = desk.opened(clerk, desk.small)
    for sort in ("values.secret", "values.nothing", "-values.photos"):
        for layout in ("", "board"):
            html = clerk.get(f"/tickets/?template={desk.small}&sort={sort}&layout={layout}").text
            assert "cannot be sorted" in html, (sort, layout)
            assert number in html


def test_too_many_for_an_order_come_newest_first_with_a_word(desk, clerk, monkeypatch):
    number = desk.opened(clerk, desk.small)

    def late(*_args):
        raise TooLongError("late")

    monkeypatch.setattr(pages, "within", late)
    html = clerk.get(f"/tickets/?template={desk.small}&sort=subject").text
    assert "too many tickets" in html
    assert number in html


def test_a_condition_nobody_waits_for_finds_nothing_and_says_so(desk, clerk, monkeypatch):
    number = desk.opened(clerk, desk.small)
    condition = json.dumps({"field": "number", "op": "is", "value": number})
    assert number in clerk.get("/tickets/", query_string={"where": condition}).text
    asked = []

    def late(*_args):
        asked.append(1)
        raise TooLongError("late")

    monkeypatch.setattr(pages, "within", late)
    html = clerk.get("/tickets/", query_string={"where": condition, "sort": "created"}).text
    assert "takes too long to look for" in html
    assert f'data-number="{number}"' not in html
    assert asked == [1]
