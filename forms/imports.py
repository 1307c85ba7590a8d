"""The steps of an import: a file with its template, then what each column becomes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from wtforms import SelectField

from app.core.errors import DomainError, Refusal
from app.core.i18n import _
from app.exchange.mapping import ImportMapping, mapping_from_json, mapping_from_yaml
from forms.base import HouseForm, UploadField

_LARGEST_MAPPING: Final = 200_000
NO_FILE: Final = _("Choose an Excel or CSV file.")
#: Prefix of the inputs of the column step: ``column-3`` is the target of the fourth column.
COLUMN: Final = "column-"
#: ``also-3`` is a second target of the fourth column.
ALSO: Final = "also-"
#: ``fixed-0`` is a target whose value, ``fixed-value-0``, is the same in every row.
FIXED: Final = "fixed-"
FIXED_VALUE: Final = "fixed-value-"
#: ``empty-3`` stands where a cell of the fourth column is empty.
EMPTY_CELL: Final = "empty-"
MOST_FIXED: Final = 30


class UploadForm(HouseForm):
    """The first step."""

    template = SelectField(_("Template"))  # type: ignore[arg-type] # labels are messages, spoken with |t
    file = UploadField(_("Excel or CSV file"))  # type: ignore[arg-type] # labels are messages, spoken with |t
    mapping = UploadField(_("Mapping file"))  # type: ignore[arg-type] # labels are messages, spoken with |t

    def ready_mapping(self) -> ImportMapping | None:
        """Return the mapping that was uploaded beside the table, if one was."""
        upload = self.mapping.data
        content = upload.read(_LARGEST_MAPPING + 1) if upload else b""
        if not content:
            return None
        try:
            return mapping_from_yaml(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise DomainError(_("The mapping file cannot be read as UTF-8 text."), field="mapping") from None
        except DomainError as error:
            raise DomainError(error.refusals[0].message, field="mapping") from None


def mapping_of(form: Mapping[str, str], headings: Sequence[str], before: ImportMapping | None) -> ImportMapping:
    """Return the mapping a person chose; replacements and defaults of ``before`` stay with their target."""
    kept = before.as_json()["columns"] if before else {}
    chosen: dict[str, Any] = {}
    for place, heading in enumerate(headings):
        for name in (f"{COLUMN}{place}", f"{ALSO}{place}"):
            if target := form.get(name, ""):
                _take(chosen, target, kept.get(target, {}) | {"column": heading}, name)
        first, empty = form.get(f"{COLUMN}{place}", ""), form.get(f"{EMPTY_CELL}{place}")
        if first and empty is not None:
            chosen[first]["default"] = empty.strip() or None
    for place in range(MOST_FIXED):
        target, value = form.get(f"{FIXED}{place}", ""), form.get(f"{FIXED_VALUE}{place}", "").strip()
        if target and not value:
            raise DomainError(_("Say what it is in every row."), field=f"{FIXED_VALUE}{place}")
        if target:
            _take(chosen, target, {"default": value}, f"{FIXED}{place}")
    if not any("column" in one for one in chosen.values()):
        raise DomainError(_("Choose what at least one column becomes."), field=f"{COLUMN}0")
    return mapping_from_json({"source": form.get("source", "").strip()[:60], "columns": chosen})


def at_inputs(refusals: Iterable[Refusal], form: Mapping[str, str]) -> list[Refusal]:
    """Return refusals of targets at the inputs that say what stands in every row, or where a cell is empty."""
    said: dict[str, str] = {}
    for name, target in form.items():
        for prefix, at in ((COLUMN, EMPTY_CELL), (FIXED, FIXED_VALUE)):
            if target and (number := name.removeprefix(prefix)).isdecimal():
                said[target] = f"{at}{number}" if form.get(f"{at}{number}") else name
    return [replace(one, field=said.get(one.field, one.field)) for one in refusals]


def _take(chosen: dict[str, Any], target: str, told: dict[str, Any], name: str) -> None:
    if target not in chosen:
        chosen[target] = told
        return
    same = _("in every row")
    first, second = (one.get("column", same) for one in (chosen[target], told))
    raise DomainError(_("Two columns become the same: “%(first)s” and “%(second)s”.", first=first, second=second),
                      field=name)  # fmt: skip
