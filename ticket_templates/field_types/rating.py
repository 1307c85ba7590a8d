"""Stars."""

from decimal import Decimal
from typing import Any, Final

from app.core.i18n import _
from app.core.numbers import read_decimal, scaled
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import DEFAULT, Case, Context, FieldError, FieldType, Refused, Setting

FEWEST: Final = 3
MOST: Final = 10


@FIELD_TYPES.register
class Rating(FieldType):
    """How many stars of so many. Canonical: their number, from 1."""

    name = "rating"
    label = _("Rating")
    purpose = _("Stars: satisfaction, condition, urgency felt.")
    kind = "number"
    input = "rating"
    icon = "star"
    excel_format = "0"
    settings = (Setting("max", "int", _("How many stars"), 5), DEFAULT)
    cases = (
        Case("4", 4, "4/5"),
        Case("５", 5, "5/5"),
        Case(3.0, 3, "3/5"),
        Case("10", 10, "10/10", {"max": 10}),
        Case("4/5", 4, "4/5"),
        Case("", None, ""),
        Case(9, 9, "9/5", stored=9),
    )
    refused = (
        Refused("0", "out_of_range"),
        Refused("6", "out_of_range"),
        Refused("-1", "out_of_range"),
        Refused("4.5", "not_whole"),
        Refused("4/10", "not_number"),
        Refused(float("nan"), "not_number"),
        Refused("1e400", "not_number"),
        Refused(10**30, "out_of_range"),
        Refused(True, "not_number"),
        Refused("★★★", "not_number"),
    )

    def check_definition(self) -> None:
        super().check_definition()
        if not FEWEST <= self.setting("max") <= MOST:
            raise FieldError(
                _("Between %(fewest)s and %(most)s stars.", fewest=FEWEST, most=MOST), field="max", code="bad_setting"
            )

    def read(self, raw: Any, context: Context) -> int:
        del context
        if isinstance(raw, str):
            raw = raw.strip().removesuffix(f"/{self.setting('max')}")
        stars = scaled(read_decimal(raw), 0)
        if not 1 <= stars <= self.setting("max"):
            raise FieldError(_("Between 1 and %(most)s stars.", most=self.setting("max")), code="out_of_range")
        return stars

    def shown(self, value: Any, context: Context) -> str:
        del context
        return "" if value is None else f"{value}/{self.setting('max')}"

    def to_excel(self, value: Any, context: Context) -> Any:
        del context
        return value

    def operand(self, value: Any, context: Context) -> Any:
        del context
        return None if value is None else Decimal(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": self.setting("max")}
