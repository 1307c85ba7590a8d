"""The base of the API's views: answers in JSON, works for whoever the request's token or session stands for."""

from collections.abc import Callable
from typing import Any, ClassVar

import orjson
from flask import Response

from app.core.work import Work
from app.tickets import queries
from views.api.v1.operation import Asked
from views.api.wishes import carried_out_once
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

    def carried_out(
        self,
        asked: Asked,
        carry_out: Callable[[Work], dict[str, Any]],
        status: int = 200,
        *,
        about: str = "",
        content: str = "",
    ) -> Response:
        """Return what ``carry_out`` answers, once for an idempotency key.

        ``about`` is the number of the ticket it is about: what is answered again is only for who still sees it.
        ``content`` stands for a body that is written differently each time it is sent. An empty answer: it is done,
        and took the ticket out of one's reach.
        """
        with self.unit_of_work() as work:
            body, again = carried_out_once(work, asked.key, lambda: carry_out(work), content)
            if again and body and about:
                queries.ticket(work, about)
        response = self.answer(body, status, version=body.get("version")) if body else Response(status=204)
        if again:
            response.headers["Idempotency-Replayed"] = "true"
        return response
