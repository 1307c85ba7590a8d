"""Where it is: region and line."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.core.i18n import _
from app.core.text import clean_text
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import SEAL, Case, Context, FieldError, FieldType, Refused, Setting, is_empty
from ticket_templates.field_types.inputs import PartsInput

_LONGEST: Final = 300
_LONGEST_CODE: Final = 12
_HIDDEN: Final = "***"
#: Between region and line in a cell.
_BAR: Final = " | "


@FIELD_TYPES.register
class Address(FieldType):
    """A region of the divisions and the line below it. Canonical: ``{"region": "110101", "line": "王府井大街1号"}``.

    The line is personal: it alone is sealed and masked. Conditions ask about the region.
    """

    name = "address"
    label = _("Address")
    purpose = _("Province, city and district from the list, and the street.")
    kind = "place"
    input = "address"
    icon = "map-pin"
    personal = True
    fact_path = ("region",)
    settings = (Setting("line_required", "bool", _("Street and number are needed"), default=False),)
    cases = (
        Case(
            {"region": "110101", "line": " 王府井大街1号 "},
            {"region": "110101", "line": "王府井大街1号"},
            "北京市东城区 ***",
        ),
        Case({"region": "110101", "line": "a | b"}, {"region": "110101", "line": "a | b"}, "北京市东城区 ***"),
        Case({"region": "", "line": "1 | 2"}, {"line": "1 | 2"}, "***"),
        Case({"region": "", "line": "| 2"}, {"line": "| 2"}, "***"),
        Case("王府井大街1号", {"line": "王府井大街1号"}, "***"),
        Case({"line": "<b>\u202e"}, {"line": "<b>"}, "***"),
        Case({"region": "", "line": " "}, None, ""),
    )
    refused = (
        Refused({"region": "999999", "line": "x"}, "no_such_region"),
        Refused({"region": "abc", "line": "x"}, "no_such_region"),
        Refused({"region": "1" * 10**5, "line": "x"}, "no_such_region"),
        Refused({"region": ["110101"], "line": "x"}, "no_such_region"),
        Refused({"region": "110101", "line": "x" * 301}, "too_long"),
        Refused({"region": "110101", "line": 5}, "not_address"),
        Refused({"region": "110101", "street": "x"}, "not_address"),
        Refused({"region": "110101"}, "no_line", {"line_required": True}),
        Refused(["110101"], "not_address"),
        Refused(5, "not_address"),
    )

    def read(self, raw: Any, context: Context) -> dict[str, str] | None:
        parts = {"line": raw} if isinstance(raw, str) else raw
        if not isinstance(parts, Mapping) or not parts.keys() <= {"region", "line"}:
            raise not_address()
        region, line = parts.get("region") or "", parts.get("line") or ""
        if not isinstance(line, str):
            raise not_address()
        stored = self.stored(context) or {}
        if not context.personal and line == _HIDDEN:
            if not stored.get("line"):
                raise FieldError(_("Type the value itself."), code="masked")
            line = stored["line"]
        value = {"region": self._region(region, context), "line": clean_text(line, limit=_LONGEST)}
        if not value["line"] and self.setting("line_required"):
            raise FieldError(_("Street and number are needed."), code="no_line")
        return {name: part for name, part in value.items() if part} or None

    def _region(self, raw: Any, context: Context) -> str:
        if is_empty(raw):
            return ""
        known = isinstance(raw, str) and raw.isascii() and raw.isdecimal() and len(raw) <= _LONGEST_CODE
        if not known or (context.references and context.references.label("region", raw) is None):
            raise FieldError(_("Choose the region from the list."), code="no_such_region")
        return str(raw)

    def form_field(self) -> Any:
        return PartsInput(("region", "line"))

    def form_value(self, value: Any, context: Context) -> dict[str, str]:
        line = (value or {}).get("line", "")
        return {
            "region": (value or {}).get("region", ""),
            "line": line if context.personal or not line else _HIDDEN,
        }

    def to_json(self, value: Any, context: Context) -> Any:
        # Only the parts there are: a form has an empty region, of which a program would ask which it is.
        parts = self.form_value(value, context)
        return None if value is None else {name: parts[name] for name in value}

    def region_label(self, value: Any, context: Context) -> str:
        """Return the name of the region; "" when there is none."""
        code = (value or {}).get("region")
        return "" if not code else (context.references and context.references.label("region", code)) or code

    def shown(self, value: Any, context: Context) -> str:
        line = self.form_value(value, context)["line"]
        return " ".join(part for part in (self.region_label(value, context), line) if part)

    def to_excel(self, value: Any, context: Context) -> Any:
        if value is None:
            return None
        line = self.form_value(value, context)["line"]
        region = self.region_label(value, context)
        return f"{region}{_BAR}{line}" if region or _BAR in f" {line} " else line

    def from_excel(self, cell: Any, context: Context) -> Any:
        if not isinstance(cell, str) or _BAR not in f" {cell} ":
            return self.clean(cell, context)
        region, _bar, line = f" {cell} ".partition(_BAR)
        name = region.strip()
        code = name
        if name and context.references and not name.isdecimal():
            code = str(context.references.find("region", name[:_LONGEST]) or name)
        return self.clean({"region": code, "line": line.strip()}, context)

    def fact(self, value: Any) -> Any:
        return (value or {}).get("region")

    def references(self, value: Any) -> Sequence[tuple[str, int | str]]:
        code = (value or {}).get("region")
        return (("region", code),) if code else ()

    def naming(self, kind: str, key: int | str) -> Sequence[Any]:
        return ({"region": key},) if kind == "region" else ()

    def seal(self, value: Any) -> Any:
        if value is None or not value.get("line"):
            return value
        return {**value, "line": super().seal(value["line"])}

    def open(self, stored: Any) -> Any:
        if not isinstance(stored, Mapping) or not str(stored.get("line", "")).startswith(SEAL):
            return stored
        return {**stored, "line": super().open(stored["line"])}

    def operand(self, value: Any, context: Context) -> Any:
        return self.shown(value, context) or None

    def json_schema(self) -> dict[str, Any]:
        parts = {
            "region": {"type": "string", "pattern": "^[0-9]{2,12}$"},
            "line": {"type": "string", "minLength": 1, "maxLength": _LONGEST},
        }
        return {"type": "object", "properties": parts, "additionalProperties": False, "minProperties": 1}


def not_address() -> FieldError:
    """Return the refusal of what is no address."""
    return FieldError(_("Enter an address."), code="not_address")
