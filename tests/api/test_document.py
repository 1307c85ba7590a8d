"""The document is the routes: none is missing, none is left over, and what it says is what happens."""

import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.clients import statements

ROUTES = Path(__file__).parents[1] / "web" / "routes.yaml"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(clerk):
    return clerk.get("/api/v1/openapi.json").json


def test_every_route_is_in_the_document_with_what_it_needs(document):
    written = {}
    for route, need in yaml.safe_load(ROUTES.read_text("utf-8")).items():
        method, path = route.split(" ")
        if path.startswith("/api/v1/") and path not in ("/api/v1/", "/api/v1/openapi.json"):
            written[method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path.removeprefix("/api/v1"))] = need
    told = {
        (method, path): operation["description"]
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }
    assert told == {route: f"Needs `{need}`." for route, need in written.items()}


def test_it_holds_together(document):
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))
    assert all(operation["summary"] for item in document["paths"].values() for operation in item.values())
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert document["openapi"] == "3.1.0"


def test_the_page_is_ours_alone_and_asks_no_database(web, clerk, anonymous):
    with statements(web.extensions["gongdan"].engine) as asked:
        page = clerk.get("/api/v1/")
    assert page.status_code == 200
    assert "/api/v1/tickets/&lt;" not in page.text
    assert "/api/v1/tickets/{number}/transitions/{key}" in page.text
    assert "http://" not in page.text.replace("http://localhost", "").replace("http://www.w3.org", "")
    assert len(asked) <= 8
    assert anonymous.get("/api/v1/").status_code == 302
    assert anonymous.get("/api/v1/openapi.json").status_code == 401
