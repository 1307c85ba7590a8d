"""A point on the map."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from app.core.i18n import _
from app.core.numbers import half_up, read_decimal, scaled, unscaled
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, FieldError, FieldType, Refused, is_empty
from ticket_templates.field_types.decimal import DECIMAL_TEXT, plain, sent_number
from ticket_templates.field_types.inputs import PartsInput

#: Six decimal places are a hand's breadth.
PLACES: Final = 6
_LIMITS: Final = {"lat": 90, "lng": 180}
_MOST_METRES: Final = 100_000
_LONGEST: Final = 80
_PAIR: Final = re.compile(r"([+-]?[0-9.]+)\s*[,;\s]\s*([+-]?[0-9.]+)(?:\s*±\s*([0-9]+)\s*m)?")


@FIELD_TYPES.register
class Location(FieldType):
    """A latitude and a longitude.

    Canonical: millionths of a degree, and the accuracy in metres where it is known:
    ``{"lat": 39904200, "lng": 116407400, "accuracy": 15}``.
    Whole JSON numbers are canonical; texts and decimal numbers are degrees, rounded to six places.
    """

    name = "location"
    label = _("Coordinates")
    purpose = _("A point on the map, from the phone or typed.")
    kind = "coordinates"
    input = "location"
    icon = "current-location"
    settings = ()
    cases = (
        Case(
            {"lat": "39.9042", "lng": "116.4074", "accuracy": "15"},
            {"lat": 39904200, "lng": 116407400, "accuracy": 15},
            "39.904200, 116.407400 ±15 m",
        ),
        Case("39.9042, 116.4074", {"lat": 39904200, "lng": 116407400}, "39.904200, 116.407400"),
        Case("３９．９，１１６．４", {"lat": 39900000, "lng": 116400000}, "39.900000, 116.400000"),
        Case({"lat": 39.90420049, "lng": -0.1}, {"lat": 39904200, "lng": -100000}, "39.904200, -0.100000"),
        Case({"lat": -90000000, "lng": 180000000}, {"lat": -90000000, "lng": 180000000}, "-90.000000, 180.000000"),
        Case({"lat": "0", "lng": "0"}, {"lat": 0, "lng": 0}, "0.000000, 0.000000"),
        Case({"lat": "", "lng": ""}, None, ""),
    )
    refused = (
        Refused({"lat": "90.1", "lng": "0"}, "out_of_range"),
        Refused({"lat": "0", "lng": "-180.000001"}, "out_of_range"),
        Refused({"lat": 90000001, "lng": 0}, "out_of_range"),
        Refused({"lat": "39.9", "lng": ""}, "not_location"),
        Refused({"lat": "39.9"}, "not_location"),
        Refused({"lat": float("nan"), "lng": 0}, "not_number"),
        Refused({"lat": "1e400", "lng": "0"}, "not_number"),
        Refused({"lat": 10**30, "lng": 0}, "out_of_range"),
        Refused({"lat": True, "lng": 0}, "not_number"),
        Refused({"lat": "1", "lng": "1", "accuracy": "-5"}, "out_of_range"),
        Refused({"lat": "1", "lng": "1", "height": "5"}, "not_location"),
        Refused("Beijing", "not_location"),
        Refused("1" * 10**5, "not_location"),
        Refused([39.9, 116.4], "not_location"),
        Refused(39.9, "not_location"),
    )

    def read(self, raw: Any, context: Context) -> dict[str, int]:
        del context
        parts = raw
        if isinstance(raw, str) and len(raw) <= _LONGEST:
            found = _PAIR.fullmatch(unicodedata.normalize("NFKC", raw).strip())
            parts = dict(zip(("lat", "lng", "accuracy"), found.groups(), strict=True)) if found else None
        if not isinstance(parts, Mapping) or not parts.keys() <= {"lat", "lng", "accuracy"}:
            raise not_location()
        if is_empty(parts.get("lat")) or is_empty(parts.get("lng")):
            raise not_location()
        value = {name: _degrees(parts[name], limit) for name, limit in _LIMITS.items()}
        if not is_empty(parts.get("accuracy")):
            value["accuracy"] = int(half_up(read_decimal(parts["accuracy"]), 0))
            if not 0 <= value["accuracy"] <= _MOST_METRES:
                raise out_of_range()
        return value

    def form_field(self) -> Any:
        return PartsInput(("lat", "lng", "accuracy"))

    def form_value(self, value: Any, context: Context) -> dict[str, str]:
        del context
        if value is None:
            return {"lat": "", "lng": "", "accuracy": ""}
        degrees = {name: f"{unscaled(value[name], PLACES):f}" for name in _LIMITS}
        return {**degrees, "accuracy": str(value.get("accuracy", ""))}

    def shown(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        parts = self.form_value(value, context)
        accuracy = f" ±{parts['accuracy']} m" if parts["accuracy"] else ""
        return f"{parts['lat']}, {parts['lng']}{accuracy}"

    def to_json(self, value: Any, context: Context) -> Any:
        """Return degrees as decimal texts, and whole metres."""
        del context
        if value is None:
            return None
        return value | {name: plain(unscaled(value[name], PLACES)) for name in _LIMITS}

    def sent(self, raw: Any, context: Context) -> Any:
        del context
        if not isinstance(raw, Mapping):
            return raw
        return {name: sent_number(one) if name in _LIMITS and not is_empty(one) else one for name, one in raw.items()}

    def operand(self, value: Any, context: Context) -> Any:
        return self.shown(value, context) or None

    def json_schema(self) -> dict[str, Any]:
        degrees = {
            name: {**DECIMAL_TEXT, "x-scale": PLACES, "x-maximum": str(limit)} for name, limit in _LIMITS.items()
        }
        accuracy = {"type": "integer", "minimum": 0, "maximum": _MOST_METRES}
        return {
            "type": "object",
            "properties": {**degrees, "accuracy": accuracy},
            "required": ["lat", "lng"],
            "additionalProperties": False,
        }


def _degrees(raw: Any, limit: int) -> int:
    number = read_decimal(raw)
    millionths = int(number) if type(raw) is int else scaled(half_up(number, PLACES), PLACES)
    if abs(millionths) > limit * 10**PLACES:
        raise out_of_range()
    return millionths


def not_location() -> FieldError:
    """Return the refusal of what is no position."""
    return FieldError(_("Enter latitude and longitude, such as 39.9042, 116.4074."), code="not_location")


def out_of_range() -> FieldError:
    """Return the refusal of a point that is nowhere."""
    return FieldError(_("There is no such place on the globe."), code="out_of_range")
