"""Forms of signing in, accounts and passwords."""

from wtforms import BooleanField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from forms.base import HouseForm, _


class SignInForm(HouseForm):
    """User name and password."""

    username = StringField(
        _("User name"), [InputRequired(), Length(max=128)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True},
    )  # fmt: skip
    password = PasswordField(
        _("Password"), [InputRequired(), Length(max=1000)], render_kw={"autocomplete": "current-password"}
    )


class NewPasswordForm(HouseForm):
    """A password given to somebody else."""

    password = PasswordField(
        _("New password"), [InputRequired(), Length(max=1000)],
        description=_("At least 10 characters. A short sentence is easy to remember and hard to guess."),
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip
    repeated = PasswordField(
        _("New password, once more"), [InputRequired()], render_kw={"autocomplete": "new-password"}
    )

    def validate_repeated(self, field: PasswordField) -> None:
        """Catch a slip of the finger."""
        if field.data != self.password.data:
            field.errors = [*field.errors, _("The two passwords differ.")]


class OwnPasswordForm(NewPasswordForm):
    """One's own password, which asks for the present one."""

    current = PasswordField(
        _("Present password"), [InputRequired(), Length(max=1000)], render_kw={"autocomplete": "current-password"}
    )
    leading = ("current",)


class ProfileForm(HouseForm):
    """What a person may change of his own account."""

    name = StringField(_("Full name"), [InputRequired(), Length(max=64)], render_kw={"autocomplete": "name"})
    email = StringField(_("E-mail"), [Length(max=320)], render_kw={"autocomplete": "email", "type": "email"})


class OwnProfileForm(ProfileForm):
    """The same with what one likes; the view says the choices in the reader's language."""

    locale = SelectField(_("Language"), validate_choice=False)
    theme = SelectField(_("Colours"), validate_choice=False)
    shortcuts = BooleanField(
        _("Keyboard shortcuts"),
        description=_("Single keys on lists and pages: / searches, j and k walk, o opens, x ticks, ? lists them."),
    )


class AccountForm(ProfileForm):
    """An account as an administrator changes it."""

    active = BooleanField(_("May sign in"), default=True)
    #: Which roles there are is for the service to know; it refuses unknown ones at this field.
    roles = SelectMultipleField(_("Roles"), validate_choice=False, render_kw={"size": 9})


class NewAccountForm(AccountForm):
    """A new account; the password is changed at first sign-in."""

    leading = ("username", "name", "email", "password")

    username = StringField(
        _("User name"), [InputRequired(), Length(max=64)],
        description=_("2 to 64 letters, digits or . @ + - _"),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )  # fmt: skip
    password = PasswordField(
        _("First password"), [InputRequired(), Length(max=1000)],
        description=_("It must be changed at first sign-in."), render_kw={"autocomplete": "new-password"},
    )  # fmt: skip
