"""A whole number."""

from typing import Any

from babel.numbers import format_decimal

from app.core.i18n import _
from app.core.numbers import MAX_WHOLE
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, PLACEHOLDER, Case, Context, Refused, Setting
from ticket_templates.field_types.decimal import MAX, MIN, UNIT, ScaledNumber


@FIELD_TYPES.register
class Integer(ScaledNumber):
    """A count. Canonical: the number itself."""

    name = "integer"
    label = _("Whole number")
    purpose = _("A count or a reading without decimals.")
    icon = "number-123"
    settings = (
        MIN,
        MAX,
        UNIT,
        Setting("grouping", "bool", _("Separate thousands when shown"), default=True),
        DEFAULT,
        PLACEHOLDER,
    )
    cases = (
        Case("12", 12, "12"),
        Case("１２", 12, "12"),
        Case("１，２３４", 1234, "1,234"),
        Case(" -5 ", -5, "-5"),
        Case("\u22125", -5, "-5"),
        Case("12.0", 12, "12"),
        Case(12.0, 12, "12"),
        Case("007", 7, "7"),
        Case("", None, ""),
        Case("1000000000000000", 10**15, "1,000,000,000,000,000"),
        Case("3", 3, "3 台", {"unit": "台"}),
        Case("2026", 2026, "2026", {"grouping": False}),
        Case("99", 99, "99", {"max": 10}, stored=99),
    )
    refused = (
        Refused("1.5", "not_whole"),
        Refused("abc", "not_number"),
        Refused("NaN", "not_number"),
        Refused(float("nan"), "not_number"),
        Refused(float("inf"), "not_number"),
        Refused("1e400", "not_number"),
        Refused(10**30, "out_of_range"),
        Refused("1" + "0" * 30, "out_of_range"),
        Refused("9" * 100_000, "not_number"),
        Refused("1,23", "not_number"),
        Refused("１２月", "not_number"),
        Refused("-", "not_number"),
        Refused(".", "not_number"),
        Refused(True, "not_number"),
        Refused([1], "not_number"),
        Refused("0", "too_small", {"min": 1}),
        Refused("11", "too_large", {"max": 10}),
    )

    @property
    def excel_format(self) -> str:  # type: ignore[override]
        """Return the number format, with thousands apart unless the definition says otherwise."""
        return "#,##0" if self.setting("grouping") else "0"

    def shown(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        text = format_decimal(value, locale=context.locale) if self.setting("grouping") else str(value)
        return self.with_unit(text)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": -MAX_WHOLE, "maximum": MAX_WHOLE}

    def limits(self, context: Context) -> dict[str, Any]:
        unit = self.setting("unit")
        return super().limits(context) | ({"x-unit": unit} if unit else {})
