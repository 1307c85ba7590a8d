"""What a template doubts, for programs: refused until they say that it is right; told of many at once."""

from app.tickets import queries
from tests.clients import CAUSE, SYSTEM
from tests.factories.tickets import template, ticket
from tests.tickets.test_doubts import doubting_spec


def test_a_program_says_that_what_is_doubted_is_right(shelf, client_as):
    boss = client_as("administrator")
    with shelf.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = template(work, spec=doubting_spec())
        numbers = [queries.ticket(work, ticket(work, key, {"fee": "300"})).number for _ in range(2)]
    url = f"/api/v1/tickets/{numbers[0]}/transitions/collect"
    wish = {"answers": {"received": "370.00"}}
    refused = boss.post(url, json=wish)
    (told,) = refused.json["errors"]
    assert refused.status_code == 422
    assert (told["pointer"], told["code"]) == ("#/answers/received", "needs_confirmation")
    assert "70.00" in told["message"]
    assert boss.post(url, json=wish | {"confirm": True}).json["answers"]["due"] == "-70.00"
    made = {"template": key, "answers": {"fault": "E1", "fee": "20000.00"}}
    assert [one["code"] for one in boss.post("/api/v1/tickets", json=made).json["errors"]] == ["needs_confirmation"]
    assert boss.post("/api/v1/tickets", json=made | {"confirm": True}).status_code == 201
    many = {"tickets": [{"number": numbers[1]}], "transition": "collect", "answers": {"received": "400.00"}}
    (item,) = boss.post("/api/v1/tickets/bulk", json=many).json["items"]
    assert (item["status"], item["errors"]) == ("changed", [])
    assert [(one["pointer"], one["code"]) for one in item["doubts"]] == [("#/answers/received", "needs_confirmation")]
