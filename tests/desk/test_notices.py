"""Who is named on a ticket or given one sees a number in the bar until he opens it."""

import re
from uuid import uuid4

import pytest

from tests.clients import make_account
from tests.desk.conftest import english
from tests.desk.filling import hidden_inputs


@pytest.fixture
def somebody(desk, web):
    """A technician to whom nothing is new: his account, and his browser."""
    name = f"new.hand{uuid4().hex[:8]}"
    user_id = make_account(web, name, "technician")
    client = web.test_client()
    client.sign_in(name)
    return user_id, name, english(client)


def count(client):
    found = re.search(r'class="gd-count"[^>]*>([^<]+)<', client.get("/").text)
    return found[1] if found else ""


def listed(client):
    return re.findall(
        r'href="/tickets/([^"#]+)(?:#timeline)?" data-testid="notice"', client.get("/tickets/notices").text
    )


def test_what_is_new_is_counted_until_it_is_opened(desk, boss, somebody):
    user_id, name, client = somebody
    assert (count(client), listed(client)) == ("", [])
    given = desk.opened(boss, assignee_id=user_id)
    named = desk.opened(boss)
    boss.post(f"/tickets/{named}/notes", data={"body": f"@{name} 请看看"})
    assert (count(client), set(listed(client))) == ("2", {given, named})
    # The page says so itself once it stands on the screen; asking for it alone changes nothing.
    assert f'hx-post="/tickets/{given}/opened"' in client.get(f"/tickets/{given}").text
    answer = client.post(f"/tickets/{given}/opened", headers={"HX-Request": "true"})
    assert 'hx-swap-oob="true"' in answer.text
    assert ">1<" in answer.text
    assert "/opened" not in client.get(f"/tickets/{given}").text
    assert listed(client) == [named]
    assert client.post("/tickets/notices/read").status_code == 303
    assert (count(client), listed(client)) == ("", [])
    assert "Nothing new for you" in client.get("/tickets/notices").text


def test_nobody_is_told_of_what_he_did_or_no_longer_has(desk, boss, somebody):
    user_id, name, client = somebody
    own = desk.opened(boss, assignee_id=user_id)
    client.post(f"/tickets/{own}/opened")
    assert client.post(f"/tickets/{own}/notes", data={"body": f"@{name} 自己"}).status_code == 303
    assert listed(client) == []
    number = desk.opened(boss, assignee_id=user_id)
    assert listed(client) == [number]
    url = f"/tickets/{number}/transfer"
    data = hidden_inputs(boss.get(url).text) | {"assignee_id": str(desk.ids["user"]), "note": "换人"}
    assert boss.post(url, data=data).status_code == 303
    assert (count(client), listed(client)) == ("", [])


def test_what_comes_back_is_told_with_its_step_and_reason(desk, boss, somebody):
    user_id, _name, client = somebody
    about = {f"{name}_id": str(desk.ids[name]) for name in ("customer", "site")}
    number = desk.opened(boss, "maintenance", assignee_id=user_id, **about)
    client.post(f"/tickets/{number}/opened")
    url = f"/tickets/{number}/steps/cancel"
    data = hidden_inputs(boss.get(url).text) | {"note": "客户不在家"}
    assert boss.post(url, data=data).status_code == 303
    page = client.get("/tickets/notices").text
    assert listed(client) == [number]
    assert "took the step “Cancel ticket”" in page
    assert re.search(r'data-testid="notice-reason">客户不在家<', page)
    assert "what others wrote on those you have or watch" in page


def test_where_more_waits_than_is_counted_any_page_takes_note(desk, boss, somebody, monkeypatch):
    user_id, _name, client = somebody
    one, other = (desk.opened(boss, assignee_id=user_id) for _ in range(2))
    client.post(f"/tickets/{other}/opened")
    assert "/opened" not in client.get(f"/tickets/{other}").text
    monkeypatch.setattr("views.tickets.notices.MOST", 1)
    assert listed(client) == [one]
    assert f'hx-post="/tickets/{other}/opened"' in client.get(f"/tickets/{other}").text
