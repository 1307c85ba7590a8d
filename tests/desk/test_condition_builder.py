"""What a builder of conditions is told: fields and operators in reach, meaning, count, and faults at their place."""

from collections import Counter
from dataclasses import replace

import pytest

from app.conditions.operators import OPERATORS
from app.conditions.words import sentence
from app.core.i18n import LOCALES, spoken
from app.tickets import conditions
from app.tickets.conditions.namesakes import Namesakes
from app.tickets.conditions.where import read
from tests.factories import people, tickets
from ticket_templates import queries
from ticket_templates.spec import FieldUse


def leaf(field, op, value):
    return {"field": field, "op": op, "value": value}


def checked(client, tree):
    answer = client.post("/tickets/conditions/check", json={"where": tree})
    assert answer.status_code == 200
    return answer.json


def test_every_field_comes_with_the_operators_that_serve_it(desk, clerk):
    offered = clerk.get("/tickets/conditions").json
    fields = {one["name"]: one for one in offered["fields"]}
    assert {"state", "priority", "customer.level", "site.region", "values.fault"} <= fields.keys()
    assert {operator for one in fields.values() for operator in one["operators"]} <= offered["operators"].keys()
    assert [name for name, one in fields.items() if not one["operators"]] == []
    assert offered["operators"].keys() == {one.name for one in OPERATORS}
    assert fields["assignee_id"]["refers_to"] == "user"
    assert [str(key) for key, _label in fields["priority"]["options"]] == ["1", "2", "3", "4"]
    assert "is_below" in fields["site.region"]["operators"]
    assert offered["groups"][fields["values.fault"]["group"]]


@pytest.mark.parametrize("locale", LOCALES)
def test_no_two_fields_are_called_the_same(desk, locale):
    with desk.work() as work:
        offers = conditions.offers(work)
    labels = {one.field.name: spoken(one.field.label, locale) for one in offers}
    assert [name for name, times in Counter(labels.values()).items() if times > 1] == []
    # Several templates reckon a total: each is told by its template.
    assert sum("Total" in name or "应收" in name or "應收" in name for name in labels.values()) > 1


def test_namesakes_of_templates_called_the_same_are_told_apart_by_their_keys(work):
    small = tickets.repair_spec()
    for key in ("deposit", "received"):
        fields = dict(small.fields) | {key: tickets.field_spec(key, "money", "已收金额")}
        section = replace(small.sections[0], fields=(FieldUse("fault"), FieldUse(key)))
        tickets.template(work, spec=replace(small, fields=fields, sections=(section, small.sections[1])))
    labels = {one.field.name: spoken(one.field.label, "zh_Hans") for one in conditions.offers(work)}
    assert labels["values.deposit"] == "已收金额（维修） · deposit"
    assert labels["values.received"] == "已收金额（维修） · received"


def test_namesakes_follow_the_names_of_templates(work):
    spec = tickets.repair_spec()
    fields = {key: replace(field, labels=tickets.named("故障")) for key, field in spec.fields.items()}
    version = queries.versions_of(work, tickets.template(work, spec=replace(spec, fields=fields)))[0]
    named = Namesakes([])
    assert ("zh_Hans", "故障（维修）") in named.among([version])
    assert ("zh_Hans", "故障（安装）") in named.among([replace(version, template_labels=tickets.named("安装"))])
    assert ("zh_Hans", "故障（维修）") in named.among([version])


def test_a_length_of_time_is_asked_for_with_its_unit(desk, clerk):
    offered = clerk.get("/tickets/conditions").json
    fields = {one["name"]: one for one in offered["fields"]}
    lengths = {name for name, one in fields.items() if one["in_minutes"]}
    assert {"age_minutes", "state_minutes", "due_minutes", "resolution_minutes"} <= lengths
    assert any(name.startswith("values.") for name in lengths)
    assert fields["age_minutes"]["label"] == "Time since it was created"
    # Who means several of them means a stretch.
    assert not {"is_any_of", "is_none_of"} & {op for name in lengths for op in fields[name]["operators"]}
    assert [(name, minutes) for name, _label, minutes in offered["lengths"]] == [("d", 1440), ("h", 60), ("min", 1)]


@pytest.mark.parametrize(
    ("field", "minutes", "said"),
    [
        ("age_minutes", 4320, ["3天", "3 天", "3 days"]),
        ("age_minutes", "4320", ["3天", "3 天", "3 days"]),
        ("state_minutes", 1500, ["25小时", "25 小時", "25 hours"]),
        ("resolution_minutes", 1, ["1分钟", "1 分鐘", "1 minute"]),
        ("due_minutes", -90, ["-90分钟", "-90 分鐘", "-90 minutes"]),
        ("due_minutes", 0, ["0分钟", "0 分鐘", "0 minutes"]),
    ],
)
def test_a_length_of_time_is_said_in_the_unit_it_fills(desk, field, minutes, said):
    with desk.work() as work:
        tree = read(work, leaf(field, "is_at_least", minutes))
    for locale, words in zip(("zh_Hans", "zh_Hant", "en"), said, strict=True):
        assert words in sentence(tree, locale)


def test_what_may_not_be_read_is_not_offered(desk, client_as, clerk):
    everything = {one["name"] for one in client_as("qa").get("/tickets/conditions").json["fields"]}
    seen = {one["name"] for one in clerk.get("/tickets/conditions").json["fields"]}
    assert "values.secret" in everything
    assert "values.secret" not in seen


def test_what_is_retired_is_not_offered(work):
    spec = tickets.repair_spec()
    code = spec.fields["fault_code"]
    retired, used = code.options
    code = replace(code, options=(replace(retired, retired=True), used))
    tickets.template(work, spec=replace(spec, fields=dict(spec.fields) | {"fault_code": code}))
    offered = next(one for one in conditions.offers(work) if one.field.name == "values.fault_code")
    assert list(offered.choices) == [used.key]
    assert retired.key in offered.field.options


def test_every_field_offered_can_be_asked_about(work, desk):
    offers = conditions.offers(work)
    for one in offers:
        operator = "is_not_empty"
        assert operator in {each.name for each in one.operators}
        assert conditions.said(work, {"field": one.field.name, "op": operator})


def test_a_condition_is_said_and_counted(desk, clerk):
    number = desk.opened(clerk)
    found = checked(clerk, leaf("number", "is", number))
    assert (found["count"], found["exact"]) == (1, True)
    assert number in found["sentence"]
    assert checked(clerk, {"all": [leaf("number", "is", number), leaf("priority", "is", 9)]})["count"] == 0


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"all": [leaf("nothing", "is", 1)]}, "all[0].field"),
        ({"any": [{"all": [leaf("state", "sounds_like", "x")]}]}, "any[0].all[0].op"),
        (leaf("values.secret", "is", "x"), "field"),
        (None, ""),
        ("all", ""),
        ({"all": [{}] * 10_000}, "all[0]"),
    ],
    ids=["field", "operator", "hidden", "none", "text", "many"],
)
def test_faults_are_told_at_their_place(desk, clerk, tree, path):
    assert path in [one["path"] for one in checked(clerk, tree)["faults"]]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b'{"where": ' + b"[" * 100_000, 400), (b"[]", 422), (b'"x"', 422)],
    ids=["nothing", "half", "deep", "list", "text"],
)
def test_what_is_no_json_object_is_refused(desk, clerk, body, status):
    answer = clerk.post("/tickets/conditions/check", data=body, content_type="application/json")
    assert answer.status_code == status


def test_things_already_chosen_are_called_by_their_name_in_reach(desk, clerk, client_as):
    with desk.work() as work:
        # Nobody's ticket is of this one, whatever other tests made.
        who = people.customer(work, "无人接待").id
    where = f'{{"field":"customer_id","op":"is","value":{who}}}'
    names = clerk.get("/tickets/conditions", query_string={"where": where}).json["names"]
    assert names["customer"][str(who)]
    assert client_as("technician").get("/tickets/conditions", query_string={"where": where}).json["names"] in (
        {"customer": {}}, {},
    )  # fmt: skip
    assert clerk.get("/tickets/conditions", query_string={"where": "{"}).json["names"] == {}
    # Who mends a broken one sees what the rest of it says.
    broken = f'{{"all":[{{"field":"nothing","op":"is","value":1}},{where}]}}'
    assert clerk.get("/tickets/conditions", query_string={"where": broken}).json["names"] == names
