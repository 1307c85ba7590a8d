"""Amounts and decimals: decimal texts in whole units, the same in answers, in conditions and in what templates say."""

from dataclasses import replace

import pytest

from app.core.permissions import SYSTEM
from tests.clients import CAUSE
from tests.factories.tickets import field_spec, named, repair_spec, template
from ticket_templates.spec import FieldUse

COLUMNS = (
    {"key": "part", "type": "text", "labels": named("配件"), "required": True},
    {"key": "qty", "type": "integer", "labels": named("数量")},
    {"key": "price", "type": "money", "labels": named("单价")},
    {"key": "sum", "type": "computed", "labels": named("小计"),
     "settings": {"formula": "qty * price", "result": "money"}},
)  # fmt: skip
#: A table with what identifies a person is masked for who may not see it; its other cells are not.
CALLS = (*COLUMNS[1:3], {"key": "tel", "type": "phone", "labels": named("电话")})
FIELDS = (
    field_spec("fee", "money", "费用", settings={"min": 0, "max": "5000.50", "default": 30}),
    field_spec("weight", "decimal", "重量", settings={"scale": 3, "unit": "kg"}),
    field_spec("count", "integer", "件数", settings={"min": 1, "max": 9}),
    field_spec("place", "location", "坐标"),
    field_spec("twice", "computed", "两倍", settings={"formula": "fee * 2", "result": "money"}),
    field_spec("parts", "table", "配件", settings={"columns": COLUMNS, "max_rows": 3}),
    field_spec("calls", "table", "回访", settings={"columns": CALLS}),
)


@pytest.fixture
def priced(web):
    """The key of a template with a field of every exact type."""
    spec = repair_spec()
    uses = [FieldUse(one.key) for one in FIELDS]
    uses[1] = FieldUse("weight", visible_when={"field": "values.fee", "op": "is_less_than", "value": 1000})
    first = replace(spec.sections[0], fields=(*spec.sections[0].fields, *uses))
    spec = replace(
        spec, fields={**spec.fields, **{one.key: one for one in FIELDS}}, sections=(first, *spec.sections[1:])
    )
    with web.extensions["gongdan"].transactions.unit_of_work(SYSTEM, CAUSE) as work:
        return template(work, spec=spec)


def opened(client, key, **answers):
    return client.post("/api/v1/tickets", json={"template": key, "answers": {"fault": "不通电", **answers}})


def places(answer):
    assert answer.status_code == 422, answer.text
    return {one["pointer"]: one["code"] for one in answer.json["errors"]}


SENT = {
    "fee": "12.5", "weight": "0.012", "count": 3, "place": {"lat": "22.5431", "lng": "-0.1"},
    "parts": [{"part": "电容", "qty": 2, "price": "8"}],
}  # fmt: skip
TOLD = {
    "fee": "12.50", "weight": "0.012", "count": 3, "place": {"lat": "22.543100", "lng": "-0.100000"},
    "twice": "25.00", "parts": [{"part": "电容", "qty": 2, "price": "8.00", "sum": "16.00"}],
}  # fmt: skip


def test_what_is_told_is_what_can_be_sent(priced, clerk):
    made = opened(clerk, priced, **SENT)
    assert made.status_code == 201, made.text
    assert made.json["answers"] | TOLD == made.json["answers"]
    url = made.headers["Location"]
    again = clerk.patch(url, json={"answers": {key: made.json["answers"][key] for key in TOLD if key != "twice"}})
    assert (again.status_code, again.json["version"]) == (200, made.json["version"]), again.text
    changed = clerk.patch(url, json={"answers": {"fee": "13", "parts": None}})
    assert (changed.json["answers"]["fee"], changed.json["answers"]["twice"]) == ("13.00", "26.00")
    listed = clerk.get("/api/v1/tickets", query_string={"template": priced, "only": "answers.fee"})
    assert listed.json["items"] == [{"answers": {"fee": "13.00"}, "masked": []}]


def test_a_masked_table_keeps_its_types(priced, clerk, client_as):
    calls = [{"qty": 1234567, "price": "8.00", "tel": "+8613800138000"}, {"qty": 2}]
    made = opened(clerk, priced, calls=calls)
    assert made.json["answers"]["calls"] == calls, made.text
    seen = client_as("finance").get(made.headers["Location"]).json
    assert seen["answers"]["calls"] == [{"qty": 1234567, "price": "8.00", "tel": "138****8000"}, {"qty": 2}]
    assert seen["masked"] == ["calls"]


@pytest.mark.parametrize("typed", ["１２．５", "１２。５", "12。50"])
def test_what_a_chinese_input_method_types_is_a_number(priced, clerk, typed):
    made = opened(clerk, priced, fee=typed, weight="－０．０１２")
    assert (made.status_code, made.json["answers"]["fee"], made.json["answers"]["weight"]) == (201, "12.50", "-0.012")


def test_a_wrong_amount_hides_nothing_else_that_is_wrong(priced, clerk):
    wrong = {"fee": 12, "count": 0, "place": {"lat": "91", "lng": "0"}, "parts": [{"part": "电容", "price": 8}]}
    told = {"#/answers/fee": "not_exact", "#/answers/count": "too_small", "#/answers/parts/0/price": "not_exact"}
    found = places(opened(clerk, priced, **wrong))
    assert found | told == found
    assert "#/answers/place" in found or "#/answers/place/lat" in found
    url = opened(clerk, priced).headers["Location"]
    assert places(clerk.patch(url, json={"answers": wrong})) == found
    # What may not be answered at all is said first, and nothing of how it was written.
    assert places(opened(clerk, priced, twice=3, fee=12)) == {
        "#/answers/fee": "not_exact", "#/answers/twice": "read_only",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "pointer", "code"),
    [
        ({"fee": 12}, "#/answers/fee", "not_exact"),
        ({"fee": 12.5}, "#/answers/fee", "not_exact"),
        ({"fee": True}, "#/answers/fee", "not_exact"),
        ({"fee": "1,234"}, "#/answers/fee", "not_number"),
        ({"fee": "¥5"}, "#/answers/fee", "not_number"),
        ({"fee": "１，２３４"}, "#/answers/fee", "not_number"),
        ({"fee": "１２月"}, "#/answers/fee", "not_number"),
        ({"fee": "1" * 2000}, "#/answers/fee", "not_number"),
        ({"fee": "999999999999999999999"}, "#/answers/fee", "out_of_range"),
        ({"fee": "5000.51"}, "#/answers/fee", "too_large"),
        ({"fee": "1.005"}, "#/answers/fee", "too_fine"),
        ({"weight": 12}, "#/answers/weight", "not_exact"),
        ({"place": {"lat": 22, "lng": 114}}, "#/answers/place", "not_exact"),
        ({"parts": [{"part": "a"}, {"part": "b", "price": 8}]}, "#/answers/parts/1/price", "not_exact"),
    ],
    ids=str,
)  # fmt: skip
def test_a_number_that_could_mean_two_amounts_is_refused_at_its_place(priced, clerk, answer, pointer, code):
    assert places(opened(clerk, priced, **answer)) == {pointer: code}


@pytest.mark.parametrize("nothing", [[None], {}, [[]]], ids=str)
def test_nothing_of_another_type_is_refused_at_its_place(priced, clerk, nothing):
    wrong = {
        "fault_code": "not_text", "fee": "not_exact", "weight": "not_exact", "count": "not_number", "phone": "not_text",
        "parts": "not_table",
    }  # fmt: skip
    assert places(opened(clerk, priced, **dict.fromkeys(wrong, nothing))) == {
        f"#/answers/{key}": code for key, code in wrong.items()
    }
    rows = opened(clerk, priced, parts=[{"part": [], "qty": {}}])
    assert places(rows) == {"#/answers/parts/0/part": "not_text", "#/answers/parts/0/qty": "not_number"}
    for unknown in (None, "", []):
        assert places(opened(clerk, priced, parts=[{"nope": unknown}])) == {"#/answers/parts/0": "unknown_column"}
    for empty in (None, "", []):
        made = opened(clerk, priced, parts=empty, count=None, fee="")
        assert (made.status_code, made.json["answers"].get("parts")) == (201, None), made.text


def test_conditions_name_amounts_as_answers_do(priced, clerk):
    number = opened(clerk, priced, fee="12.5").json["number"]

    def found(op, value, field="values.fee"):
        where = {"all": [{"field": field, "op": op, "value": value}]}
        return clerk.post("/api/v1/tickets/search", json={"template": [priced], "where": where})

    assert [one["number"] for one in found("is", "12.5").json["items"]] == [number]
    assert [one["number"] for one in found("is_between", ["12.50", "13"]).json["items"]] == [number]
    assert found("is_at_least", "12.51").json["items"] == []
    assert places(found("is", 1250)) == {"#/where/all/0/value": "not_exact"}
    assert places(found("is_between", ["1", 2])) == {"#/where/all/0/value/1": "not_exact"}
    assert places(found("is", "1.005")) == {"#/where/all/0/value": "too_fine"}
    assert found("is", 1, "values.count").status_code == 200


def test_a_template_says_how_each_answer_is_written(priced, clerk):
    found = clerk.get(f"/api/v1/templates/{priced}").json
    fields = {one["key"]: one for one in found["fields"]}
    fee = fields["fee"]["schema"]
    assert (fee["type"], fee["x-scale"], fee["x-currency"]) == ("string", 2, "CNY")
    assert (fee["x-minimum"], fee["x-maximum"], fee["default"]) == ("0", "5000.50", "30.00")
    assert (fields["weight"]["schema"]["x-scale"], fields["weight"]["schema"]["x-unit"]) == (3, "kg")
    assert fields["weight"]["visible_when"] == {"field": "values.fee", "op": "is_less_than", "value": "1000"}
    assert (fields["count"]["schema"]["minimum"], fields["count"]["schema"]["maximum"]) == (1, 9)
    assert fields["twice"]["schema"]["readOnly"]
    parts = fields["parts"]["schema"]
    assert (parts["maxItems"], parts["items"]["required"]) == (3, ["part"])
    assert parts["items"]["properties"]["price"]["x-currency"] == "CNY"


def test_the_default_of_a_definition_answers_a_new_ticket(priced, clerk):
    assert opened(clerk, priced).json["answers"]["fee"] == "30.00"
