"""Choosing rows of another table: a select that searches on the server and carries only what is chosen."""

from collections.abc import Callable, Iterable
from typing import Any

from markupsafe import Markup
from sqlalchemy import inspect
from wtforms import Field, ValidationError
from wtforms.widgets import html_params

from app.core.columns import key_of
from forms.base import _

#: What a JSON number or a database key may be; longer digits are nobody's key.
_MOST_CHOSEN = 200


class RemoteSelectWidget:
    """Draws ``<select data-remote="…">`` with the chosen rows as its only options."""

    def __init__(self, *, multiple: bool = False) -> None:
        self.multiple = multiple

    def __call__(self, field: "RemoteSelectField", **attributes: Any) -> Markup:
        attributes.setdefault("id", field.id)
        given = attributes.pop("class", None) or attributes.pop("class_", None) or "form-select"
        attributes["class"] = given.replace("form-control", "form-select")
        if self.multiple:
            attributes["multiple"] = True
        attributes = {key: value for key, value in attributes.items() if value is not None}
        options = [Markup('<option value=""></option>')] if not self.multiple else []
        options += [
            Markup('<option value="{}" selected>{}</option>').format(field.key_of(row), str(row))
            for row in field.chosen()
        ]
        shown = html_params(name=field.name, data_remote=field.url, autocomplete="off", **attributes)
        # html_params escapes what it is given.
        return Markup("<select {}>{}</select>").format(Markup(shown), Markup("").join(options))  # noqa: S704


class RemoteSelectField(Field):
    """Holds a row of ``model``, or None. ``session`` gives the session of the request."""

    widget = RemoteSelectWidget()

    def __init__(
        self, label: Any = None, validators: Any = None, *, model: type[Any], url: str, session: Callable[[], Any],
        allowed: Callable[[Any], bool] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(label, validators, **kwargs)
        self.model, self.url, self._session, self._allowed = model, url, session, allowed

    def chosen(self) -> Iterable[Any]:
        """Return the rows chosen."""
        return [self.data] if self.data is not None else []

    def key_of(self, row: Any) -> Any:
        """Return the primary key of a row."""
        return inspect(row).identity[0]

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = self._row(valuelist[0]) if valuelist[0].strip() else None

    def _row(self, text: str) -> Any:
        key = key_of(inspect(self.model).primary_key[0].type, text)
        row = None if key is None else self._session().get(self.model, key)
        if row is None or (self._allowed and not self._allowed(row)):
            raise ValidationError(_("This choice is no longer available."))
        return row


class RemoteSelectManyField(RemoteSelectField):
    """Holds a list of rows."""

    widget = RemoteSelectWidget(multiple=True)

    def chosen(self) -> Iterable[Any]:
        return self.data or []

    def process_data(self, value: Any) -> None:
        self.data = list(value or ())

    def process_formdata(self, valuelist: list[Any]) -> None:
        if len(valuelist) > _MOST_CHOSEN:
            raise ValidationError(_("Choose at most %(limit)s.", limit=_MOST_CHOSEN))
        self.data = [self._row(value) for value in dict.fromkeys(valuelist) if value.strip()]
