"""Forms of reference records, made from their attributes: they read what was typed and judge nothing themselves."""

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from flask import g
from markupsafe import Markup
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import DateInput, EmailInput, TelInput, html_params

from app.core.errors import DomainError, Refusal
from app.core.i18n import DEFAULT_LOCALE, LOCALES, spoken
from app.core.records.attributes import Attribute, Choice, Text
from app.core.records.lookups import LOOKUPS
from app.core.records.references import Many, One, Sibling
from app.core.records.service import MOST_LINES, RecordType
from app.core.work import Work
from forms.base import HouseForm

#: Languages by the name their readers know.
_OWN_NAMES: Final = {"zh_Hans": "简体中文", "zh_Hant": "繁體中文", "en": "English"}


class KeySelect:
    """Draws a select that searches on the server and carries only what is chosen."""

    def __call__(self, field: "KeyField", **attributes: Any) -> Markup:
        given = attributes.pop("class", None) or attributes.pop("class_", None) or "form-select"
        attributes["class"] = str(given).replace("form-control", "form-select")
        attributes.setdefault("id", field.id)
        attributes |= {"name": field.name, "data_remote": f"/lookup/{field.kind}?for=naming", "autocomplete": "off"}
        if field.several:
            attributes["multiple"] = True
        options = Markup() if field.several else Markup('<option value=""></option>')
        for key in field.chosen():
            options += Markup('<option value="{}" selected>{}</option>').format(key, field.names.get(key, key))
        # html_params escapes the attributes, Markup.format the options.
        return Markup("<select {}>{}</select>").format(Markup(html_params(**attributes)), options)  # noqa: S704


class KeyField(Field):
    """The key of a record of ``kind`` as text, or several keys; `name_chosen` gives them their names."""

    widget = KeySelect()

    def __init__(self, label: Any = None, *, kind: str, several: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.kind, self.several = kind, several
        self.names: dict[str, str] = {}

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = list(valuelist) if self.several else (valuelist[0] if valuelist else "")

    def chosen(self) -> list[str]:
        """Return the keys chosen, as text."""
        given = self.data if isinstance(self.data, list) else [self.data]
        return [str(one) for one in given if one not in (None, "")]


class SiblingSelect:
    """Draws a select of other lines of the form; record-lines.js keeps it in step with what is typed there."""

    def __call__(self, field: "SiblingField", **attributes: Any) -> Markup:
        given = attributes.pop("class", None) or "form-select"
        attributes = {"id": field.id, "name": field.name, **attributes, "data_sibling": field.lines}
        attributes["class"] = str(given).replace("form-control", "form-select")
        options = Markup('<option value=""></option>')
        for key, name in field.offered.items():
            chosen = Markup(" selected") if key == str(field.data or "") else Markup()
            options += Markup('<option value="{}"{}>{}</option>').format(key, chosen, name)
        return Markup("<select {}>{}</select>").format(Markup(html_params(**attributes)), options)  # noqa: S704


class SiblingField(Field):
    """Another line of the same form, by its key or its place; `name_chosen` says which there are."""

    widget = SiblingSelect()

    def __init__(self, label: Any = None, *, lines: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.lines = lines
        self.offered: dict[str, str] = {}


class ChoiceSelect:
    """Draws the options of a choice in the reader's language."""

    def __call__(self, field: "ChoiceField", **attributes: Any) -> Markup:
        given = attributes.pop("class", None) or "form-select"
        attributes = {"id": field.id, "name": field.name, **attributes}
        attributes["class"] = str(given).replace("form-control", "form-select")
        options = Markup() if field.attribute.required else Markup('<option value=""></option>')
        for word, label in field.attribute.options.items():
            selected = Markup(" selected") if word == field.data else Markup()
            text = spoken(label, g.get("locale", DEFAULT_LOCALE))
            options += Markup('<option value="{}"{}>{}</option>').format(word, selected, text)
        return Markup("<select {}>{}</select>").format(Markup(html_params(**attributes)), options)  # noqa: S704


class ChoiceField(Field):
    """One of an attribute's options; an unknown word is refused by the attribute, not here."""

    widget = ChoiceSelect()

    def __init__(self, label: Any = None, *, attribute: Choice, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.attribute = attribute


class LabelsInputs:
    """Draws one input a language."""

    def __call__(self, field: "LabelsField", **_attributes: Any) -> Markup:
        rows = Markup()
        for locale in LOCALES:
            params = html_params(
                name=f"{field.name}-{locale}", id=field.id if locale == LOCALES[0] else f"{field.id}-{locale}",
                value=(field.data or {}).get(locale) or "", type="text", class_="form-control",
                aria_label=_OWN_NAMES[locale], lang=locale.replace("_", "-"),
                data_testid=f"field-{field.name}-{locale}",
            )  # fmt: skip
            rows += Markup(
                '<div class="input-group mb-1"><span class="input-group-text" aria-hidden="true">{}</span>'
                "<input {}></div>"
            ).format(_OWN_NAMES[locale], Markup(params))  # noqa: S704 - escaped by html_params
        return rows


class LabelsField(Field):
    """A label in each language."""

    widget = LabelsInputs()

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(formdata, data if isinstance(data, dict) else None, extra_filters)
        if formdata:
            self.data = {locale: formdata.get(f"{self.name}-{locale}", "") for locale in LOCALES}


def _text(label: Any, attribute: Attribute, **kwargs: Any) -> Field:
    # No input has a longest text: a browser would cut what is pasted without a word; what is too long is refused.
    if isinstance(attribute, Text) and attribute.multiline:
        return TextAreaField(label, render_kw={"rows": 3}, **kwargs)
    return StringField(label, render_kw={"autocomplete": "off"}, **kwargs)


def _numeric(mode: str) -> Callable[..., Field]:
    return lambda label, _attribute, **kwargs: StringField(
        label, render_kw={"inputmode": mode, "autocomplete": "off"}, **kwargs
    )


def _choice(label: Any, attribute: Attribute, **kwargs: Any) -> Field:
    assert isinstance(attribute, Choice)  # noqa: S101 - by its input
    return ChoiceField(label, attribute=attribute, **kwargs)


def _labels(label: Any, _attribute: Attribute, **kwargs: Any) -> Field:
    return LabelsField(label, **kwargs)


def _remote(label: Any, attribute: Attribute, **kwargs: Any) -> Field:
    assert isinstance(attribute, One | Many)  # noqa: S101 - by its input
    return KeyField(label, kind=attribute.kind, several=isinstance(attribute, Many), **kwargs)


def _sibling(label: Any, attribute: Attribute, **kwargs: Any) -> Field:
    assert isinstance(attribute, Sibling)  # noqa: S101 - by its input
    return SiblingField(label, lines=attribute.lines, **kwargs)


#: What asks for an attribute, by its ``input``.
FIELDS: Final[dict[str, Callable[..., Field]]] = {
    "text": _text,
    "email": lambda label, _attribute, **kwargs: StringField(label, widget=EmailInput(), **kwargs),
    "phone": lambda label, _attribute, **kwargs: StringField(label, widget=TelInput(), **kwargs),
    "number": _numeric("numeric"),
    "decimal": _numeric("decimal"),
    "date": lambda label, _attribute, **kwargs: StringField(label, widget=DateInput(), **kwargs),
    "yesno": lambda label, _attribute, **kwargs: BooleanField(label, **kwargs),
    "choice": _choice,
    "labels": _labels,
    "remote": _remote,
    "remotes": _remote,
    "sibling": _sibling,
}


def field_of(attribute: Attribute) -> Any:
    """Return the unbound field that asks for ``attribute``."""
    made: Any = FIELDS[attribute.input](attribute.label, attribute, description=attribute.help or "")
    if attribute.required:
        made.kwargs["render_kw"] = {**(made.kwargs.get("render_kw") or {}), "aria-required": "true"}
    return made


def form_of(record: RecordType) -> type[HouseForm]:
    """Return the form class of ``record``; a view makes it once."""
    fields: dict[str, Any] = {one.name: field_of(one) for one in record.attributes}
    for name, line in record.lines.items():
        fields[name] = FieldList(FormField(_line_form(line)), label=cast("str", line.label), max_entries=MOST_LINES)
    fields["seen"] = HiddenField()
    fields["submission"] = HiddenField()
    return type("RecordForm", (HouseForm,), fields)


def _line_form(line: RecordType) -> type[Form]:
    # Where a line is gone, its refusal says what it was a line of.
    fields: dict[str, Any] = {
        "id": HiddenField(cast("str", line.label)),
        **{one.name: field_of(one) for one in line.attributes},
    }
    return type("LineForm", (Form,), fields)


def blank_lines(form: Any) -> dict[str, Any]:
    """Return an empty line of each kind for the browser to copy, its number standing as ``__line__``."""
    blanks = {}
    for field in form:
        if isinstance(field, FieldList):
            name = f"{field.name}-__line__"
            blanks[field.name] = field.unbound_field.bind(form=form, name=name, prefix="", _meta=field.meta)
            blanks[field.name].process(None)
    return blanks


def values_of(form: Any, record: RecordType) -> dict[str, Any]:
    """Return what was typed, by attribute and line, as the write door takes it."""
    values: dict[str, Any] = {one.name: form[one.name].data for one in record.attributes}
    for name, line in record.lines.items():
        values[name] = [
            {"id": entry.form["id"].data or None, **{one.name: entry.form[one.name].data for one in line.attributes}}
            for entry in form[name].entries
        ]
    return values


def all_fields(form: Any) -> Iterator[Field]:
    """Yield every field, those of lines too."""
    for field in form:
        if isinstance(field, FieldList):
            for entry in field.entries:
                yield from all_fields(entry.form)
        else:
            yield field


def name_chosen(form: Any, work: Work) -> None:
    """Give each chosen key its name, one statement a kind; a key out of reach stays nameless."""
    for field in all_fields(form):
        if isinstance(field, SiblingField):
            field.offered = _lines_of(form[field.lines])
    fields = [field for field in all_fields(form) if isinstance(field, KeyField)]
    for kind in {field.kind for field in fields}:
        mine = [field for field in fields if field.kind == kind]
        lookup, keys = LOOKUPS[kind], []
        for key in {key for field in mine for key in field.chosen()}:
            try:
                keys.append(lookup.read_key(key))
            except DomainError:
                continue
        names = {str(key): text for key, text in lookup.named(work, [key for key in keys if key is not None]).items()}
        for field in mine:
            field.names = names


def _lines_of(lines: Any) -> dict[str, str]:
    """Return the lines that have a name, by their key or place."""
    named = ((entry.form["id"].data or f"{lines.name}-{place}", entry.form["name"].data)
             for place, entry in enumerate(lines.entries))  # fmt: skip
    return {str(key): name for key, name in named if name}


def mark_all(form: Any, refusals: tuple[Refusal, ...]) -> None:
    """Put each refusal at its input; the summary at the top shows all of them."""
    fields = {field.name: field for field in all_fields(form)}
    for refusal in refusals:
        if refusal.field in fields:
            field = fields[refusal.field]
            field.errors = [*field.errors, cast("str", refusal.message)]


def labels_of(form: Any) -> dict[str, Any]:
    """Return what each input is called, for the summary of errors."""
    return {field.name: field.label.text for field in all_fields(form) if field.label}
