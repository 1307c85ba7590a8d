"""REST over one table: Flask-AppBuilder's schemas and queries, our permissions, transactions and problems."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

import jsonschema
import prison
from flask import Response, request
from flask_appbuilder.api import ModelRestApi, expose
from flask_appbuilder.const import API_RESULT_RES_KEY
from marshmallow import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import DomainError, NotFoundError, Refusal
from app.core.i18n import Message, _
from views.base.filter_arguments import usable_filter
from views.base.guard import permission
from views.base.refusals import refusal_of
from views.base.request_filters import RequestFilters
from views.base.sent_json import read_json

_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
#: The arguments of a list, as rison: https://github.com/w33ble/rison-node
_LIST_ARGUMENTS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "columns": {"type": "array", "items": {"type": "string"}, "maxItems": 50},
        "order_column": {"type": "string"},
        "order_direction": {"type": "string", "enum": ["asc", "desc"]},
        "page": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
        "page_size": {"type": "integer", "minimum": 1, "maximum": 100},
        "filters": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "col": {"type": "string"},
                    "opr": {"type": "string"},
                    "value": {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR, "maxItems": 100}]},
                },
                "required": ["col", "opr", "value"],
            },
        },
    },
}
#: Made once: `jsonschema.validate` checks the schema itself each time, which takes longer than a short list.
_ARGUMENTS = jsonschema.Draft202012Validator(_LIST_ARGUMENTS)
Method = Callable[..., Response]


def _answering(method: Method) -> Method:
    """Turn what Flask-AppBuilder raises into refusals; bugs stay bugs."""

    @wraps(method)
    def wrapped(self: "HouseModelApi", *args: Any, **kwargs: Any) -> Response:
        try:
            return method(self, *args, **kwargs)
        except ValidationError as error:
            raise _refusals(error) from error
        except (SQLAlchemyError, OverflowError) as error:
            self.datamodel.session.rollback()
            raise refusal_of(error, self.datamodel.obj) from error

    return wrapped


class HouseModelApi(RequestFilters, ModelRestApi):
    """A table over REST. Set ``resource_name``, ``datamodel``, ``class_permission_name`` and the ``*_columns``."""

    allow_browser_login = True
    csrf_exempt = False
    exclude_route_methods: ClassVar[set[str]] = {"info"}
    max_page_size = 100

    def _init_properties(self) -> None:
        super()._init_properties()
        self.offer()

    @expose("/", methods=["GET"])
    @permission(".read")
    @_answering
    def get_list(self) -> Response:
        """List rows; ``?q=`` holds filters, order and page in rison."""
        return self._checked(self.get_list_headless(rison=_list_arguments()))

    @expose("/<pk>", methods=["GET"])
    @permission(".read")
    @_answering
    def get(self, pk: str) -> Response:
        """Return one row."""
        self._found(pk)
        return self._checked(self.get_headless(pk))

    @expose("/", methods=["POST"])
    @permission(".create")
    @_answering
    def post(self) -> Response:
        """Add a row."""
        with self.datamodel.writing():
            item = self.add_model_schema.load(json_body())
            self.pre_add(item)
            self.datamodel.add(item)
            self.post_add(item)
            shown = self.add_model_schema.dump(item, many=False)
            return self.response(201, id=self.datamodel.get_pk_value(item), **{API_RESULT_RES_KEY: shown})

    @expose("/<pk>", methods=["PUT"])
    @permission(".change")
    @_answering
    def put(self, pk: str) -> Response:
        """Change the columns that are given."""
        with self.datamodel.writing():
            item = self._found(pk)
            with self.datamodel.session.no_autoflush:
                item = self.edit_model_schema.load(self._merge_update_item(item, json_body()), instance=item)
                self.pre_update(item)
            self.datamodel.edit(item)
            self.post_update(item)
            return self.response(200, **{API_RESULT_RES_KEY: self.edit_model_schema.dump(item, many=False)})

    @expose("/<pk>", methods=["DELETE"])
    @permission(".delete")
    @_answering
    def delete(self, pk: str) -> Response:
        """Delete a row nothing refers to."""
        with self.datamodel.writing():
            item = self._found(pk)
            self.pre_delete(item)
            self.datamodel.delete(item)
            self.post_delete(item)
            return self.response(200, message="OK")

    def _handle_filters_args(self, rison_args: dict[str, Any]) -> Any:
        """Flask-AppBuilder leaves out a filter it cannot use, and then shows all rows."""
        usable = [usable_filter(self.datamodel, self._filters, one) for one in rison_args.get("filters", ())]
        return super()._handle_filters_args({**rison_args, "filters": usable})

    def _found(self, pk: str) -> Any:
        item = self.datamodel.get(pk, self._base_filters)
        if item is None:
            raise NotFoundError(_("There is no such entry."), code="not_found")
        return item

    @staticmethod
    def _checked(response: Response) -> Response:
        """Flask-AppBuilder answers wrong arguments with a status and an English sentence of its own."""
        if response.status_code == 400:  # noqa: PLR2004 - HTTP
            raise DomainError(_("The filters, columns or order asked for are not available."), code="bad_arguments")
        return response


def _list_arguments() -> dict[str, Any]:
    # What is left aside would answer a question nobody asked: everybody instead of one name.
    if strange := sorted(request.args.keys() - {"q"}):
        raise DomainError.of(
            Refusal(_("Lists take one argument here, “q”: its filters, order and page."), name[:60], "unknown_argument")
            for name in strange
        )
    text = request.args.get("q", "")
    try:
        arguments = prison.loads(text) if text else {}
        _ARGUMENTS.validate(arguments)
    except (
        prison.decoder.ParserException,
        jsonschema.ValidationError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
    ):
        raise DomainError(
            _("The filters, columns or order asked for are not available."), code="bad_arguments"
        ) from None
    return dict(arguments)


def json_body() -> dict[str, Any]:
    """Return the JSON object somebody sent."""
    if not request.is_json:
        raise DomainError(_("Send JSON (Content-Type: application/json)."), code="not_json")
    body: Any = read_json(request.get_data())
    if not isinstance(body, dict):
        raise DomainError(_("The body must be a JSON object."), code="not_an_object")
    return body


def _refusals(error: ValidationError) -> DomainError:
    found = [
        Refusal(_message(reason), field=str(name), code="unknown_field" if reason == "Unknown field." else "invalid")
        for name, reasons in error.normalized_messages().items()  # type: ignore[no-untyped-call]
        for reason in (reasons if isinstance(reasons, list) else [str(reasons)])
    ]
    return DomainError.of(found or [Refusal(_("The data is not valid."))])


def _message(reason: str) -> Message:
    known = {
        "Unknown field.": _("There is no such field, or you may not write it."),
        "Missing data for required field.": _("Please fill this in."),
        "Field may not be null.": _("Please fill this in."),
    }
    return known.get(reason) or _("This value is not usable.")
