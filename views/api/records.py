"""REST of reference records: lists by Flask-AppBuilder within bounds and reach, writing by the records' one door."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Final

from flask import Response, abort
from flask_appbuilder.api import expose
from flask_appbuilder.exceptions import FABException

from app.assets.records import INSTALLED_PRODUCT, PRODUCT, PRODUCT_CATEGORY
from app.core.columns import key_of
from app.core.errors import ConflictError, DomainError
from app.core.i18n import _
from app.core.keyring import KEYRING
from app.core.permissions import SYSTEM
from app.core.records import service
from app.core.records.references import Many, One
from app.core.records.service import RecordType
from app.core.records.showing import as_json
from app.core.work import Work
from app.people.records import (
    CONTACT,
    CUSTOMER,
    CUSTOMER_LEVEL,
    OUTLET,
    PHONE,
    REGION,
    SITE,
    SKILL,
    STAFF,
    TAG,
    TEAM,
)
from views.api.wishes import carried_out_once, key_of_wish, tags_named
from views.base import HouseInterface, HouseModelApi, actor, house, permission, problem
from views.base.model_api import json_body
from views.base.person import cause


class RecordApi(HouseModelApi):
    """One record type over REST: the same rights, reach, laws, questions and masks as its screens.

    What may be a slip (a phone that is another customer's already) is answered with 409 and the ``doubts``; the same
    body with ``"sure": true`` is saved.
    """

    record: ClassVar[RecordType]
    #: Whether rows of a list carry their lines: only where those are few.
    lists_lines: ClassVar[bool] = False
    version = "v1"

    def get_list_headless(self, **kwargs: Any) -> Response:
        """Return a page of rows, mostly without their lines."""
        asked: dict[str, Any] = kwargs.get("rison") or {}
        try:
            filters = self._handle_filters_args(asked)
            column, direction = self._handle_order_args(asked)
        except FABException:
            raise DomainError(
                _("The filters, columns or order asked for are not available."), code="bad_arguments"
            ) from None
        page, size = self._handle_page_args(asked)
        count, rows = self.datamodel.query(filters, column, direction, page=page, page_size=size)
        person = actor()
        result = [as_json(person, self.record, row, lines=self.lists_lines) for row in rows]
        answer: Response = self.response(200, count=count, result=result)
        return answer

    @expose("/<pk>", methods=["GET"])
    @permission(".read")
    def get(self, pk: str) -> Response:
        """Return one record with its lines."""
        with house().transactions.reading(actor()) as work:
            found = self._told(work, service.get(work, self.record, self._key(pk)))
        return self._answer(found)

    @expose("/", methods=["POST"])
    @permission(".create")
    def post(self) -> Response:
        """Add a record, once for an ``Idempotency-Key``; who may not read is told its key."""
        body, sure = _asked()
        with house().transactions.unit_of_work(actor(), cause()) as work:
            made = partial(service.create, work, self.record, body, sure=sure)
            found, again = carried_out_once(work, key_of_wish(), lambda: self._told(work, made()))
            if again and self._may_read(work):
                # What is answered again is only for who still sees it.
                service.get(work, self.record, found["result"][self.record.key.key])
        response = self._answer(found, 201, id=found["result"][self.record.key.key])
        if again:
            response.headers["Idempotency-Replayed"] = "true"
        return response

    @expose("/<pk>", methods=["PUT"])
    @permission(".change")
    def put(self, pk: str) -> Response:
        """Change the attributes that are given, of the record that ``If-Match`` names."""
        body, sure = _asked()
        try:
            with house().transactions.unit_of_work(actor(), cause()) as work:
                self._hold(work, pk)
                found = self._told(work, service.change(work, self.record, self._key(pk), body, sure=sure))
        except _OtherError as error:
            return problem(412, error.refusals[0].message, error.refusals)
        return self._answer(found)

    @expose("/<pk>", methods=["DELETE"])
    @permission(".delete")
    def delete(self, pk: str) -> Response:
        """Delete a record nothing refers to, as ``If-Match`` names it."""
        try:
            with house().transactions.unit_of_work(actor(), cause()) as work:
                self._hold(work, pk)
                service.delete(work, self.record, self._key(pk))
        except _OtherError as error:
            return problem(412, error.refusals[0].message, error.refusals)
        answer: Response = self.response(200, message="OK")
        return answer

    def _key(self, pk: str) -> int | str:
        key = key_of(self.record.key.type, pk)
        return abort(404) if key is None else key

    def _may_read(self, work: Work) -> bool:
        return work.actor.may(f"{self.record.thing}.read")

    def _told(self, work: Work, row: Any) -> dict[str, Any]:
        """Return what is answered of a row: to who may not read, its key."""
        key = self.record.key.key
        if not self._may_read(work):
            return {"result": {key: getattr(row, key)}, "tag": ""}
        return {"result": as_json(work.actor, self.record, row), "tag": _tag(self.record, row)}

    def _answer(self, found: Mapping[str, Any], status: int = 200, **more: Any) -> Response:
        response: Response = self.response(status, result=found["result"], **more)
        if found["tag"]:
            response.headers["ETag"] = f'"{found["tag"]}"'
        return response

    def _hold(self, work: Work, pk: str) -> None:
        """Keep others from the record that is about to be changed; _OtherError when it is not the one that was read."""
        named = tags_named()
        if named is None:
            return
        row = service.to_write(work, self.record, self._key(pk), lock=True)
        if _tag(self.record, row) not in named:
            raise _OtherError(_("Somebody else changed this meanwhile. Read it again, then make your change."))


class _OtherError(ConflictError):
    """The record is not as ``If-Match`` names it (HTTP 412)."""


def _tag(record: RecordType, row: Any) -> str:
    """Return what names a record as it is stored, lines and all; keyed, for it must tell nothing of what is masked."""
    stored = json.dumps(as_json(SYSTEM, record, row), sort_keys=True, default=str)
    return KEYRING.blind_index(f"record:{stored}")[:32]


def _asked() -> tuple[dict[str, Any], bool]:
    """Return what the body says of the record, and whether its sender is sure of it."""
    body = json_body()
    sure = body.pop("sure", False)
    if not isinstance(sure, bool):
        raise DomainError(_("Answer yes or no."), field="sure", code="not_yes_or_no")
    return body, sure


def _api(name: str, record: RecordType, *columns: str, lines: bool = False) -> type[RecordApi]:
    """Return the REST class of ``record``; rows are found and ordered by ``columns``, and carry their ``lines``."""
    key = record.key.key
    relations = [
        one.shown if isinstance(one, One) else one.name for one in record.attributes if isinstance(one, One | Many)
    ]
    interface = HouseInterface(record.model, scope=record.reach)
    several = tuple(one.name for one in record.attributes if isinstance(one, Many))
    interface.shown_relations = (*several, *record.lines) if lines else several
    found = [one for one in relations if hasattr(record.model, one)]
    return type(
        f"{record.model.__name__}Api",
        (RecordApi,),
        {
            "__doc__": f"{record.label.id} over REST.",
            "record": record, "lists_lines": lines,
            "resource_name": name, "datamodel": interface, "class_permission_name": record.thing,
            "list_columns": [key], "show_columns": [key], "add_columns": [key], "edit_columns": [key],
            "search_columns": [key, *columns, *found], "order_columns": [key, *columns],
        },
    )  # fmt: skip


RECORD_APIS: Final = (
    _api("customer", CUSTOMER, "code", "name", "kind", "active"),
    _api("contact", CONTACT, "name", "position", "is_primary"),
    _api("phone", PHONE),
    _api("site", SITE, "name"),
    _api("customer_level", CUSTOMER_LEVEL, "key", "rank"),
    _api("tag", TAG, "name"),
    _api("outlet", OUTLET, "code", "name", "active"),
    _api("team", TEAM, "code", "name", "active"),
    _api("skill", SKILL, "key"),
    _api("staff", STAFF, "capacity_per_day", lines=True),
    _api("region", REGION, "full_name", "level"),
    _api("product_category", PRODUCT_CATEGORY, "code", "name", "path"),
    _api("product", PRODUCT, "code", "name", "brand", "model", "active"),
    _api("installed_product", INSTALLED_PRODUCT, "serial", "sold_on", "delivered_on", "installed_on", "invoice_no"),
)
