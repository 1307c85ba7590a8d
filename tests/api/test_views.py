"""Saved views over the API: kept, read, changed over the version that was read; their tickets are the desk's."""

import json

import pytest

from app.core.permissions import SYSTEM
from app.desk.forgetting import forget_numbers
from app.desk.models import SavedView
from tests.clients import CAUSE

URL = "/api/v1/views"


def kept(client, name="程序的视图", **more):
    answer = client.post(URL, json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    return answer


@pytest.fixture
def view(shelf, clerk):
    """A view of the template's urgent tickets, gone again for the tests of others."""
    made = kept(clerk, query={"template": shelf.template, "priority": "1", "sort": "number", "cols": "number,subject"})
    yield made
    clerk.delete(f"{URL}/{made.json['id']}")


def test_a_life(shelf, clerk, view):
    url = f"{URL}/{view.json['id']}"
    assert view.headers["ETag"] == '"1"'
    assert clerk.get(url).json == view.json
    assert view.json in clerk.get(URL).json["items"]
    assert [one["number"] for one in clerk.get(f"{url}/tickets").json["items"]] == [shelf.numbers[1]]
    changed = clerk.patch(url, json={"query": {"template": shelf.template}}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json["version"], changed.json["name"]) == (200, 2, "程序的视图")
    assert clerk.patch(url, json={"name": "新名"}, headers={"If-Match": '"1"'}).status_code == 412
    assert clerk.patch(url, json={"name": "新名", "query": {}}).json["version"] == 4
    assert clerk.delete(url, headers={"If-Match": '"2"'}).status_code == 412
    assert clerk.delete(url).json == {"done": True}
    assert clerk.get(url).status_code == 404


def test_its_pages_and_parts(shelf, clerk, view):
    url = f"{URL}/{view.json['id']}"
    clerk.patch(url, json={"query": {"template": shelf.template, "sort": "number"}})
    first = shelf.get(clerk, f"/views/{view.json['id']}/tickets", size=2, only="number", count="exact").json
    assert first["items"] == [{"number": one} for one in shelf.numbers[:2]]
    assert first["count"] == {"number": 3, "exact": True, "about": False}
    rest = shelf.get(clerk, f"/views/{view.json['id']}/tickets", size=2, only="number", cursor=first["next_cursor"])
    assert rest.json["items"] == [{"number": shelf.numbers[2]}]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"nonsense": "1"}, "#/query/nonsense"),
        ({"priority": "99"}, "#/query/priority"),
        ({"sort": "password"}, "#/query/sort"),
        ({"priority": 1}, "#/query/priority"),
        ({"q": "１３８ 0013-8000"}, "#/q"),
        ({"where": "{"}, "#/where"),
        ({"where": json.dumps({"field": "nothing", "op": "is", "value": 1})}, "#/field"),
    ],
)
def test_a_list_that_would_be_another_is_refused(shelf, clerk, query, pointer):
    answer = clerk.post(URL, json={"name": "x", "query": query})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_whose_they_are(shelf, clerk, view, technician):
    url = f"{URL}/{view.json['id']}"
    for answer in (technician.get(url), technician.patch(url, json={"name": "x"}), technician.delete(url),
                   technician.get(f"{url}/tickets")):  # fmt: skip
        assert answer.status_code == 404
    refused = clerk.post(URL, json={"name": "x", "audience": "all"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/audience")


def test_it_is_kept_once(shelf, clerk):
    answers = [clerk.post(URL, json={"name": "一次"}, headers={"Idempotency-Key": "v"}) for _ in range(2)]
    assert answers[0].json == answers[1].json
    clerk.delete(f"{URL}/{answers[0].json['id']}")


def test_a_forgotten_number_is_no_filter_and_finds_nothing(shelf, clerk, view):
    url = f"{URL}/{view.json['id']}"
    with shelf.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        work.session.get_one(SavedView, view.json["id"]).query = {"q": "13800138000", "template": shelf.template}
        work.session.flush()
        assert forget_numbers(work) == 1
    assert clerk.get(url).json["query"] == {"q": "••••", "template": shelf.template}
    refused = clerk.get(f"{url}/tickets")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/query")
    assert "telephone number" in refused.json["errors"][0]["message"]
    page = clerk.get(f"/tickets/?view={view.json['id']}").text
    assert "A telephone number stood here" in page
    assert 'data-testid="ticket-row"' not in page
    side = clerk.get("/tickets/views/side").text
    assert "13800138000" not in page + side
    count = clerk.get("/api/v1/tickets", query_string={"q": "••••", "count": "exact"}).json["count"]["number"]
    assert count == 0
    mended = clerk.patch(url, json={"query": {"template": shelf.template}})
    assert mended.status_code == 200
    assert len(clerk.get(f"{url}/tickets").json["items"]) == 3


def test_what_is_known_of_a_deleted_view_changes_no_later_one(shelf, clerk):
    old = kept(clerk, name="旧")
    url = f"{URL}/{old.json['id']}"
    assert clerk.delete(url).json == {"done": True}
    new = kept(clerk, name="新")
    assert clerk.patch(url, json={"name": "错"}, headers={"If-Match": old.headers["ETag"]}).status_code == 404
    assert clerk.get(f"{URL}/{new.json['id']}").json["name"] == "新"
    clerk.delete(f"{URL}/{new.json['id']}")
