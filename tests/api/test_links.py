"""Links over the API: made, seen from either end, taken away; to what is out of reach there are none."""

import pytest


def links(shelf, client, number):
    return [(one["kind"], one["number"]) for one in shelf.get(client, f"/tickets/{number}/links").json["items"]]


def test_a_link_is_made_seen_from_both_ends_and_taken_away(shelf, clerk):
    one, other, _third = shelf.numbers
    url = f"/api/v1/tickets/{one}/links"
    made = clerk.post(url, json={"kind": "blocks", "number": other})
    assert made.status_code == 201, made.text
    (item,) = made.json["items"]
    assert (item["kind"], item["number"], item["removable"]) == ("blocks", other, True)
    assert links(shelf, clerk, other) == [("blocked_by", one)]
    assert clerk.post(url, json={"kind": "blocks", "number": other}).status_code in (201, 422)
    gone = clerk.delete(f"{url}/blocks/{other}")
    assert (gone.status_code, gone.json) == (200, {"items": []})
    assert links(shelf, clerk, other) == []


def test_what_is_no_link_is_refused(shelf, clerk):
    one, other, _third = shelf.numbers
    url = f"/api/v1/tickets/{one}/links"
    assert clerk.post(url, json={"kind": "likes", "number": other}).status_code == 422
    assert clerk.post(url, json={"kind": "relates", "number": one}).status_code == 422
    assert clerk.post(url, json={"kind": "relates", "number": "WX-0000"}).status_code == 404
    assert clerk.delete(f"{url}/likes/{other}").status_code == 422
    clerk.post(url, json={"kind": "parent_of", "number": other})
    assert clerk.post(f"/api/v1/tickets/{other}/links", json={"kind": "parent_of", "number": one}).status_code == 422


def test_the_other_end_out_of_reach_is_not_there(shelf, clerk, technician):
    mine, other, _third = shelf.numbers
    clerk.post(f"/api/v1/tickets/{mine}/links", json={"kind": "relates", "number": other})
    assert links(shelf, technician, mine) == []
    assert shelf.get(technician, f"/tickets/{other}/links").status_code == 404
    hidden = technician.post(f"/api/v1/tickets/{mine}/links", json={"kind": "blocks", "number": other})
    none = technician.post(f"/api/v1/tickets/{mine}/links", json={"kind": "blocks", "number": "WX-0000"})
    assert (hidden.status_code, hidden.json["detail"]) == (none.status_code, none.json["detail"])


@pytest.mark.parametrize("role", ["auditor"])
def test_who_only_reads_links_nothing(shelf, client_as, role):
    one, other, _third = shelf.numbers
    wish = {"kind": "relates", "number": other}
    assert client_as(role).post(f"/api/v1/tickets/{one}/links", json=wish).status_code == 403
