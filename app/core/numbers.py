"""Numbers as people type them and as spreadsheets hold them; always exact, never a float."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from app.core.errors import DomainError
from app.core.i18n import _
from app.core.text import as_sent

#: The largest whole number a field holds, scaled or not: exact in JSON, in JavaScript and in a spreadsheet cell.
MAX_WHOLE: Final = 10**15

#: The largest key a column of 64 bits holds, and one of 32.
LARGEST_KEY: Final = 2**63 - 1
LARGEST_SMALL_KEY: Final = 2**31 - 1
#: Digits of the largest key: longer texts are not worked out.
_KEY_DIGITS: Final = len(str(LARGEST_KEY))

_NUMBER: Final = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?", re.ASCII)
_WIDE: Final = Context(prec=60)
#: What is no other form of a plain sign: the minus of mathematics, and the point of a Chinese input method.
_PLAIN: Final = str.maketrans({"\u2212": "-", "\u3002": "."})
#: Longer texts and larger numbers are not looked at.
_LONGEST: Final = 60
_MOST_DIGITS: Final = 16


def read_decimal(raw: Any) -> Decimal:
    """Return the number in ``raw``: typed text (full-width digits and grouping commas too), int, float or Decimal.

    Raises DomainError ``not_number`` for anything else, NaN and infinity among them, and ``out_of_range`` for
    what no field can hold. An exponent is not read in a text: nobody means ``1e400``.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise not_number(raw)
    if isinstance(raw, str):
        text = as_typed(raw[: _LONGEST + 1]).strip()
        if len(raw) > _LONGEST or not _NUMBER.fullmatch(text) or not re.search(r"[0-9]", text):
            raise not_number(raw)
        number = Decimal(text.replace(",", ""))
    else:
        # A float is read as it is written: 0.1 means one tenth.
        number = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    if not number.is_finite():
        raise not_number(raw)
    if number.adjusted() >= _MOST_DIGITS:
        raise out_of_range()
    return number


def whole_in(text: Any, largest: int = LARGEST_KEY) -> int | None:
    """Return the number in a text of plain digits, as keys and pages come in addresses and forms; None if it is none.

    Nor if it is beyond ``largest``: a database asked for a key no column holds would fail.
    """
    if not (isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= _KEY_DIGITS):
        return None
    number = int(text)
    return number if number <= largest else None


def as_typed(text: str) -> str:
    """Return a number as a plain keyboard types it: full-width digits, comma and minus, 。 for the point."""
    return unicodedata.normalize("NFKC", text).translate(_PLAIN)


def scaled(number: Decimal, scale: int) -> int:
    """Return ``number`` times 10**scale as a whole number; finer numbers and too large ones are refused."""
    whole = number.scaleb(scale, _WIDE)
    if whole != whole.to_integral_value():
        if scale == 0:
            raise DomainError(_("Enter a whole number."), code="not_whole")
        raise DomainError(_("At most %(digits)s decimal places.", digits=scale), code="too_fine")
    if abs(whole) > MAX_WHOLE:
        raise out_of_range()
    return int(whole)


def unscaled(whole: int, scale: int) -> Decimal:
    """Return the number that `scaled` made ``whole``."""
    return Decimal(whole).scaleb(-scale, _WIDE)


def half_up(number: Decimal, scale: int) -> Decimal:
    """Return ``number`` rounded to ``scale`` decimal places, halves away from zero."""
    return number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP, context=_WIDE)


def not_number(raw: Any) -> DomainError:
    """Return the refusal of what is not a number."""
    return DomainError(_("“%(value)s” is not a number.", value=as_sent(raw, 40)), code="not_number")


def out_of_range() -> DomainError:
    """Return the refusal of a number no field can hold."""
    return DomainError(_("The number is too large."), code="out_of_range")
