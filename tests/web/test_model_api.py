"""The REST base: the same rights, scope and transactions as the screens, and problems that name their field."""

import pytest
from sqlalchemy import func, select

from app.core.audit import AuditEvent
from app.core.permissions import SYSTEM
from app.people.models import Tag
from tests.web.crud_rows import add, names


class TestRest:
    """The same table over REST."""

    def test_a_life(self, crud_web, chief):
        made = chief.post("/api/v1/test_tag/", json={"name": "one"})
        assert made.status_code == 201
        url = f"/api/v1/test_tag/{made.json['id']}"
        assert chief.get(url).json["result"]["name"] == "one"
        assert chief.put(url, json={"name": "two"}).status_code == 200
        assert chief.get("/api/v1/test_tag/?q=(filters:!((col:name,opr:eq,value:two)))").json["count"] == 1
        assert chief.delete(url).status_code == 200
        assert names(crud_web) == []
        with crud_web.extensions["gongdan"].transactions.reading(SYSTEM) as work:
            assert work.session.scalar(select(func.count()).select_from(AuditEvent)) == 3

    def test_a_cookie_alone_changes_nothing(self, crud_web, chief):
        (tag,) = add(crud_web, Tag(name="a"))
        assert chief.post("/api/v1/test_tag/", json={"name": "x"}, csrf=False).status_code == 400
        assert chief.put(f"/api/v1/test_tag/{tag}", json={"name": "x"}, csrf=False).status_code == 400
        assert chief.delete(f"/api/v1/test_tag/{tag}", csrf=False).status_code == 400
        assert names(crud_web) == ["a"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"name": "x", "id": 7}, "id"),
            ({"name": "x", "created_by_id": 1}, "created_by_id"),
            ({}, "name"),
            ({"name": None}, "name"),
            ({"name": ["x"]}, "name"),
            ({"name": "taken"}, "name"),
            ({"name": "x" * 61}, "name"),
        ],
    )
    def test_a_bad_body_names_its_field(self, crud_web, chief, body, field):
        add(crud_web, Tag(name="taken"))
        answer = chief.post("/api/v1/test_tag/", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.mimetype == "application/problem+json"
        assert field in {one["field"] for one in answer.json["errors"]}
        assert names(crud_web) == ["taken"]

    @pytest.mark.parametrize(
        ("data", "status"),
        [(b"", 400), (b"{", 400), (b"[]", 422), (b"null", 422), (b"\xff", 400), (b'"x"', 422), (b"NaN", 400)],
    )
    def test_what_is_no_object_is_refused(self, chief, data, status):
        answer = chief.post("/api/v1/test_tag/", data=data, content_type="application/json")
        assert (answer.status_code, len(answer.json["errors"])) == (status, 1)
        assert chief.post("/api/v1/test_tag/", data=data, content_type="text/plain").status_code == 422

    @pytest.mark.parametrize(
        "query",
        [
            "(page_size:20000)",
            "(page:-1)",
            "(order_column:created_by_id,order_direction:asc)",
            "(columns:!(password))",
            "(filters:!((col:changed_by_id,opr:eq,value:1)))",
            "(filters:!((col:name,opr:nope,value:1)))",
            "((((",
            "%00",
            "!!!!",
            "(a:",
            "'",
            "!(" * 500,
            "(filters:!((col:name)))",
        ],
    )
    def test_odd_arguments_are_refused_or_ignored(self, chief, query):
        answer = chief.get(f"/api/v1/test_tag/?q={query}")
        assert answer.status_code in {200, 422}, answer.text
        assert "Traceback" not in answer.text
        assert "changed_by" not in answer.text

    @pytest.mark.parametrize("query", ["name=x", "q=(page:0)&search=x", "page_size=5", "q=(pagesize:5)", "_=1"])
    def test_a_list_answers_no_question_it_does_not_know(self, crud_web, chief, query):
        add(crud_web, Tag(name="somebody"))
        answer = chief.get(f"/api/v1/test_tag/?{query}")
        assert answer.status_code == 422
        assert "somebody" not in answer.text

    @pytest.mark.parametrize(
        "query",
        [
            "(filters:!((col:name,opr:eq,value:(a:b))))",
            "(filters:!((col:name,opr:eq,value:!(!(a)))))",
            "(filters:!((col:name,opr:nope,value:1)))",
            "(filters:!((col:name,opr:rel_m_m,value:x)))",
        ],
    )
    def test_a_filter_that_cannot_be_used_shows_no_rows(self, crud_web, chief, query):
        add(crud_web, Tag(name="a"))
        answer = chief.get(f"/api/v1/test_tag/?q={query}")
        assert answer.status_code == 422, answer.text
        assert "result" not in answer.json

    @pytest.mark.parametrize(
        ("thing", "column", "operator", "value"),
        [
            ("customer", "active", "eq", "zz"),
            ("customer", "tags", "rel_m_m", "x"),
            ("customer", "tags", "rel_m_m", "999999"),
            ("customer", "tags", "rel_m_m", "!n"),
            ("customer", "outlet", "rel_o_m", "x"),
            ("customer", "id", "gt", "x"),
            ("customer", "id", "gt", "9" * 30),
            ("installed_product", "sold_on", "lt", "never"),
        ],
    )
    def test_neither_does_one_with_a_value_of_another_kind(self, chief, thing, column, operator, value):
        answer = chief.get(f"/api/v1/{thing}/?q=(filters:!((col:{column},opr:{operator},value:{value})))")
        assert answer.status_code == 422, answer.text
        assert answer.json["errors"][0]["field"] == "filters"

    @pytest.mark.parametrize(
        ("thing", "rison"),
        [
            ("customer", "(col:active,opr:eq,value:!t)"),
            ("customer", "(col:active,opr:eq,value:n)"),
            ("customer", "(col:name,opr:ct,value:1)"),
            ("customer", "(col:id,opr:in,value:!(1,2))"),
            ("installed_product", "(col:sold_on,opr:lt,value:'2026-01-01')"),
        ],
    )
    def test_filters_that_can_be_used(self, chief, thing, rison):
        answer = chief.get(f"/api/v1/{thing}/?q=(filters:!({rison}))")
        assert answer.status_code == 200, answer.text

    def test_json_nested_too_deeply_is_refused(self, chief):
        data = b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        answer = chief.post("/api/v1/test_tag/", data=data, content_type="application/json")
        assert answer.status_code == 400

    def test_there_is_no_such_row(self, chief):
        for key in ("0", "999999", "abc", "9" * 40, "1.5", "-1"):
            assert chief.get(f"/api/v1/test_tag/{key}").status_code == 404, key
