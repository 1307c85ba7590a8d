"""The inputs of a template's fields in a form, and of the files of a note."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from wtforms import Field
from wtforms.form import BaseForm

from app.core.i18n import _
from ticket_templates.field_types.base import Context, FieldType
from ticket_templates.field_types.file import File
from ticket_templates.field_types.inputs import Input
from ticket_templates.spec import FieldSpec, FieldUse
from ticket_templates.versions import CompiledVersion

#: Custom fields are called ``values.KEY`` in a form, so that none can be mistaken for a column of the ticket.
PREFIX: Final = "values."


@dataclass(frozen=True, slots=True)
class Answer:
    """One field on a form: its input, how the version uses it, and whether it shows at first."""

    key: str
    input: Field
    ftype: FieldType
    use: FieldUse
    visible: bool
    #: What conditions compare while the input cannot say it itself (derived fields).
    stored: Any = None


class AnswersForm(BaseForm):
    """The inputs of some fields of a version; ``values`` are the unsealed values they show at first."""

    def __init__(
        self, version: CompiledVersion, keys: Iterable[str], context: Context, values: Mapping[str, Any], formdata: Any
    ) -> None:
        types = {key: version.types[key] for key in keys}
        super().__init__({key: one.form_field() for key, one in types.items()}, prefix=PREFIX)
        shown = {key: one.form_value(values.get(key), context) for key, one in types.items()}
        self.process(formdata or None, data=shown)
        for key, one in types.items():
            self[key].id = input_id(key)
            self[key].context = context
            self[key].label.text = one.label_in(context.locale)
            self[key].errors = []

    def __getitem__(self, name: str) -> Input:
        return cast("Input", super().__getitem__(name))  # each is one: tests/house/test_field_types.py

    def answers(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return the raw answers of the named fields."""
        return {key: self[key].data for key in keys}


def input_id(key: str) -> str:
    """Return the id of a custom field's input."""
    return f"values-{key}"


def files_input(ids: Sequence[str], context: Context) -> tuple[Field, FieldType]:
    """Return the input for the files of a note, which belong to no field of a template, and its type."""
    ftype = File(FieldSpec("files", File.name, {}, settings={"max": 10}))
    form = BaseForm({"files": ftype.form_field()})
    form.process(data={"files": list(ids)})
    files: Any = form["files"]
    files.context, files.label.text, files.errors = context, _("Files"), []
    return files, ftype


def posted_keys(formdata: Any) -> set[str]:
    """Return the fields a form that was sent has inputs for."""
    return {name.removeprefix(PREFIX).split("-")[0] for name in formdata or () if name.startswith(PREFIX)}
