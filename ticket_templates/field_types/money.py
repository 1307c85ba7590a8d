"""An amount of money."""

from typing import Any, Final

from babel.numbers import get_currency_precision, is_currency

from app.conditions.fields import ConditionField
from app.core.errors import DomainError
from app.core.i18n import _
from app.core.money import Money as Amount
from app.core.money import signs
from app.core.numbers import as_typed, not_number, unscaled
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

#: Longer texts are no amounts, and are not worked on.
_LONGEST: Final = 60


def amount_format(currency: str, usual: str = "") -> str:
    """Return the number format of amounts with the digits of their currency: none of yen.

    One that is not the ``usual`` currency has its code before the amount.
    """
    digits = get_currency_precision(currency)
    code = f"[${currency}] " if usual and currency != usual else ""
    return f"{code}#,##0." + "0" * digits if digits else f"{code}#,##0"


def _number(raw: str, currency: str) -> str:
    """Return an amount without the sign of its currency; that of another one stays, which makes it none."""
    if len(raw) > _LONGEST:
        return raw
    text = as_typed(raw).strip()
    sign = next((one for one in signs(currency) if text.startswith(one)), "")
    return text[len(sign) :].removesuffix("元").strip()


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
        Case("￥１，２３４。５０", 123450, "CN¥1,234.50"),
        Case("CN¥1,234.50", 123450, "CN¥1,234.50"),
        Case("＄１，２３４。５０", 123450, "$1,234.50", {"currency": "USD"}),
        Case("US$7", 700, "$7.00", {"currency": "USD"}),
        Case("$7", 700, "HK$7.00", {"currency": "HKD"}),
        Case("HK$7", 700, "HK$7.00", {"currency": "HKD"}),
        Case("NT$ 70", 7000, "NT$70.00", {"currency": "TWD"}),
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
        Refused("$7", "not_number"),
        Refused("＄7", "not_number"),
        Refused("HK$7", "not_number"),
        Refused("5美元", "not_number"),
        Refused("HK$7", "not_number", {"currency": "USD"}),
        Refused("$7", "not_number", {"currency": "EUR"}),
        Refused("¥7", "not_number", {"currency": "HKD"}),
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
        return amount_format(str(self.setting("currency") or currency), currency)

    def currency_in(self, context: Context) -> str:
        """Return the currency of the amounts."""
        return str(self.setting("currency") or context.currency)

    def scale_in(self, context: Context) -> int:
        return int(get_currency_precision(self.currency_in(context)))

    def whole(self, raw: Any, context: Context) -> int:
        if not isinstance(raw, str):
            return super().whole(raw, context)
        try:
            return super().whole(_number(raw, self.currency_in(context)), context)
        except DomainError as error:
            if error.refusals[0].code != "not_number":
                raise
            # Told as it was typed, sign of another currency included.
            raise not_number(raw) from None

    def shown(self, value: Any, context: Context) -> str:
        return "" if value is None else Amount(value, self.currency_in(context)).shown(context.locale)

    def operand(self, value: Any, context: Context) -> Any:
        return None if value is None else unscaled(value, self.scale_in(context))

    def condition_field(self) -> ConditionField:
        return ConditionField(f"values.{self.spec.key}", self.kind, self.spec.labels, currency=self.setting("currency"))

    def limits(self, context: Context) -> dict[str, Any]:
        return super().limits(context) | {"x-currency": self.currency_in(context)}
