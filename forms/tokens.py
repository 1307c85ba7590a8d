"""Forms of tokens, by which programs sign in."""

from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from app.core.numbers import whole_in
from forms.base import HouseForm, _

#: What is offered; any number up to the last will do.
DAYS = (7, 30, 90, 366)


class TokenForm(HouseForm):
    """A token of one's own."""

    name = StringField(
        _("What it is for"), [InputRequired(), Length(max=80)], description=_("The program that will have it."),
        render_kw={"autocomplete": "off"},
    )  # fmt: skip
    #: Which there are is for the service to know; it refuses unknown ones at this field.
    scopes = SelectMultipleField(_("What it may do"), validate_choice=False)
    days = SelectField(_("Days it lasts"), default="90", validate_choice=False)

    def lasting(self) -> int:
        """Return the days it shall last; what is none is refused by the service."""
        return whole_in(self.days.data) or 0


class ServiceTokenForm(TokenForm):
    """A token for a program, which acts as an account of its own."""

    leading = ("username",)

    username = StringField(
        _("Acts as"), [InputRequired(), Length(max=64)],
        description=_("User name of an account; best one of the program's own, which may no more than it needs."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )  # fmt: skip
