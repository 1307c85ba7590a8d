"""The WTForms fields that read the inputs: raw values out, no judgement; a type's `clean` does that.

What they give is the ``raw`` of `FieldType.clean`, and what they are given is `FieldType.form_value`; a refused
input therefore shows again exactly as it was typed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import Field

from ticket_templates.field_types.context import Context

#: Rows beyond this are not read from a request, whatever a table's own limit is.
MAX_ROWS = 500


class Input(Field):
    """What an input of an answer knows besides its value: what a form tells it, for the partial that draws it."""

    #: How references, files and amounts are shown; None: drawn outside a ticket's form.
    context: Context | None = None
    #: What the step that is taken calls it; empty: the field's own label.
    own_label: str = ""
    #: What the template doubts of what was typed.
    doubt: str = ""


class TextInput(Input):
    """One text, as typed."""

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        if valuelist:
            self.data = valuelist[0]


class ListInput(Input):
    """Several texts under one name: check boxes, a multiple select, ids of uploaded files.

    A hidden empty input of the same name lets a form say "none of them".
    """

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        if valuelist:
            self.data = [value for value in valuelist if value != ""]


class PartsInput(Input):
    """Several texts under ``NAME-PART``: a dict of them."""

    def __init__(self, parts: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parts = tuple(parts)

    def part(self, name: str) -> str:
        """Return what the part's input shows."""
        value = self.data.get(name) if isinstance(self.data, Mapping) else None
        return "" if value is None else str(value)

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(None, data if data is not None else self.default, extra_filters)
        names = {part: f"{self.name}-{part}" for part in self.parts}
        if formdata is not None and any(name in formdata for name in names.values()):
            self.data = {part: formdata.get(name, "") for part, name in names.items()}


class RowsInput(Input):
    """Rows of a table under ``NAME-INDEX-COLUMN``: a list of dicts, in the order of the indices.

    ``lists`` are the columns that have several values. An input called ``NAME-rows`` (any value) says the table
    was on the form, so that one with no rows left is empty, not untouched.
    """

    def __init__(self, columns: Sequence[str] = (), lists: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.columns = tuple(columns)
        self.lists = frozenset(lists)
        #: What is wrong with single cells, by ``INDEX-COLUMN``, as their rows are drawn.
        self.faults: dict[str, list[str]] = {}

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(None, data if data is not None else self.default, extra_filters)
        if formdata is None:
            return
        pattern = re.compile(rf"{re.escape(self.name)}-(\d{{1,6}})-(.+)", re.ASCII)
        rows: dict[int, dict[str, Any]] = {}
        for posted in formdata:
            found = pattern.fullmatch(posted)
            if found and (int(found[1]) in rows or len(rows) < MAX_ROWS):
                self._read_cell(rows.setdefault(int(found[1]), {}), found[2], formdata, posted)
        if rows or f"{self.name}-rows" in formdata:
            self.data = [rows[index] for index in sorted(rows)]

    def _read_cell(self, row: dict[str, Any], column: str, formdata: Any, posted: str) -> None:
        if column in self.lists:
            row[column] = [value for value in formdata.getlist(posted) if value != ""]
        elif column in self.columns:
            row[column] = formdata.get(posted)
        else:
            whole, _, part = column.rpartition("-")
            if whole in self.columns:
                row.setdefault(whole, {})[part] = formdata.get(posted)
