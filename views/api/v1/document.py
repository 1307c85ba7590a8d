"""The API in its own words: an OpenAPI 3.1 document made from the routes as they are, and a page to read it."""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from flask import Flask, Response, current_app

from app.core.i18n import Message, _
from app.people.tokens import A_MINUTE
from views.api.v1.operation import Operation, Schema
from views.api.v1.records import described
from views.api.v1.schemas import COMPONENTS, TREE, WHERE
from views.api.wishes import LONGEST_KEY
from views.base import HouseView, expose, signed_in

ROOT: Final = "/api/v1"
JSON: Final = "application/json"
#: What the desk's own addresses begin with, as the page shows them: before the reference tables.
_GROUPS: Final[Mapping[str, Message]] = {
    "tickets": _("Tickets"),
    "views": _("Saved views"),
    "templates": _("Templates"),
    "conditions": _("Conditions"),
    "attachments": _("Attachments"),
}
_PARAMETER: Final = re.compile(r"<(?:(\w+):)?(\w+)>")
_REFUSED: Final[Mapping[str, str]] = {
    "400": "What was sent is no JSON, or no browser of ours sent it",
    "401": "Nobody asks: no token, or one that opens nothing",
    "403": "The token or its owner may not do this",
    "404": "There is none within reach",
    "405": "This is not done here",
    "409": "Somebody else was faster, or it may be a slip",
    "412": "It is not the version named in If-Match any more",
    "413": "Too large",
    "415": "Send JSON",
    "422": "It cannot be done; `errors` say why at which place",
    "429": "Too often; Retry-After says when to come again",
    "500": "A fault of ours",
    "503": "Busy; try again",
}
_OUT_OF_REACH: Final = {"204": {"description": "Granted; the ticket is not within your reach any more"}}
_ABOUT: Final = f"""Everything of the desk for programs: the same rights, reach, checks and journal.

**Who asks**: `Authorization: Bearer gdt_…`, a token made under “Your profile” or by an administrator. It may do what
its scopes and its owner's rights both allow, on the rows its owner reaches, {A_MINUTE} times a minute.

**Refusals** are problems (RFC 9457) in the language of `Accept-Language`; each error names its place as a JSON pointer.

**Once**: a POST with an `Idempotency-Key` is carried out once within a day; sent again it is answered as before.

**Not over another**: the `ETag` of a ticket, view or record, sent as `If-Match`, refuses a change of what changed
meanwhile (412).
"""


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the API with what is said of it."""

    method: str
    path: str
    endpoint: str
    group: Message
    summary: str
    need: str
    operation: Operation
    parameters: tuple[tuple[str, bool], ...]


class DocumentApi(HouseView):
    """What there is."""

    route_base = ROOT

    @expose("/openapi.json")
    @signed_in
    def openapi(self) -> Response:
        """Return the OpenAPI document."""
        extensions = current_app.extensions
        if "gongdan-openapi" not in extensions:
            extensions["gongdan-openapi"] = orjson.dumps(document(current_app._get_current_object()))  # type: ignore[attr-defined]  # noqa: SLF001 - the application itself
        return Response(extensions["gongdan-openapi"], content_type=JSON)

    @expose("/")
    @signed_in
    def index(self) -> str:
        """Show what there is, for people."""
        groups: dict[str, list[dict[str, Any]]] = {label.id: [] for label in _GROUPS.values()}
        labels: dict[str, Message] = {}
        for route in routes(current_app._get_current_object()):  # type: ignore[attr-defined]  # noqa: SLF001 - the application itself
            labels[route.group.id] = route.group
            groups.setdefault(route.group.id, []).append(_for_people(route))
        page: str = self.render_template(
            "api/index.html",
            groups=[(labels[key], several) for key, several in groups.items()],
            components=_pretty(COMPONENTS),
            most=A_MINUTE,
        )
        return page


def routes(app: Flask) -> Iterator[Route]:
    """Yield the routes of the API, by path and method."""
    views = {view.endpoint or type(view).__name__: view for view in app.appbuilder.baseviews}  # type: ignore[attr-defined]
    needs = app.extensions["gongdan-requirements"]
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, sorted(one.methods or ()))):
        name, _dot, method_name = rule.endpoint.partition(".")
        view = views.get(name)
        if not rule.rule.startswith(f"{ROOT}/") or isinstance(view, DocumentApi):
            continue
        method = getattr(view, method_name)
        table = getattr(view, "record", None)
        operation = described(table, method_name) if table else getattr(method, "operation", None)
        if operation is None:
            raise RuntimeError(f"{rule.endpoint} does not say what it takes and gives")
        path = _PARAMETER.sub(r"{\2}", rule.rule.removeprefix(ROOT))
        parameters = tuple((key, kind == "int") for kind, key in _PARAMETER.findall(rule.rule))
        group = table.label if table else _GROUPS[path.split("/")[1]]
        summary = (inspect.getdoc(method) or "").partition("\n")[0].rstrip(".").replace("``", "")
        for verb in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(verb, path, rule.endpoint, group, summary, needs[rule.endpoint], operation, parameters)


def document(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an application."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes(app):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gongdan", "version": "1", "description": _ABOUT},
        "servers": [{"url": ROOT}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": COMPONENTS,
            "responses": {"Problem": _content("application/problem+json", {"$ref": "#/components/schemas/Problem"})},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]},
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    how = route.operation
    told: dict[str, Any] = {
        "operationId": f"{route.endpoint}.{route.method.lower()}",
        "tags": [route.group.id],
        "summary": route.summary,
        "description": f"Needs `{route.need}`.",
        "parameters": list(_parameters(route)),
        "responses": {str(how.status): _granted(how)} | (_OUT_OF_REACH if how.leaves else {}) | {
            status: {"$ref": "#/components/responses/Problem", "description": text} for status, text in _REFUSED.items()
        },
    }  # fmt: skip
    if how.upload:
        told["requestBody"] = {"required": True, **_content("multipart/form-data", _FILE)}
    elif how.body is not None:
        needed = bool(how.body.get("required") or how.body.get("minProperties"))
        told["requestBody"] = {"required": needed, **_content(JSON, _with_trees(how.body))}
    return told


_FILE: Final[Schema] = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}


def _with_trees(body: Schema) -> Schema:
    """Return a body's schema in which conditions are what the language makes them: its parser checks them."""
    parts = body.get("properties", {})
    trees = {name: TREE for name, schema in parts.items() if schema is WHERE}
    return {**body, "properties": {**parts, **trees}} if trees else body


def _content(media_type: str, schema: Schema) -> dict[str, Any]:
    return {"description": "", "content": {media_type: {"schema": schema}}}


def _granted(how: Operation) -> dict[str, Any]:
    granted = _content("*/*", {}) if how.gives is None else _content(JSON, how.gives)
    granted["description"] = "Granted"
    return granted


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name, whole in route.parameters:
        schema: Schema = {"type": "integer", "minimum": 0} if whole else {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    how = route.operation
    for name, schema in how.query.items():
        told: dict[str, Any] = {"name": name, "in": "query"}
        if schema.get("type") == "object":
            yield {**told, "content": {JSON: {"schema": TREE if schema is WHERE else schema}}}
        elif schema.get("type") == "array":
            yield {**told, "schema": schema, "style": "form", "explode": False}
        else:
            yield {**told, "schema": schema}
    if how.once:
        key = {"type": "string", "maxLength": LONGEST_KEY, "pattern": "^[ -~]*$"}
        yield {"name": "Idempotency-Key", "in": "header", "schema": key}
    if how.guarded:
        yield {"name": "If-Match", "in": "header", "schema": {"type": "string"}}


def _for_people(route: Route) -> dict[str, Any]:
    how = route.operation
    return {
        "method": route.method,
        "path": ROOT + route.path,
        "summary": route.summary,
        "need": route.need,
        "query": [(name, _pretty(schema)) for name, schema in how.query.items()],
        "body": _pretty(how.body) if how.body is not None else "",
        "upload": how.upload,
        "once": how.once,
        "guarded": how.guarded,
        "gives": _pretty(how.gives) if how.gives is not None else "",
        "status": how.status,
    }


def _pretty(schema: Any) -> str:
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode()
