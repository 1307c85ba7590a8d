"""An empty workbook to fill in: a heading for each thing a template takes, with drop-downs and what is required."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from app.core.i18n import _, label_in
from app.core.work import Work
from app.exchange.headings import field_label, is_own, told_apart
from app.exchange.mapping import TARGETS
from app.exchange.workbook import DAY, HEADER, cell, sheet_names, unique_labels
from app.tickets.priorities import PRIORITIES
from ticket_templates.field_types.base import FieldType
from ticket_templates.spec import Option
from ticket_templates.versions import CompiledVersion

#: Rows that get drop-downs and formats.
ROWS: Final = 1_000
#: What Excel takes as a list within a rule; longer ones go to a hidden sheet.
LONGEST_LIST: Final = 255
#: Columns of the ticket offered before the fields.
_COLUMNS: Final = ("external_id", "created_at", "state", "priority", "customer", "outlet")


@dataclass(frozen=True, slots=True)
class _Blank:
    """One column to fill in."""

    label: str
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()
    format: str = "General"


def write_template(work: Work, version: CompiledVersion, target: Path | BinaryIO) -> None:
    """Write the workbook in the language of the person who asks."""
    locale = work.actor.locale
    book = Workbook()
    sheet: Any = book.active
    sheet.title = sheet_names(version.label(locale), 1, reserved="_lists")[0]
    lists: Any = None
    blanks = [*_columns(version, locale), *_fields(work, version, locale)]
    labels = unique_labels([blank.label for blank in blanks])
    for place, (blank, label) in enumerate(zip(blanks, labels, strict=True), 1):
        letter = get_column_letter(place)
        _head(sheet.cell(1, place), blank, label, locale)
        sheet.column_dimensions[letter].width = max(14, min(40, 2 * len(label) + 4))
        if blank.format != "General":
            for row in range(2, ROWS + 2):
                sheet.cell(row, place).number_format = blank.format
        if blank.choices:
            if lists is None and not _fits_a_rule(blank):
                lists = book.create_sheet("_lists")
                lists.sheet_state = "hidden"
            sheet.add_data_validation(_drop_down(blank, lists, letter))
    sheet.freeze_panes = "A2"
    book.save(target)


def _columns(version: CompiledVersion, locale: str) -> Iterator[_Blank]:
    states = tuple(label_in(state.labels, locale) for state in version.states.values())
    choices = {"state": states, "priority": tuple(name.in_(locale) for name in PRIORITIES.values())}
    helps = {"external_id": _("Tells the rows apart: a second import finds the tickets of the first.")}
    for target in _COLUMNS:
        yield _Blank(
            TARGETS[target].in_(locale), help=helps[target].in_(locale) if target in helps else "",
            choices=choices.get(target, ()), format=DAY if target == "created_at" else "General",
        )  # fmt: skip


def _fields(work: Work, version: CompiledVersion, locale: str) -> Iterator[_Blank]:
    writable = version.recordable(work.actor)
    for section in version.spec.sections:
        for use in section.fields:
            field_type = version.types[use.field]
            # Files cannot come out of a cell.
            if use.field in writable and field_type.kind != "attachments":
                yield _Blank(
                    _heading(version, use.field, locale), required=use.required and section.on_create,
                    help=label_in(field_type.spec.help, locale), choices=_choices(field_type, locale),
                    format=field_type.excel_format_in(version.rules.currency),
                )  # fmt: skip


def _heading(version: CompiledVersion, key: str, locale: str) -> str:
    """Return the heading of a field as our exports write it, so that an import takes it for just that."""
    label = field_label(version, key, locale)
    return told_apart(label, version.label(locale)) if is_own(label) else label


def _choices(field_type: FieldType, locale: str) -> tuple[str, ...]:
    """Return the words of the options where one of them is the whole answer."""
    options = field_type.spec.options
    if field_type.kind != "choice" or any(option.children for option in options):
        return ()
    return tuple(_word(option, locale) for option in options if not option.retired)


def _word(option: Option, locale: str) -> str:
    return label_in(option.labels, locale) or option.key


def _head(head: Any, blank: _Blank, label: str, locale: str) -> None:
    head.value = cell(label)
    head.data_type = "s"
    head.font = Font(bold=True, color="9C0006" if blank.required else "1D2733")
    head.fill = PatternFill("solid", fgColor=HEADER.removeprefix("#"))
    notes = [_("Required").in_(locale)] if blank.required else []
    if blank.help:
        notes.append(blank.help)
    if notes:
        head.comment = Comment("\n".join(notes), "Gongdan", width=260, height=90)


def _drop_down(blank: _Blank, lists: Any, letter: str) -> DataValidation:
    """Return the rule that offers the choices; those with a comma, and long ones, stand on the hidden sheet."""
    if _fits_a_rule(blank):
        formula = f'"{",".join(blank.choices)}"'
    else:
        column = lists.max_column + (1 if lists["A1"].value is not None else 0)
        for row, choice in enumerate(blank.choices, 1):
            lists.cell(row, column).value = choice
            lists.cell(row, column).data_type = "s"
        there = get_column_letter(column)
        formula = f"_lists!${there}$1:${there}${len(blank.choices)}"
    rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
    rule.add(f"{letter}2:{letter}{ROWS + 1}")
    return rule


def _fits_a_rule(blank: _Blank) -> bool:
    plain = not any("," in one or '"' in one for one in blank.choices)
    return plain and len(",".join(blank.choices)) <= LONGEST_LIST
