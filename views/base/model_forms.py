"""Forms made from a model's columns: native inputs, and selects that search instead of listing a whole table."""

from typing import Any

from flask_appbuilder.forms import FieldConverter, GeneralModelConverter
from wtforms import BooleanField, DateField, DateTimeLocalField, DecimalField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.core.columns import Encrypted, Json
from forms.base import HouseForm, _
from forms.remote_select import RemoteSelectField, RemoteSelectManyField
from views.base.interface import HouseInterface

#: Where each table's rows are looked up: ``/lookup/<kind>``.
LOOKUPS = {"ab_user": "user", "staff_profile": "staff"}
_LARGEST_INTEGER = 2**31 - 1
_LONGEST_TEXT = 10_000


class _Converter(FieldConverter):
    conversion_table = (
        ("is_text", TextAreaField, None),
        ("is_boolean", BooleanField, None),
        ("is_integer", IntegerField, None),
        ("is_numeric", DecimalField, None),
        ("is_datetime", DateTimeLocalField, None),
        ("is_date", DateField, None),
        ("is_string", StringField, None),
    )


class HouseModelConverter(GeneralModelConverter):
    """Makes `HouseForm`s. JSON columns are refused: Flask-AppBuilder would store them as text."""

    def create_form(  # noqa: PLR0917 - Flask-AppBuilder's
        self, label_columns: Any = None, inc_columns: Any = None, description_columns: Any = None,
        validators_columns: Any = None, extra_fields: Any = None, filter_rel_fields: Any = None,
    ) -> type[HouseForm]:  # fmt: skip
        made = super().create_form(
            label_columns, inc_columns, description_columns, validators_columns, extra_fields, filter_rel_fields
        )
        fields = {name: getattr(made, name) for name in inc_columns or () if hasattr(made, name)}
        return type("ModelForm", (HouseForm,), fields)

    @staticmethod
    def _get_validators(col_name: str, validators_columns: Any) -> list[Any]:
        # A copy: what is added below belongs to this form alone.
        return list(validators_columns.get(col_name, ()))

    def _convert_simple(
        self, col_name: str, label: Any, description: Any, lst_validators: list[Any], form_props: dict[str, Any]
    ) -> dict[str, Any]:
        datamodel: HouseInterface = self.datamodel
        kind = datamodel.list_columns[col_name].type
        if isinstance(kind, Json):
            raise TypeError(f"{datamodel.obj.__name__}.{col_name} is JSON: give it a field of its own")
        boolean = datamodel.is_boolean(col_name)
        if not boolean:
            lst_validators.append(Optional() if datamodel.is_nullable(col_name) else InputRequired())
        if datamodel.is_integer(col_name):
            lst_validators.append(NumberRange(-_LARGEST_INTEGER, _LARGEST_INTEGER))
        elif not boolean and (datamodel.is_string(col_name) or datamodel.is_text(col_name)):
            longest = datamodel.get_max_length(col_name)
            lst_validators.append(Length(max=longest if 0 < longest < _LONGEST_TEXT else _LONGEST_TEXT))
        made = (
            StringField(label, lst_validators, description=description)
            if isinstance(kind, Encrypted)
            else _Converter(
                datamodel, col_name, label, description, lst_validators, default=datamodel.get_col_default(col_name)
            ).convert()
        )
        form_props[col_name] = made
        return form_props

    def _convert_many_to_one(  # noqa: PLR0917 - Flask-AppBuilder's
        self, col_name: str, label: Any, description: Any, lst_validators: list[Any], filter_rel_fields: Any,  # noqa: ARG002
        form_props: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        nullable = self.datamodel.is_nullable(col_name)
        lst_validators.append(Optional() if nullable else InputRequired(_("Please choose one.")))
        form_props[col_name] = RemoteSelectField(
            label, lst_validators, description=description, **self._related(col_name)
        )
        return form_props

    def _convert_many_to_many(  # noqa: PLR0917 - Flask-AppBuilder's
        self, col_name: str, label: Any, description: Any, lst_validators: list[Any], filter_rel_fields: Any,  # noqa: ARG002
        form_props: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        form_props[col_name] = RemoteSelectManyField(
            label, lst_validators, description=description, **self._related(col_name)
        )
        return form_props

    def _related(self, col_name: str) -> dict[str, Any]:
        model = self.datamodel.get_related_model(col_name)
        kind = LOOKUPS.get(model.__tablename__, model.__tablename__)
        return {"model": model, "url": f"/lookup/{kind}", "session": lambda: self.datamodel.session}
