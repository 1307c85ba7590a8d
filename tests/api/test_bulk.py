"""Many tickets by one wish: what may be changed is, each of the others says why not, and none stops another."""

import pytest

URL = "/api/v1/tickets/bulk"


def bulk(client, numbers, **wish):
    tickets = [one if isinstance(one, dict) else {"number": one} for one in numbers]
    return client.post(URL, json={"tickets": tickets, **wish}, headers=wish.pop("headers", {}))


def version(shelf, client, number):
    return shelf.get(client, f"/tickets/{number}").json["version"]


def test_each_is_told_what_became_of_it(shelf, clerk):
    one, other, third = shelf.numbers
    answer = bulk(
        clerk,
        [one, {"number": other, "version": 7}, third, "WX-0000"],
        fields={"priority": 2, "tags": {"add": ["批量"]}},
        note={"body": "一起改"},
    )
    assert answer.status_code == 200, answer.text
    told = answer.json["items"]
    assert [item["number"] for item in told] == [one, other, third, "WX-0000"]
    assert [item["status"] for item in told] == ["changed", "refused", "changed", "refused"]
    assert [item["version"] for item in told] == [2, 1, 2, None]
    assert told[1]["errors"][0]["code"] == "conflict"
    assert told[3]["errors"][0]["code"] == "not_found"
    now = shelf.get(clerk, f"/tickets/{third}").json
    assert (now["fields"]["priority"], now["fields"]["tags"]) == (2, ["批量"])
    again = bulk(clerk, [one], fields={"priority": 2}).json["items"][0]
    assert (again["status"], again["version"]) == ("unchanged", 2)


def test_a_wrong_answer_is_refused_at_its_place_and_changes_nothing(shelf, clerk):
    told = bulk(clerk, shelf.numbers, fields={"priority": 1}, answers={"quantity": "viele"}).json["items"]
    assert {item["status"] for item in told} == {"refused"}
    assert {item["errors"][0]["pointer"] for item in told} == {"#/answers/quantity"}
    assert version(shelf, clerk, shelf.numbers[0]) == 1


def test_a_step_is_taken_by_those_it_is_open_to(shelf, clerk):
    first, second = shelf.numbers[:2]
    assert bulk(clerk, [first], transition="start").json["items"][0]["status"] == "changed"
    told = bulk(clerk, [first, second], transition="start").json["items"]
    assert [item["status"] for item in told] == ["refused", "changed"]


def test_nobody_changes_what_he_does_not_reach(shelf, technician):
    told = bulk(technician, shelf.numbers, fields={"priority": 1}).json["items"]
    assert [item["status"] for item in told] == ["changed", "refused", "refused"]
    assert [item["version"] for item in told] == [2, None, None]
    assert {item["errors"][0]["code"] for item in told[1:]} == {"not_found"}


def test_it_is_carried_out_once(shelf, clerk):
    wish = {"json": {"tickets": [{"number": shelf.numbers[0]}], "note": {"body": "一次"}}}
    answers = [clerk.post(URL, headers={"Idempotency-Key": "bulk-once"}, **wish) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert len(shelf.get(clerk, f"/tickets/{shelf.numbers[0]}/notes").json["items"]) == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"tickets": []}, {"tickets": [{"number": "x"}] * 501}, {"tickets": ["WX-1"]}, {"tickets": [{"id": 1}]},
     {"tickets": [{"number": "x", "version": 0}]}, {"tickets": [{"number": "x"}], "state": "done"}],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(shelf, clerk, body):
    answer = clerk.post(URL, json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


def test_an_auditor_may_not(shelf, client_as):
    assert bulk(client_as("auditor"), shelf.numbers, fields={"priority": 1}).status_code == 403
