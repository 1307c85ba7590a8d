"""Phone numbers: one normal form, by which a number is found again however it was typed."""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.keyring import KEYRING
from app.core.text import clean_text

#: Numbers without a country code are of this country.
HOME: Final = "CN"
LONGEST: Final = 40
#: No number of one person has fewer.
_FEWEST_DIGITS: Final = 7
#: As the numbers of tickets have it, and as people write it.
_DAY: Final = re.compile(r" *(?:19|20)\d\d([-/.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01]) *", re.ASCII)
_LATIN: Final = re.compile("[A-Za-z]")
#: What people part digits with that no number is written with.
_SIGNS: Final = re.compile(r"[_|~·•*,;]+")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A plausible number. ``raw`` keeps the extension; ``number`` is E.164, or bare digits where no area is named."""

    raw: str
    number: str
    extension: str = ""

    @property
    def index(self) -> str:
        """Return the blind index by which the number is looked up."""
        return KEYRING.blind_index(self.number)

    @property
    def tail(self) -> str:
        """Return the last four digits, all that a masked list shows."""
        return self.number[-4:]


def parse_phone(raw: str) -> PhoneNumber:
    """Read a number as typed; DomainError (code ``not_phone``) when it cannot be one anywhere."""
    text = clean_text(raw, limit=LONGEST)
    # Full-width digits and the many dashes of input methods mean the plain ones.
    plain = re.sub(r"[‐-―−]", "-", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"(转|轉|分机|分機)[ :]*", " ext. ", plain)
    number, extension = _read(plain)
    # Of nothing but zeros one is each time taken for what is dialled before a number.
    if not number or _read(number)[0] != number:
        raise _implausible(text)
    return PhoneNumber(text, number, extension)


def _read(plain: str) -> tuple[str, str]:
    """Return the number and the extension somebody typed; nothing where it is none anywhere."""
    try:
        parsed = phonenumbers.parse(plain, HOME)
    except phonenumbers.NumberParseException:
        return "", ""
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    extension = parsed.extension or ""
    if possible == ValidationResult.IS_POSSIBLE:
        return phonenumbers.format_number(parsed, PhoneNumberFormat.E164), extension
    if possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY and not plain.lstrip().startswith("+"):
        return phonenumbers.national_significant_number(parsed), extension
    return "", ""


def normal_form(raw: str) -> str:
    """Return the form in which numbers are compared."""
    return parse_phone(raw).number


def index_of(raw: str) -> str | None:
    """Return the blind index of what may be a phone number, None when it cannot be one."""
    try:
        return parse_phone(raw).index
    except DomainError:
        return None


def is_told_in(text: str) -> bool:
    """Whether ``text`` is what may be a phone number, or tells one among other words.

    A run of digits that is no number anywhere, or stands behind Latin letters as those of tickets and serials do,
    may be anything else.
    """
    plain = _SIGNS.sub(" ", unicodedata.normalize("NFKC", text))
    if sum(one.isdigit() for one in plain) < _FEWEST_DIGITS or _DAY.fullmatch(plain):
        return False
    if next(iter(phonenumbers.PhoneNumberMatcher(plain, HOME)), None) is not None:
        return True
    try:
        number = parse_phone(plain).number
    except DomainError:
        return False
    return not _LATIN.search(plain) or (
        number.startswith("+") and phonenumbers.is_valid_number(phonenumbers.parse(number))
    )


def shown(raw: str, number: str) -> str:
    """Return a stored number as people of its country write it, with the extension that was typed."""
    if not number.startswith("+"):
        return raw
    parsed = phonenumbers.parse(number)
    # One that is stored was a number once, whatever is one by now.
    with suppress(DomainError):
        parsed.extension = parse_phone(raw).extension or None
    home = parsed.country_code == phonenumbers.country_code_for_region(HOME)
    form = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(parsed, form))


def as_written(raw: str) -> str:
    """Return a number of our own people, kept as typed, as people write it."""
    try:
        return shown(raw, normal_form(raw))
    except DomainError:
        return raw


def _implausible(text: str) -> DomainError:
    return DomainError(
        _("“%(value)s” is not a phone number. Give it with its area code, like 138 0013 8000 or 0755-8888 8888.",
          value=text[:LONGEST]),
        code="not_phone",
    )  # fmt: skip
