"""A number of its own."""

from typing import Any

from app.core.errors import DomainError
from app.core.i18n import _
from ticket_templates import numbering
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, FieldError, FieldType, Setting

_LONGEST = 60


@FIELD_TYPES.register
class AutoNumber(FieldType):
    """Given once, when the ticket is made, and never changed. Canonical: the number as text.

    The pattern is a ticket number's: ``R-{yyyy}-{seq:4}``; what stands before ``{seq}`` is the scope without gaps.
    """

    name = "auto_number"
    label = _("Automatic number")
    purpose = _("A running number besides the ticket's: of a report, a delivery note.")
    input = "autonumber"
    icon = "hash"
    derived = True
    in_table = False
    searchable = True
    settings = (Setting("pattern", "text", _("Pattern, such as R-{yyyy}-{seq:4}"), "N-{seq:5}"),)
    cases = (
        Case("N-00007", "N-00007", "N-00007", stored="N-00007"),
        Case("", None, ""),
    )

    def check_definition(self) -> None:
        super().check_definition()
        try:
            self._format()
        except DomainError as error:
            raise FieldError(error.refusals[0].message, field="pattern", code="bad_setting") from None

    def _format(self) -> numbering.NumberFormat:
        return numbering.parse(self.setting("pattern"))

    def read(self, raw: Any, context: Context) -> Any:
        del raw, context
        raise FieldError(_("This number is given automatically."), code="read_only")

    def derive(self, operands: Any, context: Context) -> str | None:
        del operands
        if (held := self.stored(context)) is not None:
            return str(held)
        if context.sequence is None:
            return None
        (scope,) = self.counters(context)
        return self._format().number(context.sequence(scope), context.now, context.zone)

    def counters(self, context: Context) -> tuple[str, ...]:
        # Scopes of fields and of tickets are counted in one table; the colon stands in neither pattern.
        return (f"{self.spec.key}:{self._format().scope(context.now, context.zone)}",)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": _LONGEST}
