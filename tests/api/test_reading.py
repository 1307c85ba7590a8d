"""Reading over the API: lists by condition and page, one ticket, what its reader may not see, and bad input."""

import json
import re
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from sqlalchemy import update

from app.core.deadline import TooLongError
from app.core.i18n import _
from app.core.permissions import SYSTEM
from app.tickets import queries, service
from app.tickets.models import Ticket
from app.tickets.orders import ChangeTicket
from app.tickets.queries import counting, listing
from tests.clients import CAUSE
from tests.factories import people
from ticket_templates.service import install_packs

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-api.md"
PROBLEM = "application/problem+json"


def test_a_list_by_condition_filter_and_order(shelf, clerk):
    first, second, third = shelf.numbers
    where = json.dumps({"any": [{"field": "values.fault_code", "op": "is", "value": "E2"},
                                {"field": "priority", "op": "is", "value": 1}]})  # fmt: skip
    assert set(shelf.listed(clerk, where=where)) == {second, third}
    assert shelf.listed(clerk, priority="1,2") == [second]
    assert shelf.listed(clerk, assignee=str(shelf.technician)) == [first]
    assert shelf.listed(clerk, sort="number") == [first, second, third]
    assert shelf.listed(clerk, sort="-number") == [third, second, first]
    assert shelf.listed(clerk, sort="answers.quantity")[0] == second
    assert shelf.listed(clerk, sort="-answers.fault_code") == [third, first, second]
    assert shelf.listed(clerk, sort="subject")[-1] == second
    assert shelf.listed(clerk, q="压缩机") == [second]
    asked = {"where": json.loads(where), "template": [shelf.template], "sort": "number"}
    found = clerk.post("/api/v1/tickets/search", json=asked).json
    assert [one["number"] for one in found["items"]] == [second, third]
    assert found["count"] == {"number": 2, "exact": True, "about": False}


def test_the_filters_of_the_list_are_parameters(shelf, clerk):
    first, second, third = shelf.numbers
    with shelf.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        ids = [queries.ticket(work, one).id for one in shelf.numbers]
        team, outlet = people.team(work).id, people.outlet(work).id
        service.change_ticket(work, ChangeTicket(ids[0], fields={"team_id": team, "outlet_id": outlet}))
        work.session.execute(update(Ticket).where(Ticket.id == ids[1]).values(due_at=work.now, reopened_at=work.now))
        tomorrow = work.now + timedelta(days=1)
        work.session.execute(update(Ticket).where(Ticket.id.in_([ids[0], ids[2]])).values(due_at=tomorrow))
    assert shelf.listed(clerk, due="today") == shelf.listed(clerk, reopened="true") == [second]
    assert set(shelf.listed(clerk, outlet="none")) == {second, third}
    assert shelf.listed(clerk, outlet=outlet) == shelf.listed(clerk, team=team) == [first]
    # The clerk is in no team.
    assert shelf.listed(clerk, team="mine") == []
    wish = {"template": [shelf.template], "team": team, "only": ["number"]}
    assert clerk.post("/api/v1/tickets/search", json=wish).json["items"] == [{"number": first}]
    wish = {"template": [shelf.template], "outlet": "none", "reopened": True, "only": ["number"]}
    assert clerk.post("/api/v1/tickets/search", json=wish).json["items"] == [{"number": second}]


def test_what_conditions_may_ask_is_told(shelf, clerk, client_as):
    told = shelf.get(clerk, "/conditions/fields", template=shelf.template).json
    fields = {one["key"]: one for one in told["fields"]}
    assert [one["value"] for one in fields["values.fault_code"]["options"]] == ["E1", "E2"]
    assert {"is", "is_any_of", "is_empty"} <= set(fields["values.fault_code"]["operators"])
    assert fields["assignee_id"]["refers_to"] == "user"
    operators = {one["key"]: one["takes"] for one in told["operators"]}
    assert (operators["is"], operators["is_any_of"], operators["is_empty"]) == ("one", "many", "nothing")
    assert {name for one in told["fields"] for name in one["operators"]} == set(operators)
    # Nobody is told of a field that is not for him, and every field that is told can be asked about.
    assert "values.secret" not in fields
    assert "values.secret" in {one["key"] for one in shelf.get(client_as("qa"), "/conditions/fields").json["fields"]}
    where = {"any": [{"field": name, "op": "is_empty"} for name in fields if "is_empty" in fields[name]["operators"]]}
    assert shelf.get(clerk, "/tickets", where=json.dumps(where)).status_code == 200
    refused = shelf.get(clerk, "/conditions/fields", template="nowhere")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "unknown")
    schemas = clerk.get("/api/v1/openapi.json").json["components"]["schemas"]
    tree = jsonschema.Draft202012Validator(
        {"$ref": "#/components/schemas/Condition", "components": {"schemas": schemas}}
    )
    assert tree.is_valid(where)
    assert tree.is_valid({"none": [where, {"all": []}]})
    for wrong in ({}, {"all": {}}, {"all": [], "any": []}, {"field": "state"}, {"field": "state", "op": "is", "x": 1}):
        assert not tree.is_valid(wrong), wrong


def test_pages_follow_their_cursors(shelf, clerk):
    query = {"template": shelf.template, "sort": "number", "size": 2}
    page = shelf.get(clerk, "/tickets", **query).json
    assert ([one["number"] for one in page["items"]], page["previous_cursor"]) == (shelf.numbers[:2], None)
    rest = shelf.get(clerk, "/tickets", **query, cursor=page["next_cursor"]).json
    assert ([one["number"] for one in rest["items"]], rest["next_cursor"]) == (shelf.numbers[2:], None)
    back = shelf.get(clerk, "/tickets", **query, cursor=rest["previous_cursor"]).json
    assert back["items"] == page["items"]


def test_every_one_is_counted_while_there_is_time(shelf, clerk, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED", 2)
    assert counted(shelf, clerk) == {"number": 2, "exact": False, "about": False}
    assert counted(shelf, clerk, count="exact") == {"number": 3, "exact": True, "about": False}

    def over(*_all):
        raise TooLongError(_("This takes too long to be counted."), code="too_long")

    monkeypatch.setattr(counting, "within", over)
    assert counted(shelf, clerk, count="exact") == {"number": 2, "exact": False, "about": False}


def counted(shelf, clerk, **query):
    page = shelf.get(clerk, "/tickets", template=shelf.template, **query).json
    assert len(page["items"]) == len(shelf.numbers)
    return page["count"]


def test_a_list_holds_only_what_is_asked_for(shelf, clerk):
    asked = {
        "template": shelf.template,
        "only": "number,fields.priority,answers.fault_code,answers.secret",
        "sort": "number",
    }
    items = shelf.get(clerk, "/tickets", **asked).json["items"]
    assert items[0] == {
        "number": shelf.numbers[0],
        "fields": {"priority": 3},
        "answers": {"fault_code": "E1"},
        "masked": [],
    }
    whole = shelf.get(clerk, "/tickets", template=shelf.template).json["items"][0]
    assert whole["labels"]["state"] == "Waiting"


def test_one_ticket_in_canonical_values(shelf, clerk):
    answer = shelf.get(clerk, f"/tickets/{shelf.numbers[0]}")
    ticket = answer.json
    assert answer.headers["ETag"] == '"1"'
    assert ticket["fields"] == {
        "subject": "空调不制冷", "priority": 3, "customer_id": None, "contact_id": None, "site_id": None,
        "installed_product_id": None, "assignee_id": shelf.technician, "team_id": None, "outlet_id": None,
        "tags": [],
    }  # fmt: skip
    assert ticket["answers"] == {"fault": "空调不制冷", "fault_code": "E1", "phone": "+8613800138000"}
    assert (ticket["template"], ticket["state"], ticket["category"]) == (shelf.template, "waiting", "new")
    assert ticket["due_at"].endswith("Z")
    steps = shelf.get(clerk, f"/tickets/{shelf.numbers[0]}/transitions").json["items"]
    assert [(one["key"], one["open"]) for one in steps] == [("start", True)]
    assert steps[0]["asks"] == {"fields": [], "answers": [], "checklist": False, "when": {}}
    opened = shelf.get(clerk, f"/tickets/{shelf.numbers[0]}/timeline").json["items"][0]
    assert (opened["kind"], opened["by"]) == ("opened", None)


def test_personal_answers_are_masked_and_secret_ones_left_out(shelf, clerk, client_as):
    number = shelf.numbers[0]
    looker = shelf.get(client_as("finance"), f"/tickets/{number}").json
    assert looker["masked"] == ["phone"]
    assert "0138000" not in json.dumps(looker)
    condition = {"field": "values.secret", "op": "is", "value": "x"}
    hidden = shelf.get(clerk, "/tickets", where=json.dumps(condition))
    unknown = shelf.get(clerk, "/tickets", where=json.dumps(condition | {"field": "values.nowhere"}))
    assert hidden.status_code == unknown.status_code == 422
    assert hidden.json["errors"][0]["code"] == unknown.json["errors"][0]["code"]


def test_rows_out_of_reach_are_not_there(shelf, technician):
    mine, other, _third = shelf.numbers
    assert shelf.listed(technician) == [mine]
    assert shelf.get(technician, "/tickets", template=shelf.template).json["count"]["number"] == 1
    for path in ("", "/transitions", "/timeline", "/notes", "/attachments"):
        assert shelf.get(technician, f"/tickets/{mine}{path}").status_code == 200
        gone = shelf.get(technician, f"/tickets/{other}{path}")
        assert (gone.status_code, gone.mimetype) == (404, PROBLEM)
        assert gone.json["detail"] == shelf.get(technician, f"/tickets/NOWHERE{path}").json["detail"]


def test_templates_say_what_they_ask(shelf, clerk):
    assert shelf.template in [one["key"] for one in shelf.get(clerk, "/templates").json["items"]]
    found = shelf.get(clerk, f"/templates/{shelf.template}").json
    fields = {one["key"]: one for one in found["fields"]}
    assert fields["fault_code"]["schema"] == {"title": "Fault code", "type": "string", "enum": ["E1", "E2"]}
    assert "secret" not in fields
    assert found == shelf.get(clerk, f"/templates/{shelf.template}/versions/1").json
    assert shelf.get(clerk, f"/templates/{shelf.template}/versions/2").status_code == 404


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"size": "1000000000"}, "#/size", "not_maximum"),
        ({"size": "-1"}, "#/size", "not_minimum"),
        ({"size": "ten"}, "#/size", "not_type"),
        ({"page": "2"}, "#/page", "unknown_field"),
        ({"sort": "values.secret"}, "#/sort", "not_pattern"),
        ({"sort": "answers.secret"}, "#/sort", "invalid"),
        ({"cursor": "broken"}, "#/cursor", "bad_cursor"),
        ({"where": "{"}, "#/where", "not_json"),
        ({"where": '{"any": [{"field": "priority", "op": "is", "value": "x"}]}'}, "#/where/any/0/value", None),
        ({"where": "[" * 5000}, "#/where", "not_json"),
        ({"q": "a\x00b"}, "#/q", "not_text"),
        (
            {"where": '{"any": [{"field": "subject", "op": "is", "value": "a\\u0000"}]}'},
            "#/where/any/0/value",
            "not_text",
        ),
        ({"assignee": "99999999999999999999"}, "#/assignee", "not_pattern"),
        ({"state": "waiting,nowhere"}, "#/state", "unknown"),
        ({"template": "nowhere"}, "#/template", "unknown"),
        ({"team": "theirs"}, "#/team", "not_pattern"),
        ({"team": "0"}, "#/team", "not_minimum"),
        ({"outlet": "mine"}, "#/outlet", "not_pattern"),
        ({"due": "tomorrow"}, "#/due", "not_possible"),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_place(shelf, clerk, query, pointer, code):
    answer = shelf.get(clerk, "/tickets", **query)
    assert (answer.status_code, answer.mimetype) == (422, PROBLEM)
    assert answer.json["errors"][0]["pointer"] == pointer
    assert code in (None, answer.json["errors"][0]["code"])


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": '{"size": NaN}', "content_type": "application/json"}, 400),
        ({"data": "[" * 100_000, "content_type": "application/json"}, 400),
        ({"data": "<where/>", "content_type": "application/xml"}, 415),
        ({"data": "[]", "content_type": "application/json"}, 422),
        ({"json": {"where": {"all": []}, "size": True}}, 422),
        ({"json": {"size": 25.0}}, 422),
        ({"json": {"customer": 10**30}}, 422),
        ({"data": '{"q": "' + "x" * 3_000_000 + '"}', "content_type": "application/json"}, 413),
    ],
)
def test_a_body_that_is_none_is_a_problem(shelf, clerk, sent, status):
    answer = clerk.post("/api/v1/tickets/search", **sent)
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    assert answer.json["status"] == status


def test_every_refusal_is_a_problem(anonymous, clerk):
    for answer, status in (
        (anonymous.get("/api/v1/tickets"), 401),
        (clerk.get("/api/v1/nothing"), 404),
        (clerk.delete("/api/v1/tickets"), 405),
        (clerk.post("/api/v1/tickets/search", json={}, csrf=False), 400),
    ):
        assert (answer.status_code, answer.mimetype) == (status, PROBLEM), answer.text
        assert answer.json["status"] == status
        assert answer.json["request_id"]


def test_the_examples_of_the_how_to_work(shelf, clerk):
    """As they stand, with the shipped templates; only the customer is another one."""
    with shelf.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        install_packs(work)
        customer_id = people.customer(work).id
    page = HOW_TO.read_text("utf-8")
    query = re.search(r"\$GONGDAN(/tickets\?[^\"]+)", page)[1]
    assert clerk.get(f"/api/v1{query}").status_code == 200
    wish = json.loads(re.search(r"-d '(\{\"template\".*?\})'", page, re.DOTALL)[1])
    made = clerk.post("/api/v1/tickets", json=wish | {"fields": {"customer_id": customer_id}})
    assert made.status_code == 201, made.text
    search = json.loads(re.search(r"-d '(\{\s+\"where\".*?\})'", page, re.DOTALL)[1])
    found = clerk.post("/api/v1/tickets/search", json=search)
    assert found.status_code == 200, found.text
    assert made.json["number"] in [one["number"] for one in found.json["items"]]


def test_a_refused_number_or_length_says_its_limit(shelf, clerk):
    def told(**query):
        return shelf.get(clerk, "/tickets", **query).json["errors"][0]["message"]

    assert told(size=-1) == told(size=10**9) == "From 1 to 200."
    assert told(q="x" * 5000).startswith("At most ")
    assert told(template=",".join(["x"] * 300)) == "At most 200 entries."
