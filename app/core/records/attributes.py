"""Attributes of reference records: what may be written to a column, and what is said when it may not."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from app.core.errors import DomainError
from app.core.i18n import LOCALES, Message, _
from app.core.numbers import half_up, read_decimal, scaled
from app.core.text import clean_text
from app.core.work import Work

#: Before and after, a date is a slip of the keyboard.
FIRST_DAY: Final = date(1950, 1, 1)
LAST_DAY: Final = date(2100, 12, 31)
#: Stands for personal data the actor may not see. Sent back, it means "as it was".
MASK: Final = "••••"


def text_of(raw: Any, limit: int, *, lines: bool = False) -> str | None:
    """Return ``raw`` as clean text, None when it is empty; DomainError when it is no text or too long."""
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise DomainError(_("Enter text."), code="not_text")
    if isinstance(raw, int):
        return text_of(str(scaled(read_decimal(raw), 0)), limit)
    return clean_text(raw, limit=limit, lines=lines) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One writable column. ``name`` is the model's attribute; `clean` is the only way a value gets there."""

    name: str
    label: Message
    required: bool = False
    help: Message | None = None
    #: Personal data: masked unless the actor holds ``personal_data.read``.
    personal: bool = False

    #: How a form asks for it; `forms/records.py` has one WTForms field for each.
    input: ClassVar[str] = "text"

    def clean(self, work: Work, raw: Any) -> Any:
        """Return the value to store, None when empty; DomainError (without a field) when ``raw`` cannot be one."""
        value = self.value_of(work, raw)
        if value is None and self.required:
            raise DomainError(_("This is required."), code="required")
        return value

    def value_of(self, work: Work, raw: Any) -> Any:
        raise NotImplementedError

    def same(self, stored: Any, value: Any) -> bool:
        """Whether a cleaned value is what is stored already, however the database gives it back."""
        return bool(stored == value)

    def read_as(self, value: Any) -> Any:
        """Return a stored value as pages show it."""
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Attribute):
    """A line of text, or several."""

    limit: int
    multiline: bool = False
    #: No two records have the same.
    unique: bool = False

    def value_of(self, work: Work, raw: Any) -> str | None:
        del work
        return text_of(raw, self.limit, lines=self.multiline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Text):
    """A short code: letters, digits and ``-_./#``, no spaces."""

    unique: bool = True

    def value_of(self, work: Work, raw: Any) -> str | None:
        del work
        code = text_of(raw, self.limit)
        if code is None:
            return None
        code = unicodedata.normalize("NFKC", code)
        if not re.fullmatch(r"[\w./#-]+", code):
            raise DomainError(_("Use only letters, digits and the characters - _ . / # in a code."), code="not_a_code")
        return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Text):
    """An e-mail address: plausible, not proved to exist."""

    limit: int = 254
    input: ClassVar[str] = "email"

    def value_of(self, work: Work, raw: Any) -> str | None:
        del work
        address = text_of(raw, self.limit)
        if address is not None and not re.fullmatch(
            r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;.]+(\.[^@\s<>\"',;.]+)+", address
        ):
            raise DomainError(_("This is not an e-mail address, like name@example.com."), code="not_email")
        return address


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Attribute):
    """A whole number within bounds."""

    minimum: int
    maximum: int
    input: ClassVar[str] = "number"

    def value_of(self, work: Work, raw: Any) -> int | None:
        del work
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        number = scaled(read_decimal(raw), 0)
        if not self.minimum <= number <= self.maximum:
            raise DomainError(
                _("Enter a number from %(minimum)s to %(maximum)s.", minimum=self.minimum, maximum=self.maximum),
                code="out_of_range",
            )
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Degrees(Attribute):
    """A coordinate in degrees, rounded to six decimals (0.1 m)."""

    bound: int
    input: ClassVar[str] = "decimal"

    def value_of(self, work: Work, raw: Any) -> Decimal | None:
        del work
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        degrees = read_decimal(raw)
        if abs(degrees) > self.bound:
            raise DomainError(
                _("Enter a number from %(minimum)s to %(maximum)s.", minimum=-self.bound, maximum=self.bound),
                code="out_of_range",
            )
        return half_up(degrees, 6)

    def same(self, stored: Any, value: Any) -> bool:
        """Compare to six decimals: a float of the database is no exact 113.9."""
        if stored is None or value is None:
            return stored is value
        return half_up(Decimal(str(stored)), 6) == half_up(Decimal(str(value)), 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Attribute):
    """Yes or no; unanswered is no."""

    input: ClassVar[str] = "yesno"

    def value_of(self, work: Work, raw: Any) -> bool:
        del work
        if isinstance(raw, bool) or raw is None:
            return bool(raw)
        word = str(raw).strip().lower()[:10]
        if word in {"1", "y", "yes", "true", "on", "是"}:
            return True
        if word in {"", "0", "n", "no", "false", "off", "否"}:
            return False
        raise DomainError(_("Answer yes or no."), code="not_yes_or_no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Attribute):
    """A calendar date, ``2026-11-21``."""

    input: ClassVar[str] = "date"

    def value_of(self, work: Work, raw: Any) -> date | None:
        del work
        if type(raw) is date:
            day: date | None = raw
        else:
            text = text_of(raw, 40)
            day = _day(unicodedata.normalize("NFKC", text)) if text else None
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise DomainError(
                _("Enter a date from %(first)s to %(last)s.", first=FIRST_DAY.isoformat(), last=LAST_DAY.isoformat()),
                code="out_of_range",
            )
        return day


def _day(text: str) -> date:
    match = re.fullmatch(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", text)
    try:
        if match:
            return date(*(int(part) for part in match.groups()))
    except ValueError:
        pass  # the 30th of February: said below like any other text that is no date
    raise DomainError(_("Enter a date like 2026-11-21."), code="not_a_date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Attribute):
    """One of a few stored words, each with its label."""

    options: Mapping[str, Message]
    input: ClassVar[str] = "choice"

    def value_of(self, work: Work, raw: Any) -> str | None:
        del work
        word = text_of(raw, 40)
        if word is not None and word not in self.options:
            raise DomainError(_("Choose one of: %(options)s.", options=", ".join(self.options)), code="unknown_option")
        return word


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels(Attribute):
    """A label in each language, `{"zh_Hans": …, "zh_Hant": …, "en": …}`; at least one is needed."""

    limit: int = 60
    input: ClassVar[str] = "labels"

    def value_of(self, work: Work, raw: Any) -> dict[str, str] | None:
        del work
        if raw is None:
            return None
        if not isinstance(raw, Mapping) or not set(raw) <= set(LOCALES):
            raise DomainError(
                _("Give a label for each language: %(languages)s.", languages=", ".join(LOCALES)), code="not_labels"
            )
        cleaned = {locale: text_of(raw.get(locale), self.limit) for locale in LOCALES}
        return {locale: text for locale, text in cleaned.items() if text} or None
