"""Money: integers of minor units with their currency; no float ever touches it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.localedata import exists
from babel.numbers import format_currency, get_currency_precision, get_currency_symbol

from app.core.i18n import LOCALES

#: Of an installation that names none.
USUAL_CURRENCY: Final = "CNY"
#: Signs of currencies in Chinese of any script. One company's papers bear one sign, whatever script they are in.
_SIGNS: Final = {"CNY": "¥"}
#: Signs of several currencies: with letters before them they are those of one.
_BARE: Final = frozenset("$¥")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of minor units (分, cents) in an ISO 4217 currency."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    @property
    def major(self) -> Decimal:
        """Return the amount in major units, exact."""
        return Decimal(self.amount_minor).scaleb(-get_currency_precision(self.currency))

    def shown(self, locale: str) -> str:
        """Return the amount as people of ``locale`` write it, symbol included."""
        return _shown(self, locale)

    def shares(self, weights: Sequence[int]) -> list["Money"]:
        """Split into parts in proportion to ``weights`` (whole, not negative, not all 0), summing exactly.

        Largest remainder: each part gets its floor, and the units left over go to the largest remainders,
        earlier parts first on a tie. A negative amount is the mirror of the positive one.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must not be negative, and not all 0")
        size = abs(self.amount_minor)
        parts = [size * weight // total for weight in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: -(size * weights[i] % total))
        for index in by_remainder[: size - sum(parts)]:
            parts[index] += 1
        sign = -1 if self.amount_minor < 0 else 1
        return [Money(sign * part, self.currency) for part in parts]


@lru_cache(4_000)
def _shown(money: Money, locale: str) -> str:
    """Return an amount as it is written; a page shows dozens, most of them nothing or a usual fee."""
    text = str(format_currency(money.major, money.currency, locale=locale))
    sign = _SIGNS.get(money.currency) if locale.startswith("zh") else None
    return text.replace(get_currency_symbol(money.currency, locale), sign) if sign else text


@lru_cache(400)
def signs(currency: str) -> tuple[str, ...]:
    """Return how amounts of a currency may be signed, here and at home, the longest sign first.

    ``HK$`` and ``$`` of Hong Kong dollars, ``¥`` and ``CN¥`` of yuan: a bare ``$`` is no sign of these.
    """
    at_home = [f"{language}_{currency[:2]}" for language in ("en", "zh_Hans", "zh_Hant")]
    locales = {*LOCALES, *(one for one in at_home if exists(one))}
    named = {get_currency_symbol(currency, locale) for locale in locales}
    bare = {one[-1] for one in named if one[-1] in _BARE}
    return tuple(sorted((named | bare) - {currency}, key=lambda one: (-len(one), one)))
