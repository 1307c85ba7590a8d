"""Many tickets after the pattern of a few: which of them may happen on another day, in which words, to whom."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final

from app.core.work import Cause
from app.seeding.appliances import BY_CODE, SINCE
from app.seeding.living import Life
from app.seeding.sayings import NOTES
from app.seeding.scenes import SETTLED, Machine
from app.seeding.telling import Teller
from app.tickets.backfill.histories import Past
from app.tickets.backfill.patterns import Again, Owner, Pattern, Words
from app.tickets.origins import months_after

#: What is younger is told by itself: nobody can say of another's step that it is still to come.
LATELY: Final = timedelta(days=30)
#: So far from its own day a ticket is told again: it stays in its season.
_APART: Final = 45
_DRAWS: Final = 6
#: Patterns told by one teller, which remembers what it has met.
_AT_ONCE: Final = 5_000
_SAID: Final = "fault_description"
_SAYINGS: Final[Mapping[str, Sequence[str]]] = {one: several for several in NOTES.values() for one in several}


@dataclass(frozen=True, slots=True)
class _Original:
    """A pattern, its day, and the days on which all that it says would be so."""

    pattern: Pattern
    day: int
    first: int
    last: int
    #: Whose it may be as well, by outlet and kind of customer; None: it is about one machine, or the house's own.
    like: tuple[int | None, str] | None


class Patterns:
    """The originals, and the dice that say which of them is told again."""

    def __init__(self, tellers: Callable[[], Teller], moments: Sequence[datetime], cause: Cause) -> None:
        told = []
        for start in range(0, len(moments), _AT_ONCE):
            teller = tellers()
            told += [teller.told(one) for one in moments[start : start + _AT_ONCE]]
        self.dice, self.context, self.offset, self.cause = teller.dice, teller.context, teller.offset, cause.as_json()
        self.owners: dict[tuple[int | None, str], list[Machine]] = defaultdict(list)
        for machine in teller.world.machines:
            self.owners[machine.outlet_id, machine.owner].append(machine)
        self.names, self.tags = teller.world.names, teller.world.tags
        self.originals = [self._original(*one) for one in told]
        self.days = [one.day for one in self.originals]

    def tickets(self, moments: Sequence[datetime]) -> Iterator[Again]:
        """Yield a ticket for each moment: on its day, at the hour of its pattern."""
        for day, several in groupby(moments, self._day):
            told = [self._again(day) for _one in several]
            yield from sorted(told, key=lambda one: one.created_at)

    def _again(self, day: int) -> Again:
        dice = self.dice
        original = self._drawn(day)
        # What can happen on no such day happens on the next on which it can.
        day = min(max(day, original.first), original.last)
        pattern = original.pattern
        way, notes = dice.randrange(len(pattern.ways)), dice.randrange(60)
        return Again(pattern, day - original.day, way, notes, self._owner(original))

    def _drawn(self, day: int) -> _Original:
        begin, end = bisect_left(self.days, day - _APART), bisect_left(self.days, day + _APART)
        begin, end = (begin, end) if begin < end else (0, len(self.originals))
        for _draw in range(_DRAWS):
            original = self.originals[self.dice.randrange(begin, end)]
            if original.first <= day <= original.last:
                break
        return original

    def _owner(self, original: _Original) -> Owner | None:
        if original.like is None:
            return None
        machine = self.dice.choice(self.owners[original.like])
        return Owner(machine.customer_id, machine.site_id, self.names[machine.customer_id])

    def _original(self, past: Past, life: Life) -> _Original:
        plan, machine = past.plan, life.scene.machine
        internal = life.kind.is_internal
        owner = Owner() if internal else Owner(machine.customer_id, machine.site_id, self.names[machine.customer_id])
        ways = self._ways(past)
        values = plan.new["values"]
        searched = [(key, text_of) for key, text_of in plan.version.rules.searched if key in values]
        texts = [text_of(values[key]) for key, text_of in searched if key != _SAID or not ways[0].said]
        if plan.new.get("installed_product_id") is not None:
            texts.append(machine.serial)
        texts += [self.tags[int(one)] for one in plan.new.get("tags") or ()]
        kept = {one.isoformat() for one in (machine.sold_on, machine.installed_on) if one}
        pattern = Pattern.of(past, self.cause, owner, ways, texts=texts, kept=kept, sayings=_SAYINGS)
        day, lasted = self._day(pattern.created_at), plan.new["changed_at"] - pattern.created_at
        first, last = _right_on(machine, date.fromordinal(day))
        over = self._day(self.context.now - lasted) - 1
        like = (machine.outlet_id, machine.owner) if machine.id is None and not internal else None
        return _Original(pattern, day, first, min(last, over), like)

    def _ways(self, past: Past) -> list[Words]:
        """Return in which words it can be told: a fault begins in many ways."""
        plan = past.plan
        subject, said = plan.new["subject"], plan.new["values"].get(_SAID)
        own = Words(subject, "")
        if plan.version.template_key != "appliance_repair" or not said or said not in subject:
            return [own]
        fault = said.removesuffix(max((one for one in SINCE if said.endswith(one)), key=len))
        # Nothing JSON would write in another way: it is looked for in a document.
        if not said.isprintable() or any(one in said for one in '"\\'):
            return [own]
        others = [fault + one for one in dict.fromkeys(SINCE) if fault + one != said]
        return [Words(subject, said), *(Words(subject.replace(said, one), one) for one in others)]

    def _day(self, moment: datetime) -> int:
        return (moment + self.offset).toordinal()


def _right_on(machine: Machine, day: date) -> tuple[int, int]:
    """Return the first and the last day on which the machine is there, and covered as it is on ``day``."""
    begun = machine.installed_on or machine.sold_on
    if begun is None:
        return 0, date.max.toordinal()
    first, last = begun + timedelta(days=SETTLED), date.max
    sort = BY_CODE.get(machine.category)
    months = machine.warranty_months if machine.warranty_months is not None else sort.warranty if sort else 0
    covered_until = months_after(begun, months)
    for edge in (covered_until, months_after(covered_until, 24)):
        if day <= edge:
            last = min(last, edge)
        else:
            first = max(first, edge + timedelta(days=1))
    return first.toordinal(), last.toordinal()
