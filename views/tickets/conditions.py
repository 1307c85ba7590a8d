"""What a builder of conditions asks: the fields and operators there are, what a tree says, and how many it finds."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, jsonify, request

from app.conditions import values
from app.conditions.standpoint import PERIODS, STARTS, UNITS
from app.conditions.values import Shape
from app.core.errors import DomainError
from app.core.i18n import Message, _, spoken
from app.core.work import Work
from app.tickets import conditions, queries
from app.tickets.conditions import GROUPS, Offer
from app.tickets.queries import TicketQuery
from views.base import current_locale, expose, permission
from views.base.model_api import json_body
from views.tickets.desk import DeskView

#: How the script draws what stands beside an operator.
SHAPES: Final[Mapping[type[Shape], str]] = {
    values.Nothing: "nothing",
    values.One: "one",
    values.Many: "many",
    values.Ends: "ends",
    values.Span: "span",
    values.Period: "period",
    values.Form: "text",
}
_UNITS: Final[Mapping[str, Message]] = {
    "min": _("minutes"),
    "h": _("hours"),
    "d": _("days"),
    "w": _("weeks"),
    "mo": _("months"),
    "y": _("years"),
}


class TicketConditionView(DeskView):
    """Conditions on tickets, while they are being built."""

    @expose("/conditions")
    @permission("ticket.read")
    def offered(self) -> Response:
        """Return the fields this person may ask about, and how the things in the condition ``where`` are called."""
        locale = current_locale()
        with self.reading() as work:
            offers = conditions.offers(work)
            operators = {operator for one in offers for operator in one.operators}
            return jsonify(
                groups={key: label.in_(locale) for key, label in GROUPS.items()},
                fields=[_field(one, locale) for one in offers],
                operators={
                    one.name: {"label": one.label.in_(locale), "takes": SHAPES[type(one.takes)]} for one in operators
                },
                periods=[(key, label.in_(locale)) for key, (label, *_parts) in PERIODS.items()],
                starts=[(key, label.in_(locale)) for key, label in STARTS.items()],
                lengths=[(key, _UNITS[key].in_(locale), minutes) for key, minutes in values.MINUTES_IN.items()],
                units=[(key, _UNITS[key].in_(locale), not unit.seconds) for key, unit in UNITS.items()],
                zone=str(work.company.zone),
                names=_names(work, request.args.get("where", "")),
            )

    @expose("/conditions/check", methods=["POST"])
    @permission("ticket.read")
    def check(self) -> Response:
        """Say what a condition means and how many tickets it finds, or what is wrong with it and where."""
        tree = json_body().get("where")
        with self.reading() as work:
            try:
                sentence = conditions.said(work, tree)
            except DomainError as error:
                locale = current_locale()
                faults = [{"path": one.field, "message": one.message.in_(locale)} for one in error.refusals]
                return jsonify(faults=faults)
            count = queries.count(work, TicketQuery(where=tree))
        return jsonify(sentence=sentence, count=count.number, exact=count.exact)


def _field(offer: Offer, locale: str) -> dict[str, Any]:
    field = offer.field
    return {
        "name": field.name,
        "label": spoken(field.label, locale),
        "group": offer.group,
        "kind": field.kind,
        "options": [(key, spoken(label, locale)) for key, label in offer.choices.items()],
        "in_minutes": field.in_minutes,
        "refers_to": conditions.kind_of(field),
        "operators": [one.name for one in offer.operators],
    }


def _names(work: Work, text: str) -> dict[str, dict[str, str]]:
    """Return the names of what stands in a condition; of what is none, nothing."""
    try:
        return conditions.names(work, conditions.from_text(text)) if text else {}
    except DomainError:
        return {}
