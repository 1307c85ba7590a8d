"""What remote selects ask: the first matches of what somebody types, within reach."""

from typing import Any

from flask import jsonify, request

from app.assets import lookups as _assets
from app.core.records.lookups import LOOKUPS, lookup_of
from app.people import lookups as _people
from views.base import HouseView, expose, signed_in

#: Imported for what they register.
REGISTERED = (_people, _assets)


class LookupView(HouseView):
    """``GET /lookup/<kind>?q=…`` answers ``{"results": [{"id", "text", "hint"}]}``, 20 at most.

    With ``&for=naming`` only what the asker may name in a record or ticket is offered, and not what is merely read.
    """

    route_base = "/lookup"
    class_permission_name = "lookup"

    @expose("/<kind>")
    @signed_in
    def find(self, kind: str) -> Any:
        """Find records; the lookup itself says who may."""
        with self.reading() as work:
            found = lookup_of(kind, LOOKUPS).search(
                work, request.args.get("q", ""), naming=request.args.get("for") == "naming"
            )
        return jsonify(results=[{"id": one.id, "text": one.text, "hint": one.hint} for one in found])
