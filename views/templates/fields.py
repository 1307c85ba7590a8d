"""The library of field definitions: what there is and where it is used."""

from collections.abc import Mapping
from typing import ClassVar, Final

from flask import Response, make_response

from app.core.i18n import Message, _
from ticket_templates import queries
from ticket_templates.field_types import FIELD_TYPES
from views.base import HouseView, expose, permission

_UNKNOWN: Final = _("Unknown field type")


class FieldView(HouseView):
    """Read-only: definitions are changed by the designer and by imports."""

    route_base = "/fields"
    class_permission_name: ClassVar[str | None] = "field"

    @expose("/")
    @permission("field.read")
    def index(self) -> Response:
        """Show all definitions."""
        with self.reading() as work:
            cards = queries.fields(work)
            templates: Mapping[str, object] = {
                one.key: one.labels for one in queries.templates(work, with_withdrawn=True)
            }
        kinds: dict[str, tuple[Message, str]] = {one.name: (one.label, one.icon) for one in FIELD_TYPES}
        rows = [
            {
                "card": card,
                "type": kinds.get(card.type, (_UNKNOWN, "forms"))[0],
                "icon": kinds.get(card.type, (_UNKNOWN, "forms"))[1],
                "used_in": [(key, templates.get(key, key)) for key in card.used_in],
            }
            for card in cards
        ]
        return make_response(self.render_template("ticket_templates/fields.html", rows=rows))
