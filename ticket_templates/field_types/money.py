"""An amount of money."""

from typing import Any

from babel.numbers import get_currency_precision, is_currency

from app.conditions.fields import ConditionField
from app.core.i18n import _
from app.core.money import Money as Amount
from app.core.numbers import unscaled
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import (
    DEFAULT,
    PLACEHOLDER,
    Case,
    Context,
    FieldError,
    Refused,
    Setting,
)
from ticket_templates.field_types.decimal import MAX, MIN, ExactNumber


def amount_format(currency: str) -> str:
    """Return the number format of amounts with the digits of their currency: none of yen."""
    digits = get_currency_precision(currency)
    return "#,##0." + "0" * digits if digits else "#,##0"


@FIELD_TYPES.register
class Money(ExactNumber):
    """An amount. Canonical: a whole number of minor units (分, cents); the currency is the definition's."""

    name = "money"
    label = _("Money")
    purpose = _("An amount in one currency: a fee, a price, a deposit.")
    kind = "money"
    input = "money"
    icon = "cash"
    excel_format = "#,##0.00"
    settings = (
        Setting("currency", "text", _("Currency (empty: the company's)"), ""),
        MIN,
        MAX,
        DEFAULT,
        PLACEHOLDER,
    )
    cases = (
        Case("120", 12000, "CN¥120.00"),
        Case("1,234.50", 123450, "CN¥1,234.50"),
        Case("￥８８．５０", 8850, "CN¥88.50"),
        Case("88.5元", 8850, "CN¥88.50"),
        Case("＄１，２３４。５０", 123450, "CN¥1,234.50"),
        Case("-3.2", -320, "-CN¥3.20"),
        Case("1500", 1500, "¥1,500", {"currency": "JPY"}),
        Case(12000, 12000, "CN¥120.00"),
        Case("0", 0, "CN¥0.00"),
        Case("", None, ""),
        Case("10000000000000", 10**15, "CN¥10,000,000,000,000.00"),
    )
    refused = (
        Refused("1.005", "too_fine"),
        Refused("1.5", "not_whole", {"currency": "JPY"}),
        Refused("abc", "not_number"),
        Refused("NaN", "not_number"),
        Refused(0.1, "not_exact"),
        Refused("1e400", "not_number"),
        Refused("1" + "0" * 30, "out_of_range"),
        Refused("10000000000000.01", "out_of_range"),
        Refused("-1", "too_small", {"min": 0}),
        Refused("501", "too_large", {"max": 500}),
        Refused(True, "not_number"),
    )

    def check_definition(self) -> None:
        super().check_definition()
        currency = self.setting("currency")
        if currency and not is_currency(currency):
            raise FieldError(
                _("“%(value)s” is not a currency code such as CNY.", value=currency),
                field="currency",
                code="bad_setting",
            )

    def excel_format_in(self, currency: str) -> str:
        return amount_format(str(self.setting("currency") or currency))

    def currency_in(self, context: Context) -> str:
        """Return the currency of the amounts."""
        return str(self.setting("currency") or context.currency)

    def scale_in(self, context: Context) -> int:
        return int(get_currency_precision(self.currency_in(context)))

    def whole(self, raw: Any, context: Context) -> int:
        if isinstance(raw, str):
            raw = raw.strip().lstrip("¥￥$＄").rstrip("元").strip()
        return super().whole(raw, context)

    def shown(self, value: Any, context: Context) -> str:
        return "" if value is None else Amount(value, self.currency_in(context)).shown(context.locale)

    def operand(self, value: Any, context: Context) -> Any:
        return None if value is None else unscaled(value, self.scale_in(context))

    def condition_field(self) -> ConditionField:
        return ConditionField(f"values.{self.spec.key}", self.kind, self.spec.labels, currency=self.setting("currency"))

    def limits(self, context: Context) -> dict[str, Any]:
        return super().limits(context) | {"x-currency": self.currency_in(context)}
