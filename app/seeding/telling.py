"""Telling one ticket: what was asked, who came when, what was done, written and paid."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app.core.permissions import SYSTEM
from app.seeding.appliances import APPLIANCES, Appliance
from app.seeding.course import Stop, Times, walked
from app.seeding.doors import GIVEN_UP, closed_steps
from app.seeding.guesses import guessed
from app.seeding.marks import drawn
from app.seeding.stories import SORTS, STORIES, Machine, Scene, suits
from app.seeding.world import Hands, Kind, World
from app.tickets.change.loading import Past, PastNote, PastStep
from app.tickets.change.plan import Plan, enter
from app.tickets.orders import OpenTicket
from ticket_templates.field_types.base import Context
from ticket_templates.versions.cleaning import Cleaner

#: Hours at which somebody comes.
VISITS: Final = (9, 9, 10, 10, 11, 14, 14, 15, 15, 16, 17)
PRIORITIES: Final = (3,) * 14 + (2,) * 3 + (4,) * 2 + (1,)
CHANNELS: Final = ("phone",) * 5 + ("desk",) * 3 + ("wechat",) * 3 + ("portal",) * 2 + ("mail", "api")
#: Channels at which somebody of the house writes the ticket.
_TYPED: Final = frozenset({"phone", "desk"})
#: Templates of the house itself: no customer, no machine.
INTERNAL: Final = frozenset({"it_fault", "vehicle_service"})
#: Given when the customer was asked, not with the work.
_ASKED_LATER: Final = frozenset({"satisfaction", "callback_remark"})
#: So often a machine is drawn that may be too new for the day.
_DRAWS: Final = 4
#: So long may a ticket wait until somebody looks at it.
_FRESH: Final = timedelta(hours=36)
#: Chance that a ticket of at most that age is held up for something or somebody; of old ones hardly any is.
HELD: Final = (
    (timedelta(days=4), 0.7), (timedelta(days=10), 0.35), (timedelta(days=30), 0.08), (timedelta.max, 0.002),
)  # fmt: skip


@dataclass(slots=True)
class Life:
    """One ticket as it is told: the answers, the steps, and who takes them."""

    kind: Kind
    answers: Mapping[str, Any]
    machine: Machine
    hands: Hands | None
    stops: list[Stop]
    #: The answers that come with each step.
    given: list[list[str]]


class Teller:
    """Tells one ticket after the other; raw answers met again in a chunk are coerced once."""

    def __init__(self, world: World, dice: random.Random, context: Context, offset: timedelta) -> None:
        self.world, self.dice, self.context, self.offset = world, dice, context, offset
        self.shares = [kind.share for kind in world.kinds]
        self.cleaners: dict[int, Cleaner] = {
            kind.version.id: kind.version.cleaner(SYSTEM, context) for kind in world.kinds
        }

    def past(self, moment: datetime) -> Past:
        """Return a ticket made at ``moment`` and what happened to it since."""
        return self.told(moment)[0]

    def told(self, moment: datetime) -> tuple[Past, Life]:
        """Return the same, and the life it tells of."""
        life = self._life((moment + self.offset).replace(tzinfo=None))
        channel = self.dice.choice(CHANNELS)
        clerks = self.world.people.clerks
        maker = self.dice.choice(clerks) if clerks and channel in _TYPED else None
        plan, values = self._opened(life, moment, channel, maker)
        steps = [self._step(plan, life, place, values) for place in range(len(life.stops))]
        notes = [PastNote(self._instant(stop.at), stop.by, stop.note) for stop in life.stops if stop.note]
        return Past(plan, steps, maker, notes), life

    def _life(self, created: datetime) -> Life:
        dice, world = self.dice, self.world
        kind = dice.choices(world.kinds, self.shares)[0]
        sorts = SORTS.get(kind.version.template_key, APPLIANCES)
        machine = self._machine(created, sorts)
        now = (self.context.now + self.offset).replace(tzinfo=None)
        visit = self._visit(created)
        story = STORIES.get(kind.version.template_key)
        scene = Scene(dice, machine, created, visit, sorts=sorts)
        answers = story[0](scene) if story else guessed(dice, kind.pools, kind.required)
        answers = {key: value for key, value in answers.items() if key in kind.version.uses}
        hands = world.hands(dice, machine.outlet_id, scene.appliance.skill) if kind.outdoors else world.desk(dice)
        held = dice.random() < next(chance for age, chance in HELD if now - created < age)
        ways = kind.ways_round(closed_steps(kind, answers, self.context) if story else frozenset())
        path = ways.drawn(dice, held=held, fresh=now - created < _FRESH)
        times, worker = Times(created, visit, now), hands.user_id if hands else None
        chatty = kind.version.template_key not in INTERNAL
        stops = walked(dice, path, times, world.people, worker, chatty=chatty)
        return Life(kind, answers, machine, hands, stops, _given(kind, answers, stops))

    def _machine(self, created: datetime, sorts: Sequence[Appliance]) -> Machine:
        """Return a machine of one of these sorts that was there already when the ticket was made."""
        for _draw in range(_DRAWS):
            machine = self.dice.choice(self.world.machines)
            if machine.known_on(created.date()) and suits(machine, sorts):
                return machine
        return machine.unknown()

    def _visit(self, created: datetime) -> datetime:
        """Return when somebody comes: today if it is early, else within three days."""
        day = created + timedelta(days=self.dice.choices((0, 1, 2, 3), (25, 45, 20, 10))[0])
        visit = day.replace(hour=self.dice.choice(VISITS), minute=self.dice.choice((0, 30)), second=0)
        return visit if visit > created + timedelta(hours=1) else visit + timedelta(days=1)

    def _opened(
        self, life: Life, moment: datetime, channel: str, maker: int | None
    ) -> tuple[Plan[OpenTicket], dict[str, Any]]:
        """Return the ticket as it is opened, and all values it will have."""
        version, machine = life.kind.version, life.machine
        plan = Plan(OpenTicket(version.template_key), version, {}, kind="opened")
        internal = version.template_key in INTERNAL
        near = life.hands.outlet_id if life.hands else None
        columns: dict[str, Any] = {
            "template_id": version.template_id, "version_id": version.id, "state": version.initial,
            "priority": self.dice.choice(PRIORITIES), "channel": channel, "created_by_id": maker,
            "outlet_id": near or machine.outlet_id or self.dice.choice(self.world.outlets),
            "tags": drawn(self.world.tags, moment),
        }  # fmt: skip
        if not internal:
            # What is returned or new stands nowhere yet.
            stands = version.template_key not in ("installation", "return_exchange")
            columns |= {"customer_id": machine.customer_id, "site_id": machine.site_id}
            columns |= {"installed_product_id": machine.id if stands else None}
        reached = {key for keys in life.given for key in keys} | (life.answers.keys() & life.kind.asked_first)
        asked = {key: value for key, value in life.answers.items() if key in reached}
        facts = columns | {"created_at": moment}
        cleaned = self.cleaners[version.id].clean(asked, {}, facts, creating=True).values
        later = {key for keys in life.given for key in keys}
        columns["subject"] = version.subject_of(
            {key: value for key, value in cleaned.items() if key not in later}, self.context
        )
        for name, value in columns.items():
            plan.set(name, value)
        values = {key: version.types[key].seal(value) for key, value in cleaned.items()}
        late = later | (version.rules.derived if later else frozenset())
        plan.changes.update({f"values.{key}": [None, value] for key, value in values.items() if key not in late})
        plan.new |= {"values": values, "checklist": {}, "version": 1, "created_at": moment, "changed_at": moment}
        plan.new |= enter(version.states[version.initial], moment, {})
        plan.opened = cleaned
        return plan, values

    def _step(self, plan: Plan[OpenTicket], life: Life, place: int, values: Mapping[str, Any]) -> PastStep:
        stop = life.stops[place]
        keys = list(life.given[place])
        if place == _last_giving(life.given):
            keys += [key for key in plan.version.rules.derived if key not in keys]
        changes: dict[str, list[Any]] = {f"values.{key}": [None, values[key]] for key in keys if key in values}
        at = self._instant(stop.at)
        if place == 0 and life.hands and stop.transition.key not in GIVEN_UP:
            for name, one in (("assignee_id", life.hands.user_id), ("team_id", life.hands.team_id)):
                if one is not None:
                    plan.new[name] = one
                    changes[name] = [None, one]
        if stop.transition.checklist and not plan.new["checklist"]:
            tick = {"at": at.isoformat(), "by": stop.by}
            items = plan.version.items(plan.opened or {}, plan.new)
            plan.new["checklist"] = {item.key: tick for item in items}
            changes |= {f"checklist.{item.key}": [None, tick] for item in items}
        return PastStep(stop.transition.key, stop.transition.target, at, changes, stop.by)

    def _instant(self, local: datetime) -> datetime:
        return (local - self.offset).replace(tzinfo=UTC)


def _given(kind: Kind, answers: Mapping[str, Any], stops: list[Stop]) -> list[list[str]]:
    """Return which answers come with each step: what it asks for, and all of the work with the one that ends it."""
    left = [key for key in answers if key not in kind.asked_first]
    # An appointment is made when it is made, even where the form would have taken it.
    left += [key for key in ("appointment_at",) if key in answers and key not in left]
    found = []
    for stop in stops:
        step = stop.transition
        ended = kind.version.states[step.target].category in ("resolved", "closed")
        done = step.checklist or (ended and step.key not in GIVEN_UP)
        keys = [key for key in left if key in step.required or (done and key not in _ASKED_LATER)]
        left = [key for key in left if key not in keys]
        found.append(keys)
    return found


def _last_giving(given: list[list[str]]) -> int:
    """Return the step that brought the last answers: what is computed from them comes with it."""
    return max((place for place, keys in enumerate(given) if keys), default=-1)
