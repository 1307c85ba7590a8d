"""The base of the API's views: answers in JSON, works for whoever the request's token or session stands for."""

from typing import Any, ClassVar

import orjson
from flask import Response

from views.base import HouseView


class ApiView(HouseView):
    """A view of the API. Its methods say what they need (`permission`) and what they take and give (`operation`)."""

    route_base = "/api/v1"
    class_permission_name: ClassVar[str | None] = "ticket"

    @staticmethod
    def answer(body: Any, status: int = 200, *, version: int | None = None) -> Response:
        """Return ``body`` as JSON; ``version``: of the ticket it shows, to be named when that is changed."""
        response = Response(orjson.dumps(body), status, content_type="application/json")
        if version is not None:
            response.headers["ETag"] = f'"{version}"'
        return response
