"""A number with a fixed count of decimal places."""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal as Exact
from functools import cached_property
from typing import Any, Final

from babel.numbers import format_decimal

from app.conditions.fields import ConditionField
from app.core.errors import DomainError
from app.core.i18n import LOCALES, _
from app.core.numbers import as_typed, read_decimal, scaled, unscaled
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import (
    DEFAULT,
    PLACEHOLDER,
    Case,
    Context,
    FieldError,
    FieldType,
    Refused,
    Setting,
    is_empty,
)

MIN = Setting("min", "decimal", _("Smallest value"))
MAX = Setting("max", "decimal", _("Largest value"))
UNIT = Setting("unit", "text", _("Unit shown behind the number"), "")

#: What is said where a step moves an amount and none was typed.
AMOUNT_NEEDED: Final = _("Enter the amount of this time; it is more than 0.")
#: Excel keeps 15 digits; longer numbers travel as text.
EXCEL_DIGITS = 10**15


class ScaledNumber(FieldType):
    """Base of the types whose value is a whole number of 10**-scale: integer, decimal, money.

    A whole JSON number is canonical (1234 of scale 2 is 12.34); a text, and a number in a spreadsheet, are read as
    people mean them ("12.34"). Settings and limits are what people mean.
    """

    kind = "number"
    input = "number"

    def scale_in(self, context: Context) -> int:
        """Return how many decimal places a value has."""
        del context
        return 0

    def check_definition(self) -> None:
        super().check_definition()
        for bound in ("min", "max"):
            try:
                self.bound(bound)
            except DomainError as error:
                raise FieldError(error.refusals[0].message, field=bound, code="bad_setting") from None
        smallest, largest = self.bound("min"), self.bound("max")
        if smallest is not None and largest is not None and smallest > largest:
            raise FieldError(_("The smallest value is above the largest."), field="min", code="bad_setting")

    def bound(self, name: str) -> Exact | None:
        """Return the limit a definition sets, in whole units."""
        value = self.setting(name)
        return None if value is None or value == "" else read_decimal(value)

    @cached_property
    def _bounds(self) -> tuple[Exact | None, Exact | None]:
        return self.bound("min"), self.bound("max")

    def whole(self, raw: Any, context: Context) -> int:
        """Return the number ``raw`` says, whatever the limits."""
        scale = self.scale_in(context)
        if isinstance(raw, float) and scale:
            raise FieldError(_("Send this number as text, such as “12.50”."), code="not_exact")
        number = read_decimal(raw)
        if isinstance(raw, int):
            number = unscaled(raw, scale)
        return scaled(number, scale)

    def read(self, raw: Any, context: Context) -> int:
        whole = self.whole(raw, context)
        if whole != self.stored(context):
            self._limit(unscaled(whole, self.scale_in(context)))
        return whole

    def moved(self, raw: Any, held: int | None, sign: int, context: Context) -> int | None:
        if is_empty(raw):
            return held
        try:
            amount = self.whole(raw, context)
            number = unscaled((held or 0) + sign * amount, self.scale_in(context))
            total = scaled(number, self.scale_in(context))
        except FieldError:
            raise
        except DomainError as error:
            raise FieldError(error.refusals[0].message, code=error.refusals[0].code) from None
        if amount == 0:
            return held
        if amount < 0:
            raise FieldError(AMOUNT_NEEDED, code="not_positive")
        if total < 0:
            there = {locale: self.shown(held or 0, replace(context, locale=locale)) for locale in LOCALES}
            raise FieldError(_("Only %(amount)s is there; more cannot be taken off.", amount=there), code="too_much")
        self._limit(number)
        return total

    def _limit(self, number: Exact) -> None:
        """Raise FieldError when the definition's limits do not allow the number."""
        smallest, largest = self._bounds
        if smallest is not None and number < smallest:
            raise FieldError(_("At least %(limit)s.", limit=plain(smallest)), code="too_small")
        if largest is not None and number > largest:
            raise FieldError(_("At most %(limit)s.", limit=plain(largest)), code="too_large")

    def form_value(self, value: Any, context: Context) -> str:
        return "" if value is None else plain(unscaled(value, self.scale_in(context)))

    def with_unit(self, text: str) -> str:
        """Return ``text`` with the unit behind it."""
        unit = self.setting("unit")
        return f"{text} {unit}" if unit else text

    def to_excel(self, value: Any, context: Context) -> Any:
        if value is None:
            return None
        scale = self.scale_in(context)
        if abs(value) >= EXCEL_DIGITS:
            return self.form_value(value, context)
        return unscaled(value, scale) if scale else value

    def from_excel(self, cell: Any, context: Context) -> Any:
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            try:
                cell = read_decimal(cell)
            except DomainError as error:
                raise FieldError(error.refusals[0].message, code=error.refusals[0].code) from None
        return self.clean(cell, context)

    def limits(self, context: Context) -> dict[str, Any]:
        del context
        return {f"{name}imum": int(one) for name, one in self._limits if one == one.to_integral_value()}

    @property
    def _limits(self) -> list[tuple[str, Exact]]:
        return [(name, one) for name, one in zip(("min", "max"), self._bounds, strict=True) if one is not None]

    def operand(self, value: Any, context: Context) -> Any:
        del context
        return None if value is None else Exact(value)


class ExactNumber(ScaledNumber):
    """Base of the types with decimal places. To programs an answer is a decimal text in whole units: ``"12.50"``.

    A JSON number is refused: its sender may mean yuan or fen, and few programs keep 12.10 exact.
    """

    def written(self, raw: Any) -> Any:
        return str(raw) if type(raw) is int else raw

    def to_json(self, value: Any, context: Context) -> str | None:
        return None if value is None else plain(unscaled(value, self.scale_in(context)))

    def sent(self, raw: Any, context: Context) -> str:
        del context
        return sent_number(raw)

    def json_schema(self) -> dict[str, Any]:
        return dict(DECIMAL_TEXT)

    def limits(self, context: Context) -> dict[str, Any]:
        scale = self.scale_in(context)
        return {
            "pattern": rf"^-?[0-9]+(\.[0-9]{{1,{scale}}})?$" if scale else "^-?[0-9]+$",
            "x-scale": scale,
            **{f"x-{name}imum": plain(one) for name, one in self._limits},
        }


#: A decimal number in JSON: a text, so that no program rounds it on its way.
DECIMAL_TEXT: Final[Mapping[str, Any]] = {
    "type": "string", "format": "decimal", "maxLength": 30, "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
}  # fmt: skip
_LONGEST_SENT: Final = 60
_SENT: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


def sent_number(raw: Any) -> str:
    """Return the decimal text a program sent; a JSON number, and a text that is none, are refused.

    It may pass on what somebody typed: digits, point and minus of a Chinese input method are those of any other.
    """
    if not isinstance(raw, str):
        raise FieldError(_("Send this number as text, such as “12.50”."), code="not_exact")
    text = as_typed(raw) if len(raw) <= _LONGEST_SENT else raw
    if not _SENT.fullmatch(text):
        raise FieldError(_("“%(value)s” is not a number.", value=raw[:40]), code="not_number")
    return text


def plain(number: Exact) -> str:
    """Return ``number`` in digits, never with an exponent."""
    return f"{number:f}"


@FIELD_TYPES.register
class Decimal(ExactNumber):
    """A measurement. Canonical: the number times 10**scale, so that it is exact and sorts as an integer."""

    name = "decimal"
    label = _("Decimal number")
    purpose = _("A measurement: weight, pressure, temperature, distance.")
    icon = "decimal"
    settings = (
        Setting("scale", "int", _("Decimal places"), 2),
        MIN,
        MAX,
        UNIT,
        DEFAULT,
        PLACEHOLDER,
    )
    cases = (
        Case("1.5", 150, "1.50"),
        Case("１．５", 150, "1.50"),
        Case("－１。５", -150, "-1.50"),
        Case("-0.005", -5, "-0.005 MPa", {"scale": 3, "unit": "MPa"}),
        Case("1,234.5", 123450, "1,234.50"),
        Case(".5", 50, "0.50"),
        Case("0", 0, "0.00"),
        Case("-0", 0, "0.00"),
        Case(7, 7, "0.07"),
        Case(Exact("1.1"), 110, "1.10"),
        Case("", None, ""),
    )
    refused = (
        Refused("1.234", "too_fine"),
        Refused(1.1, "not_exact"),
        Refused("abc", "not_number"),
        Refused("1e5", "not_number"),
        Refused(Exact("nan"), "not_number"),
        Refused(float("nan"), "not_exact"),
        Refused(10**30, "out_of_range"),
        Refused("1" + "0" * 30, "out_of_range"),
        Refused("12345678901234", "out_of_range"),
        Refused("0." + "0" * 100_000 + "1", "not_number"),
        Refused("-0.01", "too_small", {"min": 0}),
        Refused("10.51", "too_large", {"max": "10.5"}),
        Refused({"a": 1}, "not_number"),
    )

    def check_definition(self) -> None:
        super().check_definition()
        if not 0 <= self.scale <= MOST_PLACES:
            raise FieldError(
                _("Between 0 and %(most)s decimal places.", most=MOST_PLACES), field="scale", code="bad_setting"
            )

    @property
    def scale(self) -> int:
        """Return the decimal places of the definition."""
        return int(self.setting("scale"))

    def scale_in(self, context: Context) -> int:
        del context
        return self.scale

    @property
    def excel_format(self) -> str:  # type: ignore[override]
        """Return the number format with the definition's decimal places."""
        return "#,##0." + "0" * self.scale if self.scale else "#,##0"

    def shown(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        places = "#,##0." + "0" * self.scale if self.scale else "#,##0"
        return self.with_unit(format_decimal(unscaled(value, self.scale), format=places, locale=context.locale))

    def operand(self, value: Any, context: Context) -> Any:
        del context
        return None if value is None else unscaled(value, self.scale)

    def condition_field(self) -> ConditionField:
        return ConditionField(f"values.{self.spec.key}", self.kind, self.spec.labels, scale=self.scale)

    def limits(self, context: Context) -> dict[str, Any]:
        unit = self.setting("unit")
        return super().limits(context) | ({"x-unit": unit} if unit else {})


MOST_PLACES = 8
