"""The condition language over the API: what may be asked about, in which words, and compared with what."""

from typing import Any, Final

from flask import Response

from app.conditions.operators.base import Operator
from app.conditions.standpoint import PERIODS, STARTS, UNITS
from app.core.i18n import Label, Message, spoken
from app.tickets import conditions
from app.tickets.columns import VALUE
from app.tickets.conditions import GROUPS, Offer
from ticket_templates import queries as templates
from views.api.v1 import schemas
from views.api.v1.base import ApiView
from views.api.v1.named import refuse_unknown
from views.api.v1.operation import Asked, operation
from views.base import current_locale, expose, permission
from views.tickets.conditions import SHAPES

#: Kinds of fields whose values are decimal texts.
_EXACT: Final = frozenset({"number", "money"})


class ConditionApi(ApiView):
    """What a condition can be made of."""

    @expose("/conditions/fields")
    @permission("ticket.read")
    @operation(query={"template": schemas.KEY}, gives=schemas.one_of("ConditionFields"))
    def fields(self, asked: Asked) -> Response:
        """List the fields conditions may name, with the operators of each; of one template, only its answers."""
        locale, key = current_locale(), asked.query.get("template")
        with self.reading() as work:
            offers = conditions.offers(work)
            if key is not None:
                refuse_unknown(work, {"template": [key]})
                its = {f"{VALUE}{one}" for version in templates.versions_of(work, key) for one in version.types}
                offers = [one for one in offers if not one.field.name.startswith(VALUE) or one.field.name in its]
            zone = str(work.company.zone)
        operators = sorted({operator for one in offers for operator in one.operators}, key=lambda one: one.name)
        return self.answer({
            "fields": [_field(one, locale) for one in offers],
            "operators": [_operator(one, locale) for one in operators],
            "periods": [_labelled(key, label, locale) for key, (label, *_parts) in PERIODS.items()],
            "starts": [_labelled(key, label, locale) for key, label in STARTS.items()],
            "units": list(UNITS),
            "zone": zone,
        })  # fmt: skip


def _labelled(key: str, label: Message | Label, locale: str) -> dict[str, str]:
    return {"key": key, "label": spoken(label, locale)}


def _operator(one: type[Operator], locale: str) -> dict[str, Any]:
    return {**_labelled(one.name, one.label, locale), "takes": SHAPES[type(one.takes)]}


def _field(offer: Offer, locale: str) -> dict[str, Any]:
    field = offer.field
    options = [{"value": value, "label": spoken(label, locale)} for value, label in offer.choices.items()]
    return {
        **_labelled(field.name, field.label, locale),
        "group": GROUPS[offer.group].in_(locale),
        "kind": field.kind,
        "operators": [one.name for one in offer.operators],
        "options": options or None,
        "refers_to": conditions.kind_of(field) or None,
        "scale": field.scale if field.kind in _EXACT else None,
    }
