"""Answers in, canonical values out: the one place where what people typed becomes what a ticket holds."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from app.core.errors import Refusal
from app.core.i18n import Label, Message, _, listing
from app.core.permissions import Actor
from ticket_templates.field_types.base import Context, FieldError, is_empty
from ticket_templates.versions.checking import Checker, Refused, refused
from ticket_templates.versions.settling import Settler

if TYPE_CHECKING:
    from ticket_templates.versions.compiled import CompiledSpec

_NO_ANSWERS: Final[Mapping[str, Any]] = {}
_NO_MOVES: Final[Mapping[str, int]] = {}
_NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The complete new values of a ticket (unsealed, unanswered ones left out), or why they cannot be."""

    values: dict[str, Any]
    refusals: tuple[Refusal, ...] = ()
    #: What may be wrong, and is taken once somebody says that it is right.
    doubts: tuple[Refusal, ...] = ()
    #: The fields that conditions hide.
    hidden: Collection[str] = ()


def _readable(raw: Any) -> Any:
    if isinstance(raw, FieldError):
        raise raw
    return raw


def _all(refusals: Mapping[str, Refused]) -> tuple[Refusal, ...]:
    return tuple(chain.from_iterable(refusals.values()))


def _put(values: dict[str, Any], answers: Mapping[str, Any]) -> None:
    """Put answers among the values; None takes one away."""
    for key, value in answers.items():
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value


def _without(refusals: Mapping[str, Refused], hidden: Collection[str]) -> dict[str, Refused]:
    """Return the refusals but for leftovers of a form: what is wrong with answers that others have hidden."""
    return {key: one for key, one in refusals.items() if key not in hidden or one[0].code in _BARRED}


def fill_in(label: object) -> Message:
    """Return that an answer is needed."""
    return _("Fill in: %(fields)s.", fields=label)


class Cleaner:
    """Cleans the answers of one person for many tickets of one version.

    A raw value met again (an equal text, or the same object: one wish for a thousand tickets) is coerced once.
    """

    def __init__(self, rules: "CompiledSpec", actor: Actor, context: Context) -> None:
        self.rules = rules
        self.context = context
        self.writable = rules.access(actor).writable
        self.readable = rules.access(actor).readable
        self.movable = rules.access(actor).movable
        self.recordable = self.writable | (self.movable & rules.recorded)
        self._asked_on_create = [key for key in rules.asked_on_create if key in self.writable]
        # The raw object is kept, so that its id stays its own.
        self._coerced: dict[tuple[str, int | str], tuple[Any, Any]] = {}
        self._conditions: dict[str, Label] = {}
        self._settler = Settler(rules, context)
        self._checker = Checker(rules, context)

    def clean(
        self, answers: Mapping[str, Any], stored: Mapping[str, Any], facts: Mapping[str, Any], *,
        creating: bool = False, origins: Mapping[str, Any] = _NO_ANSWERS, follows: Mapping[str, Any] = _NO_ANSWERS,
        unread: Collection[str] = (), clears: Collection[str] = (), moves: Mapping[str, int] = _NO_MOVES,
        step: str = "", recorded: bool = False, meant: bool = False,
    ) -> Cleaned:  # fmt: skip
        """Return the ticket's values after ``answers``; ``facts`` are its columns as they will be.

        An answer that was no value where it came in (a program's number for an amount) is the FieldError that says so.
        ``origins`` is known of its customer, site, product: for a new ticket; ``follows`` goes along with others.
        ``unread`` are fields and columns nobody could read: of what follows from them nothing is said.
        ``clears`` are the fields a ``step`` empties; of ``moves`` the answer is what comes in (1) or goes out (-1).
        ``recorded``: a ticket of the past also says what it had counted, which here only steps do.
        ``meant``: no form sent answers that others have hidden meanwhile, so one that is hidden is refused.
        Fields that are not named stay, unless a condition now hides them or a formula now gives another result.
        """
        rules = self.rules
        if not answers and not creating and not clears and not follows and not rules.watches_columns:
            return Cleaned(dict(stored))
        values = dict(stored)
        refusals = self._answered(answers, values, stored, moves, recorded=recorded)
        moments = self._moments(facts.get("created_at"), creating=creating)
        follows = self._defaults(answers, origins, moments["now"]) if creating else follows
        _put(values, {**follows, **dict.fromkeys(clears)})
        seen, hidden, beyond = self._settler.settle(values, stored, facts)
        refusals |= {key: one for key, one in self._beyond(beyond, answers).items() if key not in refusals}
        doubtful = rules.following({*unread, *refusals}) if unread or refusals else _NOTHING
        refusals = _without(refusals, hidden - doubtful)
        if meant:
            refusals |= self._in_vain(answers, stored, hidden - {*refusals, *unread, *doubtful}, moves)
        passed = {*hidden, *refusals, *unread, *doubtful}
        for key in self._to_check(answers, values, stored, creating=creating):
            if key not in passed and values.get(key) is None and rules.is_required(key, seen):
                refusals[key] = refused(fill_in(rules.spec.fields[key].labels), key, "required")
        refusals |= self._checker.checked(rules.checks, values, stored, moments, {*refusals, *unread, *doubtful})
        unasked = {*refusals, *unread, *doubtful}
        doubts = self._checker.doubted(values, stored, moments, unasked, moves=moves, step=step)
        return Cleaned(values, _all(refusals), _all(doubts), hidden)

    def restated(self, keys: Collection[str], values: Mapping[str, Any], created_at: Any) -> tuple[Refusal, ...]:
        """Return what of ``keys`` was right when it was typed and is not now.

        What a step asks for is said anew with it, be it unchanged: a visit that is agreed does not lie in the past.
        """
        moments = {"created_at": created_at, "now": self.context.now}
        refusals: dict[str, Refused] = {}
        for key in keys:
            value = values.get(key)
            if value is not None and key in self.rules.types and self.rules.types[key].lapses:
                read = self._once(key, value, replace(self.context, stored=_NO_ANSWERS))
                if isinstance(read, Refused):
                    refusals[key] = read
        for check, formula in self.rules.checks:
            if check.field in keys and check.field not in refusals and "now" in formula.names:
                refusals.update(self._checker.judged(check, formula, values, moments))
        return _all(refusals)

    def _beyond(self, keys: Collection[str], answers: Mapping[str, Any]) -> dict[str, Refused]:
        """Return the refusals of results too large to be kept, each at what was typed of all it is computed from."""
        found = {}
        for key in keys:
            typed = next((one for one in self.rules.computed_from(key) if one in answers), key)
            message = _("“%(name)s” would be too large to be kept.", name=self.rules.spec.fields[key].labels)
            found[typed] = refused(message, typed, "out_of_range")
        return found

    def _answered(
        self, answers: Mapping[str, Any], values: dict[str, Any], stored: Mapping[str, Any], moves: Mapping[str, int],
        *, recorded: bool,
    ) -> dict[str, Refused]:  # fmt: skip
        """Put what the answers say into ``values``; return why some cannot be, by field."""
        writable = self.recordable if recorded else self.writable
        said = {
            key: self._move(key, raw, values, moves[key])
            if key in moves
            else self._answer(key, raw, values, stored)
            if key in writable
            else self._barred(key, moved=recorded)
            for key, raw in answers.items()
        }
        return {key: refusal for key, refusal in said.items() if refusal}

    def _answer(self, key: str, raw: Any, values: dict[str, Any], stored: Mapping[str, Any]) -> Refused | None:
        """Put the value of one answer into ``values``, or return why it cannot be."""
        value = self._value(key, raw, stored)
        if isinstance(value, Refused):
            return value
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value
        return None

    def _move(self, key: str, raw: Any, values: dict[str, Any], sign: int) -> Refused | None:
        """Put what is there after the amount ``raw`` came in or went out into ``values``, or return why it cannot."""
        if key not in self.movable:
            return self._barred(key, moved=True)
        try:
            moved = self.rules.types[key].moved(_readable(raw), values.get(key), sign, self.context)
        except FieldError as error:
            return Refused(replace(one, field=key + one.field) for one in error.refusals)
        if moved is not None:
            values[key] = moved
        return None

    def _in_vain(
        self, answers: Mapping[str, Any], stored: Mapping[str, Any], hidden: Collection[str], moves: Collection[str]
    ) -> dict[str, Refused]:
        """Return the refusals of answers nobody would see again; none of what is empty or stands there already."""
        return {
            key: refused(self._unasked(key), key, "not_asked")
            for key, raw in answers.items()
            if key in hidden and not is_empty(raw) and (key in moves or not self.restates(key, raw, stored))
        }

    def _unasked(self, key: str) -> Message:
        """Return when a field is asked, where it is not."""
        if key not in self._conditions:
            self._conditions[key] = self.rules.sight_words(key)
        label = self.rules.spec.fields[key].labels
        return _("“%(field)s” is asked only when %(condition)s.", field=label, condition=self._conditions[key])

    def _barred(self, key: str, *, moved: bool = False) -> Refused:
        """Return why this person may not answer ``key``."""
        use = self.rules.uses.get(key)
        if use is None:
            return refused(_("This template has no field “%(key)s”.", key=key[:60]), key[:60], "unknown_field")
        label = self.rules.spec.fields[key].labels
        if key in self.rules.derived or (use.read_only and not moved and key in self.readable):
            return refused(self._read_only(key), key, "read_only")
        return refused(_("You may not change “%(field)s”.", field=label), key, "not_allowed")

    def _read_only(self, key: str) -> Message:
        """Return that nobody types an answer, and which steps change it: those taken on the way, and to lower it."""
        label = self.rules.spec.fields[key].labels
        steps = [
            one
            for one in self.rules.transitions.values()
            if key in one.moves or any(each.field == key for each in one.sets)
        ]
        if not steps:
            return _("“%(field)s” cannot be typed.", field=label)
        usual = [one for one in steps if not one.target]
        names = listing(_("“%(step)s”", step=one.labels) for one in [*usual, *self.rules.lowering(key)] or steps)
        return _("“%(field)s” is not typed here; these steps change it: %(steps)s.", field=label, steps=names)

    def _value(self, key: str, raw: Any, stored: Mapping[str, Any]) -> Any:
        """Return the canonical value of ``raw``, or the refusal."""
        if stored.get(key) is None:
            return self._coerce(key, raw)
        field_type = self.rules.types[key]
        if not field_type.personal:
            value = self._coerce(key, raw)
            if not isinstance(value, Refused):
                return value
        # What the ticket holds already is always allowed, in whatever form it comes back: ask with it in sight.
        return self._once(key, raw, replace(self.context, stored=stored))

    def _coerce(self, key: str, raw: Any) -> Any:
        wish = (key, raw if type(raw) is str else id(raw))
        known = self._coerced.get(wish)
        if known is None:
            known = self._coerced[wish] = raw, self._once(key, raw, self.context)
        return known[1]

    def _once(self, key: str, raw: Any, context: Context) -> Any:
        try:
            return self.rules.types[key].clean(_readable(raw), context)
        except FieldError as error:
            return Refused(replace(one, field=key + one.field) for one in error.refusals)

    def _defaults(self, answers: Mapping[str, Any], origins: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """Return the defaults of the fields that were not asked; one that no longer fits is left unanswered.

        What is known of the very customer or product comes before what the template says of all; what moves with time
        is that of the ticket, which may be a record of the past.
        """
        found = {key: value for key, value in self._own_defaults.items() if key not in answers}
        for key in self.rules.moving:
            if key not in answers:
                value = self._once(key, self.rules.defaults[key], replace(self.context, now=at))
                if not isinstance(value, Refused):
                    found[key] = value
        if origins:
            known = {key: self.begun(key, origins) for key in self.rules.origins if key not in answers}
            found |= {key: value for key, value in known.items() if value is not None}
        return found

    @cached_property
    def _own_defaults(self) -> Mapping[str, Any]:
        """What the template itself says of every new ticket."""
        begun = {key: self.begun(key, _NO_ANSWERS) for key in self.rules.defaults}
        return {key: value for key, value in begun.items() if value is not None}

    def begun(self, key: str, origins: Mapping[str, Any], stored: Mapping[str, Any] = _NO_ANSWERS) -> Any:
        """Return what answers a field nobody was asked, where ``origins`` are known; None: nothing that stays."""
        own = None if key in self.rules.moving else self.rules.defaults.get(key)
        for raw in (origins.get(self.rules.origins.get(key, "")), own):
            value = None if raw is None else self._value(key, raw, stored)
            if value is not None and not isinstance(value, Refused):
                return value
        return None

    def restates(self, key: str, raw: Any, stored: Mapping[str, Any]) -> bool:
        """Whether an answer says what the ticket holds already."""
        return bool(self._value(key, raw, stored) == stored.get(key))

    def _moments(self, created_at: Any, *, creating: bool) -> dict[str, Any]:
        """Return what checks know of time: what a new ticket says may be a record of the past, and was said then."""
        return {"created_at": created_at, "now": (created_at if creating else None) or self.context.now}

    def _to_check(
        self, answers: Mapping[str, Any], values: Mapping[str, Any], stored: Mapping[str, Any], *, creating: bool
    ) -> list[str]:
        """Return the fields that may have to be answered now.

        At creation: those of the sections that are filled then. Later: those that were just cleared, and those
        of the same section (or of the creation) that an answer just made necessary. What a step needs, the
        workflow asks.
        """
        rules = self.rules
        if creating:
            return self._asked_on_create
        check: list[str] = []
        for key in answers:
            if key not in rules.uses or values.get(key) == stored.get(key):
                continue
            check.append(key)
            check.extend(one for one in rules.demanded_by(key) if one in self.writable)
        return check


#: Refused whatever is visible: an attempt, not a leftover of a form.
_BARRED: Final = frozenset({"unknown_field", "not_allowed", "read_only"})
