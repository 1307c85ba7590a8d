"""A value that follows from others."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from babel.numbers import format_decimal, get_currency_precision, is_currency

from app.conditions.fields import ConditionField
from app.core.errors import DomainError
from app.core.formula import FormulaError, formula
from app.core.i18n import _
from app.core.money import Money as Amount
from app.core.numbers import half_up, scaled, unscaled
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, FieldError, FieldType, Setting
from ticket_templates.field_types.decimal import DECIMAL_TEXT, EXCEL_DIGITS, MOST_PLACES, plain
from ticket_templates.field_types.money import amount_format
from ticket_templates.spec import FieldSpec

_LONGEST: Final = 1000


@FIELD_TYPES.register
class Computed(FieldType):
    """The result of a formula over other fields. Canonical: as a decimal, money or text field holds it.

    Rounded half up to the places of the result; nothing to compute with: empty. One too large to be kept is refused
    where it was typed what it is computed from: an empty total would read as nothing due.
    """

    name = "computed"
    label = _("Computed")
    purpose = _("A total, a margin, days since delivery: a formula over other fields.")
    kind = "number"
    input = "computed"
    icon = "math-function"
    derived = True
    settings = (
        Setting("formula", "formula", _("Formula"), ""),
        Setting("result", "choice", _("The result is"), "number", ("number", "money", "text")),
        Setting("scale", "int", _("Decimal places"), 2),
        Setting("currency", "text", _("Currency (empty: the company's)"), ""),
        Setting("unit", "text", _("Unit shown behind the number"), ""),
    )
    cases = (
        Case(250, 250, "2.50", {"formula": "a * 1.25"}, stored=250),
        Case(250, 250, "250 km", {"formula": "a", "scale": 0, "unit": "km"}, stored=250),
        Case(250, 250, "CN¥2.50", {"formula": "a", "result": "money"}, stored=250),
        Case("a-1", "a-1", "a-1", {"formula": 'concat(a, "-", b)', "result": "text"}, stored="a-1"),
        Case("", None, "", {"formula": "a"}),
    )

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        self.result = self.setting("result")
        self.kind = self.result if self.result in ("money", "text") else "number"
        self.excel_format = "General" if self.kind == "text" else self._places()
        self.searchable = self.result == "text"
        self.short = self.kind != "text"

    def _places(self) -> str:
        scale = 2 if self.kind == "money" else self.setting("scale")
        return "#,##0." + "0" * scale if isinstance(scale, int) and scale > 0 else "#,##0"

    def excel_format_in(self, currency: str) -> str:
        mine = self.setting("currency") or currency
        return amount_format(mine, currency) if self.result == "money" else self.excel_format

    def check_definition(self) -> None:
        super().check_definition()
        try:
            formula(self.setting("formula"))
        except FormulaError as error:
            raise FieldError(error.refusals[0].message, field="formula", code=error.refusals[0].code) from None
        if not 0 <= self.setting("scale") <= MOST_PLACES:
            raise FieldError(
                _("Between 0 and %(most)s decimal places.", most=MOST_PLACES), field="scale", code="bad_setting"
            )
        currency = self.setting("currency")
        if currency and not is_currency(currency):
            raise FieldError(
                _("“%(value)s” is not a currency code such as CNY.", value=currency),
                field="currency",
                code="bad_setting",
            )

    def inputs(self) -> frozenset[str]:
        return formula(self.setting("formula")).names

    def derive(self, operands: Mapping[str, Any], context: Context) -> int | str | None:
        today = context.now.astimezone(context.zone).date()
        result = formula(self.setting("formula")).value(operands, today)
        if self.result == "text":
            text = f"{result:f}" if isinstance(result, Decimal) else str(result)
            return None if result is None or isinstance(result, bool) else text[:_LONGEST] or None
        if not isinstance(result, Decimal):
            return None
        scale = self.scale_in(context)
        try:
            return scaled(half_up(result, scale), scale)
        except DomainError:
            raise FieldError(_("What is computed from this is too large to be kept."), code="out_of_range") from None

    def scale_in(self, context: Context) -> int:
        """Return the decimal places of the result."""
        if self.result == "money":
            return int(get_currency_precision(self.setting("currency") or context.currency))
        return int(self.setting("scale")) if self.result == "number" else 0

    def read(self, raw: Any, context: Context) -> Any:
        del raw, context
        raise FieldError(_("This value is computed."), code="read_only")

    def form_value(self, value: Any, context: Context) -> str:
        return self.shown(value, context)

    def shown(self, value: Any, context: Context) -> str:
        if value is None:
            return ""
        if self.result == "text":
            return " ".join(str(value).split("\n"))
        if self.result == "money":
            return Amount(value, self.setting("currency") or context.currency).shown(context.locale)
        number = unscaled(value, self.scale_in(context))
        text = format_decimal(number, format=self._places(), locale=context.locale)
        return f"{text} {self.setting('unit')}" if self.setting("unit") else text

    def in_full(self, value: Any, context: Context) -> str:
        return str(value or "") if self.result == "text" else self.shown(value, context)

    def to_json(self, value: Any, context: Context) -> str | None:
        """Return the result as decimal and money fields tell theirs."""
        return value if value is None or self.result == "text" else plain(unscaled(value, self.scale_in(context)))

    def to_excel(self, value: Any, context: Context) -> Any:
        if value is None or self.result == "text":
            return value
        number = unscaled(value, self.scale_in(context))
        return number if abs(value) < EXCEL_DIGITS else f"{number:f}"

    def operand(self, value: Any, context: Context) -> Any:
        return value if value is None or self.result == "text" else unscaled(value, self.scale_in(context))

    def condition_field(self) -> ConditionField:
        scale = self.setting("scale") if self.result == "number" else 0
        currency = self.setting("currency") if self.result == "money" else None
        return ConditionField(f"values.{self.spec.key}", self.kind, self.spec.labels, scale=scale, currency=currency)

    def json_schema(self) -> dict[str, Any]:
        if self.result == "text":
            return {"type": "string", "maxLength": _LONGEST}
        return dict(DECIMAL_TEXT)

    def limits(self, context: Context) -> dict[str, Any]:
        if self.result == "text":
            return {"readOnly": True}
        told: dict[str, Any] = {"readOnly": True, "x-scale": self.scale_in(context)}
        if self.result == "money":
            told["x-currency"] = self.setting("currency") or context.currency
        return told | ({"x-unit": self.setting("unit")} if self.setting("unit") else {})
