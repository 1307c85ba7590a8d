"""What stands beside an operator in a leaf: nothing, one value, several, two ends, a span, a period, a pattern.

Each shape says what is wrong with a value, what the operator compares the fact with, and how it is read aloud.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from babel.units import format_unit

from app.conditions import standpoint
from app.conditions.fields import ConditionField
from app.conditions.kinds import KINDS
from app.conditions.patterns import PatternError, read_pattern
from app.conditions.standpoint import PERIODS, STARTS, UNITS, Standpoint, is_relative, read_span
from app.core.errors import DomainError, Refusal
from app.core.i18n import Message, _, spoken

MAX_VALUES: Final = 200
#: The units lengths of time are told in, longest first, and the minutes of each.
MINUTES_IN: Final[Mapping[str, int]] = {"d": 1440, "h": 60, "min": 1}
_RELATIVE_KINDS: Final = frozenset({"date", "datetime"})


class Shape:
    """Base of the shapes. ``at`` is None only where nothing relative is asked."""

    def refusals(self, value: Any, field: ConditionField, path: str) -> Iterator[Refusal]:
        """Yield what is wrong with ``value``, at ``path`` and below."""
        raise NotImplementedError

    def wanted(self, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        """Return what operators compare facts with: texts folded, relative times resolved."""
        raise NotImplementedError

    def is_relative(self, value: Any) -> bool:
        """Whether what is wanted depends on who asks and when."""
        del value
        return False

    def said(self, value: Any, field: ConditionField, locale: str) -> str:
        """Return the value in words."""
        return _quoted(shown(value, field, locale), locale)


class Nothing(Shape):
    """No value."""

    def refusals(self, value: Any, field: ConditionField, path: str) -> Iterator[Refusal]:
        del field
        if value is not None:
            yield Refusal(_("This takes no value."), path, "no_value")

    def wanted(self, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        del value, field, at

    def said(self, value: Any, field: ConditionField, locale: str) -> str:
        del value, field, locale
        return ""


class One(Shape):
    """One value of the field's kind; a relative time where the kind has a calendar."""

    def refusals(self, value: Any, field: ConditionField, path: str) -> Iterator[Refusal]:
        return _unfit(value, field, path)

    def wanted(self, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        return _comparable(value, field, at)

    def is_relative(self, value: Any) -> bool:
        return is_relative(value)


class Many(Shape):
    """A list of values. What is wanted is the set of them."""

    def refusals(self, value: Any, field: ConditionField, path: str) -> Iterator[Refusal]:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_VALUES:
            yield Refusal(_("Expected a list of 1 to %(limit)s values.", limit=MAX_VALUES), path, "not_a_list")
            return
        for index, one in enumerate(value):
            yield from _unfit(one, field, f"{path}[{index}]")

    def wanted(self, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        return frozenset(_comparable(one, field, at) for one in value)

    def is_relative(self, value: Any) -> bool:
        return any(map(is_relative, value))

    def said(self, value: Any, field: ConditionField, locale: str) -> str:
        return ("、" if locale.startswith("zh") else ", ").join(
            _quoted(shown(one, field, locale), locale) for one in value
        )


class Ends(Shape):
    """A list of two values, the smaller first. What is wanted is the pair."""

    def refusals(self, value: Any, field: ConditionField, path: str) -> Iterator[Refusal]:
        if not isinstance(value, list | tuple) or len(value) != 2:  # noqa: PLR2004 - a stretch has two ends
            yield Refusal(_("Expected a list of two values, the smaller first."), path, "not_a_range")
            return
        wrong = [one for index, end in enumerate(value) for one in _unfit(end, field, f"{path}[{index}]")]
        yield from wrong
        if not wrong and not self.is_relative(value) and value[0] > value[1]:
            yield Refusal(_("Expected a list of two values, the smaller first."), path, "not_a_range")

    def wanted(self, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        return tuple(_comparable(one, field, at) for one in value)

    def is_relative(self, value: Any) -> bool:
        return any(map(is_relative, value))

    def said(self, value: Any, field: ConditionField, locale: str) -> str:
        low, high = (_quoted(shown(one, field, locale), locale) for one in value)
        return _("%(low)s and %(high)s", low=low, high=high).in_(locale)


class Span(Shape):
    """A span of time until now, or from now on: ``"3d"``, ``"90min"``. What is wanted is the stretch."""

    def __init__(self, *, ahead: bool) -> None:
        self.ahead = ahead

    def refusals(self, value: Any, field: ConditionField, path: str) -> Iterator[Refusal]:
        span = read_span(value)
        if span is None or span[0] < 1 or (field.kind == "date" and UNITS[span[1]].seconds):
            example = '"3d"' if field.kind == "date" else '"90min"'
            message = _("Expected a span of time such as %(example)s.", example=example)
            yield Refusal(message, path, "not_a_span")

    def wanted(self, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        return standpoint.around_now(value, field.kind, _asked(at), ahead=self.ahead)

    def is_relative(self, value: Any) -> bool:
        del value
        return True

    def said(self, value: Any, field: ConditionField, locale: str) -> str:
        del field
        return _span_said(value, locale)


class Period(Shape):
    """A relative period by name: ``"this_week"``. What is wanted is the stretch."""

    def refusals(self, value: Any, field: ConditionField, path: str) -> Iterator[Refusal]:
        del field
        if type(value) is not str or value not in PERIODS:
            message = _("Expected a period such as %(example)s.", example='"this_week"')
            yield Refusal(message, path, "not_a_period")

    def wanted(self, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        return standpoint.period(value, field.kind, _asked(at))

    def is_relative(self, value: Any) -> bool:
        del value
        return True

    def said(self, value: Any, field: ConditionField, locale: str) -> str:
        del field
        return PERIODS[value][0].in_(locale)


class Form(Shape):
    """A pattern of a text. What is wanted is the `Pattern`."""

    def refusals(self, value: Any, field: ConditionField, path: str) -> Iterator[Refusal]:
        del field
        if type(value) is not str or not value:
            yield Refusal(_("Expected a pattern such as %(example)s.", example='"KFR-[0-9]+"'), path, "wrong_value")
            return
        try:
            read_pattern(value)
        except PatternError as error:
            message = _(
                "The pattern cannot be read at character %(place)s: %(reason)s", place=error.place, reason=error.reason
            )
            yield Refusal(message, path, "bad_pattern")

    def wanted(self, value: Any, field: ConditionField, at: Standpoint | None) -> Any:
        del field, at
        return read_pattern(value)


NOTHING: Final = Nothing()
ONE: Final = One()
MANY: Final = Many()
ENDS: Final = Ends()
PAST: Final = Span(ahead=False)
FUTURE: Final = Span(ahead=True)
PERIOD: Final = Period()
FORM: Final = Form()


def _asked(at: Standpoint | None) -> Standpoint:
    if at is None:
        raise TypeError("a condition that asks for relative times needs a standpoint")
    return at


def _unfit(value: Any, field: ConditionField, path: str) -> Iterator[Refusal]:
    """Yield why a leaf over ``field`` may not compare with ``value``."""
    kind = KINDS[field.kind]
    if field.kind in _RELATIVE_KINDS and is_relative(value):
        return
    if not kind.fits(value):
        message = _("Expected a value such as %(example)s for “%(field)s”.", example=kind.example, field=field.label)
        yield Refusal(message, path, "wrong_value")
    elif kind.has_options and field.options is not None and value not in field.options:
        message = _("“%(field)s” has no option “%(value)s”.", field=field.label, value=str(value)[:60])
        yield Refusal(message, path, "unknown_option")
    elif kind.has_options and value in field.retired:
        label = (field.options or {}).get(value, value)
        yield Refusal(_("The option “%(value)s” is retired.", value=label), path, "retired")
    elif field.reads is not None:
        try:
            field.reads(value)
        except DomainError as error:
            yield Refusal(error.refusals[0].message, path, "wrong_value")


def _comparable(value: Any, field: ConditionField, at: Standpoint | None) -> Any:
    if isinstance(value, dict):
        return standpoint.resolved(value, field.kind, _asked(at))
    if field.reads is not None:
        return field.reads(value)
    return KINDS[field.kind].read(value) if field.kind == "text" else value


def shown(value: Any, field: ConditionField, locale: str) -> str:
    """Return a value of ``field``, or what a leaf compares it with, in words."""
    if isinstance(value, dict):
        return _relative_said(value, locale)
    if isinstance(value, list):
        return ("、" if locale.startswith("zh") else ", ").join(shown(one, field, locale) for one in value)
    if field.show is not None:
        return field.show(value, locale)
    if field.options is not None and value in field.options:
        return spoken(field.options[value], locale)
    if isinstance(value, bool):
        return (_("Yes") if value else _("No")).in_(locale)
    return str(value)


def _relative_said(value: dict[str, str], locale: str) -> str:
    if "start_of" in value:
        return STARTS[value["start_of"]].in_(locale)
    count, unit = read_span(value["now"]) or (0, "d")
    if not count:
        return _("now").in_(locale)
    message: Message = _("in %(span)s") if count > 0 else _("%(span)s ago")
    return message.with_(span=_span_said(f"{abs(count)}{unit}", locale)).in_(locale)


def _span_said(value: str, locale: str) -> str:
    count, unit = read_span(value) or (0, "d")
    return _counted(count, unit, locale)


def _counted(count: int, unit: str, locale: str) -> str:
    # CLDR's Chinese has the short form for both; Babel looks for the long one there and falls back to its key.
    length: Literal["short", "long"] = "short" if locale.startswith("zh") else "long"
    return str(format_unit(count, UNITS[unit].spoken, length, locale=locale))


def minutes_said(value: object, locale: str) -> str:
    """Return a whole number of minutes in the largest unit that says it whole: 4320 is 3 days."""
    minutes = int(str(value))
    unit, length = next((unit, length) for unit, length in MINUTES_IN.items() if minutes % length == 0)
    return _counted(minutes // length if minutes else 0, unit if minutes else "min", locale)


def _quoted(text: str, locale: str) -> str:
    return _("“%(value)s”", value=text).in_(locale)
