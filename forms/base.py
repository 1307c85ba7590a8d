"""The base of our forms: messages of WTForms in our three languages, labels that are messages."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

from babel.support import Translations
from flask import g
from flask_appbuilder.forms import DynamicForm
from werkzeug.datastructures import FileStorage
from wtforms import Field, FileField
from wtforms.i18n import messages_path

from app.core import i18n
from app.core.errors import DomainError
from app.core.i18n import DEFAULT_LOCALE, Message, catalogue

#: The usual `_`; WTForms' stubs say labels are texts, and ours are messages.
_: Callable[..., Any] = i18n._

#: The folders of WTForms' own catalogues.
_FOLDERS = {"zh_Hans": "zh", "zh_Hant": "zh_TW", "en": "en"}


#: Where WTForms says in other words what we say already.
_SAID: Final[dict[str, Message]] = {"This field is required.": _("This is required.")}


class _Speaking:
    """WTForms' translations: our catalogue first, since ours has the better sentences, then its own."""

    def gettext(self, text: str) -> str:
        ours = _SAID.get(str(text))
        return ours.in_(_locale()) if ours else self._of(str(text), lambda other: other.ugettext(str(text)))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self._of(singular if number == 1 else plural, lambda other: other.ungettext(singular, plural, number))

    @staticmethod
    def _of(text: str, other: Any) -> str:
        locale = _locale()
        ours = catalogue(locale).gettext(text)
        if ours != text or locale == "en":
            return ours
        return str(other(Translations.load(messages_path(), [_FOLDERS[locale]], domain="wtforms")))


SPEAKING = _Speaking()


def _locale() -> str:
    return str(g.get("locale", DEFAULT_LOCALE) if g else DEFAULT_LOCALE)


class HouseForm(DynamicForm):
    """A form of ours. Its labels are `Message`s; templates speak them with ``|t``."""

    #: The fields that stand first on the page, where a base class made others before them.
    leading: ClassVar[tuple[str, ...]] = ()

    def __iter__(self) -> Iterator[Field]:
        """Yield the fields as the page shows them, so that what is wrong is listed from top to bottom."""
        first = [self._fields[name] for name in self.leading if name in self._fields]
        return iter([*first, *(field for name, field in self._fields.items() if name not in self.leading)])

    class Meta(DynamicForm.Meta):
        """Hook of WTForms."""

        def get_translations(self, form: Any) -> _Speaking:  # noqa: ARG002 - hook of WTForms
            return SPEAKING


class UploadField(FileField):
    """A file that was chosen, or None. WTForms takes a text sent under the file's name for one."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Hook of WTForms."""
        self.data = next((one for one in valuelist if isinstance(one, FileStorage) and one.filename), None)


def mark(form: Any, error: DomainError) -> list[Message]:
    """Put the refusals of ``error`` at their inputs; return those that belong to none."""
    left = []
    for refusal in error.refusals:
        field = form._fields.get(refusal.field)
        if field is None:
            left.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]
    return left
