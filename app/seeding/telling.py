"""Telling one ticket: what was asked, and all that became of it."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from app.core.permissions import SYSTEM, Actor
from app.seeding.appliances import APPLIANCES, Appliance
from app.seeding.course import Times, agreed_by
from app.seeding.guesses import guessed
from app.seeding.living import Life, Living
from app.seeding.marks import drawn
from app.seeding.scenes import Machine, Scene, suits
from app.seeding.stories import SORTS, STORIES
from app.seeding.world import Kind, World
from app.tickets.backfill.histories import Past
from app.tickets.change.plan import Plan, enter
from app.tickets.orders import OpenTicket
from ticket_templates.field_types.base import Context
from ticket_templates.versions import CompiledVersion
from ticket_templates.versions.cleaning import Cleaner

#: Hours at which somebody comes.
VISITS: Final = (9, 9, 10, 10, 11, 14, 14, 15, 15, 16, 17)
DRAWN_PRIORITIES: Final = (3,) * 14 + (2,) * 3 + (4,) * 2 + (1,)
CHANNELS: Final = ("phone",) * 5 + ("desk",) * 3 + ("wechat",) * 3 + ("portal",) * 2 + ("mail", "api")
#: Channels at which somebody of the house writes the ticket.
_TYPED: Final = frozenset({"phone", "desk"})
#: So often a machine is drawn that may be too new for the day.
_DRAWS: Final = 4
#: So long may a ticket wait until somebody looks at it.
_FRESH: Final = timedelta(hours=36)
#: Chance that a ticket of at most that age is held up for something or somebody; of old ones hardly any is.
HELD: Final = (
    (timedelta(days=4), 0.7), (timedelta(days=10), 0.35), (timedelta(days=30), 0.08), (timedelta.max, 0.002),
)  # fmt: skip


class Teller:
    """Tells one ticket after the other; raw answers met again in a chunk are coerced once."""

    def __init__(self, world: World, dice: random.Random, context: Context, offset: timedelta) -> None:
        self.world, self.dice, self.context, self.offset = world, dice, context, offset
        self.shares = [kind.share for kind in world.kinds]
        self._cleaners: dict[tuple[int, frozenset[str]], Cleaner] = {}

    def past(self, moment: datetime) -> Past:
        """Return a ticket made at ``moment`` and what happened to it since."""
        return self.told(moment)[0]

    def told(self, moment: datetime, *, kind: Kind | None = None, end: str = "") -> tuple[Past, Life]:
        """Return the same, and the life it tells of; of a ``kind``, on its way to a state, where these are given."""
        moment = moment.astimezone(UTC)
        life = self._life((moment + self.offset).replace(tzinfo=None), kind, end)
        channel = self.dice.choice(CHANNELS)
        clerks = self.world.people.clerks()
        maker = self.dice.choice(clerks) if clerks and channel in _TYPED else None
        plan = self._opened(life, moment, channel, maker)
        cleaner_of = partial(self._cleaner, life.kind.version)
        living = Living(life, plan, self.world, cleaner_of, self.dice, self.offset, dict(plan.unsealed or {}))
        living.live()
        plan.unsealed = living.values
        return Past(plan, living.steps, maker, living.notes), life

    def _life(self, created: datetime, kind: Kind | None, end: str) -> Life:
        dice, world = self.dice, self.world
        kind = kind or dice.choices(world.kinds, self.shares)[0]
        key = kind.version.template_key
        sorts = SORTS.get(key, APPLIANCES)
        machine = self._machine(created, sorts)
        now = (self.context.now + self.offset).replace(tzinfo=None)
        story = STORIES.get(key)
        scene = Scene(dice, machine, created, self._visit(created), sorts=sorts)
        answers = story[0](scene) if story else guessed(dice, kind.pools, kind.required)
        answers = {key: value for key, value in answers.items() if key in kind.version.uses}
        hands = world.hands(dice, kind, machine.outlet_id, scene.appliance.skill)
        held = dice.random() < next(chance for age, chance in HELD if now - created < age)
        ways = kind.doors.ways(answers, _about(kind, scene), self.context)
        path = ways.paths.get(end) or ways.drawn(dice, held=held, fresh=now - created < _FRESH)
        return Life(kind, answers, scene, hands, path, Times(created, scene.arrival, now))

    def _machine(self, created: datetime, sorts: Sequence[Appliance]) -> Machine:
        """Return a machine of one of these sorts that was there already when the ticket was made."""
        for _draw in range(_DRAWS):
            machine = self.dice.choice(self.world.machines)
            if machine.known_on(created.date()) and suits(machine, sorts):
                return machine
        return machine.unknown()

    def _visit(self, created: datetime) -> datetime:
        """Return when somebody comes: today if it is early, else within three days; never before that is agreed."""
        day = created + timedelta(days=self.dice.choices((0, 1, 2, 3), (25, 45, 20, 10))[0])
        visit = day.replace(hour=self.dice.choice(VISITS), minute=self.dice.choice((0, 30)), second=0, microsecond=0)
        soonest = agreed_by(created)
        while visit < soonest:
            visit += timedelta(days=1)
        return visit

    def _opened(self, life: Life, moment: datetime, channel: str, maker: int | None) -> Plan[OpenTicket]:
        """Return the ticket as it is opened."""
        kind, version, machine = life.kind, life.kind.version, life.scene.machine
        plan = Plan(OpenTicket(version.template_key), version, {}, kind="opened")
        near = life.hands.outlet_id if life.hands else None
        columns: dict[str, Any] = {
            "template_id": version.template_id, "version_id": version.id, "state": version.initial,
            "priority": self.dice.choice(DRAWN_PRIORITIES), "channel": channel, "created_by_id": maker,
            "outlet_id": near or machine.outlet_id or self.dice.choice(self.world.outlets),
            "tags": drawn(self.world.tags, moment),
        } | _about(kind, life.scene)  # fmt: skip
        asked = {key: life.answers[key] for key in kind.places.first if key in life.answers}
        cleaner = self._cleaner(version, maker)
        cleaned = cleaner.clean(asked, {}, columns | {"created_at": moment}, creating=True).values
        columns["subject"] = version.subject_of(cleaned, self.context)
        for name, value in columns.items():
            plan.set(name, value)
        values = {key: version.types[key].seal(value) for key, value in cleaned.items()}
        plan.changes.update({f"values.{key}": [None, value] for key, value in values.items()})
        plan.new |= {"values": values, "checklist": {}, "version": 1, "created_at": moment, "changed_at": moment}
        plan.new |= enter(version.states[version.initial], moment, {})
        plan.unsealed = cleaned
        return plan

    def _cleaner(self, version: CompiledVersion, person: int | None) -> Cleaner:
        """Return what cleans the answers of a person: only what his roles may write is taken."""
        roles = self.world.people.roles_of.get(person, frozenset()) if person is not None else frozenset()
        if (version.id, roles) not in self._cleaners:
            actor = Actor(person, roles=roles) if roles else SYSTEM
            self._cleaners[version.id, roles] = version.cleaner(actor, self.context)
        return self._cleaners[version.id, roles]


def _about(kind: Kind, scene: Scene) -> dict[str, Any]:
    """Return what a ticket is about: nothing of a customer's where it is the house's own."""
    if kind.is_internal:
        return {}
    machine = scene.machine
    return {"customer_id": machine.customer_id, "site_id": machine.site_id,
            "installed_product_id": None if scene.elsewhere else machine.id}  # fmt: skip
