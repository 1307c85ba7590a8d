"""Writing over the API: through the one door, once for a key, on the version somebody has seen."""

import io
from dataclasses import replace

import pytest

from app.core.permissions import SYSTEM
from app.tickets import queries, service
from app.tickets.orders import OpenTicket
from tests.clients import CAUSE
from tests.desk.filling import picture
from tests.factories import people
from tests.factories.tickets import repair_spec, template, ticket
from tests.tickets.test_moving import spec as moving_spec
from tests.tickets.test_standing import spec as standing_spec

PROBLEM = "application/problem+json"
NOT_UTF8 = "This is not UTF-8, in which JSON is sent: it cannot be read from byte {} on."
CONTROL = "Line 1, character 15: a text holds a line break or another control character. Write it as \\n."


def made(shelf, client, headers=None, **more):
    body = {"template": shelf.template, "answers": {"fault": "不通电"}, **more}
    return client.post("/api/v1/tickets", json=body, headers=headers or {})


def test_a_life(shelf, clerk):
    answer = made(shelf, clerk, fields={"priority": 2}, note={"body": "电话报修", "public": True})
    assert answer.status_code == 201, answer.text
    ticket = answer.json
    url = answer.headers["Location"]
    assert url == f"/api/v1/tickets/{ticket['number']}"
    assert (ticket["channel"], ticket["fields"]["priority"], answer.headers["ETag"]) == ("api", 2, '"1"')
    assert clerk.get(url).json == ticket
    changed = clerk.patch(url, json={"fields": {"priority": 1}, "answers": {"quantity": 3, "fault_code": "E1"}})
    assert changed.status_code == 200, changed.text
    assert (changed.json["answers"]["quantity"], changed.json["version"]) == (3, 2)
    assert clerk.patch(url, json={"answers": {"quantity": None}}).json["answers"].get("quantity") is None
    moved = clerk.post(f"{url}/transitions/start", json={})
    assert (moved.status_code, moved.json["state"]) == (200, "working")
    again = clerk.post(f"{url}/transitions/start", json={})
    assert (again.status_code, again.json["errors"][0]["pointer"]) == (422, "#/transition")
    early = clerk.post(f"{url}/transitions/finish", json={})
    assert (early.status_code, early.json["errors"][0]["pointer"]) == (422, "#/answers/result")
    done = clerk.post(f"{url}/transitions/finish", json={"answers": {"result": "换了板子"}})
    assert (done.json["state"], done.json["category"]) == ("done", "resolved")
    noted = clerk.post(f"{url}/notes", json={"body": "客户满意"})
    assert (noted.status_code, noted.json["body"], noted.json["public"]) == (201, "客户满意", False)
    assert [(one["body"], one["public"]) for one in clerk.get(f"{url}/notes").json["items"]] == [
        ("客户满意", False), ("电话报修", True),
    ]  # fmt: skip
    kinds = [one["kind"] for one in clerk.get(f"{url}/timeline").json["items"]]
    assert kinds == ["note", "transitioned", "transitioned", "changed", "changed", "note", "opened"]


def test_files_come_alone_with_a_note_or_as_an_answer(shelf, clerk, technician):
    def send(path):
        return clerk.post(path, data={"file": (io.BytesIO(picture()), "现场.png")}, content_type="multipart/form-data")

    number = shelf.numbers[1]
    first, second = (send("/api/v1/attachments").json for _attempt in range(2))
    assert first["media_type"] == "image/png"
    noted = clerk.post(f"/api/v1/tickets/{number}/notes", json={"files": [first["id"]]})
    assert noted.json["files"] == [first]
    answered = clerk.patch(f"/api/v1/tickets/{number}", json={"answers": {"photos": [second["id"]]}})
    assert answered.json["answers"]["photos"] == [second["id"]]
    third = send(f"/api/v1/tickets/{number}/attachments")
    assert third.status_code == 201, third.text
    listed = clerk.get(f"/api/v1/tickets/{number}/attachments").json["items"]
    assert [one["id"] for one in listed] == [first["id"], second["id"], third.json["id"]]
    with clerk.get(f"/api/v1/attachments/{first['id']}") as whole:
        assert whole.data == picture()
    with clerk.get(f"/api/v1/attachments/{first['id']}?thumbnail=true") as small:
        assert small.mimetype == "image/jpeg"
    assert technician.get(f"/api/v1/attachments/{first['id']}").status_code == 404
    taken = clerk.post(f"/api/v1/tickets/{shelf.numbers[2]}/notes", json={"body": "x", "files": [first["id"]]})
    assert (taken.status_code, taken.json["errors"][0]["code"]) == (422, "unknown_file")


def test_what_is_wrong_is_told_at_its_place(shelf, clerk):
    answer = made(shelf, clerk, fields={"priority": 9, "sla": 1})
    assert {one["pointer"]: one["code"] for one in answer.json["errors"]} == {
        "#/fields/priority": "not_possible", "#/fields/sla": "unknown_field",
    }  # fmt: skip
    answer = made(shelf, clerk, answers={"fault": "", "quantity": "viele", "secret": "x", "no": 1})
    assert (answer.status_code, answer.mimetype) == (422, PROBLEM)
    assert {one["pointer"]: one["code"] for one in answer.json["errors"]} == {
        "#/answers/fault": "required", "#/answers/quantity": "not_number", "#/answers/secret": "not_allowed",
        "#/answers/no": "unknown_field",
    }  # fmt: skip
    assert "“viele” is not a number." in [one["message"] for one in answer.json["errors"]]
    nowhere = clerk.post("/api/v1/tickets", json={"template": "nowhere"})
    assert (nowhere.status_code, nowhere.json["errors"][0]["pointer"]) == (422, "#/template")
    empty = clerk.post(f"/api/v1/tickets/{shelf.numbers[0]}/notes", json={"body": " "})
    assert (empty.status_code, empty.json["errors"][0]["pointer"]) == (422, "#/body")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"subject": "工单"}'.encode("gbk"), NOT_UTF8.format(14)),
        ('{"subject": "x"}'.encode("utf-16"), NOT_UTF8.format(1)),
        ('{"subject": "x"}'.encode("utf-8-sig"), "Send JSON without the byte order mark (BOM) at its beginning."),
        (b'{"priority":\n NaN}', "Line 2, character 2: `NaN` and `Infinity` are no JSON numbers."),
        (b'{"priority": -Infinity}', "Line 1, character 15: `NaN` and `Infinity` are no JSON numbers."),
        (b'{"priority": 1e999}', "Line 1, character 14: this number is too large."),
        (b'{"subject": "\\ud800"}', "Line 1, character 14: a \\u here is only half of a character."),
        (b'{"subject": "a\nb"}', CONTROL),
        (b'{"subject": ', "Line 1, character 13: the JSON ends before it is whole."),
        (b"{'subject': 1}", "Line 1, character 2: this is not valid JSON."),
        (b"[" * 5000, "Line 1, character 1026: this is nested too deeply."),
        (b" ", "Nothing was sent where JSON is expected."),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("verb", "path"), [("post", "tickets"), ("post", "customer/"), ("put", "customer/1")])
def test_what_cannot_be_read_is_told_what_is_wrong_and_where(clerk, verb, path, body, told):
    answer = getattr(clerk, verb)(f"/api/v1/{path}", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
    assert [(one["pointer"], one["code"], one["message"]) for one in answer.json["errors"]] == [("#", "not_json", told)]


def test_a_route_is_found_with_and_without_a_slash(shelf, clerk):
    made_by = [
        clerk.post(path, json={"name": "海天", "kind": "company"}) for path in ("/api/v1/customer", "/api/v1/customer/")
    ]
    assert [one.status_code for one in made_by] == [201, 201]
    ticket = f"/api/v1/tickets/{shelf.numbers[0]}"
    for path in ("/api/v1/customer", "/api/v1/tickets", ticket, "/api/v1/views"):
        both = [clerk.get(path), clerk.get(f"{path}/")]
        assert [one.status_code for one in both] == [200, 200]
        assert both[0].json == both[1].json


def test_where_else_something_is_found_is_said_as_json(clerk):
    answer = clerk.post("/api/v1//customer/", json={"name": "海天"})
    assert (answer.status_code, answer.mimetype) == (308, PROBLEM)
    assert answer.headers["Location"].endswith("/api/v1/customer/")
    assert clerk.get("/api/v1/nothing/").mimetype == PROBLEM


def test_what_is_no_object_is_told_what_is_one(shelf, clerk):
    url = f"/api/v1/tickets/{shelf.numbers[0]}"
    for body, pointer, message in (
        ({"note": "电话报修"}, "#/note", "An object with body, public, files is expected here."),
        ({"checklist": ["grounded"]}, "#/checklist", "An object is expected here: names, each with its value."),
        ({"note": {"body": ["x"]}}, "#/note/body", "A text is expected here."),
        ({"note": {"files": "x"}}, "#/note/files", "A list is expected here."),
        ({"note": {"files": ["x"]}}, "#/note/files/0", "A whole number is expected here."),
        ({"checklist": {"grounded": 1}}, "#/checklist/grounded", "true or false is expected here."),
    ):
        told = clerk.patch(url, json=body).json["errors"]
        assert [(one["pointer"], one["code"], one["message"]) for one in told] == [(pointer, "not_type", message)]


def test_a_customer_who_is_not_there_is_not_missing_as_well(shelf, clerk):
    spec = replace(repair_spec(), required=("customer",))
    with shelf.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = template(work, spec=spec)
        site = people.customer(work, sites=[{"name": "家"}]).sites[0].id
    body = {"template": key, "answers": {"fault": "x"}}
    nobody = {"customer_id": 2**40}
    for fields, code in ((nobody, "not_found"), ({**nobody, "site_id": site}, "not_found"), ({}, "required")):
        told = clerk.post("/api/v1/tickets", json={**body, "fields": fields}).json["errors"]
        assert [(one["pointer"], one["code"]) for one in told] == [("#/fields/customer_id", code)]


def test_an_answer_a_condition_hides_is_refused_and_not_lost(shelf, clerk):
    def told(answer):
        assert (answer.status_code, answer.mimetype) == (422, PROBLEM), answer.text
        return [(one["pointer"], one["code"], one["message"]) for one in answer.json["errors"]]

    hidden = [("#/answers/detail", "not_asked", "“Detail” is asked only when Fault code is “异响”.")]
    assert told(made(shelf, clerk, answers={"fault": "x", "detail": "很吵"})) == hidden
    assert made(shelf, clerk, answers={"fault": "x", "detail": None}).status_code == 201
    assert made(shelf, clerk, answers={"fault": "x", "detail": " ", "fault_code": "E1"}).status_code == 201
    url = f"/api/v1/tickets/{shelf.numbers[0]}"
    assert told(clerk.patch(url, json={"answers": {"detail": "很吵"}})) == hidden
    assert told(clerk.post(f"{url}/transitions/start", json={"answers": {"detail": "很吵"}})) == hidden
    together = clerk.patch(url, json={"answers": {"detail": "很吵", "fault_code": "E2"}})
    assert together.json["answers"]["detail"] == "很吵"
    # What a ticket holds may come back with the answer that hides it; another one may not.
    assert told(clerk.patch(url, json={"answers": {"detail": "不吵", "fault_code": "E1"}})) == hidden
    back = clerk.patch(url, json={"answers": {"detail": "很吵", "fault_code": "E1"}})
    assert (back.status_code, "detail" in back.json["answers"]) == (200, False)
    many = {"tickets": [{"number": shelf.numbers[0]}], "answers": {"detail": "很吵"}}
    (one,) = clerk.post("/api/v1/tickets/bulk", json=many).json["items"]
    assert [(error["pointer"], error["code"]) for error in one["errors"]] == [("#/answers/detail", "not_asked")]


def test_only_the_version_that_was_seen_is_changed(shelf, clerk):
    url = f"/api/v1/tickets/{shelf.numbers[0]}"
    tag = clerk.get(url).headers["ETag"]
    assert clerk.patch(url, json={"answers": {"quantity": 1}}, headers={"If-Match": tag}).status_code == 200
    for headers in ({"If-Match": tag}, {"If-Match": '"rubbish"'}, {"If-Match": "\\"}, {"If-Match": '"", W/"a/_"'}):
        late = clerk.patch(url, json={"answers": {"quantity": 2}}, headers=headers)
        assert (late.status_code, late.mimetype, late.json["status"]) == (412, PROBLEM, 412)
    late = clerk.post(f"{url}/transitions/start", json={}, headers={"If-Match": tag})
    assert late.status_code == 412
    assert clerk.get(url).json["answers"]["quantity"] == 1
    assert clerk.patch(url, json={"answers": {"quantity": 2}}, headers={"If-Match": "*"}).status_code == 200


def test_one_wish_is_carried_out_once(shelf, clerk, client_as):
    key = {"Idempotency-Key": f"order-{shelf.template}"}
    first = made(shelf, clerk, key)
    again = made(shelf, clerk, key)
    assert (again.status_code, again.json) == (201, first.json)
    assert (again.headers["Location"], again.headers["ETag"]) == (first.headers["Location"], first.headers["ETag"])
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    other = made(shelf, clerk, key, fields={"priority": 1})
    assert (other.status_code, other.json["errors"][0]["code"]) == (422, "key_reused")
    assert len(shelf.listed(clerk)) == len(shelf.numbers) + 1
    # A key is its owner's: another's is another wish.
    assert made(shelf, client_as("dispatcher"), key).json["number"] != first.json["number"]
    url = first.headers["Location"]
    notes = [clerk.post(f"{url}/notes", json={"body": "一次"}, headers=key | {"Idempotency-Key": "n1" + url})
             for _attempt in range(2)]  # fmt: skip
    assert notes[0].json == notes[1].json
    assert len(clerk.get(f"{url}/notes").json["items"]) == 1


def test_a_refused_wish_can_be_tried_again_with_its_key(shelf, clerk):
    key = {"Idempotency-Key": f"again-{shelf.template}"}
    assert made(shelf, clerk, key, answers={}).status_code == 422
    assert made(shelf, clerk, key).status_code == 201


@pytest.mark.parametrize("path", ["/tickets/{}", "/tickets/{}/transitions/start", "/tickets/{}/notes"])
def test_nobody_writes_out_of_reach(shelf, technician, path):
    _mine, other, _third = shelf.numbers
    verb = technician.patch if path == "/tickets/{}" else technician.post
    body = {"body": "x"} if path.endswith("notes") else {"answers": {"fault": "x"}} if path == "/tickets/{}" else {}
    gone = verb("/api/v1" + path.format(other), json=body)
    assert (gone.status_code, gone.mimetype) == (404, PROBLEM)


def test_what_leaves_ones_reach_is_done_and_not_shown(shelf, technician):
    spec = repair_spec()
    first, *others = spec.workflow.transitions
    handing_back = replace(first, clears=("assignee", "team"))
    spec = replace(spec, workflow=replace(spec.workflow, transitions=(handing_back, *others)))
    with shelf.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        number = queries.ticket(work, ticket(work, template(work, spec=spec), assignee_id=shelf.technician)).number
    url = f"/api/v1/tickets/{number}"
    assert technician.get(url).status_code == 200
    for replayed in (None, "true"):
        done = technician.post(f"{url}/transitions/{first.key}", json={}, headers={"Idempotency-Key": f"back {number}"})
        assert (done.status_code, done.data, done.headers.get("Idempotency-Replayed")) == (204, b"", replayed)
    assert technician.get(url).status_code == 404
    with shelf.app.extensions["gongdan"].transactions.reading(SYSTEM) as work:
        assert queries.ticket(work, number).columns["assignee_id"] is None


def test_a_mask_sent_back_changes_nothing(shelf, clerk, client_as):
    url = f"/api/v1/tickets/{shelf.numbers[0]}"
    reader = client_as("finance")
    seen = reader.get(url).json
    sent = reader.patch(url, json={"fields": seen["fields"], "answers": seen["answers"]})
    assert (sent.status_code, sent.json["version"]) == (200, seen["version"])
    assert clerk.get(url).json["answers"]["phone"] == "+8613800138000"


BAD = [7, True, None, {"x": 1}, "x" * 5000, "\x00", "10" * 30, [[[]]], "\u202e\u200b", {"id": {}}, 2**63, -1, 1e300]


@pytest.mark.parametrize("bad", BAD, ids=lambda one: repr(one)[:20])
def test_hostile_bodies_are_refused_never_a_crash(shelf, clerk, bad):
    url = f"/api/v1/tickets/{shelf.numbers[0]}"
    bodies = [{"template": bad}, {"fields": bad}, {"answers": bad}, {"note": bad}, [bad]]
    bodies += [{"answers": {key: bad}} for key in ("fault", "fault_code", "quantity", "phone", "photos", "__proto__")]
    bodies += [{"fields": {key: bad}} for key in ("subject", "priority", "customer_id", "assignee_id", "team_id")]
    for body in bodies:
        filled = {"template": shelf.template, **body} if isinstance(body, dict) else body
        answers = [
            clerk.post("/api/v1/tickets", json=filled), clerk.patch(url, json=body),
            clerk.post(f"{url}/transitions/start", json={"checklist": {"tested": bad}} | ({"note": bad})),
        ]  # fmt: skip
        for answer in answers:
            assert answer.status_code in (200, 201, 409, 422), (body, answer.text)
            assert answer.status_code < 400 or answer.mimetype == PROBLEM


def test_broken_characters_are_told_where_they_stand(shelf, clerk):
    body = {"answers": {"fault": "a\x00", "photos": [7, "\x00"], "b\x00": 1}, "fields": {"subject": "\x00"}}
    answer = clerk.patch(f"/api/v1/tickets/{shelf.numbers[0]}", json=body)
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json["errors"]} == {
        "#/answers", "#/answers/fault", "#/answers/photos/1", "#/fields/subject",
    }  # fmt: skip
    assert {one["code"] for one in answer.json["errors"]} == {"not_text"}


def test_a_file_that_is_too_large_is_told_by_its_status(shelf, clerk):
    head = b'--part\r\nContent-Disposition: form-data; name="file"; filename="large.txt"\r\n\r\n'
    body = head + b"x" * (20 * 1024 * 1024 + 1) + b"\r\n--part--\r\n"
    answer = clerk.post("/api/v1/attachments", data=body, content_type="multipart/form-data; boundary=part")
    assert (answer.status_code, answer.mimetype, answer.json["errors"][0]["code"]) == (413, PROBLEM, "too_large")


def test_what_stands_on_a_ticket_is_told_to_programs_at_its_place(shelf, clerk):
    with shelf.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = template(work, spec=standing_spec(after=("finish",)))
        paid = queries.ticket(work, ticket(work, key, {"fault_code": "E1", "deposit": "150"})).number
    answers = {"fault": "x", "result": "好"}
    done = clerk.post("/api/v1/tickets", json={"template": key, "answers": answers}).json["number"]

    asks = clerk.get(f"/api/v1/templates/{key}").json
    assert {one["key"]: one["lowered_in"] for one in asks["fields"] if one["lowered_in"]} == {"deposit": ["parts"]}
    assert {one["key"]: one["after"] for one in asks["transitions"] if one["after"]} == {"close": ["finish"]}
    assert {one["key"]: one["kept"] for one in asks["states"]}["done"] == ["fault", "result"]

    def told(answer):
        assert (answer.status_code, answer.mimetype) == (422, PROBLEM), answer.text
        return [(one["pointer"], one["code"]) for one in answer.json["errors"]]

    url = f"/api/v1/tickets/{paid}"
    assert told(clerk.patch(url, json={"answers": {"deposit": "50.00"}})) == [("#/answers/deposit", "lowered")]
    start = clerk.post(f"{url}/transitions/start", json={"answers": {"deposit": None}})
    assert told(start) == [("#/answers/deposit", "lowered")]
    assert clerk.patch(url, json={"answers": {"deposit": "200.00"}}).json["answers"]["deposit"] == "200.00"
    url = f"/api/v1/tickets/{done}"
    for step in ("start", "finish"):
        assert clerk.post(f"{url}/transitions/{step}", json={}).status_code == 200
    assert told(clerk.patch(url, json={"answers": {"result": ""}})) == [("#/answers/result", "kept")]
    with shelf.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        (opened,) = service.open_tickets(work, [OpenTicket(key, {}, answers, state="done")]).outcomes
    early = clerk.post(f"/api/v1/tickets/{opened.number}/transitions/close", json={})
    assert told(early) == [("#/transition", "not_before")]
    assert clerk.post(f"{url}/transitions/close", json={}).status_code == 200


def test_what_a_step_adds_to_is_told_to_programs_and_sent_as_what_comes_in(shelf, client_as):
    boss = client_as("administrator")
    with shelf.app.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        key = template(work, spec=moving_spec())
        number = queries.ticket(work, ticket(work, key, {"fee": "300"})).number
    url = f"/api/v1/tickets/{number}"
    asks = {one["key"]: one for one in boss.get(f"/api/v1/templates/{key}").json["transitions"]}
    assert (asks["collect"]["adds"], asks["pay_back"]["takes_off"]) == (["received", "visits"], ["received"])
    steps = {one["key"]: one for one in boss.get(f"{url}/transitions").json["items"]}
    # It stays where it is.
    assert (asks["collect"]["target"], steps["collect"]["target"], steps["settle"]["target"]) == (None, None, "done")
    assert (steps["collect"]["adds"], steps["collect"]["takes_off"]) == (["received", "visits"], [])
    assert steps["collect"]["missing"] == ["received"]

    def collect(amount, once):
        headers = {"Idempotency-Key": once}
        return boss.post(f"{url}/transitions/collect", json={"answers": {"received": amount}}, headers=headers)

    assert collect("100.00", "first").json["answers"]["received"] == "100.00"
    # The same wish sent again is that one; the same amount of another is another payment.
    assert collect("100.00", "first").json["answers"]["received"] == "100.00"
    assert collect("100.00", "second").json["answers"]["received"] == "200.00"
    refused = collect("0.00", "third")
    assert [(one["pointer"], one["code"]) for one in refused.json["errors"]] == [("#/answers/received", "required")]
    over = boss.patch(url, json={"answers": {"received": "300.00"}})
    assert [(one["pointer"], one["code"]) for one in over.json["errors"]] == [("#/answers/received", "read_only")]
