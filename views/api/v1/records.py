"""The reference tables in the API's document: what each takes and gives follows from the attributes of its records."""

from collections.abc import Mapping
from typing import Final

from app.core.records.attributes import Attribute, Choice, Degrees, Flag, Labels, Text, Whole
from app.core.records.references import Many, One
from app.core.records.service import RecordType
from views.api.v1.operation import Operation
from views.api.v1.schemas import YES_NO, Schema, listed, record

_RISON: Final[Mapping[str, Schema]] = {
    "q": {
        "type": "string",
        "maxLength": 8000,
        "description": "Filters, order and page in rison: (filters:!((col:name,opr:ct,value:王)),page:0,page_size:25)",
    }
}

_TYPES: Final[tuple[tuple[type[Attribute], Schema], ...]] = (
    (Many, {"type": ["array", "null"], "items": {"type": ["integer", "string"]}}),
    (One, {"type": ["integer", "string", "null"]}),
    (Flag, {"type": ["boolean", "null"]}),
    (Labels, {"type": ["object", "null"], "additionalProperties": {"type": "string"}}),
    (Whole, {"type": ["integer", "string", "null"]}),
    (Degrees, {"type": ["number", "string", "null"]}),
)


def described(table: RecordType, method: str) -> Operation | None:
    """Return how a route of a reference table is used."""
    row = shown(table)
    wish = wished(table)
    gives = {
        "get_list": record({"count": {"type": "integer"}, "result": listed({"type": "object"})}, closed=False),
        "get": record({"result": row}, closed=False),
        "post": record({"id": {"type": ["integer", "string"]}, "result": row}, closed=False),
        "put": record({"result": row}, closed=False),
        "delete": record({"message": {"type": "string"}}, closed=False),
    }
    if method not in gives:
        return None
    bodies = {"post": wish, "put": {**wish, "required": []}}
    query = _RISON if method == "get_list" else {}
    status = 201 if method == "post" else 200
    once, guarded = method == "post", method in ("put", "delete")
    return Operation(query, bodies.get(method), gives[method], status, upload=False, once=once, guarded=guarded)


def shown(table: RecordType) -> Schema:
    """Return the schema of a record as it is read."""
    properties = {one.name: _typed(one) for one in table.attributes}
    properties |= {name: listed(shown(line)) for name, line in table.lines.items()}
    return record({table.key.key: {"type": ["integer", "string"]}, **properties}, (), closed=False)


def wished(table: RecordType) -> Schema:
    """Return the schema of a record as it is written; lines that bring an ``id`` along are changed."""
    properties = {one.name: _typed(one) for one in table.attributes}
    for name, line in table.lines.items():
        properties[name] = listed(record({"id": {"type": ["integer", "string"]}, **wished(line)["properties"]}, ()))
    sure = {**YES_NO, "description": "Save what may be a slip"}
    return record({**properties, "sure": sure}, [one.name for one in table.attributes if one.required])


def _typed(attribute: Attribute) -> Schema:
    schema = dict(_type(attribute))
    return {**schema, "description": attribute.label.id}


def _type(attribute: Attribute) -> Schema:
    if isinstance(attribute, Choice):
        return {"type": ["string", "null"], "examples": list(attribute.options)}
    if isinstance(attribute, Text):
        return {"type": ["string", "null"], "maxLength": attribute.limit}
    return next((schema for kind, schema in _TYPES if isinstance(attribute, kind)), {"type": ["string", "null"]})
