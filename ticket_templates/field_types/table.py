"""Rows of typed columns."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from app.core.db import folded
from app.core.errors import Refusal
from app.core.i18n import Message, _
from ticket_templates.field_types import FIELD_TYPES
from ticket_templates.field_types.base import Case, Context, FieldError, FieldType, Refused, Setting, is_empty, same
from ticket_templates.field_types.columns import Column, bound_column, is_column
from ticket_templates.field_types.inputs import RowsInput
from ticket_templates.field_types.table_text import cell_text, cells, written
from ticket_templates.spec import FieldSpec

MOST_ROWS: Final = 200
MOST_COLUMNS: Final = 20

PARTS: Final = (
    {"key": "part", "type": "text", "labels": {"en": "Part", "zh_Hans": "配件"}, "required": True},
    {"key": "qty", "type": "integer", "labels": {"en": "Quantity", "zh_Hans": "数量"}, "settings": {"min": 1}},
    {"key": "price", "type": "money", "labels": {"en": "Price", "zh_Hans": "单价"}, "settings": {"currency": "CNY"}},
    {
        "key": "amount",
        "type": "computed",
        "labels": {"en": "Amount", "zh_Hans": "金额"},
        "settings": {"formula": "qty * price", "result": "money", "currency": "CNY"},
    },
    {
        "key": "state",
        "type": "choice",
        "labels": {"en": "State"},
        "options": [
            {"key": "new", "labels": {"en": "New"}},
            {"key": "used", "labels": {"en": "Used"}, "retired": True},
        ],
    },
    {"key": "tel", "type": "phone", "labels": {"en": "Phone"}},
)


@FIELD_TYPES.register
class Table(FieldType):
    """Rows whose cells are fields themselves. Canonical: a list of rows, each a dict of canonical values by column.

    Columns are the setting ``columns``: a list of ``{"key", "type", "labels", "options", "settings", "required"}``.
    Computed columns count within their row; formulas of the ticket sum a column: ``sum(parts, "amount")``.
    In a spreadsheet the table is one cell: a line of headings, then a line a row, cells parted by `` | ``.
    All cells that are wrong are refused at once, each at its place among the rows as they came: ``[0].quantity``.
    """

    name = "table"
    label = _("Table")
    purpose = _("Rows of several columns: parts used, readings, measures taken.")
    kind = "table"
    input = "table"
    width = 12
    icon = "table"
    in_table = False
    settings = (
        Setting("columns", "columns", _("Columns"), ()),
        Setting("max_rows", "int", _("Most rows"), 50),
    )
    cases = (
        Case(
            [{"part": "Drum", "qty": "2", "price": "10.5", "state": "new"}, {"part": "", "qty": ""}, {"part": "Belt"}],
            [{"part": "Drum", "qty": 2, "price": 1050, "amount": 2100, "state": "new"}, {"part": "Belt"}],
            "Drum, 2, CN¥10.50, CN¥21.00, New; Belt",
            {"columns": PARTS},
        ),
        Case(
            [{"part": "a | b \\ \\n", "tel": "13800138000"}],
            [{"part": "a | b \\ \\n", "tel": "+8613800138000"}],
            "a | b \\ \\n, 138****8000",
            {"columns": PARTS},
        ),
        Case(
            [{"part": "x", "state": "used"}],
            [{"part": "x", "state": "used"}],
            "x, Used",
            {"columns": PARTS},
            stored=[{"part": "y"}, {"part": "z", "state": "used"}],
        ),
        Case([], None, "", {"columns": PARTS}),
        Case([{"part": " "}], None, "", {"columns": PARTS}),
    )
    refused = (
        Refused([{"qty": "2"}], "required", {"columns": PARTS}),
        Refused([{"part": "x", "qty": "two"}], "not_number", {"columns": PARTS}),
        Refused([{"part": "x", "qty": "0"}], "too_small", {"columns": PARTS}),
        Refused([{"part": "x", "state": "used"}], "retired", {"columns": PARTS}),
        Refused([{"part": "x", "colour": "red"}], "unknown_column", {"columns": PARTS}),
        Refused([{"part": "x"}] * 51, "too_many", {"columns": PARTS}),
        Refused([{"part": "x"}] * 10**5, "too_many", {"columns": PARTS}),
        Refused([["x"]], "not_table", {"columns": PARTS}),
        Refused({"part": "x"}, "not_table", {"columns": PARTS}),
        Refused("Part", "not_table", {"columns": PARTS}),
        Refused([{"part": "x" * 201}], "too_long", {"columns": PARTS}),
    )

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        given = spec.settings.get("columns")
        defined = given if isinstance(given, list | tuple) else ()
        #: The columns, in order; none of those that cannot be one, which `check_definition` names.
        self.columns: tuple[Column, ...] = tuple(bound_column(one) for one in defined if is_column(one))
        self.personal = any(column.ftype.personal for column in self.columns)

    def check_definition(self) -> None:
        if not isinstance(self.spec.settings.get("columns", ()), list | tuple):
            raise bad_columns(_("Expected a list of columns."), "")
        columns = self.spec.settings.get("columns") or ()
        if not 1 <= len(columns) <= MOST_COLUMNS:
            raise bad_columns(_("Between 1 and %(most)s columns are needed.", most=MOST_COLUMNS), "")
        others = {**self.spec.settings, "columns": list(columns)}
        FieldType.check_definition(type(self)(replace(self.spec, settings=others)))
        if not 1 <= self.setting("max_rows") <= MOST_ROWS:
            raise FieldError(_("Between 1 and %(most)s rows.", most=MOST_ROWS), field="max_rows", code="bad_setting")
        for index, one in enumerate(columns):
            if not is_column(one):
                raise bad_columns(
                    _("A column has a key in small letters, a type that may stand in a table, and labels."),
                    f"[{index}]",
                )
        if len({column.key for column in self.columns}) < len(self.columns):
            raise bad_columns(_("Two columns have the same key."), "")
        for index, column in enumerate(self.columns):
            try:
                column.ftype.check_definition()
            except FieldError as error:
                first = error.refusals[0]
                raise FieldError(first.message, field=f"columns[{index}].{first.field}", code=first.code) from None
        self._check_formulas()

    def _check_formulas(self) -> None:
        known = {column.key for column in self.columns}
        for index, column in enumerate(self.columns):
            if unknown := sorted(column.ftype.inputs() - known):
                raise bad_columns(
                    _("The formula asks for “%(name)s”, which is no column.", name=unknown[0]), f"[{index}]"
                )
        try:
            list(self._order)
        except CycleError:
            raise bad_columns(_("The formulas of the columns wait for each other."), "") from None

    @cached_property
    def _by_key(self) -> Mapping[str, Column]:
        return {column.key: column for column in self.columns}

    @cached_property
    def _order(self) -> tuple[Column, ...]:
        """Derived columns, each after what it is computed from."""
        graph = {column.key: column.inputs & self._by_key.keys() for column in self.columns}
        ordered = TopologicalSorter(graph).static_order()
        return tuple(self._by_key[key] for key in ordered if self._by_key[key].ftype.derived)

    def read(self, raw: Any, context: Context) -> list[dict[str, Any]] | None:
        if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
            raise FieldError(_("Expected rows."), code="not_table")
        if len(raw) > 2 * MOST_ROWS:
            raise self._too_many()
        known = self._by_key.keys()
        filled = [(place, row) for place, row in enumerate(raw) if row.keys() - known or not is_empty(row)]
        if len(filled) > self.setting("max_rows"):
            raise self._too_many()
        rows = [self._row(place, row, context) for place, row in filled]
        if refusals := [one for _row, wrong in rows for one in wrong]:
            raise FieldError.of(refusals)
        return [row for row, _wrong in rows if row] or None

    def _too_many(self) -> FieldError:
        return FieldError(_("At most %(limit)s rows.", limit=self.setting("max_rows")), code="too_many")

    def _row(self, place: int, raw: Mapping[str, Any], context: Context) -> tuple[dict[str, Any], list[Refusal]]:
        """Return the cells of a row and all that is wrong with them; a draft has what can be read of it."""
        if unknown := sorted(str(key) for key in raw.keys() - self._by_key.keys()):
            message = _("There is no column “%(name)s”.", name=unknown[0][:40])
            return {}, [Refusal(message, f"[{place}]", "unknown_column")]
        row, wrong = self._typed(place, raw, context)
        if context.draft:
            wrong = {}
        elif row or wrong:
            lacking = [one for one in self.columns if one.required and not one.ftype.derived]
            wrong |= {
                one.key: _refusal(place, one, _("Please fill in."), "required")
                for one in lacking
                if one.key not in row and one.key not in wrong
            }
        if not row or wrong:
            return row, [wrong[column.key] for column in self.columns if column.key in wrong]
        return self._with_derived(place, row, context)

    def _with_derived(self, place: int, row: dict[str, Any], context: Context) -> tuple[dict[str, Any], list[Refusal]]:
        beyond = []
        for column in self._order:
            operands = {key: self._operand(key, row, context) for key in column.ftype.inputs()}
            try:
                row[column.key] = column.ftype.derive(operands, context)
            except FieldError as error:
                typed = next((one for one in self.columns if one.key in operands and one.key in row), column)
                beyond.append(_refusal(place, typed, error.refusals[0].message, error.refusals[0].code))
        kept = {column.key: row[column.key] for column in self.columns if row.get(column.key) is not None}
        return kept, [] if context.draft else beyond

    def _typed(self, place: int, raw: Mapping[str, Any], context: Context) -> tuple[dict[str, Any], dict[str, Refusal]]:
        """Return the cells somebody typed, and of those that cannot be read why."""
        row: dict[str, Any] = {}
        wrong: dict[str, Refusal] = {}
        for column in self.columns:
            if column.ftype.derived:
                continue
            try:
                value = column.ftype.clean(raw.get(column.key), self._cell_context(place, column, raw, context))
            except FieldError as error:
                wrong[column.key] = _refusal(place, column, error.refusals[0].message, error.refusals[0].code)
                continue
            if value is not None:
                row[column.key] = value
        return row, wrong

    def _cell_context(self, place: int, column: Column, raw: Mapping[str, Any], context: Context) -> Context:
        """Return the context of one cell: what it held before is the equal cell of the old rows, wherever it stood."""
        rows = self.stored(context) or ()
        cell = raw.get(column.key)
        held = None
        for row in (*rows[place : place + 1], *rows):
            value = row.get(column.key)
            said = (value, column.ftype.form_value(value, context), column.ftype.to_json(value, context))
            if value is not None and any(same(cell, one) for one in said):
                held = value
                break
        return replace(context, stored={} if held is None else {column.key: held})

    def _operand(self, key: str, row: Mapping[str, Any], context: Context) -> Any:
        return self._by_key[key].ftype.operand(row.get(key), context) if key in self._by_key else None

    def form_field(self) -> Any:
        lists = [column.key for column in self.columns if column.takes_list]
        typed = [column.key for column in self.columns if not column.ftype.derived]
        return RowsInput(columns=typed, lists=lists)

    def form_value(self, value: Any, context: Context) -> list[dict[str, Any]]:
        return [
            {
                column.key: column.ftype.form_value(row.get(column.key), context)
                for column in self.columns
                if not column.ftype.derived
            }
            for row in value or ()
        ]

    def shown(self, value: Any, context: Context) -> str:
        lines = []
        for row in value or ():
            cells = [column.ftype.shown(row.get(column.key), context) for column in self.columns]
            lines.append(", ".join(cell for cell in cells if cell))
        return "; ".join(lines)

    def grid(self, value: Any, context: Context) -> tuple[list[str], list[list[str]]]:
        headings = [column.ftype.label_in(context.locale) or column.key for column in self.columns]
        rows = [[one.ftype.in_full(row.get(one.key), context) for one in self.columns] for row in value or ()]
        return headings, rows

    def live(self, raw: Any, context: Context) -> list[dict[str, str]]:
        rows = raw if isinstance(raw, list | tuple) and len(raw) <= 2 * MOST_ROWS else ()
        lines = [row if isinstance(row, Mapping) and row.keys() <= self._by_key.keys() else {} for row in rows]
        found = [self._row(place, line, replace(context, draft=True)) for place, line in enumerate(lines)]
        return [{one.key: one.ftype.shown(row.get(one.key), context) for one in self._order} for row, _wrong in found]

    def to_excel(self, value: Any, context: Context) -> Any:
        if value is None:
            return None
        lines = [[column.ftype.label_in(context.locale) or column.key for column in self.columns]]
        lines.extend(
            [cell_text(column.ftype.to_excel(row.get(column.key), context)) for column in self.columns] for row in value
        )
        return written(lines)

    def from_excel(self, cell: Any, context: Context) -> Any:
        if not isinstance(cell, str) or is_empty(cell):
            return self.clean(cell, context)
        lines = cell.strip("\n").split("\n")
        if len(lines) > MOST_ROWS + 1:
            raise self._too_many()
        columns = [self._called(text) for text in cells(lines[0])]
        rows, wrong = [], []
        for place, line in enumerate(lines[1:]):
            row: dict[str, Any] = {}
            for column, text in zip(columns, cells(line), strict=False):
                if text and not column.ftype.derived:
                    try:
                        row[column.key] = self._read_cell(column, text, context)
                    except FieldError as error:
                        wrong.append(_refusal(place, column, error.refusals[0].message, error.refusals[0].code))
            rows.append(row)
        if wrong:
            raise FieldError.of(wrong)
        return self.clean(rows, context)

    def _read_cell(self, column: Column, text: str, context: Context) -> Any:
        """Return the value of a cell's text; one the table holds already in that column is taken as it is."""
        for row in self.stored(context) or ():
            held = row.get(column.key)
            if held is not None and cell_text(column.ftype.to_excel(held, context)) == text:
                return held
        return column.ftype.from_excel(text, replace(context, stored={}))

    def _called(self, text: str) -> Column:
        for column in self.columns:
            if text == column.key or folded(text) in {folded(label) for label in column.labels.values()}:
                return column
        raise FieldError(_("There is no column “%(name)s”.", name=text[:40]), code="not_table")

    def files(self, value: Any) -> Sequence[int]:
        return [key for row in value or () for one in self.columns for key in one.ftype.files(row.get(one.key))]

    def references(self, value: Any) -> Sequence[tuple[str, int | str]]:
        return [ref for row in value or () for one in self.columns for ref in one.ftype.references(row.get(one.key))]

    def naming(self, kind: str, key: int | str) -> Sequence[Any]:
        return [[{one.key: part}] for one in self.columns for part in one.ftype.naming(kind, key)]

    def operand(self, value: Any, context: Context) -> Any:
        if value is None:
            return None
        return [{key: self._operand(key, row, context) for key in self._by_key} for row in value]

    def seal(self, value: Any) -> Any:
        return self._cells_through(value, "seal")

    def open(self, stored: Any) -> Any:
        return self._cells_through(stored, "open")

    def _cells_through(self, rows: Any, hook: str) -> Any:
        if not isinstance(rows, list) or not self.personal:
            return rows
        return [
            {
                key: getattr(self._by_key[key].ftype, hook)(cell) if key in self._by_key else cell
                for key, cell in row.items()
            }
            for row in rows
        ]

    def to_json(self, value: Any, context: Context) -> Any:
        if value is None:
            return None
        return [
            {
                key: self._by_key[key].ftype.to_json(cell, context) if key in self._by_key else cell
                for key, cell in row.items()
            }
            for row in value
        ]

    def sent(self, raw: Any, context: Context) -> Any:
        if not isinstance(raw, list) or len(raw) > 2 * MOST_ROWS:
            return raw
        rows, wrong = [], []
        for place, row in enumerate(raw):
            cells = dict(row) if isinstance(row, Mapping) else row
            for column in self.columns if isinstance(row, Mapping) else ():
                try:
                    cells[column.key] = column.ftype.from_json(row.get(column.key), replace(context, stored={}))
                except FieldError as error:
                    wrong.append(_refusal(place, column, error.refusals[0].message, error.refusals[0].code))
            rows.append(cells)
        if wrong:
            raise FieldError.of(wrong)
        return rows

    def json_schema(self) -> dict[str, Any]:
        return self._schema({column.key: column.ftype.json_schema() for column in self.columns}, MOST_ROWS)

    def limits(self, context: Context) -> dict[str, Any]:
        cells = {column.key: column.ftype.answer_schema(context) for column in self.columns}
        schema = self._schema(cells, self.setting("max_rows"))
        schema["items"]["required"] = [one.key for one in self.columns if one.required and not one.ftype.derived]
        return schema

    @staticmethod
    def _schema(cells: Mapping[str, Any], most: int) -> dict[str, Any]:
        row = {"type": "object", "properties": dict(cells), "additionalProperties": False, "minProperties": 1}
        return {"type": "array", "items": row, "minItems": 1, "maxItems": most}


def bad_columns(message: Any, path: str) -> FieldError:
    """Return the refusal of a table's definition."""
    return FieldError(message, field=f"columns{path}", code="bad_setting")


def _refusal(place: int, column: Column, reason: Message, code: str) -> Refusal:
    """Return the refusal of one cell; its sentence names the cell, for who reads it elsewhere."""
    message = _("Row %(row)s, %(column)s: %(reason)s", row=place + 1, column=column.labels, reason=reason)
    return Refusal(message, f"[{place}].{column.key}", code, here=reason)
