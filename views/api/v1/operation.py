"""One operation of the API: what it takes and gives. The document tells it, and every request is held to it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, TypeVar

import jsonschema
from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from app.core.errors import ConflictError, DomainError, Refusal
from app.core.i18n import Message, _
from views.api.wishes import key_of_wish, tags_named
from views.base import problem
from views.base.sent_json import NotJsonError, read_json

Schema = Mapping[str, Any]
View = TypeVar("View", bound=Callable[..., Any])

#: Deeper than any condition or answer; what follows is walked without fear for the stack.
DEEPEST: Final = 40
NOTHING: Final[Schema] = {"type": "object", "properties": {}, "additionalProperties": False}
_VERSION: Final = re.compile(r"[1-9][0-9]{0,9}")
_BROKEN: Final = _("The text holds broken characters. Please type it again.")
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_YES_OR_NO: Final = frozenset({"true", "false"})


def _is_whole(_checker: Any, value: Any) -> bool:
    """Whether a value is a whole number to the services, too: to a JSON schema 25.0 is one."""
    return isinstance(value, int) and not isinstance(value, bool)


_Validator: Final = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for, checked against its operation."""

    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    #: The version the wish is based on (``If-Match``); None: whatever it is now.
    version: int | None = None
    #: Names one wish, however often it is sent (``Idempotency-Key``).
    key: str = ""


@dataclass(frozen=True)
class Operation:
    """How one route is used."""

    #: What stands behind “?”, by name; parameters of type object are JSON.
    query: Mapping[str, Schema]
    body: Schema | None
    #: What is answered when it is granted; None: a file.
    gives: Schema | None
    status: int
    #: A form with one file instead of JSON.
    upload: bool
    #: Carried out once for an ``Idempotency-Key``.
    once: bool
    #: Held to the version named in ``If-Match``.
    guarded: bool
    #: May take the ticket out of the reach of who asks: then nothing is answered.
    leaves: bool = False

    def __post_init__(self) -> None:
        checks = [one and _Validator(one) for one in (self._query_schema(), self.body)]
        object.__setattr__(self, "_validators", checks)

    def _query_schema(self) -> Schema:
        return {"type": "object", "properties": dict(self.query), "additionalProperties": False}

    def asked(self) -> Asked:
        """Return what this request asks for; DomainError at the places of what cannot be asked."""
        of_query, of_body = self._validators  # type: ignore[attr-defined]
        query = {name: _read(name, self.query.get(name, {}), request.args.getlist(name)) for name in request.args}
        _refuse_broken("", query)
        _check(of_query, query)
        body: Mapping[str, Any] = {}
        if self.body is not None:
            body = _body(optional=not self.body.get("required"))
            _check(of_body, body)
        return Asked(query, body, _version() if self.guarded else None, key_of_wish() if self.once else "")


def operation(
    *,
    gives: Schema | None,
    query: Mapping[str, Schema] | None = None,
    body: Schema | None = None,
    status: int = 200,
    upload: bool = False,
    once: bool = False,
    guarded: bool = False,
    leaves: bool = False,
) -> Callable[[View], View]:
    """Say what a route takes and gives; its view gets an `Asked` before the parts of its address."""
    described = Operation(query or {}, body, gives, status, upload, once, guarded, leaves)

    def mark(view: View) -> View:
        @wraps(view)
        def asked(self: Any, **path: Any) -> Any:
            wish = described.asked()
            _refuse_broken("", path)
            try:
                return view(self, wish, **path)
            except ConflictError as error:
                if wish.version is None:
                    raise
                return problem(412, error.refusals[0].message, error.refusals)

        asked.operation = described  # type: ignore[attr-defined]
        return asked  # type: ignore[return-value]

    return mark


def _read(name: str, schema: Schema, texts: Sequence[str]) -> Any:
    """Return a parameter as its type; what cannot be one stays a text, and is refused as that."""
    kind, text = schema.get("type"), texts[0]
    if kind == "array":
        return [_scalar(schema["items"].get("type"), one) for part in texts for one in part.split(",") if one]
    if kind == "object":
        try:
            return _json(text.encode(), name)
        except NotJsonError:
            raise DomainError(_("This must be JSON."), field=name, code="not_json") from None
    return _scalar(kind, text)


def _scalar(kind: Any, text: str) -> Any:
    if "integer" in (kind or ()) and _WHOLE.fullmatch(text):
        return int(text)
    return text == "true" if kind == "boolean" and text in _YES_OR_NO else text


def _body(*, optional: bool) -> Mapping[str, Any]:
    """Return the JSON that was sent; nothing at all is an empty wish where nothing must be said."""
    data = request.get_data()
    if not data and optional:
        return {}
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType
    body: Mapping[str, Any] = _json(data)
    return body


def _json(data: bytes, name: str = "") -> Any:
    read = read_json(data)
    _refuse_broken(name, read)
    return read


def _refuse_broken(name: str, read: Any) -> None:
    """Refuse what is nested without end, and texts no database keeps, each at its place."""
    level: list[tuple[str, Any]] = [(name, read)]
    broken: list[Refusal] = []
    for _depth in range(DEEPEST):
        broken += [Refusal(_BROKEN, place, "not_text") for place, one in level if _is_broken(one)]
        level = [part for place, one in level for part in _parts(place, one)]
        if not level:
            break
    else:
        raise DomainError(_("This is nested too deeply."), field=name, code="too_deep")
    if broken:
        raise DomainError.of(broken)


def _is_broken(value: Any) -> bool:
    """Return whether a text, or the name of a member, holds a character no database keeps."""
    texts = (value,) if isinstance(value, str) else value if isinstance(value, Mapping) else ()
    return any("\x00" in text for text in texts)


def _parts(place: str, value: Any) -> Iterable[tuple[str, Any]]:
    """Return what is in a value, each part with its place; a name that is broken is no place."""
    if isinstance(value, list):
        return ((_within(place, str(index)), one) for index, one in enumerate(value))
    if isinstance(value, Mapping):
        return ((_within(place, name), one) for name, one in value.items() if "\x00" not in name)
    return ()


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _version() -> int | None:
    """Return the version in ``If-Match``; a tag of ours is one, and any other cannot match."""
    named = tags_named()
    if named is None:
        return None
    versions = [tag for tag in named if _VERSION.fullmatch(tag)]
    return int(versions[0]) if len(versions) == 1 else 0


def _check(validator: Any, value: Any) -> None:
    faults: dict[tuple[str, str], Refusal] = {}
    for error in validator.iter_errors(value):
        for one in _refusals(error):
            faults.setdefault((one.field, one.code), one)
    if faults:
        raise DomainError.of(faults.values())


def _refusals(error: Any) -> Iterator[Refusal]:
    """Yield what a fault found by the schema is called, at its place."""
    path = [str(part) for part in error.absolute_path]
    if error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield Refusal(_("Please fill this in."), ".".join([*path, name]), "required")
    elif error.validator == "additionalProperties":
        for name in error.instance.keys() - error.schema.get("properties", {}).keys():
            yield Refusal(_("There is no such field here."), ".".join([*path, str(name)[:60]]), "unknown_field")
    elif error.validator == "enum":
        some = ", ".join(str(one) for one in error.validator_value[:30])
        yield Refusal(_("Possible here: %(values)s.", values=some), ".".join(path), "not_possible")
    else:
        yield Refusal(_unusable(error), ".".join(path), f"not_{error.validator}")


def _unusable(error: Any) -> Message:
    """Return what would be usable, where the schema says it in a number."""
    schema, limit = error.schema, error.validator_value
    if error.validator in ("minimum", "maximum") and {"minimum", "maximum"} <= schema.keys():
        return _("From %(low)s to %(high)s.", low=schema["minimum"], high=schema["maximum"])
    if error.validator in _AT_MOST:
        return _AT_MOST[error.validator].with_(limit=limit)
    if error.validator == "type":
        return _expected(schema)
    return _("This value is not usable.")


def _expected(schema: Schema) -> Message:
    """Return what kind of value is usable, of an object its names."""
    kinds = schema["type"]
    kind = kinds if isinstance(kinds, str) else next(one for one in kinds if one != "null")
    if names := schema.get("properties"):
        return _("An object with %(names)s is expected here.", names=", ".join(names))
    return _EXPECTED[kind]


_EXPECTED: Final[Mapping[str, Message]] = {
    "object": _("An object is expected here: names, each with its value."),
    "array": _("A list is expected here."),
    "string": _("A text is expected here."),
    "integer": _("A whole number is expected here."),
    "number": _("A number is expected here."),
    "boolean": _("true or false is expected here."),
}
_AT_MOST: Final[Mapping[str, Message]] = {
    "maxLength": _("At most %(limit)s characters."),
    "maxItems": _("At most %(limit)s entries."),
}
